//! [`WindowAttention`]: attention inside windows of a map.
//!
//! Liu et al. 2021, <https://arxiv.org/abs/2103.14030>, sections 3.2 and 3.3. Differences from the
//! paper: those of the authors' code, a map that windows do not fill is padded with zeros, which
//! are attended to, and places that only the shift brings together lose 100 of their score.

use burn::config::Config;
use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::softmax;
use burn::tensor::ops::PadMode;
use burn::tensor::{Device, Int, Tensor, TensorData, assert_shape};

use crate::config::{ConfigError, at_least_one, divides, expect_valid};
use crate::init::normal;

/// Configuration of [`WindowAttention`].
#[derive(Config, Debug)]
pub struct WindowAttentionConfig {
    /// Channels of the map: a multiple of `n_heads`.
    pub d_model: usize,
    /// Heads. At least 1.
    pub n_heads: usize,
    /// Height and width of a window. At least 1. Default: 7
    #[config(default = 7)]
    pub window_size: usize,
    /// Whether windows are moved by half their size, where there are several. Default: false
    #[config(default = false)]
    pub shifted: bool,
}

/// Attention of the places in a window to each other, with a learned score for each distance.
///
/// torchvision's `ShiftedWindowAttention`.
#[derive(Module, Debug)]
pub struct WindowAttention {
    /// Query, key and value: to `3 * d_model`.
    pub qkv: Linear,
    /// From the heads to the output.
    pub proj: Linear,
    /// Added to the scores of each distance: `[(2 * window_size - 1)^2, n_heads]`.
    pub relative_position_bias_table: Param<Tensor<2>>,
    window_size: usize,
    shifted: bool,
}

/// How windows lie in a map.
#[derive(Clone, Copy)]
struct Grid {
    /// Height and width of a window.
    window: usize,
    /// Height and width of the map.
    size: [usize; 2],
    /// The same, filled up to whole windows.
    padded: [usize; 2],
    /// What the map is moved by before it is cut.
    shift: [usize; 2],
}

impl WindowAttentionConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a size is 0 or the heads do not divide the width.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("d_model", self.d_model)?;
        at_least_one("n_heads", self.n_heads)?;
        divides("n_heads", self.n_heads, "d_model", self.d_model)?;
        at_least_one("window_size", self.window_size)
    }

    /// Draws the weights; the scores of distances start normal with deviation 0.02.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> WindowAttention {
        expect_valid("WindowAttention", self.check());
        let n_distances = (2 * self.window_size - 1).pow(2);
        WindowAttention {
            qkv: LinearConfig::new(self.d_model, 3 * self.d_model).init(device),
            proj: LinearConfig::new(self.d_model, self.d_model).init(device),
            relative_position_bias_table: normal(0.02).init([n_distances, self.n_heads], device),
            window_size: self.window_size,
            shifted: self.shifted,
        }
    }
}

impl WindowAttention {
    /// Attends.
    ///
    /// # Shapes
    ///
    /// - input, output: `[batch, height, width, d_model]`
    ///
    /// # Panics
    ///
    /// When the last dimension is not `d_model`.
    pub fn forward(&self, input: Tensor<4>) -> Tensor<4> {
        let [_, height, width, d_model] = input.dims();
        let [_, expected] = self.proj.weight.dims();
        assert_eq!(d_model, expected, "the map has {d_model} channels");
        let grid = self.grid([height, width]);
        let windows = grid.cut(input); // [batch * windows, places, d_model]
        let attended = self.attend(windows, grid);
        grid.join(self.proj.forward(attended))
    }

    fn grid(&self, size: [usize; 2]) -> Grid {
        let window = self.window_size;
        let padded = size.map(|length| length.next_multiple_of(window));
        let shift = padded.map(|length| match length {
            length if self.shifted && length > window => window / 2,
            _ => 0,
        });
        Grid {
            window,
            size,
            padded,
            shift,
        }
    }

    /// `[batch * windows, places, d_model]` to the same
    fn attend(&self, windows: Tensor<3>, grid: Grid) -> Tensor<3> {
        let [n_windows, places, d_model] = windows.dims();
        let [_, n_heads] = self.relative_position_bias_table.dims();
        let d_head = d_model / n_heads;
        let heads = self
            .qkv
            .forward(windows)
            .reshape([n_windows, places, 3, n_heads, d_head])
            .permute([2, 0, 3, 1, 4]); // [3, windows, heads, places, d_head]
        let [query, key, value] = [0, 1, 2].map(|idx| {
            let one = heads.clone().narrow(0, idx, 1);
            one.squeeze_dim::<4>(0) // [windows, heads, places, d_head]
        });
        let query = query / (d_head as f64).sqrt();
        let scores = query.matmul(key.transpose()); // [windows, heads, places, places]
        let scores = grid.hide(scores + self.distance_scores());
        let context = softmax(scores, 3).matmul(value); // [windows, heads, places, d_head]
        context.swap_dims(1, 2).flatten::<3>(2, 3) // [windows, places, d_model]
    }

