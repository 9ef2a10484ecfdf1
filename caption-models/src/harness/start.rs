//! First values of parameters that a net chooses itself, as with `torch.nn.init`.

use burn::module::Module;
use burn::nn::Initializer;
use burn::tensor::{Device, Distribution, Tensor, s};

use super::StateEntry;
use super::state::entries_in_walk_order;
use super::walk::{self, Edit};

/// First values in the place of those that the layer's constructor draws.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Start {
    /// One number.
    Constant(f64),
    /// Uniform between two numbers.
    Uniform {
        /// The smallest.
        low: f64,
        /// The largest.
        high: f64,
    },
    /// The normal distribution.
    Normal {
        /// Its mean.
        mean: f64,
        /// Its standard deviation.
        std: f64,
    },
    /// The normal distribution without what lies outside two numbers.
    TruncatedNormal {
        /// Mean of the whole distribution.
        mean: f64,
        /// Standard deviation of the whole distribution.
        std: f64,
        /// The smallest value.
        low: f64,
        /// The largest value.
        high: f64,
    },
    /// A matrix with orthogonal rows, or columns where those are fewer; the axes behind the first count as one.
    Orthogonal {
        /// The length of a row or column.
        gain: f64,
    },
}

/// The net with the first values that its table says, in the place of those that its layers drew.
///
/// # Panics
///
/// When the table and the module disagree.
pub fn with_starts<M: Module>(net: M, state: &'static [StateEntry], device: &Device) -> M {
    let survey = walk::survey(&net);
    let entries = survey.and_then(|survey| entries_in_walk_order(state, &survey));
    let entries = entries.unwrap_or_else(|error| panic!("{error}"));
    // Drawn without autodiff: a value takes on the state of the one that it replaces.
    let device = device.clone().without_autodiff();
    walk::edit(net, &mut |idx, dims| match entries[idx].start {
        Some(start) => {
            let drawn = start.draw(dims, &device);
            Edit::Set(match entries[idx].rows {
                Some(rows) => with_rows(drawn, dims, rows),
                None => drawn,
            })
        }
        None => Edit::Keep,
    })
}

/// The values, flat, with one number in the rows `first..end` of the tensor of shape `dims`.
fn with_rows(
    values: Tensor<1>,
    dims: &[usize],
    (first, end, value): (usize, usize, f64),
) -> Tensor<1> {
    let width = dims.iter().skip(1).product::<usize>();
    values.slice_fill(s![first * width..end * width], value)
}

impl Start {
    /// Values for a tensor of shape `dims`, flat, from the device's generator.
    ///
    /// # Panics
    ///
    /// When orthogonal values are asked for less than two axes.
    pub fn draw(&self, dims: &[usize], device: &Device) -> Tensor<1> {
        let n_elements = dims.iter().product();
        let flat = |initializer: Initializer| initializer.init([n_elements], device).into_value();
        match *self {
            Self::Constant(value) => flat(Initializer::Constant { value }),
            Self::Uniform { low, high } => flat(Initializer::Uniform {
                min: low,
                max: high,
            }),
            Self::Normal { mean, std } => flat(Initializer::Normal { mean, std }),
            Self::TruncatedNormal {
                mean,
                std,
                low,
                high,
            } => {
                let bounds = ((low - mean) / std, (high - mean) / std);
                truncated(n_elements, bounds, device) * std + mean
            }
            Self::Orthogonal { gain } => {
                assert!(dims.len() > 1, "orthogonal values need a matrix");
                let shape = [dims[0], n_elements / dims[0]];
                let matrix: Tensor<2> = Initializer::Orthogonal { gain }
                    .init(shape, device)
                    .into_value();
                matrix.reshape([n_elements])
            }
        }
    }
}

