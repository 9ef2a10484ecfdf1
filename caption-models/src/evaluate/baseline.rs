//! Captions that know nothing of the picture.

use bleu::{Error, best_constant_by};

use super::protocol::Protocol;

/// Of `candidates`, the one caption that has the best BLEU-4 when every picture gets it, chosen on the
/// very references it is scored on: no constant answer of the sample can do better.
pub(super) fn best_constant<P: Protocol>(
    candidates: &[P::Caption],
    references: &[Vec<P::Caption>],
) -> Result<Option<usize>, Error> {
    let score = |captions: &[P::Caption]| -> Result<f64, Error> {
        Ok(P::bleu(captions, references)?.score()?.bleu[3])
    };
    let best = best_constant_by(candidates, references.len(), |bleu4: &f64| *bleu4, score)?;
    Ok(best.map(|(idx, _)| idx))
}

/// At most `n_wanted` of `all`, evenly spaced, the first one among them.
pub(super) fn sample<T: Clone>(all: &[T], n_wanted: usize) -> Vec<T> {
    let n_wanted = n_wanted.min(all.len());
    (0..n_wanted)
        .map(|idx| all[idx * all.len() / n_wanted].clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::protocol::Coco;
    use super::*;

    #[test]
    fn the_best_constant_is_the_commonest_reference() {
        let reference = |text: &str| vec![text.to_owned()];
        let references = [
            reference("a red ball lies here"),
            reference("a dog"),
            reference("a red ball lies here"),
        ];
        let candidates = ["a dog", "a red ball lies here"].map(str::to_owned);
        assert_eq!(
            best_constant::<Coco>(&candidates, &references).unwrap(),
            Some(1)
        );
    }

    #[test]
    fn a_sample_is_spread_over_the_whole() {
        assert_eq!(sample(&[0, 1, 2, 3, 4, 5], 3), [0, 2, 4]);
        assert_eq!(sample(&[0, 1], 5), [0, 1]);
    }
}