    /// What distances add to scores: `[1, heads, places, places]`.
    fn distance_scores(&self) -> Tensor<4> {
        let table = self.relative_position_bias_table.val();
        let [_, n_heads] = table.dims();
        let places = self.window_size * self.window_size;
        let indices = TensorData::new(distances(self.window_size), [places * places]);
        let indices = Tensor::<1, Int>::from_data(indices, &table.device());
        table
            .select(0, indices) // [places * places, heads]
            .reshape([places, places, n_heads])
            .permute([2, 0, 1])
            .unsqueeze::<4>()
    }
}

/// The row of the table for each pair of places in a window: the places' distance down and across,
/// each counted from the smallest.
fn distances(window: usize) -> Vec<i64> {
    let n_steps = 2 * window - 1;
    let places = || (0..window).flat_map(move |row| (0..window).map(move |column| (row, column)));
    let row_of = |(row, column): (usize, usize), (to_row, to_column): (usize, usize)| {
        let (down, across) = (row + window - 1 - to_row, column + window - 1 - to_column);
        i64::try_from(down * n_steps + across).expect("a table has fewer rows than an i64 counts")
    };
    places()
        .flat_map(|from| places().map(move |to| row_of(from, to)))
        .collect()
}

impl Grid {
    /// Windows down and across.
    fn windows(self) -> [usize; 2] {
        self.padded.map(|length| length / self.window)
    }

    fn is_shifted(self) -> bool {
        self.shift != [0, 0]
    }

    /// `[batch, height, width, channels]` to `[batch * windows, places, channels]`
    fn cut(self, map: Tensor<4>) -> Tensor<3> {
        let [height, width] = self.size;
        let missing = [
            (0, self.padded[0] - height),
            (0, self.padded[1] - width),
            (0, 0),
        ];
        let padded = map.pad(missing, PadMode::Constant(0.0));
        let back = self.shift.map(|shift| -shift.cast_signed());
        self.partition(padded.roll(&back, &[1, 2]))
    }

    /// `[batch, padded height, padded width, channels]` to `[batch * windows, places, channels]`
    fn partition(self, map: Tensor<4>) -> Tensor<3> {
        let ([down, across], side) = (self.windows(), self.window);
        let [batch, _, _, channels] = map.dims();
        map.reshape([batch, down, side, across, side, channels])
            .permute([0, 1, 3, 2, 4, 5]) // [batch, down, across, side, side, channels]
            .reshape([batch * down * across, side * side, channels])
    }

    /// The way back from [`cut`](Self::cut).
    fn join(self, windows: Tensor<3>) -> Tensor<4> {
        let ([down, across], side) = (self.windows(), self.window);
        let [n_windows, _, channels] = windows.dims();
        let batch = n_windows / (down * across);
        let [height, width] = self.size;
        windows
            .reshape([batch, down, across, side, side, channels])
            .permute([0, 1, 3, 2, 4, 5]) // [batch, down, side, across, side, channels]
            .reshape([batch, down * side, across * side, channels])
            .roll(&self.shift.map(usize::cast_signed), &[1, 2])
            .narrow(1, 0, height)
            .narrow(2, 0, width)
    }

    /// Takes 100 from the scores of places that are not neighbours before the shift.
    ///
    /// - scores: `[batch * windows, heads, places, places]`
    fn hide(self, scores: Tensor<4>) -> Tensor<4> {
        if !self.is_shifted() {
            return scores;
        }
        let shape = scores.dims();
        let [all_windows, n_heads, places, _] = shape;
        let [down, across] = self.windows();
        let n_windows = down * across;
        let regions = self.regions(&scores.device());
        assert_shape!(regions, [n_windows, places, 1]);
        let differ = (regions.clone() - regions.swap_dims(1, 2)).abs(); // [windows, places, places]
        let hidden = differ.clamp_max(1.0) * -100.0;
        let hidden = hidden.unsqueeze_dims::<5>(&[0, 2]); // [1, windows, 1, places, places]
        let batch = all_windows / n_windows;
        let scores = scores.reshape([batch, n_windows, n_heads, places, places]) + hidden;
        scores.reshape(shape)
    }

    /// The number of the part of the map that each place of a window comes from:
    /// `[windows, places, 1]`.
    fn regions(self, device: &Device) -> Tensor<3> {
        let [rows, columns] = [0, 1].map(|side| {
            let (length, shift) = (self.padded[side], self.shift[side]);
            let part =
                move |at| u8::from(at >= length - self.window) + u8::from(at >= length - shift);
            (0..length).map(part)
        });
        let numbers = rows.flat_map(|row| columns.clone().map(move |column| 3 * row + column));
        let numbers: Vec<f32> = numbers.map(f32::from).collect();
        let [height, width] = self.padded;
        let map = TensorData::new(numbers, [1, height, width, 1]);
        self.partition(Tensor::from_data(map, device))
    }
}
