//! What moves the learning rates, as it is written on the command line.
use nn_caption::caption_models::train::{Metric, Pace, Schedule};

use super::input::parse_count;

/// What moves the learning rates of the net's recipe, and when training ends early
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Pace")]
#[group(skip)]
pub(crate) struct Args {
    /// How the rates fall: constant, cosine, step:EPOCHS:FACTOR or plateau:EPOCHS:FACTOR
    #[arg(long, default_value = "constant", value_name = "SCHEDULE")]
    schedule: Schedule,
    /// Batches over which the rates rise from 0
    #[arg(long, default_value_t = 0, value_name = "BATCHES")]
    warmup: usize,
    /// Batches whose mean gradient is one step
    #[arg(long, default_value_t = 1, value_parser = parse_count, value_name = "BATCHES")]
    accumulate: usize,
    /// End after so many epochs without a better score on the validation pictures; 0 goes on
    #[arg(long, default_value_t = 0, value_name = "EPOCHS")]
    patience: usize,
    /// The score that --patience, plateaus and the best weights go by: bleu4, cider-d or loss
    #[arg(long, default_value = "bleu4", value_name = "SCORE")]
    metric: Metric,
}

impl Args {
    pub(crate) fn pace(&self) -> Pace {
        Pace {
            schedule: self.schedule,
            warmup: self.warmup,
            accumulate: self.accumulate,
            patience: self.patience,
            metric: self.metric,
        }
    }
}
