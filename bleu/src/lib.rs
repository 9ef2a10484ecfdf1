//! Caption metrics equal to their reference implementations.
//!
//! Two BLEUs of the same captions differ by a factor of two between implementations, so every score here names
//! the one it equals:
//!
//! | here | equals |
//! | --- | --- |
//! | [`Bleu::coco`] | corpus BLEU-1 to BLEU-4 of `pycocoevalcap` 1.2, bit for bit |
//! | [`Bleu::lemur`] | the mean sentence BLEU by which LEMUR ranks captioning networks |
//! | [`coco_bleu`] | the same with coco-caption's shortest, average or closest reference length |
//! | [`Bleu::nltk`], [`nltk_bleu`] | sentence and corpus BLEU of NLTK 3.10, smoothing methods 0 to 4, from counts that add up |
//! | [`NltkBleu`] | the same with all methods, 0 to 7: the last three read the last segment's words |
//! | [`SacreBleu`], [`Chrf`], [`Ter`] | sacrebleu 2.6, scores between 0 and 100, with its signatures |
//! | [`rouge_l`], [`Cider`] | ROUGE-L and CIDEr-D of `pycocoevalcap` 1.2; plain `CIDEr` of Vedantam et al. |
//! | [`RougeScorer`] | Google's rouge-score 0.1.2 |
//! | [`ptb_words`], [`Tokenizer`], [`nltk_words`] | the words of coco-caption, sacrebleu, NLTK |
//!
//! METEOR and SPICE are left out: METEOR takes `WordNet` and 60 MB of paraphrase tables, SPICE a parser of natural
//! language, and neither is worth its name without them.
//!
//! # Examples
//!
//! ```
//! use bleu::{Bleu, Bootstrap, ptb_words};
//!
//! let captions = ["A dog runs on the grass.", "Two birds fly high in the sky."];
//! let references = [
//!     ["A dog runs on some grass.", "The dog's on the grass"],
//!     ["Two birds fly in the sky!", "Birds in a blue sky"],
//! ];
//!
//! let mut metric = Bleu::coco().accumulator();
//! for (caption, references) in captions.iter().zip(references) {
//!     metric.push(&ptb_words(caption), &references.map(ptb_words))?;
//! }
//! assert_eq!(metric.score()?.to_string(), "BLEU-1..4 (coco) 92.31 86.90 74.86 49.48");
//!
//! let [.., bleu4] = metric.intervals(&Bootstrap::default())?;
//! println!("BLEU-4 {:.3}, 95 % between {:.3} and {:.3}", bleu4.score, bleu4.low, bleu4.high);
//! # Ok::<(), bleu::Error>(())
//! ```
//!
//! # From captions to a score
//!
//! A [`Counter`] turns a hypothesis and its references, as words or as ids, into [`BleuStats`]; their sum is the
//! corpus, and every BLEU is a function of it or a mean over it. So counting can be spread over threads and
//! processes, and resampled by a [`Bootstrap`], without a change to any digit. An [`Accumulator`] does all of
//! that; [`Bleu::words`] and [`Bleu::ids`] do it for a corpus at hand.
//!
//! No function panics on any text, ids or counts, and no score is NaN; [`Error`] says what else can be wrong.
//! This crate opens no file and knows no tensors.

mod accumulator;
mod baseline;
mod bleu;
mod bootstrap;
mod chrf;
mod cider;
mod coco;
mod corpus;
mod counter;
mod diversity;
mod error;
mod lemur;
mod mean;
mod metric;
mod ngrams;
mod nltk;
mod nltk_corpus;
mod overlap;
mod porter;
mod random;
mod rouge;
mod rouge_score;
mod sacrebleu;
mod score;
mod segment_scores;
mod signature;
mod significance;
mod stats;
mod summary;
mod table;
mod ter;
mod tokens;

pub use accumulator::Accumulator;
pub use baseline::{
    best_constant, best_constant_by, held_out, human_scores, shuffled, shuffled_scores,
};
pub use bleu::Bleu;
pub use bootstrap::{Bootstrap, Interval};
pub use chrf::{Chrf, ChrfScore, ChrfStats};
pub use cider::{Cider, DocumentFrequency, cider_d};
pub use coco::{CocoScore, RefLength, coco_bleu};
pub use counter::Counter;
pub use diversity::Diversity;
pub use error::Error;
pub use mean::Mean;
pub use metric::{BleuSegment, Metric, RougeL};
pub use nltk::{Smoothing, Weights, nltk_bleu};
pub use nltk_corpus::{NltkBleu, NltkMethod};
pub use rouge::rouge_l;
pub use rouge_score::{RougeScore, RougeScorer, RougeScores};
pub use sacrebleu::{SacreBleu, SacreBleuScore, SacreSmoothing};
pub use score::BleuScore;
pub use segment_scores::SegmentScores;
pub use signature::{References, Signature};
pub use significance::{Difference, Randomization};
pub use stats::BleuStats;
pub use ter::{Ter, TerScore, TerStats};
pub use tokens::{PythonWords, TokenId, Tokenizer};
pub use tokens::{nltk_words, ptb_words, python_words, treebank_words};
