//! Captions that know nothing of the picture, and captions by people.

use bleu::Error;

use super::protocol::Protocol;

/// Of `candidates`, the one caption that scores best when every picture gets it, chosen on the
/// very references it is scored on: no constant answer of the sample can do better.
pub(super) fn best_constant<C: Clone>(
    protocol: Protocol<C>,
    candidates: &[C],
    references: &[Vec<C>],
) -> Result<Option<usize>, Error> {
    let mut best = None;
    for (idx, candidate) in candidates.iter().enumerate() {
        let captions = vec![candidate.clone(); references.len()];
        let [.., bleu4] = protocol(&captions, references)?.score()?.bleu;
        if best.is_none_or(|(_, score)| bleu4 > score) {
            best = Some((idx, bleu4));
        }
    }
    Ok(best.map(|(idx, _)| idx))
}

/// Every caption under the picture half the set away.
pub(super) fn shuffled<C: Clone>(captions: &[C]) -> Vec<C> {
    let mut shuffled = captions.to_vec();
    shuffled.rotate_left(captions.len().div_ceil(2).min(captions.len()));
    shuffled
}

/// The first reference of every picture that has another one, and the others.
pub(super) fn human<C: Clone>(references: &[Vec<C>]) -> (Vec<C>, Vec<Vec<C>>) {
    let split = references
        .iter()
        .filter_map(|references| match references.as_slice() {
            [first, others @ ..] if !others.is_empty() => Some((first.clone(), others.to_vec())),
            _ => None,
        });
    split.unzip()
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
    use super::super::protocol::coco;
    use super::*;

    #[test]
    fn no_picture_keeps_its_caption_when_shuffled() {
        for n_captions in 2..8 {
            let captions: Vec<usize> = (0..n_captions).collect();
            let shuffled = shuffled(&captions);
            assert!(
                captions
                    .iter()
                    .zip(&shuffled)
                    .all(|(own, other)| own != other)
            );
        }
        assert_eq!(shuffled::<usize>(&[]), [0_usize; 0]);
    }

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
            best_constant(coco, &candidates, &references).unwrap(),
            Some(1)
        );
    }

    #[test]
    fn a_picture_with_one_reference_has_no_human_score() {
        let (first, others) = human(&[vec![1], vec![2, 3, 4]]);
        assert_eq!((first, others), (vec![2], vec![vec![3, 4]]));
    }

    #[test]
    fn a_sample_is_spread_over_the_whole() {
        assert_eq!(sample(&[0, 1, 2, 3, 4, 5], 3), [0, 2, 4]);
        assert_eq!(sample(&[0, 1], 5), [0, 1]);
    }
}
