//! What a search does next, from the trials so far.
use std::fs;
use std::path::Path;

use codegen::spec::NetSpec;

use crate::llm::{Request, Sampling, Turn};
use crate::store::{Brief, Claim, Form, TrialRecord, TrialState};

use super::plan::{Strategy, mix};
use super::prompt::{DrawOptions, Pool, Prompt, Shown};
use super::{Archive, SearchError, SearchPlan};

/// Random trials before the first that shows earlier nets.
const RANDOM_FIRST: usize = 4;
/// Earlier nets that a prompt shows.
const PARENTS: usize = 2;

/// What seeds are drawn for.
const PROMPT: u64 = 1;
const REPLY: u64 = 2;
const PARENT: u64 = 3;

/// What the next trial of a search in `folder` asks for, and its first request. Nothing is claimed or kept.
///
/// # Errors
///
/// When no prompt can be made.
pub fn preview(
    plan: &SearchPlan,
    pool: &Pool,
    folder: &Path,
    trials: &[TrialRecord],
) -> Result<(Brief, Request), SearchError> {
    let decide = Decide {
        plan,
        pool,
        folder,
        closing: false,
    };
    decide.asked(trials, next_number(trials))
}

fn next_number(trials: &[TrialRecord]) -> u64 {
    trials.last().map_or(1, |trial| trial.number + 1)
}

/// What decides.
#[derive(Debug)]
pub(super) struct Decide<'a> {
    pub(super) plan: &'a SearchPlan,
    pub(super) pool: &'a Pool,
    /// The search's folder.
    pub(super) folder: &'a Path,
    /// Whether no trial begins any more, whatever the plan says.
    pub(super) closing: bool,
}

impl Decide<'_> {
    /// The next claim. `left` are the trials that a process left behind.
    pub(super) fn next(&self, trials: &[TrialRecord], left: &[u64]) -> Result<Claim, SearchError> {
        if let Some(number) = left.first() {
            return Ok(Claim::TakeOver(*number));
        }
        let halving = &self.plan.halving;
        if let Some(number) = halving.promotable(trials, false) {
            return Ok(Claim::Promote(number));
        }
        if !self.closing && (trials.len() as u64) < self.plan.trials {
            return self.begin(trials);
        }
        if trials.iter().any(|trial| trial.state == TrialState::Open) {
            return Ok(Claim::Wait);
        }
        let last = halving.promotable(trials, true);
        Ok(last.map_or(Claim::Finish, Claim::Promote))
    }

    fn begin(&self, trials: &[TrialRecord]) -> Result<Claim, SearchError> {
        let number = next_number(trials);
        let (brief, request) = self.asked(trials, number)?;
        Ok(Claim::Begin {
            number,
            brief,
            request: Box::new(request),
        })
    }

    /// What a trial asks for, and its first request.
    fn asked(&self, trials: &[TrialRecord], number: u64) -> Result<(Brief, Request), SearchError> {
        let plan = self.plan;
        let Prompt {
            brief,
            messages,
            schema,
        } = self.pool.draw(&DrawOptions {
            form: plan.form,
            snippets: plan.snippets,
            anchor: plan.anchor.clone(),
            decoder: plan.decoder.clone(),
            seed: plan.seed_of(PROMPT, number),
            best: self.shown(trials, number),
        })?;
        let request = Request {
            turn: Turn {
                trial: number,
                attempt: 0,
            },
            messages,
            sampling: sampling(plan, number, 0),
            schema,
        };
        Ok((brief, request))
    }

    /// The earlier nets that the prompt of a trial shows.
    fn shown(&self, trials: &[TrialRecord], number: u64) -> Vec<Shown> {
        if self.plan.strategy == Strategy::Random || trials.len() < RANDOM_FIRST {
            return Vec::new();
        }
        let mut state = self.plan.seed_of(PARENT, number);
        let random = |n: usize| {
            state = mix(state);
            // The remainder is below `n`, which is a `usize`.
            usize::try_from(state % n.max(1) as u64).unwrap_or_default()
        };
        let archive = Archive::of(trials);
        let parents = archive.parents(PARENTS, random);
        parents
            .into_iter()
            .filter_map(|parent| self.show(parent))
            .collect()
    }

    /// A net with its result; `None` when its file has gone.
    fn show(&self, trial: &TrialRecord) -> Option<Shown> {
        let (form, code) = written(self.plan.form, trial, self.folder)?;
        let [.., bleu4] = trial.best()?.scores.validation.coco.net.bleu;
        Some(Shown {
            trial: trial.number,
            form,
            code,
            score: bleu4,
            n_params: trial.net.as_ref()?.n_params,
        })
    }
}

/// How a trial's net is shown to who writes in `form`: as data, where it was written so and data are asked for, else as the
/// Python in its run folder below `folder`. `None` when that has gone.
fn written(form: Form, trial: &TrialRecord, folder: &Path) -> Option<(Form, String)> {
    if form == Form::Spec
        && let Some(last) = trial.exchanges.last()
        && let Some(spec) = NetSpec::in_reply(&last.reply.text)
    {
        return Some((Form::Spec, serde_json::to_string(&spec).ok()?));
    }
    let python = folder.join(trial.folder.as_ref()?).join("net.py");
    Some((Form::Python, fs::read_to_string(python).ok()?))
}

/// How the reply to a request of a trial is drawn.
pub(super) fn sampling(plan: &SearchPlan, trial: u64, attempt: u32) -> Sampling {
    // Servers take seeds of 31 bits.
    let seed = plan.seed_of(REPLY, trial * 1000 + u64::from(attempt)) >> 33;
    Sampling {
        seed,
        ..plan.sampling.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::{Finish, Reply, Usage};
    use crate::search::fixtures::trial;
    use crate::store::Exchange;

    /// What came back with this text.
    fn exchange(text: &str) -> Exchange {
        Exchange {
            attempt: 0,
            request: Request {
                turn: Turn::default(),
                messages: Vec::new(),
                sampling: Sampling {
                    temperature: 0.0,
                    top_p: 1.0,
                    top_k: None,
                    seed: 0,
                    max_tokens: 1,
                },
                schema: None,
            },
            reply: Reply {
                text: text.to_owned(),
                reasoning: String::new(),
                model: "test".to_owned(),
                finish: Finish::Stop,
                usage: Usage::default(),
                seconds: 1.0,
                sent: 1,
            },
            rejected: None,
            diagnostics: Vec::new(),
            repairs: None,
        }
    }

    #[test]
    fn a_net_is_shown_in_the_form_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let spec = serde_json::to_string(&NetSpec::example()).unwrap();
        let mut trial = trial(1, &[0.1]);
        trial.exchanges = vec![exchange(&format!("Here it is:\n{spec}\n"))];
        trial.folder = Some(String::new());
        let shown = |form, trial: &TrialRecord| written(form, trial, folder.path());
        assert_eq!(shown(Form::Python, &trial), None, "there is no file");
        fs::write(folder.path().join("net.py"), "class Net").unwrap();
        let python = Some((Form::Python, "class Net".to_owned()));
        assert_eq!(shown(Form::Python, &trial), python);
        assert_eq!(shown(Form::Spec, &trial), Some((Form::Spec, spec)));
        trial.exchanges.clear();
        assert_eq!(shown(Form::Spec, &trial), python);
    }
}
