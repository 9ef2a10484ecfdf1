//! What the two sides of a corpus must be like.

use crate::error::Error;

/// What `count` makes of each hypothesis and its references; `None` stands for a segment without any.
pub(crate) fn segments<H, S, T>(
    hyps: &[H],
    refs: &[S],
    mut count: impl FnMut(&H, &S) -> Option<T>,
) -> Result<Vec<T>, Error> {
    if hyps.len() != refs.len() {
        let (hyps, refs) = (hyps.len(), refs.len());
        return Err(Error::LengthMismatch { hyps, refs });
    }
    if hyps.is_empty() {
        return Err(Error::EmptyCorpus);
    }
    let count_at = |(segment, (hyp, refs))| count(hyp, refs).ok_or(Error::NoReferences { segment });
    hyps.iter().zip(refs).enumerate().map(count_at).collect()
}
