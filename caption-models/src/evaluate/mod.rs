//! Scores of a captioning net, always beside baselines.
//!
//! Two protocols, never mixed:
//!
//! - `coco`: corpus BLEU on words, captions by the library's decoding;
//! - `lemur`: mean sentence BLEU on ids, captions by the net's own inference where it has one.
//!
//! The validation pictures say what a net is worth; training pictures, scored the same way beside them, how much of that
//! is memory.
//!
//! The baselines say what a number is worth: one caption for all pictures, the net's captions
//! under other pictures, and one human caption against the others.

mod baseline;
mod captions;
mod generate;
mod protocol;
mod references;
mod scores;

pub use captions::CaptionedImage;
pub use generate::{GenerateError, Generated, generate};
pub use references::References;
pub use scores::{
    Constant, Measured, ProtocolScores, Scores, SplitScores, epoch_bleu, epoch_cider_d, score,
};
