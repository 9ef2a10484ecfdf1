//! What a search does next, from the trials so far.
use std::path::Path;

use crate::llm::{Request, Sampling, Turn};
use crate::store::{Brief, Claim, TrialRecord, TrialState};

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
        let python = self.folder.join(trial.folder.as_ref()?).join("net.py");
        let [.., bleu4] = trial.best()?.scores.validation.coco.net.bleu;
        Some(Shown {
            trial: trial.number,
            code: std::fs::read_to_string(python).ok()?,
            score: bleu4,
            n_params: trial.net.as_ref()?.n_params,
        })
    }
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
