//! What is in a data set, and what is wrong with it: every picture is decoded, every caption counted.

mod captions;
mod pictures;
mod report;

pub use captions::{Lengths, VocabularyRow};
pub use report::{DataReport, Problem, ProblemKind, SharedPicture, SplitReport};

use std::sync::Arc;

use super::{DataError, DataSet, DataSpec, Split};
use pictures::Seen;

/// Looks at everything in both splits of a data set. `progress` is told, from several threads, how many of how many
/// pictures are done.
///
/// # Errors
///
/// When neither split can be opened.
pub fn check(
    spec: &DataSpec,
    progress: impl Fn(usize, usize) + Sync,
) -> Result<DataReport, DataError> {
    let opened = [Split::Train, Split::Validation].map(|split| (split, spec.open(split)));
    if let [(_, Err(_)), (_, Err(_))] = &opened {
        let [(_, train), _] = opened;
        return Err(train.expect_err("both are errors"));
    }
    let sets = opened.iter().filter_map(|(_, set)| set.as_ref().ok());
    let sets: Vec<&dyn DataSet> = sets.map(Arc::as_ref).collect();
    let mut seen = pictures::look(&sets, progress).into_iter();
    let splits: Vec<(SplitReport, Vec<Seen>)> = opened
        .iter()
        .map(|(split, set)| match set {
            Ok(set) => SplitReport::of(set.as_ref(), seen.next().unwrap_or_default()),
            Err(error) => (SplitReport::unopened(*split, error), Vec::new()),
        })
        .collect();
    let captions = |split| {
        let set = opened.iter().find(|(of, _)| *of == split);
        set.and_then(|(_, set)| set.as_ref().ok())
    };
    let shared = match &splits[..] {
        [(_, train), (_, validation)] => pictures::shared(train, validation),
        _ => Vec::new(),
    };
    Ok(DataReport {
        data: spec.to_string(),
        vocabulary: captions::vocabulary(
            captions(Split::Train).map(Arc::as_ref),
            captions(Split::Validation).map(Arc::as_ref),
        ),
        splits: splits.into_iter().map(|(report, _)| report).collect(),
        shared,
    })
}
