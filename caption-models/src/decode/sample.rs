//! Drawing a token by its probability.

use super::Sample;
use crate::probe::fill::mix;

/// A number in [0, 1) that is a function of the three.
pub(super) fn uniform(seed: u64, image: u64, step: u64) -> f64 {
    let bits = mix(mix(mix(seed).wrapping_add(image)).wrapping_add(step));
    (bits >> 11) as f64 / (1u64 << 53) as f64
}

/// The token at which the sum of probabilities, from the most probable token on, passes `uniform` of all.
pub(super) fn draw(how: &Sample, log_probs: &[f32], uniform: f64) -> usize {
    let kept = kept(how, log_probs);
    let total: f64 = kept.iter().map(|(_, weight)| weight).sum();
    let mut passed = 0.0;
    for (token, weight) in &kept {
        passed += weight;
        if passed > uniform * total {
            return *token;
        }
    }
    kept.last().map_or(0, |(token, _)| *token)
}

/// The tokens that may be drawn, the most probable first, with their weights.
fn kept(how: &Sample, log_probs: &[f32]) -> Vec<(usize, f64)> {
    let largest = log_probs.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let weight = |log_prob: f32| (f64::from(log_prob - largest) / how.temperature).exp();
    let mut all: Vec<(usize, f64)> = log_probs.iter().copied().map(weight).enumerate().collect();
    all.sort_by(|one, other| other.1.total_cmp(&one.1));
    if how.top_k > 0 {
        all.truncate(how.top_k);
    }
    let total: f64 = all.iter().map(|(_, weight)| weight).sum();
    let mut reached = 0.0;
    let enough = all.iter().position(|(_, weight)| {
        reached += weight;
        reached >= how.top_p * total
    });
    all.truncate(enough.map_or(all.len(), |last| last + 1));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log_probs() -> Vec<f32> {
        [0.1f32, 0.5, 0.15, 0.25].map(f32::ln).to_vec()
    }

    fn tokens(how: Sample) -> Vec<usize> {
        kept(&how, &log_probs())
            .into_iter()
            .map(|(token, _)| token)
            .collect()
    }

    #[test]
    fn only_the_most_probable_are_kept() {
        let default = Sample::default();
        assert_eq!(tokens(default), [1, 3, 2, 0]);
        assert_eq!(
            tokens(Sample {
                top_k: 2,
                ..default
            }),
            [1, 3]
        );
        assert_eq!(
            tokens(Sample {
                top_p: 0.5,
                ..default
            }),
            [1]
        );
        assert_eq!(
            tokens(Sample {
                top_p: 0.51,
                ..default
            }),
            [1, 3]
        );
    }

    #[test]
    fn tokens_are_drawn_as_often_as_they_are_probable() {
        let how = Sample::default();
        let mut counts = [0usize; 4];
        for image in 0..20_000 {
            counts[draw(&how, &log_probs(), uniform(7, image, 0))] += 1;
        }
        for (count, expected) in counts.into_iter().zip([0.1, 0.5, 0.15, 0.25]) {
            let found = count as f64 / 20_000.0;
            assert!((found - expected).abs() < 0.015, "{counts:?}");
        }
    }

    #[test]
    fn cold_sampling_is_greedy() {
        let how = Sample {
            temperature: 1e-3,
            ..Sample::default()
        };
        for image in 0..100 {
            assert_eq!(draw(&how, &log_probs(), uniform(0, image, 1)), 1);
        }
    }
}