/// Standard normal numbers; those outside the bounds are drawn again.
fn truncated(n_elements: usize, (low, high): (f64, f64), device: &Device) -> Tensor<1> {
    let draw = || Tensor::<1>::random([n_elements], Distribution::Normal(0.0, 1.0), device);
    let mut values = draw();
    loop {
        let is_outside = values
            .clone()
            .lower_scalar(low)
            .bool_or(values.clone().greater_scalar(high));
        if !is_outside.clone().any().into_scalar::<bool>() {
            return values;
        }
        values = values.mask_where(is_outside, draw());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(start: Start, dims: &[usize]) -> Vec<f32> {
        let device = Device::default();
        device.seed(7);
        start.draw(dims, &device).into_data().try_to_vec().unwrap()
    }

    /// Mean and standard deviation, within six deviations of what so many values may miss.
    #[track_caller]
    fn is_spread(drawn: &[f32], mean: f64, std: f64) {
        let count = drawn.len() as f64;
        let found = drawn.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
        let miss = 6.0 * std / count.sqrt();
        assert!((found - mean).abs() < miss, "mean {found}, not {mean}");
        let squares = drawn.iter().map(|x| (f64::from(*x) - found).powi(2));
        let found = (squares.sum::<f64>() / count).sqrt();
        assert!((found - std).abs() < miss, "deviation {found}, not {std}");
    }

    #[test]
    fn a_constant_is_everywhere() {
        let drawn = values(Start::Constant(0.5), &[3, 5]);
        assert_eq!(drawn, [0.5; 15]);
    }

    #[test]
    fn rows_of_one_number_take_the_place_of_others() {
        let device = Device::default();
        let drawn = Start::Constant(0.5).draw(&[4, 2], &device);
        let found = with_rows(drawn, &[4, 2], (1, 3, 2.0)).into_data();
        let found: Vec<f32> = found.try_to_vec().unwrap();
        assert_eq!(found, [0.5, 0.5, 2.0, 2.0, 2.0, 2.0, 0.5, 0.5]);
    }

    #[test]
    fn uniform_values_fill_their_bounds() {
        let (low, high) = (-0.25, 0.75);
        let drawn = values(Start::Uniform { low, high }, &[100, 100]);
        assert!(drawn.iter().all(|value| (-0.25..=0.75).contains(value)));
        is_spread(&drawn, 0.25, 1.0 / 12.0_f64.sqrt());
        let near = |end: f32| drawn.iter().any(|value| (value - end).abs() < 0.005);
        assert!(near(-0.25) && near(0.75), "nothing lies near a bound");
    }

    #[test]
    fn normal_values_have_their_mean_and_deviation() {
        let start = Start::Normal {
            mean: -1.0,
            std: 0.3,
        };
        let drawn = values(start, &[100, 100]);
        is_spread(&drawn, -1.0, 0.3);
        let beyond = drawn.iter().filter(|value| (**value + 1.0).abs() > 0.6);
        let share = beyond.count() as f64 / drawn.len() as f64;
        let miss = (share - 0.0455).abs();
        assert!(miss < 0.0125, "{share} lie beyond two deviations");
    }

    /// The deviation that is left of a normal distribution cut at `c` deviations on both sides is
    /// `sqrt(1 - 2 c phi(c) / (2 Phi(c) - 1))`: 0.44239 of it for 0.8.
    #[test]
    fn a_truncated_distribution_keeps_its_bounds_and_its_middle() {
        let start = Start::TruncatedNormal {
            mean: 1.0,
            std: 0.5,
            low: 0.6,
            high: 1.4,
        };
        let drawn = values(start, &[100, 100]);
        assert!(drawn.iter().all(|value| (0.6..=1.4).contains(value)));
        is_spread(&drawn, 1.0, 0.5 * 0.44239);
    }

    #[test]
    fn rows_of_an_orthogonal_matrix_are_orthogonal() {
        let drawn = values(Start::Orthogonal { gain: 2.0 }, &[3, 2, 4]);
        for (a, b) in [(0, 0), (0, 1), (1, 2), (2, 2)] {
            let (left, right) = (&drawn[8 * a..8 * a + 8], &drawn[8 * b..8 * b + 8]);
            let product: f32 = left.iter().zip(right).map(|(x, y)| x * y).sum();
            let wanted = if a == b { 4.0 } else { 0.0 };
            assert!((product - wanted).abs() < 1e-4, "{a} {b}: {product}");
        }
    }
}
