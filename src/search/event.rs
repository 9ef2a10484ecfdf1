//! What a search tells those who watch it.
use caption_models::train::EpochRow;
use codegen::Outcome;
use serde::Serialize;

use crate::llm::{Progress, Usage};
use crate::store::{Brief, NetFacts};

/// One step of a search. `trial` is the trial's number, from 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum SearchEvent {
    /// A new trial.
    Began {
        /// The trial.
        trial: u64,
        /// Trials in all.
        trials: u64,
        /// What it asks for.
        brief: Brief,
    },
    /// A trial that another process left behind is taken over.
    TakenOver {
        /// The trial.
        trial: u64,
    },
    /// A trained net goes on to more epochs.
    Promoted {
        /// The trial.
        trial: u64,
        /// The rung it goes to, from 0.
        rung: u32,
        /// Epochs after which that rung is scored.
        epochs: usize,
    },
    /// The language model writes.
    Asking {
        /// The trial.
        trial: u64,
        /// The request of that trial, from 0.
        attempt: u32,
        /// How far it is.
        progress: Progress,
    },
    /// The language model has answered.
    Answered {
        /// The trial.
        trial: u64,
        /// The request of that trial, from 0.
        attempt: u32,
        /// Its tokens.
        usage: Usage,
        /// Wall time.
        seconds: f64,
    },
    /// A reply was rejected.
    Rejected {
        /// The trial.
        trial: u64,
        /// The request of that trial, from 0.
        attempt: u32,
        /// By what.
        outcome: Outcome,
        /// The first error.
        message: String,
    },
    /// A reply holds a good net.
    Accepted {
        /// The trial.
        trial: u64,
        /// The net.
        net: NetFacts,
    },
    /// A reply holds the net of an earlier trial, or nearly; it is not trained.
    Duplicate {
        /// The trial.
        trial: u64,
        /// The earlier one.
        of: u64,
    },
    /// The net is compiled.
    Building {
        /// The trial.
        trial: u64,
    },
    /// A step of training.
    Step {
        /// The trial.
        trial: u64,
        /// From 1.
        epoch: usize,
        /// Step of the epoch, from 1.
        step: usize,
        /// Steps of the epoch.
        steps: usize,
        /// Training loss of the batch.
        loss: f64,
    },
    /// An epoch has ended.
    Epoch {
        /// The trial.
        trial: u64,
        /// Its row of the history.
        row: EpochRow,
    },
    /// A rung was reached and scored.
    Scored {
        /// The trial.
        trial: u64,
        /// The rung, from 0.
        rung: u32,
        /// Epochs trained so far.
        epochs: usize,
        /// BLEU-4 of protocol `coco` on the validation pictures.
        score: f64,
    },
    /// Nothing more will happen to the trial, unless it is promoted.
    Ended {
        /// The trial.
        trial: u64,
        /// How; `None` for a duplicate, and when no reply could be had.
        outcome: Option<Outcome>,
        /// One sentence.
        message: String,
    },
    /// Something worth knowing.
    Note {
        /// One sentence.
        message: String,
    },
}
