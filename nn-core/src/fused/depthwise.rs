//! The way back of a convolution that keeps channels apart: a kernel for each map.

use std::ops::Range;

use pulp::{Simd, WithSimd};
use rayon::prelude::*;

use super::columns::Geometry;
use super::simd::vectorised;

/// The gradient of the maps, `[batch, channels, height, width]`, from that of the output.
/// `weight`: `[channels, kernel]`
pub(super) fn to_maps(geometry: &Geometry, weight: &[f32], gradient: &[f32]) -> Vec<f32> {
    let [len, output_len] = [geometry.input, geometry.output].map(|[h, w]| h * w);
    let kernel_len = weight.len() / geometry.channels;
    let columns = columns(geometry);
    let mut maps = vec![0.0; geometry.batch * geometry.channels * len];
    let planes = maps.par_chunks_exact_mut(len);
    let planes = planes.zip(gradient.par_chunks_exact(output_len));
    planes.enumerate().for_each(|(idx, (map, gradient))| {
        let channel = idx % geometry.channels;
        vectorised(ToMap {
            geometry,
            columns: &columns,
            kernel: &weight[channel * kernel_len..(channel + 1) * kernel_len],
            gradient,
            map,
        });
    });
    maps
}

/// The gradient of the weight, `[channels, kernel]`.
pub(super) fn to_weight(geometry: &Geometry, maps: &[f32], gradient: &[f32]) -> Vec<f32> {
    let [len, output_len] = [geometry.input, geometry.output].map(|[h, w]| h * w);
    let kernel_len = geometry.kernel[0] * geometry.kernel[1];
    let columns = columns(geometry);
    let mut weight = vec![0.0; geometry.channels * kernel_len];
    let kernels = weight.par_chunks_exact_mut(kernel_len).enumerate();
    kernels.for_each(|(channel, kernel)| {
        for image in 0..geometry.batch {
            let plane = image * geometry.channels + channel;
            vectorised(ToKernel {
                geometry,
                columns: &columns,
                map: &maps[plane * len..(plane + 1) * len],
                gradient: &gradient[plane * output_len..(plane + 1) * output_len],
                kernel,
            });
        }
    });
    weight
}

/// For each column of a kernel: [`Geometry::reach`]
type Columns = [(Range<usize>, usize)];

fn columns(geometry: &Geometry) -> Vec<(Range<usize>, usize)> {
    (0..geometry.kernel[1]).map(|k| geometry.reach(k)).collect()
}

/// Adds to one map's gradient.
struct ToMap<'a> {
    geometry: &'a Geometry,
    columns: &'a Columns,
    kernel: &'a [f32],
    gradient: &'a [f32],
    map: &'a mut [f32],
}

impl WithSimd for ToMap<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let ([_, width], [_, output_width]) = (self.geometry.input, self.geometry.output);
        let (stride, n_columns) = (self.geometry.stride[1], self.columns.len());
        for (k, factor) in self.kernel.iter().enumerate() {
            let (range, first) = &self.columns[k % n_columns];
            for (at, line) in self.geometry.lines(k / n_columns) {
                let gradient = &self.gradient[at * output_width..(at + 1) * output_width];
                let gradient = &gradient[range.clone()];
                let map = &mut self.map[line * width + first..(line + 1) * width];
                if stride == 1 {
                    add_scaled(gradient, *factor, map);
                } else {
                    let map = map.iter_mut().step_by(stride);
                    map.zip(gradient)
                        .for_each(|(sum, value)| *sum += factor * value);
                }
            }
        }
    }
}

/// Adds one image's part to a kernel's gradient.
struct ToKernel<'a> {
    geometry: &'a Geometry,
    columns: &'a Columns,
    map: &'a [f32],
    gradient: &'a [f32],
    kernel: &'a mut [f32],
}

impl WithSimd for ToKernel<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let ([_, width], [_, output_width]) = (self.geometry.input, self.geometry.output);
        let (stride, n_columns) = (self.geometry.stride[1], self.columns.len());
        for (k, to_weight) in self.kernel.iter_mut().enumerate() {
            let (range, first) = &self.columns[k % n_columns];
            let mut sums = [0.0; WIDE];
            for (at, line) in self.geometry.lines(k / n_columns) {
                let gradient = &self.gradient[at * output_width..(at + 1) * output_width];
                let gradient = &gradient[range.clone()];
                let map = &self.map[line * width + first..(line + 1) * width];
                if stride == 1 {
                    add_products(gradient, map, &mut sums);
                } else {
                    for (gradient, value) in gradient.iter().zip(map.iter().step_by(stride)) {
                        sums[0] += gradient * value;
                    }
                }
            }
            *to_weight += sums.iter().sum::<f32>();
        }
    }
}

/// Sums that run side by side.
const WIDE: usize = 8;

#[inline(always)]
fn add_products(left: &[f32], right: &[f32], sums: &mut [f32; WIDE]) {
    let right = &right[..left.len()];
    let (left, left_rest) = left.as_chunks::<WIDE>();
    let (right, right_rest) = right.as_chunks::<WIDE>();
    for (left, right) in left.iter().zip(right) {
        for i in 0..WIDE {
            sums[i] += left[i] * right[i];
        }
    }
    for (i, (left, right)) in left_rest.iter().zip(right_rest).enumerate() {
        sums[i] += left * right;
    }
}

#[inline(always)]
fn add_scaled(row: &[f32], factor: f32, sums: &mut [f32]) {
    for (sum, value) in sums.iter_mut().zip(row) {
        *sum += factor * value;
    }
}
