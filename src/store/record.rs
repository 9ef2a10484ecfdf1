//! The records of a search, as the store gives them.
use std::collections::BTreeMap;

use caption_models::evaluate::SplitScores;
use codegen::{Diagnostic, Outcome};
use serde::{Deserialize, Serialize};

use crate::llm::{Reply, Request, SentInVain};

/// How a net is written in a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Form {
    /// As a PyTorch file of the Net API.
    Python,
    /// As data, see [`codegen::spec`].
    Spec,
}

/// What a language model was asked for: everything a prompt was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Brief {
    /// Version of the prompt's template.
    pub version: String,
    /// How the net is to be written.
    pub form: Form,
    /// The captioning net to start from, by name.
    pub anchor: String,
    /// The classification nets shown, by name.
    pub snippets: Vec<String>,
    /// The decoder that was asked for: `lstm`, `gru` or `transformer`.
    pub decoder: Option<String>,
    /// The trials whose nets were shown with their scores.
    pub parents: Vec<u64>,
}

/// One request of a trial, and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exchange {
    /// From 0.
    pub attempt: u32,
    /// What was asked.
    pub request: Request,
    /// What came back.
    pub reply: Reply,
    /// How the reply ended where it was rejected.
    pub rejected: Option<Outcome>,
    /// What codegen had to say.
    pub diagnostics: Vec<Diagnostic>,
    /// What repairs changed, in the unified format.
    pub repairs: Option<String>,
}

/// A request of a trial that was sent in vain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InVain {
    /// What was asked.
    pub request: Request,
    /// What was wrong.
    pub sent: SentInVain,
}

/// What is known of a net before it is trained.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NetFacts {
    /// LEMUR's name of it: `C{K}C-{ANCHOR}-{md5 of the code without white space}`.
    pub name: String,
    /// The canonical Program's sha256.
    pub hash: String,
    /// sha256 of the layers, their sizes, and whether maps are added, joined or weighed between them: equal for nets that
    /// differ in names and recipe alone.
    pub structure: String,
    /// The family of its encoder: `residual`, `convnext`, `transformer`, ..
    pub encoder: String,
    /// The family of its decoder: `lstm`, `gru`, `transformer` or `other`.
    pub decoder: String,
    /// Gates and attention found in it: `se`, `cbam`, ..
    pub blocks: Vec<String>,
    /// Parameters.
    pub n_params: u64,
    /// Operations of the forward pass for one picture.
    pub flops: u64,
    /// Bytes that training keeps for the backward pass of one batch.
    pub activation_bytes: u64,
}

/// What a net reached after so many epochs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RungResult {
    /// From 0.
    pub rung: u32,
    /// Epochs trained so far.
    pub epochs: usize,
    /// What nets are ranked by: BLEU-4 of protocol `coco` on the validation pictures.
    pub score: f64,
    /// All scores, baselines beside them.
    pub scores: SplitScores,
    /// Wall time of this rung, building not included.
    pub seconds: f64,
    /// Milliseconds to caption one picture in a batch, where it was measured.
    pub latency_ms: Option<f64>,
}

/// How far a trial is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TrialState {
    /// A process works on it, or did when it was killed.
    Open,
    /// It waits: it was trained up to a rung, and may be promoted.
    Waiting,
    /// Nothing more will happen to it.
    Done,
}

/// One trial: a net that was asked for, and all that came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrialRecord {
    /// From 1.
    pub number: u64,
    /// How far it is.
    pub state: TrialState,
    /// What was asked for.
    pub brief: Brief,
    /// Requests and replies, in order.
    pub exchanges: Vec<Exchange>,
    /// The net, once a reply was accepted.
    pub net: Option<NetFacts>,
    /// The earlier trial with the same net, or nearly; this one was not trained.
    pub duplicate_of: Option<u64>,
    /// How it ended, or where it stands after a rung. `None` for a duplicate, and when no reply could be had.
    pub outcome: Option<Outcome>,
    /// One sentence about the end.
    pub message: String,
    /// Results, from the first rung on.
    pub rungs: Vec<RungResult>,
    /// Its run folder below the search's folder; absent while there is none.
    pub folder: Option<String>,
    /// Unix time in milliseconds at which it began.
    pub began: i64,
    /// Unix time in milliseconds of the last change.
    pub changed: i64,
}

/// What a search was asked for, as JSON by name: data, sizes, language model, strategy, seeds, limits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchRecord {
    /// The version of this package.
    pub version: String,
    /// Unix time in milliseconds.
    pub began: i64,
    /// Options by name.
    pub plan: BTreeMap<String, serde_json::Value>,
}

impl TrialRecord {
    /// The furthest result.
    pub fn best(&self) -> Option<&RungResult> {
        self.rungs.last()
    }
}
