//! [`DecodeOptions`]: how captions are made from scores.

use std::fmt;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How captions are made from scores.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DecodeOptions {
    /// Longest caption, in tokens, the one that ends it included. Default: 20
    pub max_length: usize,
    /// Shortest caption, in words: before, the end token has no chance. Default: 0
    pub min_length: usize,
    /// Word sequences of so many words that a caption has at most once; 0 allows repetition. Default: 0
    pub no_repeat: usize,
    /// How the next word is chosen. Default: greedily
    pub method: Method,
}

/// How the next word is chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "by", rename_all = "snake_case", deny_unknown_fields)]
pub enum Method {
    /// The most probable one.
    #[default]
    Greedy,
    /// The caption of the best score that a search keeping several of them finds.
    Beam(Beam),
    /// Drawn by probability.
    Sample(Sample),
}

/// Beam search.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Beam {
    /// Captions under way for each image. At least 1. Default: 3
    pub width: usize,
    /// `alpha` of Wu et al. 2016, <https://arxiv.org/abs/1609.08144>, equation 14: the log-probability of a caption of
    /// `n` tokens is divided by `((5 + n) / 6) ^ alpha`. 0 favours short captions. Default: 0.6
    pub length_penalty: f64,
    /// `beta` of the same equation: weight of the penalty for regions that no word looked at. Takes a net that tells
    /// where it looks. Default: 0
    pub coverage_penalty: f64,
}

/// Sampling.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sample {
    /// Divides the scores before softmax: below 1 sharper, above 1 flatter. Above 0. Default: 1
    pub temperature: f64,
    /// Only so many of the most probable words are drawn; 0 draws from all. Default: 0
    pub top_k: usize,
    /// Only the fewest words whose probabilities reach this sum are drawn, Holtzman et al. 2020,
    /// <https://arxiv.org/abs/1904.09751>. In (0, 1]. Default: 1
    pub top_p: f64,
    /// Draws are a function of this, the image's number and the position. Default: 0
    pub seed: u64,
}

/// Options that make no sense, or that this net cannot serve.
#[derive(Clone, Debug, Error, PartialEq)]
#[non_exhaustive]
pub enum DecodeError {
    /// A number is out of its range.
    #[error("{name} is {found}, but it must be {wanted}")]
    Range {
        /// Which option.
        name: &'static str,
        /// Its value.
        found: f64,
        /// The range.
        wanted: &'static str,
    },
    /// The net does not tell where it looks.
    #[error("a coverage penalty needs a net that tells where it looks, and this one does not")]
    NoAttention,
}

impl Default for DecodeOptions {
    fn default() -> Self {
        Self {
            max_length: 20,
            min_length: 0,
            no_repeat: 0,
            method: Method::Greedy,
        }
    }
}

impl Default for Beam {
    fn default() -> Self {
        Self {
            width: 3,
            length_penalty: 0.6,
            coverage_penalty: 0.0,
        }
    }
}

impl Default for Sample {
    fn default() -> Self {
        Self {
            temperature: 1.0,
            top_k: 0,
            top_p: 1.0,
            seed: 0,
        }
    }
}

/// As scores name it, such as `library greedy, at most 20 tokens`.
impl fmt::Display for DecodeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.method {
            Method::Greedy => f.write_str("library greedy")?,
            Method::Beam(Beam {
                width,
                length_penalty,
                coverage_penalty,
            }) => {
                write!(f, "beam search of {width}, length penalty {length_penalty}")?;
                if coverage_penalty > 0.0 {
                    write!(f, ", coverage penalty {coverage_penalty}")?;
                }
            }
            Method::Sample(sample) => {
                write!(f, "sampling at temperature {}", sample.temperature)?;
                if sample.top_k > 0 {
                    write!(f, ", top {}", sample.top_k)?;
                }
                if sample.top_p < 1.0 {
                    write!(f, ", top-p {}", sample.top_p)?;
                }
                write!(f, ", seed {}", sample.seed)?;
            }
        }
        write!(f, ", at most {} tokens", self.max_length)?;
        if self.min_length > 0 {
            write!(f, ", at least {} words", self.min_length)?;
        }
        if self.no_repeat > 0 {
            write!(f, ", no {} words twice", self.no_repeat)?;
        }
        Ok(())
    }
}

impl DecodeOptions {
    /// Greedy decoding of at most `max_length` tokens.
    pub fn greedy(max_length: usize) -> Self {
        Self {
            max_length,
            ..Self::default()
        }
    }

    /// The first option that makes no sense.
    ///
    /// # Errors
    ///
    /// When a number is out of its range.
    pub fn check(&self) -> Result<(), DecodeError> {
        let range = |name, found, wanted, fits: bool| {
            let error = DecodeError::Range {
                name,
                found,
                wanted,
            };
            if fits { Ok(()) } else { Err(error) }
        };
        match self.method {
            Method::Greedy => Ok(()),
            Method::Beam(beam) => {
                let (alpha, beta) = (beam.length_penalty, beam.coverage_penalty);
                let width = beam.width as f64;
                range("the beam's width", width, "at least 1", beam.width > 0)?;
                range(
                    "the length penalty",
                    alpha,
                    "0 or more",
                    alpha >= 0.0 && alpha.is_finite(),
                )?;
                range(
                    "the coverage penalty",
                    beta,
                    "0 or more",
                    beta >= 0.0 && beta.is_finite(),
                )
            }
            Method::Sample(sample) => {
                let (heat, top_p) = (sample.temperature, sample.top_p);
                range(
                    "the temperature",
                    heat,
                    "above 0",
                    heat > 0.0 && heat.is_finite(),
                )?;
                range(
                    "top-p",
                    top_p,
                    "above 0 and at most 1",
                    top_p > 0.0 && top_p <= 1.0,
                )
            }
        }
    }
}
