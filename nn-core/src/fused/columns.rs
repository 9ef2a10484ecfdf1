//! Maps as columns: what every place of a convolution's output reads, so that the convolution is a
//! product of matrices.

use rayon::prelude::*;

/// The sizes of a convolution over maps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Geometry {
    pub(super) batch: usize,
    pub(super) channels: usize,
    /// Height and width of the input.
    pub(super) input: [usize; 2],
    /// Of the output.
    pub(super) output: [usize; 2],
    pub(super) kernel: [usize; 2],
    pub(super) stride: [usize; 2],
    /// On both sides.
    pub(super) padding: [usize; 2],
    pub(super) dilation: [usize; 2],
}

/// A part of the places of an output: the rows of all its images, counted through, from `first` up
/// to, without, `end`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tile {
    pub(super) first: usize,
    pub(super) end: usize,
}

/// Columns that are worth a tile: 16 megabytes, in tests a few.
const TILE: usize = if cfg!(test) { 64 } else { 1 << 22 };

impl Geometry {
    /// Whether the kernel is one place and moves by one.
    pub(super) fn is_pointwise(&self) -> bool {
        self.kernel == [1, 1] && self.stride == [1, 1] && self.padding == [0, 0]
    }

    /// Maps of the output's size, read and written at the places of its tiles.
    pub(super) fn of_output(&self, channels: usize) -> Self {
        Self {
            channels,
            input: self.output,
            kernel: [1; 2],
            stride: [1; 2],
            padding: [0; 2],
            dilation: [1; 2],
            ..*self
        }
    }

    /// Places of a kernel.
    fn kernel_len(&self) -> usize {
        self.kernel[0] * self.kernel[1]
    }

    /// What one place of the output reads.
    pub(super) fn depth(&self) -> usize {
        self.channels * self.kernel_len()
    }

    /// The tiles of the output, none larger than [`TILE`] where that can be.
    pub(super) fn tiles(&self) -> impl Iterator<Item = Tile> {
        let n_rows = self.batch * self.output[0];
        let per_tile = (TILE / (self.depth() * self.output[1])).clamp(1, n_rows);
        (0..n_rows).step_by(per_tile).map(move |first| Tile {
            first,
            end: (first + per_tile).min(n_rows),
        })
    }

    /// Places of a tile.
    pub(super) fn tile_len(&self, tile: Tile) -> usize {
        (tile.end - tile.first) * self.output[1]
    }

    /// The input's places that a kernel's place `k` meets along a side, from the output `at`.
    fn source(&self, side: usize, at: usize, k: usize) -> Option<usize> {
        let place = at * self.stride[side] + k * self.dilation[side];
        let place = place.checked_sub(self.padding[side])?;
        (place < self.input[side]).then_some(place)
    }

    /// The outputs of a row that meet a column of the input through a kernel's place `k`, and the
    /// column that the first one meets.
    pub(super) fn reach(&self, k: usize) -> (std::ops::Range<usize>, usize) {
        let reached = |at: &usize| self.source(1, *at, k).is_some();
        let first = (0..self.output[1]).find(reached).unwrap_or(0);
        let end = (first..self.output[1]).rev().find(reached);
        let range = first..end.map_or(first, |last| last + 1);
        (range, self.source(1, first, k).unwrap_or(0))
    }

    /// The rows of an output that meet a line of the input through a kernel's row `k`, and that
    /// line.
    pub(super) fn lines(&self, k: usize) -> impl Iterator<Item = (usize, usize)> {
        let line = move |at| self.source(0, at, k).map(|line| (at, line));
        (0..self.output[0]).filter_map(line)
    }

    /// Rows of a tile: the image and the row of its output.
    fn rows(&self, tile: Tile) -> impl Iterator<Item = (usize, usize)> {
        let height = self.output[0];
        (tile.first..tile.end).map(move |row| (row / height, row % height))
    }

    /// The columns of `maps`, `[batch, channels, height, width]`: for each place of the tile what
    /// it reads, `[depth, places]`.
    pub(super) fn columns(&self, maps: &[f32], tile: Tile) -> Vec<f32> {
        let len = self.tile_len(tile);
        let mut columns = vec![0.0; self.depth() * len];
        let rows = columns.par_chunks_exact_mut(len).enumerate();
        rows.for_each(|(row, places)| {
            let (channel, k) = (row / self.kernel_len(), row % self.kernel_len());
            let (range, first) = self.reach(k % self.kernel[1]);
            let outputs = places.chunks_exact_mut(self.output[1]);
            for (output, (image, at)) in outputs.zip(self.rows(tile)) {
                let Some(line) = self.source(0, at, k / self.kernel[1]) else {
                    continue;
                };
                let line = self.line(image, channel, line);
                let inputs = &maps[line.start + first..line.end];
                let output = &mut output[range.clone()];
                if self.stride[1] == 1 {
                    output.copy_from_slice(&inputs[..output.len()]);
                } else {
                    let inputs = inputs.iter().step_by(self.stride[1]);
                    output
                        .iter_mut()
                        .zip(inputs)
                        .for_each(|(to, from)| *to = *from);
                }
            }
        });
        columns
    }

    /// Adds columns to the maps they come from.
    pub(super) fn add_columns(&self, columns: &[f32], tile: Tile, maps: &mut [f32]) {
        let len = self.tile_len(tile);
        let [height, width] = self.input;
        let mut by_channel: Vec<Vec<&mut [f32]>> = Vec::new();
        by_channel.resize_with(self.channels, Vec::new);
        for (idx, map) in maps.chunks_exact_mut(height * width).enumerate() {
            by_channel[idx % self.channels].push(map);
        }
        let channels = by_channel.par_iter_mut();
        let channels = channels.zip(columns.par_chunks_exact(self.kernel_len() * len));
        channels.for_each(|(maps, columns)| {
            for (k, places) in columns.chunks_exact(len).enumerate() {
                let (range, first) = self.reach(k % self.kernel[1]);
                let outputs = places.chunks_exact(self.output[1]);
                for (output, (image, at)) in outputs.zip(self.rows(tile)) {
                    let Some(line) = self.source(0, at, k / self.kernel[1]) else {
                        continue;
                    };
                    let inputs = &mut maps[image][line * width + first..(line + 1) * width];
                    let output = &output[range.clone()];
                    if self.stride[1] == 1 {
                        inputs
                            .iter_mut()
                            .zip(output)
                            .for_each(|(to, from)| *to += from);
                    } else {
                        let inputs = inputs.iter_mut().step_by(self.stride[1]);
                        inputs.zip(output).for_each(|(to, from)| *to += from);
                    }
                }
            }
        });
    }

    /// A line of an image's map.
    fn line(&self, image: usize, channel: usize, line: usize) -> std::ops::Range<usize> {
        let [height, width] = self.input;
        let start = ((image * self.channels + channel) * height + line) * width;
        start..start + width
    }
}
