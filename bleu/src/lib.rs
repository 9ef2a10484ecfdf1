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
//! | [`SacreBleu`], [`Chrf`], [`Ter`] | sacrebleu 2.6, scores from 0 to 100, with its signatures |
//! | [`rouge_l`], [`Cider`] | ROUGE-L and CIDEr-D of `pycocoevalcap` 1.2; plain `CIDEr` of Vedantam et al. |
//! | [`RougeScorer`] | Google's rouge-score 0.1.2 |
//! | [`ptb_words`], [`Tokenizer`], [`nltk_words`] | the words of coco-caption, sacrebleu, NLTK |
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
//!
//! # Formulas and sources
//!
//! `c_k` of a hypothesis' `g_k` k-grams match, each at most as often as in the one reference that has it most often; the
//! hypothesis has `h` words and the closest reference `r`, the shorter of a tie. A corpus adds all four up.
//!
//! | metric | formula | source |
//! | --- | --- | --- |
//! | BLEU-n | `BP · Π p_k^(1/n)`, `p_k = c_k / g_k`, `BP = min(1, exp(1 - r/h))` | Papineni et al. 2002 |
//! | of coco-caption | `p_k = (c_k + 1e-15) / (g_k + 1e-9)`, `h + 1e-15`, `r + 1e-9` | `bleu_scorer.py` |
//! | of NLTK | `BP · exp Σ w_k ln p_k`, `g_k` at least 1 a segment; smoothing | Chen and Cherry 2014 |
//! | of sacrebleu | 100 times BLEU-4, smoothed | Post 2018 |
//! | of LEMUR | the mean over images of NLTK's with method 1 | nn-dataset 2.1.2, `bleu.py` |
//! | CIDEr-D | `10/4 Σ_n mean_refs exp(-δ² / 72) Σ min(w_h, w_r) w_r / (‖h‖ ‖r‖)`, `w = tf · ln(N / df)` | Vedantam et al. 2015 |
//! | `CIDEr` | the same with `w_h` for the minimum and without the exponential | Vedantam et al. 2015 |
//! | ROUGE-L | `(1 + β²) P R / (R + β² P)` of the longest common subsequence, `β = 1.2` | Lin 2004 |
//! | chrF, chrF++ | `100 (1 + β²) P R / (β² P + R)`, `P` and `R` means over orders of n-grams | Popović 2015, 2017 |
//! | TER | `100 Σ edits / Σ length`, an edit inserts, deletes, substitutes or moves a block | Snover et al. 2006 |
//! | distinct-n | different n-grams of all n-grams | Li et al. 2016 |
//! | [`Bootstrap`] | percentiles of scores of corpora drawn with replacement | Koehn 2004 |
//! | [`Randomization`] | how often swapped segments differ as much as the systems do | Riezler and Maxwell 2005 |
//!
//! # How we differ
//!
//! A score is that of the implementation it names, slips included where its scores depend on them. All else that
//! differs, and why:
//!
//! - **Lengths that do not match, no reference, no segment** are an [`Error`]: references do so silently (sacrebleu
//!   scores the shorter side, coco-caption gives an empty corpus 0) or crash.
//! - **CIDEr-D of a single image** is [`Error::NoFrequencies`], where `pycocoevalcap` says 0: every n-gram is
//!   then in all images. [`Cider::words_given`] takes frequencies from elsewhere. References without any word are the same
//!   error, where it raises one.
//! - **NLTK's methods 5 to 7** use doubles for its fractions, which is the same to 14 digits, and method 6 without a
//!   trigram is [`Error::NoTrigrams`] for its assertion. Method 4 and the leak of the last segment into methods 5 to 7 are
//!   as there: published scores depend on them.
//! - **Weights, constants and orders that make no sense** (negative, infinite, NaN, order 0) are errors or count as 0, so
//!   that no score is NaN.
//! - **sacrebleu's intervals and tests** add up in double precision, where it has 32 bits: means and widths agree to
//!   a thousandth, p-values to two trials. References are listed by segment rather than by stream.
//! - **Penn Treebank words** ([`ptb_words`]) are ours, for the lexer of `CoreNLP` is GPL: a caption is tokenised alone, so that
//!   neither a line break in it shifts all captions behind it nor the first word of the next one decides whether its last
//!   initial keeps a period; rare tags, emoticons, telephone numbers and addresses are the common ones; a soft hyphen ends
//!   a word. Of 30,316 captions of COCO 3 differ, by the initial at the end; of 20,000 lines of software manuals 27, after
//!   some rules were mended by what had differed among them.
//! - **NLTK's words** ([`nltk_words`]) are those of one sentence: its sentence splitter is a trained model.
//! - **Tokenizers of sacrebleu that are models** (`spm`, `flores`, `ja-mecab`, `ko-mecab`) and its other languages are absent.
//! - **METEOR and SPICE** are absent: METEOR takes `WordNet` and 60 MB of paraphrase tables, SPICE a parser of natural
//!   language, and neither is worth its name without them.

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
