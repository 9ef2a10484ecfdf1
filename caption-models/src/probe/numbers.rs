//! What a probe measures.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

/// Logits up to this many are given whole.
const WHOLE: usize = 20_000;
/// Of more logits, so many from the front ..
const HEAD: usize = 2000;
/// .. and then one in so many.
const STRIDE: usize = 97;

/// The numbers of one experiment. Numbers that are none travel as JSON's `null`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Numbers {
    /// The `state_dict`, in its order.
    pub params: Vec<ParamShape>,
    /// Teacher forced, eval mode.
    pub logits: Sampled,
    /// The net's own inference, if it has one.
    pub free_running: Option<FreeRunning>,
    /// Eval mode, first caption.
    #[serde(deserialize_with = "null_as_nan")]
    pub loss: f64,
    /// Train mode, no dropout.
    #[serde(deserialize_with = "null_as_nan")]
    pub backward_loss: f64,
    /// Of all gradients, before clipping.
    #[serde(deserialize_with = "null_as_nan")]
    pub total_norm: f64,
    /// By parameter, before clipping; `None` where the loss does not reach it.
    pub grad_norm: BTreeMap<String, Option<f64>>,
    /// Sum of absolute values after one step, running statistics included.
    pub abs_sum_after: BTreeMap<String, Option<f64>>,
}

/// A name of the `state_dict` and its shape in PyTorch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParamShape {
    /// PyTorch's name.
    pub name: String,
    /// PyTorch's shape.
    pub shape: Vec<usize>,
}

/// A tensor, thinned out when large: all values up to 20,000, else the first 2000 and then every
/// 97th.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampled {
    /// The whole tensor's shape.
    pub shape: Vec<usize>,
    /// The values kept.
    #[serde(deserialize_with = "nulls_as_nan")]
    pub values: Vec<f32>,
}

impl Sampled {
    /// Thins `values` out.
    pub fn new(shape: &[usize], values: &[f32]) -> Self {
        let head = if values.len() > WHOLE {
            HEAD
        } else {
            values.len()
        };
        let (head, rest) = values.split_at(head);
        let values = head
            .iter()
            .chain(rest.iter().step_by(STRIDE))
            .copied()
            .collect();
        Self {
            shape: shape.to_vec(),
            values,
        }
    }
}

/// What the net's own inference returned.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FreeRunning {
    /// `tensor ids` or `tensor logits`.
    pub returns: String,
    /// `[batch, steps]`, with `vocab` behind for scores.
    pub shape: Vec<usize>,
    /// The ids, argmaxed from scores.
    pub ids: Vec<Vec<i64>>,
}

fn null_as_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

fn nulls_as_nan<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<f32>, D::Error> {
    let values = Vec::<Option<f32>>::deserialize(deserializer)?;
    Ok(values
        .into_iter()
        .map(|value| value.unwrap_or(f32::NAN))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_tensors_are_whole() {
        let values = vec![0.5; 20_000];
        assert_eq!(Sampled::new(&[20_000], &values).values.len(), 20_000);
    }

    #[test]
    fn large_tensors_are_thinned_out_behind_the_head() {
        let values: Vec<f32> = (0_u16..20_001).map(f32::from).collect();
        let sampled = Sampled::new(&[20_001], &values);
        assert_eq!(sampled.values[1999..2002], [1999.0, 2000.0, 2097.0]);
        assert_eq!(sampled.values.len(), 2000 + 18_001_usize.div_ceil(97));
    }

    #[test]
    fn numbers_that_are_none_survive_json() {
        let sampled = Sampled::new(&[2], &[f32::NAN, 1.0]);
        let json = serde_json::to_string(&sampled).unwrap();
        assert_eq!(json, r#"{"shape":[2],"values":[null,1.0]}"#);
        let back: Sampled = serde_json::from_str(&json).unwrap();
        assert!(back.values[0].is_nan());
    }
}
