//! The loop: ask, check, repair, drop duplicates, build, train, score, record.
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use caption_models::vocab::Vocab;
use codegen::Outcome;

use super::decide::{Decide, sampling};
use super::exchange::{errors, exchange, keep, keep_in_vain};
use super::prompt::{Pool, repair};
use super::training::Training;
use super::{SearchError, SearchEvent, SearchPlan};
use crate::llm::{Consequence, Heard, LlmError, Provider, Reply, Request, Turn};
use crate::run::{Net, Prepared, RunError};
use crate::store::{Claim, Exchange, InVain, NetFacts, Store, TrialEnd, TrialRecord, TrialState};

/// How often a process looks whether the others are done.
const WAIT: Duration = Duration::from_millis(500);

/// Who listens to a search.
pub type Tell<'a> = &'a mut dyn FnMut(SearchEvent);

/// Why a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchEnd {
    /// All trials were made.
    AllTrials,
    /// The recorded replies have all been given.
    NoMoreReplies,
    /// The budget of time is used up.
    OutOfTime,
    /// The budget of tokens is used up.
    OutOfTokens,
}

/// A search in one process.
pub struct Search {
    plan: SearchPlan,
    store: Store,
    provider: Box<dyn Provider>,
    pool: Pool,
    vocab: Vocab,
    began: Instant,
    no_more_replies: bool,
}

impl Search {
    /// A search that goes on where its store stands.
    ///
    /// # Errors
    ///
    /// When the training captions cannot be read.
    pub fn new(
        plan: SearchPlan,
        store: Store,
        provider: Box<dyn Provider>,
        pool: Pool,
    ) -> Result<Self, SearchError> {
        let vocab = plan.run("", 1).vocab()?;
        Ok(Self {
            plan,
            store,
            provider,
            pool,
            vocab,
            began: Instant::now(),
            no_more_replies: false,
        })
    }

    /// The store.
    pub fn store(&mut self) -> &mut Store {
        &mut self.store
    }

    /// Works until nothing is left to do, or the budget is used up.
    ///
    /// # Errors
    ///
    /// When something fails that is no net's fault. What was finished is kept; a trial under way is taken over by the next
    /// process.
    pub fn run(&mut self, tell: Tell) -> Result<SearchEnd, SearchError> {
        loop {
            if self.is_out_of_time() {
                return Ok(SearchEnd::OutOfTime);
            }
            let out_of_tokens = self.is_out_of_tokens()?;
            match self.claim(out_of_tokens || self.no_more_replies)? {
                Claim::TakeOver(trial) => {
                    tell(SearchEvent::TakenOver { trial });
                    self.trial(trial, tell)?;
                }
                Claim::Promote(trial) => self.train(trial, None, tell)?,
                Claim::Begin { number, brief, .. } => {
                    tell(SearchEvent::Began {
                        trial: number,
                        trials: self.plan.trials,
                        brief,
                    });
                    self.trial(number, tell)?;
                }
                Claim::Wait => thread::sleep(WAIT),
                Claim::Finish if self.no_more_replies => return Ok(SearchEnd::NoMoreReplies),
                Claim::Finish if out_of_tokens => return Ok(SearchEnd::OutOfTokens),
                Claim::Finish => return Ok(SearchEnd::AllTrials),
            }
        }
    }

    fn claim(&mut self, closing: bool) -> Result<Claim, SearchError> {
        let folder = self.store.folder().to_path_buf();
        let decide = Decide {
            plan: &self.plan,
            pool: &self.pool,
            folder: &folder,
            closing,
        };
        self.store.claim(|trials, left| decide.next(trials, left))
    }

    fn is_out_of_time(&self) -> bool {
        let seconds = self.plan.budget.seconds.map(Duration::from_secs);
        seconds.is_some_and(|seconds| self.began.elapsed() >= seconds)
    }

    fn is_out_of_tokens(&mut self) -> Result<bool, SearchError> {
        let Some(tokens) = self.plan.budget.tokens else {
            return Ok(false);
        };
        let trials = self.store.trials()?;
        let exchanges = trials.iter().flat_map(|trial| &trial.exchanges);
        let used = exchanges.map(|exchange| exchange.reply.usage);
        let used: u64 = used
            .map(|usage| usage.prompt_tokens + usage.completion_tokens)
            .sum();
        Ok(used >= tokens)
    }

    /// A trial from where it stands to the end of its rung.
    fn trial(&mut self, number: u64, tell: Tell) -> Result<(), SearchError> {
        let (trial, request) = self.store.trial(number)?;
        if !trial.rungs.is_empty() {
            return self.train(number, None, tell);
        }
        let prepared = match self.accepted(&trial, request, tell) {
            Ok(Some(prepared)) => prepared,
            Ok(None) => return Ok(()),
            Err(SearchError::Llm(error)) => return self.unanswered(number, error, tell),
            Err(error) => return Err(error),
        };
        let Net::Generated { generated, .. } = &prepared.net else {
            return Ok(());
        };
        let brief = &trial.brief;
        let n_snippets = brief.snippets.len();
        let facts = NetFacts::of(generated, n_snippets, &brief.anchor, self.plan.batch);
        if let Some(other) = self.store.accept(number, &facts)? {
            let (trial, of) = (number, other);
            tell(SearchEvent::Duplicate { trial, of });
            return self.end(number, None, format!("the same net as trial {other}"), tell);
        }
        tell(SearchEvent::Accepted {
            trial: number,
            net: facts,
        });
        self.train(number, Some(prepared), tell)
    }

