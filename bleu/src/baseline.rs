//! Captions that know nothing of the image, and captions by people: what a score is worth.
//!
//! A net that does not beat the best constant caption has learned what captions sound like; one whose captions score
//! as well under other images does not look; and people score below 1 against each other too.

use crate::error::Error;
use crate::metric::Metric;

/// Of `candidates`, the caption that scores best when every image gets it, and its scores. Of scores that are equal
/// the first candidate's; where a metric has many, the last one counts, which is BLEU-4 of [`Bleu`](crate::Bleu); of a
/// metric whose [lower scores are better](Metric::lower_is_better), the lowest.
///
/// With first captions of the training images as candidates, this is the score of a net that ignores images. It is
/// chosen on the references it is scored on, so that no constant answer among the candidates does better. `None`
/// without candidates.
///
/// # Errors
///
/// Those of [`Metric::segments`].
///
/// # Examples
///
/// ```
/// use bleu::{Bleu, best_constant};
///
/// let refs = [["a red ball lies here"], ["a dog"], ["a red ball lies there"]];
/// let best = best_constant(&Bleu::coco(), &["a dog", "a red ball lies here"], &refs)?;
/// assert!(best.is_some_and(|(candidate, [.., bleu4])| candidate == 1 && bleu4 > 0.5));
/// # Ok::<(), bleu::Error>(())
/// ```
pub fn best_constant<const K: usize, C, S, R>(
    metric: &impl Metric<K>,
    candidates: &[C],
    refs: &[S],
) -> Result<Option<(usize, [f64; K])>, Error>
where
    C: AsRef<str>,
    S: AsRef<[R]>,
    R: AsRef<str>,
{
    let candidates: Vec<&str> = candidates.iter().map(C::as_ref).collect();
    let sign = if metric.lower_is_better() { -1.0 } else { 1.0 };
    let last = |scores: &[f64; K]| sign * scores.last().copied().unwrap_or_default();
    best_constant_by(&candidates, refs.len(), last, |hyps| {
        metric.corpus_scores(hyps, refs)
    })
}

/// [`best_constant`] of captions of any kind, token ids for one: `score` scores a caption for each image, and `rank`
/// says what is compared.
///
/// # Errors
///
/// Those of `score`.
///
/// # Examples
///
/// ```
/// use bleu::{Bleu, best_constant_by};
///
/// let refs = [[vec![1_i64, 5, 2]], [vec![1, 7, 8, 2]]];
/// let score = |hyps: &[Vec<i64>]| Bleu::lemur().ids(hyps, &refs);
/// let best = best_constant_by(&[vec![1, 2], vec![1, 7, 2]], refs.len(), |scores| scores.bleu[0], score)?;
/// assert_eq!(best.map(|(candidate, _)| candidate), Some(1));
/// # Ok::<(), bleu::Error>(())
/// ```
pub fn best_constant_by<C: Clone, T, E>(
    candidates: &[C],
    n_images: usize,
    rank: impl Fn(&T) -> f64,
    mut score: impl FnMut(&[C]) -> Result<T, E>,
) -> Result<Option<(usize, T)>, E> {
    let mut best: Option<(usize, T)> = None;
    for (idx, candidate) in candidates.iter().enumerate() {
        let scores = score(&vec![candidate.clone(); n_images])?;
        if best
            .as_ref()
            .is_none_or(|(_, best)| rank(&scores) > rank(best))
        {
            best = Some((idx, scores));
        }
    }
    Ok(best)
}

/// Every caption under the image half the corpus away; none keeps its own where there are two. The same for all.
///
/// # Examples
///
/// ```
/// assert_eq!(bleu::shuffled(&["a dog", "a cat", "a bird"]), ["a bird", "a dog", "a cat"]);
/// ```
pub fn shuffled<C: Clone>(captions: &[C]) -> Vec<C> {
    let mut shuffled = captions.to_vec();
    shuffled.rotate_left(captions.len().div_ceil(2).min(captions.len()));
    shuffled
}

/// The scores of [`shuffled`] captions: what is left when captions do not belong to their images.
///
/// # Errors
///
/// Those of [`Metric::segments`].
///
/// # Examples
///
/// ```
/// use bleu::{Metric, RougeL, shuffled_scores};
///
/// let (hyps, refs) = (["a dog runs", "two birds"], [["a dog runs fast"], ["two birds fly"]]);
/// assert!(shuffled_scores(&RougeL, &hyps, &refs)? < RougeL.corpus_scores(&hyps, &refs)?);
/// # Ok::<(), bleu::Error>(())
/// ```
pub fn shuffled_scores<const K: usize, H, S, R>(
    metric: &impl Metric<K>,
    hyps: &[H],
    refs: &[S],
) -> Result<[f64; K], Error>
where
    H: AsRef<str>,
    S: AsRef<[R]>,
    R: AsRef<str>,
{
    let hyps: Vec<&str> = hyps.iter().map(H::as_ref).collect();
    metric.corpus_scores(&shuffled(&hyps), refs)
}

/// Reference `idx` of every image that has it and another one, and the others: one person against the rest.
///
/// # Examples
///
/// ```
/// let refs = [vec!["a dog"], vec!["a cat", "the cat", "one cat"]];
/// assert_eq!(bleu::held_out(&refs, 1), (vec!["the cat"], vec![vec!["a cat", "one cat"]]));
/// ```
pub fn held_out<S: AsRef<[R]>, R: Clone>(refs: &[S], idx: usize) -> (Vec<R>, Vec<Vec<R>>) {
    let split = |refs: &S| {
        let mut others = refs.as_ref().to_vec();
        let has_both = idx < others.len() && others.len() > 1;
        has_both.then(|| (others.remove(idx), others))
    };
    refs.iter().filter_map(split).unzip()
}

/// How people score against each other: the mean of the scores of the first references, the second and so on, each
/// [held out](held_out) and scored against the others. `None` if no image has two.
///
/// A person has one reference less to match than a net, so that the same captions score lower here.
///
/// # Errors
///
/// Those of [`Metric::segments`].
///
/// # Examples
///
/// ```
/// use bleu::{RougeL, human_scores};
///
/// let refs = [vec!["a dog runs", "the dog runs"], vec!["birds fly"]];
/// assert!(human_scores(&RougeL, &refs)?.is_some_and(|[rouge]| rouge > 0.6 && rouge < 0.7));
/// # Ok::<(), bleu::Error>(())
/// ```
pub fn human_scores<const K: usize, S, R>(
    metric: &impl Metric<K>,
    refs: &[S],
) -> Result<Option<[f64; K]>, Error>
where
    S: AsRef<[R]>,
    R: AsRef<str>,
{
    let refs: Vec<Vec<&str>> = refs
        .iter()
        .map(|refs| refs.as_ref().iter().map(R::as_ref).collect())
        .collect();
    let n_most = refs.iter().map(Vec::len).max().unwrap_or_default();
    let (mut sums, mut n_sums) = ([0.0; K], 0.0);
    for idx in 0..n_most {
        let (hyps, others) = held_out(&refs, idx);
        if hyps.is_empty() {
            continue;
        }
        let scores = metric.corpus_scores(&hyps, &others)?;
        for (sum, score) in sums.iter_mut().zip(scores) {
            *sum += score;
        }
        n_sums += 1.0;
    }
    Ok((n_sums > 0.0).then(|| sums.map(|sum| sum / n_sums)))
}
