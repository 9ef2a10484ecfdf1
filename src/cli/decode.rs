//! How captions are made from scores, as it is written on the command line.
use nn_caption::caption_models::decode::{Beam, DecodeOptions, Method, Sample};

use super::exit::Failure;

/// How captions are made from scores: greedily, unless a beam or sampling is asked for
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Decoding")]
#[group(skip)]
pub(crate) struct Args {
    /// Beam search that keeps so many captions under way
    #[arg(long, value_name = "WIDTH", conflicts_with = "sample")]
    beam: Option<usize>,
    /// Exponent of the length penalty: 0 favours short captions [default: 0.6]
    #[arg(long, value_name = "ALPHA", requires = "beam")]
    length_penalty: Option<f64>,
    /// Weight of the penalty for regions that no word looked at [default: 0]
    #[arg(long, value_name = "BETA", requires = "beam")]
    coverage_penalty: Option<f64>,
    /// Draw words by their probability
    #[arg(long)]
    sample: bool,
    /// Divides the scores: below 1 sharper, above 1 flatter [default: 1]
    #[arg(long, value_name = "T", requires = "sample")]
    temperature: Option<f64>,
    /// Draw among the most probable words only [default: among all]
    #[arg(long, value_name = "K", requires = "sample")]
    top_k: Option<usize>,
    /// Draw among the fewest words whose probabilities reach this sum [default: 1]
    #[arg(long, value_name = "P", requires = "sample")]
    top_p: Option<f64>,
    /// Seeds the draws [default: 0]
    #[arg(long, value_name = "SEED", requires = "sample")]
    sample_seed: Option<u64>,
    /// Longest caption, in tokens
    #[arg(long, value_name = "TOKENS", default_value_t = DecodeOptions::default().max_length)]
    max_length: usize,
    /// Shortest caption, in words
    #[arg(long, value_name = "WORDS", default_value_t = 0)]
    min_length: usize,
    /// No sequence of so many words stands twice in a caption; 0 allows it
    #[arg(long, value_name = "WORDS", default_value_t = 0)]
    no_repeat: usize,
}

impl Args {
    pub(crate) fn options(&self) -> Result<DecodeOptions, Failure> {
        let options = DecodeOptions {
            max_length: self.max_length,
            min_length: self.min_length,
            no_repeat: self.no_repeat,
            method: self.method(),
        };
        options.check().map_err(Failure::usage)?;
        Ok(options)
    }

    fn method(&self) -> Method {
        if let Some(width) = self.beam {
            let default = Beam::default();
            return Method::Beam(Beam {
                width,
                length_penalty: self.length_penalty.unwrap_or(default.length_penalty),
                coverage_penalty: self.coverage_penalty.unwrap_or(default.coverage_penalty),
            });
        }
        if self.sample {
            let default = Sample::default();
            return Method::Sample(Sample {
                temperature: self.temperature.unwrap_or(default.temperature),
                top_k: self.top_k.unwrap_or(default.top_k),
                top_p: self.top_p.unwrap_or(default.top_p),
                seed: self.sample_seed.unwrap_or(default.seed),
            });
        }
        Method::Greedy
    }
}
