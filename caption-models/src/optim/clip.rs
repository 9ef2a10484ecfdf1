//! Norms of the gradients and `clip_grad_norm_`.

use burn::tensor::Tensor;

use crate::harness::StateEntry;

/// Added by PyTorch to the norm that divides the limit.
const CLIP_EPSILON: f64 = 1e-6;

/// Euclidean norms of a step's gradients, before clipping.
#[derive(Clone, Debug, PartialEq)]
pub struct GradientNorms {
    /// By entry of the state.
    pub each: Vec<(&'static StateEntry, f64)>,
    /// Over all of them.
    pub total: f64,
}

impl GradientNorms {
    /// Measures the gradients with one read from the device.
    pub fn of(gradients: &[(&'static StateEntry, Tensor<1>)]) -> Self {
        if gradients.is_empty() {
            return Self {
                each: Vec::new(),
                total: 0.0,
            };
        }
        let squares = gradients
            .iter()
            .map(|(_, gradient)| gradient.clone().square().sum());
        let squares: Vec<f64> = Tensor::cat(squares.collect(), 0)
            .into_data()
            .iter()
            .collect();
        let each = gradients.iter().zip(&squares);
        Self {
            each: each
                .map(|((entry, _), square)| (*entry, square.sqrt()))
                .collect(),
            total: squares.iter().sum::<f64>().sqrt(),
        }
    }

    /// What `clip_grad_norm_(limit)` multiplies every gradient by; `None` for 1.
    pub fn clip_factor(&self, limit: f64) -> Option<f64> {
        let factor = limit / (self.total + CLIP_EPSILON);
        (factor < 1.0).then_some(factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_norm_below_the_limit_is_left_alone() {
        let norms = GradientNorms {
            each: Vec::new(),
            total: 2.0,
        };
        assert_eq!(norms.clip_factor(3.0), None);
        assert_eq!(norms.clip_factor(1.0), Some(1.0 / 2.000_001));
    }

    #[test]
    fn no_gradients_have_norm_zero() {
        assert!(GradientNorms::of(&[]).total.abs() < f64::EPSILON);
    }
}
