//! [`DataReport`]: what a check found.

use std::fmt;

use serde::Serialize;

use super::captions::{Lengths, VocabularyRow};
use super::pictures::{Seen, n_repeated};
use crate::data::{DataError, DataSet, Split};

/// What is in a data set, and what is wrong with it.
#[derive(Clone, Debug, Serialize)]
pub struct DataReport {
    /// The set, as `--data` takes it.
    pub data: String,
    /// The training pictures, then those to score on.
    pub splits: Vec<SplitReport>,
    /// Pictures to score on that are trained on too.
    pub shared: Vec<SharedPicture>,
    /// Vocabularies of the training captions.
    pub vocabulary: Vec<VocabularyRow>,
}

/// One split of it.
#[derive(Clone, Debug, Serialize)]
pub struct SplitReport {
    /// Which.
    pub split: Split,
    /// Pictures that it lists.
    pub listed: usize,
    /// Those that are there, can be read and have a caption.
    pub usable: usize,
    /// Captions of the pictures that are there.
    pub captions: usize,
    /// Fewest and most captions of one picture.
    pub captions_of_picture: [usize; 2],
    /// How long they are.
    pub lengths: Lengths,
    /// Pictures with the same content as an earlier one of the split.
    pub repeated: usize,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What sort of thing.
    pub kind: ProblemKind,
    /// One sentence with the name of the picture or file.
    pub message: String,
    /// How many captions it concerns, for captions without a picture; else 1.
    pub count: usize,
}

/// What can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ProblemKind {
    /// The split cannot be opened.
    Unopened,
    /// A picture is not there.
    MissingPicture,
    /// A picture cannot be read.
    BrokenPicture,
    /// A picture has no caption with a word.
    NoCaption,
    /// Captions are of a picture that is not listed.
    NoPicture,
    /// A picture is listed twice.
    ListedTwice,
    /// A picture's name leads out of its folder.
    BadName,
    /// A line of a caption file is none.
    BadLine,
}

/// A picture to score on that is trained on too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharedPicture {
    /// Its name among the training pictures.
    pub train: String,
    /// Its name among those to score on.
    pub validation: String,
    /// Whether the files are equal; if not, the names are.
    pub same_content: bool,
}

impl DataReport {
    /// Whether anything is wrong.
    pub fn is_wrong(&self) -> bool {
        !self.shared.is_empty() || self.splits.iter().any(|split| !split.problems.is_empty())
    }
}

impl SplitReport {
    /// What a set says of itself, and what was seen of its pictures, which is given back.
    pub(super) fn of(set: &dyn DataSet, mut seen: Vec<Seen>) -> (Self, Vec<Seen>) {
        let mut problems: Vec<Problem> = set.problems().iter().map(Problem::of).collect();
        let broken = seen.iter_mut().filter_map(|seen| seen.error.take());
        let broken: Vec<Problem> = broken.map(|error| Problem::of(&error)).collect();
        let usable = set.items().len() - broken.len();
        problems.extend(broken);
        let counts = set.items().iter().map(|item| item.captions.len());
        let is_unusable = |problem: &&Problem| problem.kind.is_of_a_picture();
        let report = Self {
            split: set.split(),
            listed: usable + problems.iter().filter(is_unusable).count(),
            usable,
            captions: counts.clone().sum(),
            captions_of_picture: [counts.clone().min(), counts.max()]
                .map(Option::unwrap_or_default),
            lengths: Lengths::of(set),
            repeated: n_repeated(&seen),
            problems,
        };
        (report, seen)
    }

    pub(super) fn unopened(split: Split, error: &DataError) -> Self {
        Self {
            split,
            listed: 0,
            usable: 0,
            captions: 0,
            captions_of_picture: [0, 0],
            lengths: Lengths::default(),
            repeated: 0,
            problems: vec![Problem {
                kind: ProblemKind::Unopened,
                message: error.to_string(),
                count: 1,
            }],
        }
    }

    /// How many problems of a kind there are; of captions without a picture, how many captions.
    pub fn count(&self, kind: ProblemKind) -> usize {
        let of_kind = self.problems.iter().filter(|problem| problem.kind == kind);
        of_kind.map(|problem| problem.count).sum()
    }
}

impl Problem {
    fn of(error: &DataError) -> Self {
        let kind = match error {
            DataError::ImageMissing { .. } => ProblemKind::MissingPicture,
            DataError::NoCaption { .. } => ProblemKind::NoCaption,
            DataError::UnknownImage { .. } => ProblemKind::NoPicture,
            DataError::RepeatedImage { .. } => ProblemKind::ListedTwice,
            DataError::ImageName { .. } => ProblemKind::BadName,
            DataError::CaptionLine { .. } => ProblemKind::BadLine,
            _ => ProblemKind::BrokenPicture,
        };
        let count = match error {
            DataError::UnknownImage { n_captions, .. } => *n_captions,
            _ => 1,
        };
        Self {
            kind,
            message: error.to_string(),
            count,
        }
    }
}

impl ProblemKind {
    /// Whether it takes a listed picture away.
    const fn is_of_a_picture(self) -> bool {
        use ProblemKind::{BadName, BrokenPicture, MissingPicture, NoCaption};
        matches!(self, MissingPicture | BrokenPicture | NoCaption | BadName)
    }
}

impl fmt::Display for ProblemKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unopened => "cannot be opened",
            Self::MissingPicture => "pictures missing",
            Self::BrokenPicture => "pictures broken",
            Self::NoCaption => "pictures without a caption",
            Self::NoPicture => "captions without a picture",
            Self::ListedTwice => "pictures listed twice",
            Self::BadName => "names out of the folder",
            Self::BadLine => "lines that are no caption",
        })
    }
}
