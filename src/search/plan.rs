//! What a search is asked for.
use std::collections::BTreeMap;
use std::path::PathBuf;

use caption_models::data::DataSpec;
use caption_models::limits::Limits;
use caption_models::tokenize::Tokenization;
use serde::{Deserialize, Serialize};

use super::Halving;
use crate::llm::{LlmSpec, Sampling, ServerOptions};
use crate::run::Plan;
use crate::store::{Form, SearchRecord, now};

/// Where the next prompt comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Strategy {
    /// Anchor and snippets are drawn, as in the paper.
    Random,
    /// After some random trials the best nets of an archive of kinds are shown with their scores.
    Evolve,
}

/// What a search may use up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Budget {
    /// Seconds by the clock on the wall, of this process. Default: no end
    pub seconds: Option<u64>,
    /// Tokens read and written by the language model, over all processes. Default: no end
    pub tokens: Option<u64>,
}

/// What a search is asked for. All of it is kept in the store, so that `--resume` needs no other flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SearchPlan {
    /// Who writes the nets.
    pub llm: LlmSpec,
    /// How it is asked, where it is a server.
    #[serde(default)]
    pub server: ServerOptions,
    /// How nets are written.
    pub form: Form,
    /// Snippets in a prompt, K.
    pub snippets: usize,
    /// The captioning net to start from; drawn where absent.
    pub anchor: Option<String>,
    /// The decoder asked for.
    pub decoder: Option<String>,
    /// A folder of nets to draw anchors and snippets from; the embedded ones where absent.
    pub nets: Option<PathBuf>,
    /// Where prompts come from.
    pub strategy: Strategy,
    /// Trials in all.
    pub trials: u64,
    /// Requests of a trial: the first, and those that send diagnostics back. At least 1.
    pub attempts: u32,
    /// Epochs, and who gets more.
    pub halving: Halving,
    /// How replies are drawn; the seed of a request is drawn from [`Self::seed`].
    pub sampling: Sampling,
    /// Seeds prompts, replies and training.
    pub seed: u64,
    /// The data set.
    pub data: DataSpec,
    /// Channels, height, width.
    pub image: [usize; 3],
    /// Pictures a step.
    pub batch: usize,
    /// Rarer words of the training captions become UNK.
    pub min_count: usize,
    /// How captions become words.
    #[serde(default)]
    pub tokenization: Tokenization,
    /// See [`caption_models::device::parse`].
    pub device: String,
    /// Hyper-parameters that differ from LEMUR's defaults.
    pub prm: BTreeMap<String, serde_json::Value>,
    /// What a candidate's process may use.
    pub limits: Limits,
    /// Seconds that a candidate may run on one rung.
    pub time_limit: u64,
    /// Whether a net is checked before it is trained.
    pub verify: bool,
    /// What the search may use up.
    pub budget: Budget,
}

impl SearchPlan {
    /// As it is kept.
    ///
    /// # Panics
    ///
    /// Never: a plan is a JSON object.
    pub fn record(&self) -> SearchRecord {
        let plan = match serde_json::to_value(self) {
            Ok(serde_json::Value::Object(plan)) => plan.into_iter().collect(),
            _ => BTreeMap::new(),
        };
        SearchRecord {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            began: now(),
            plan,
        }
    }

    /// From what was kept.
    ///
    /// # Errors
    ///
    /// When a field is missing or of another kind, as in a search of another version.
    pub fn of(record: &SearchRecord) -> Result<Self, serde_json::Error> {
        let plan = record.plan.clone().into_iter().collect();
        serde_json::from_value(serde_json::Value::Object(plan))
    }

    /// How one net trains, up to so many epochs.
    pub(super) fn run(&self, reply: &str, epochs: usize) -> Plan {
        Plan {
            device: self.device.clone(),
            epochs,
            batch: self.batch,
            image: self.image,
            prm: self.prm.clone(),
            min_count: self.min_count,
            tokenization: self.tokenization,
            seed: self.seed,
            limits: self.limits,
            time_limit: Some(self.time_limit),
            verify: self.verify,
            ..Plan::new(reply.to_owned(), self.data.clone())
        }
    }

    /// A number for this purpose and trial that nothing else of the search has.
    pub(super) fn seed_of(&self, purpose: u64, trial: u64) -> u64 {
        mix(mix(self.seed ^ mix(purpose)) ^ trial)
    }
}

/// The finalizer of `SplitMix64` (Steele et al. 2014): neighbours become strangers.
pub(super) fn mix(number: u64) -> u64 {
    let mut z = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
