//! What is known of a search under way.
use std::collections::BTreeMap;
use std::time::Instant;

use crate::llm::Usage;
use crate::report::search::{Ending, short_name};
use crate::search::SearchEvent;
use crate::store::{TrialRecord, TrialState};

/// The best net so far: longest trained first, then by score, as on the leaderboard.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Best {
    pub(super) trial: u64,
    pub(super) name: String,
    pub(super) epochs: usize,
    pub(super) score: f64,
}

/// What happens to the current trial.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Now {
    /// Nothing yet.
    Idle,
    /// The language model writes.
    Asking {
        attempt: u32,
        tokens: u64,
        seconds: f64,
        reasoning: bool,
    },
    /// A reply is looked at.
    Checking,
    /// The net is compiled.
    Building,
    /// The net learns.
    Training {
        epoch: usize,
        step: usize,
        steps: usize,
        loss: f64,
    },
}

/// The state that events feed.
#[derive(Clone, Debug)]
pub(super) struct Live {
    pub(super) began: Instant,
    pub(super) n_trials: u64,
    pub(super) trial: Option<u64>,
    pub(super) now: Now,
    pub(super) usage: Usage,
    pub(super) llm_seconds: f64,
    pub(super) best: Option<Best>,
    endings: BTreeMap<u64, Ending>,
    names: BTreeMap<u64, String>,
}

impl Live {
    /// A search that has made these trials already.
    pub(super) fn new(trials: &[TrialRecord], n_trials: u64) -> Self {
        let mut live = Self {
            began: Instant::now(),
            n_trials,
            trial: None,
            now: Now::Idle,
            usage: Usage::default(),
            llm_seconds: 0.0,
            best: None,
            endings: BTreeMap::new(),
            names: BTreeMap::new(),
        };
        for trial in trials {
            live.add(trial);
        }
        live
    }

    fn add(&mut self, trial: &TrialRecord) {
        if trial.state != TrialState::Open {
            self.endings.insert(trial.number, Ending::of(trial));
        }
        if let Some(net) = &trial.net {
            self.names.insert(trial.number, short_name(&net.name));
        }
        for exchange in &trial.exchanges {
            self.answered(exchange.reply.usage, exchange.reply.seconds);
        }
        if let Some(best) = trial.best() {
            self.scored(trial.number, best.epochs, best.score);
        }
    }

    /// Takes in an event.
    #[expect(clippy::too_many_lines, reason = "one arm an event")]
    pub(super) fn see(&mut self, event: &SearchEvent) {
        match event {
            SearchEvent::Began { trial, trials, .. } => {
                self.n_trials = *trials;
                self.turn_to(*trial, Now::Idle);
            }
            SearchEvent::TakenOver { trial } | SearchEvent::Promoted { trial, .. } => {
                self.turn_to(*trial, Now::Idle);
            }
            SearchEvent::Asking {
                trial,
                attempt,
                progress,
            } => {
                let now = Now::Asking {
                    attempt: *attempt,
                    tokens: progress.tokens,
                    seconds: progress.seconds,
                    reasoning: progress.reasoning,
                };
                self.turn_to(*trial, now);
            }
            SearchEvent::Answered {
                trial,
                usage,
                seconds,
                ..
            } => {
                self.answered(*usage, *seconds);
                self.turn_to(*trial, Now::Checking);
            }
            SearchEvent::Accepted { trial, net } => {
                self.names.insert(*trial, short_name(&net.name));
            }
            SearchEvent::Building { trial } => self.turn_to(*trial, Now::Building),
            &SearchEvent::Step {
                trial,
                epoch,
                step,
                steps,
                loss,
            } => {
                self.turn_to(
                    trial,
                    Now::Training {
                        epoch,
                        step,
                        steps,
                        loss,
                    },
                );
            }
            SearchEvent::Scored {
                trial,
                epochs,
                score,
                ..
            } => {
                self.scored(*trial, *epochs, *score);
            }
            SearchEvent::Duplicate { trial, .. } => {
                self.endings.insert(*trial, Ending::Duplicate);
            }
            SearchEvent::Ended { trial, outcome, .. } => {
                match outcome {
                    Some(outcome) => {
                        self.endings.insert(*trial, Ending::Outcome(*outcome));
                    }
                    // A duplicate has said so.
                    None => {
                        self.endings.entry(*trial).or_insert(Ending::NoReply);
                    }
                }
                self.turn_to(*trial, Now::Idle);
            }
            SearchEvent::Rejected { .. } | SearchEvent::Epoch { .. } | SearchEvent::Note { .. } => {
            }
        }
    }

    /// How many trials ended how, most first.
    pub(super) fn counts(&self) -> Vec<(&'static str, usize)> {
        let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
        for ending in self.endings.values() {
            *counts.entry(ending.name()).or_insert(0) += 1;
        }
        let mut counts: Vec<_> = counts.into_iter().collect();
        counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        counts
    }

    /// Trials that have ended, or wait for more epochs.
    pub(super) fn n_ended(&self) -> usize {
        self.endings.len()
    }

    /// The name of a trial's net.
    pub(super) fn name(&self, trial: u64) -> &str {
        self.names.get(&trial).map_or("", String::as_str)
    }

    fn turn_to(&mut self, trial: u64, now: Now) {
        self.trial = Some(trial);
        self.now = now;
    }

    fn answered(&mut self, usage: Usage, seconds: f64) {
        let sum = &mut self.usage;
        sum.prompt_tokens = sum.prompt_tokens.saturating_add(usage.prompt_tokens);
        sum.completion_tokens = sum
            .completion_tokens
            .saturating_add(usage.completion_tokens);
        self.llm_seconds += seconds;
    }

    fn scored(&mut self, trial: u64, epochs: usize, score: f64) {
        let better = self.best.as_ref().is_none_or(|best| {
            epochs > best.epochs || (epochs == best.epochs && score > best.score)
        });
        if better {
            let name = self.name(trial).to_owned();
            self.best = Some(Best {
                trial,
                name,
                epochs,
                score,
            });
        }
    }
}
