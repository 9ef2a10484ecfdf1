//! How long captions are, and how many words a vocabulary of them has.

use std::collections::HashMap;

use serde::Serialize;

use crate::data::DataSet;
use crate::tokenize::tokenize;

/// Words of a caption that a training reads by default; the rest is cut off.
const READ: usize = 20;
/// How often a word must stand in the training captions to get into the vocabulary.
const THRESHOLDS: [usize; 6] = [1, 2, 3, 4, 5, 10];

/// Lengths of captions, in words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Lengths {
    /// The shortest.
    pub min: usize,
    /// The mean.
    pub mean: f64,
    /// The middle one.
    pub median: usize,
    /// Of 20 captions 19 are no longer.
    pub percentile_95: usize,
    /// The longest.
    pub max: usize,
    /// Captions longer than the 20 words that are read by default.
    pub cut: usize,
}

/// A vocabulary of the training captions.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct VocabularyRow {
    /// How often a word must occur.
    pub threshold: usize,
    /// Words that do.
    pub words: usize,
    /// Of the words of the validation captions, the share that is unknown.
    pub unknown: f64,
}

impl Lengths {
    pub(super) fn of(set: &dyn DataSet) -> Self {
        let captions = set.items().iter().flat_map(|item| &item.captions);
        let mut lengths: Vec<usize> = captions.map(|caption| tokenize(caption).len()).collect();
        lengths.sort_unstable();
        let [Some(&min), Some(&max)] = [lengths.first(), lengths.last()] else {
            return Self::default();
        };
        let last = lengths.len() - 1;
        Self {
            min,
            mean: lengths.iter().sum::<usize>() as f64 / lengths.len() as f64,
            median: lengths[last / 2],
            percentile_95: lengths[last * 19 / 20],
            max,
            cut: lengths.iter().filter(|length| **length > READ).count(),
        }
    }
}

/// Sizes of vocabularies at several thresholds.
pub(super) fn vocabulary(
    train: Option<&dyn DataSet>,
    validation: Option<&dyn DataSet>,
) -> Vec<VocabularyRow> {
    let [train, validation] = [train, validation].map(|set| set.map(counts).unwrap_or_default());
    let n_said: usize = validation.values().sum();
    let row = |threshold| {
        let is_known = |word: &String| train.get(word).is_some_and(|count| *count >= threshold);
        let unknown = validation.iter().filter(|(word, _)| !is_known(word));
        let n_unknown: usize = unknown.map(|(_, count)| count).sum();
        VocabularyRow {
            threshold,
            words: train.values().filter(|count| **count >= threshold).count(),
            unknown: n_unknown as f64 / n_said.max(1) as f64,
        }
    };
    THRESHOLDS.into_iter().map(row).collect()
}

/// How often each word stands in the captions.
fn counts(set: &dyn DataSet) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for caption in set.items().iter().flat_map(|item| &item.captions) {
        for word in tokenize(caption) {
            *counts.entry(word).or_default() += 1;
        }
    }
    counts
}