    /// A trial without a reply ends; what the error means beyond that is for the search to bear.
    fn unanswered(&mut self, trial: u64, error: LlmError, tell: Tell) -> Result<(), SearchError> {
        match error.consequence() {
            Consequence::SearchStops => return Err(error.into()),
            Consequence::NoMoreTrials => {
                self.no_more_replies = true;
                return Ok(self.store.withdraw(trial)?);
            }
            Consequence::TrialEnds => {}
        }
        let rejected = self.store.trial(trial)?.0.exchanges.pop();
        let outcome = rejected.and_then(|exchange| exchange.rejected);
        self.end(trial, outcome, error.to_string(), tell)
    }

    /// The net of the first reply that is accepted, after as many as the plan allows; `None` ends the trial.
    fn accepted(
        &mut self,
        trial: &TrialRecord,
        mut request: Request,
        tell: Tell,
    ) -> Result<Option<Prepared>, SearchError> {
        let number = trial.number;
        loop {
            let attempt = request.turn.attempt;
            let known = trial.exchanges.get(attempt as usize);
            let reply = match known {
                Some(exchange) => exchange.reply.clone(),
                None => self.ask(&request, tell)?,
            };
            let first = self.plan.halving.rungs()[0];
            let prepared = self
                .plan
                .run(&reply.text, first)
                .prepare_for(self.vocab.clone());
            let exchange = exchange(&request, reply, &prepared);
            if known.is_none() {
                keep(&mut self.store, number, &exchange)?;
            }
            let rejected = match prepared {
                Ok(prepared) => return Ok(Some(prepared)),
                Err(RunError::Rejected(rejected)) => rejected,
                Err(error) => return Err(error.into()),
            };
            let outcome = rejected.outcome();
            tell(SearchEvent::Rejected {
                trial: number,
                attempt,
                outcome,
                message: rejected.to_string(),
            });
            if attempt + 1 >= self.plan.attempts {
                self.end(number, Some(outcome), rejected.to_string(), tell)?;
                return Ok(None);
            }
            request = self.again(&request, &exchange);
        }
    }

    /// The request that sends the diagnostics of a rejected reply back.
    fn again(&self, request: &Request, exchange: &Exchange) -> Request {
        let trial = request.turn.trial;
        let attempt = request.turn.attempt + 1;
        let text = &exchange.reply.text;
        let said = codegen::render(&errors(&exchange.diagnostics), text, codegen::Style::Plain);
        Request {
            turn: Turn { trial, attempt },
            messages: repair(&request.messages, text, &said),
            sampling: sampling(&self.plan, trial, attempt),
            schema: request.schema.clone(),
        }
    }

    fn ask(&mut self, request: &Request, tell: Tell) -> Result<Reply, SearchError> {
        let Turn { trial, attempt } = request.turn;
        let store = &mut self.store;
        let mut kept = Ok(());
        let reply = self.provider.ask(request, &mut |heard| match heard {
            Heard::Progress(progress) => tell(SearchEvent::Asking {
                trial,
                attempt,
                progress,
            }),
            Heard::InVain(sent) => {
                let message = format!("#{trial} {sent}");
                let in_vain = InVain {
                    request: request.clone(),
                    sent,
                };
                if kept.is_ok() {
                    kept = keep_in_vain(store, trial, &in_vain);
                }
                tell(SearchEvent::Note { message });
            }
            Heard::Warning(warning) => tell(SearchEvent::Note {
                message: format!("#{trial} {warning}"),
            }),
        });
        kept?;
        let reply = reply?;
        tell(SearchEvent::Answered {
            trial,
            attempt,
            usage: reply.usage,
            seconds: reply.seconds,
        });
        Ok(reply)
    }

    /// Trains a trial up to its next rung.
    fn train(
        &mut self,
        number: u64,
        prepared: Option<Prepared>,
        tell: Tell,
    ) -> Result<(), SearchError> {
        let (trial, _) = self.store.trial(number)?;
        let rung = u32::try_from(trial.rungs.len()).unwrap_or(u32::MAX);
        let rungs = self.plan.halving.rungs();
        let epochs = rungs[(rung as usize).min(rungs.len() - 1)];
        if rung > 0 {
            tell(SearchEvent::Promoted {
                trial: number,
                rung,
                epochs,
            });
        }
        let path = trial_path(self.store.folder(), number);
        self.store.set_folder(number, &folder_name(number))?;
        let training = Training {
            trial: number,
            rung,
            epochs,
            path: &path,
        };
        match training.run(prepared, tell) {
            Ok((result, ended)) => {
                let is_last = self.plan.halving.is_last(rung);
                let state = if is_last {
                    TrialState::Done
                } else {
                    TrialState::Waiting
                };
                let end = TrialEnd {
                    state,
                    outcome: ended.outcome,
                    message: ended.message.clone(),
                };
                self.store.add_rung(number, &result, &end)?;
                tell(SearchEvent::Scored {
                    trial: number,
                    rung,
                    epochs,
                    score: result.score,
                });
                tell(SearchEvent::Ended {
                    trial: number,
                    outcome: ended.outcome,
                    message: ended.message,
                });
                Ok(())
            }
            Err(error) => match error.outcome() {
                Some(outcome) => self.end(number, Some(outcome), error.to_string(), tell),
                None => Err(error.into()),
            },
        }
    }

    fn end(
        &mut self,
        trial: u64,
        outcome: Option<Outcome>,
        message: String,
        tell: Tell,
    ) -> Result<(), SearchError> {
        let end = TrialEnd {
            state: TrialState::Done,
            outcome,
            message: message.clone(),
        };
        self.store.end(trial, &end)?;
        tell(SearchEvent::Ended {
            trial,
            outcome,
            message,
        });
        Ok(())
    }
}

/// The run folder of a trial.
pub(super) fn trial_path(search: &Path, trial: u64) -> PathBuf {
    search.join(folder_name(trial))
}

fn folder_name(trial: u64) -> String {
    format!("trials/{trial:04}")
}
