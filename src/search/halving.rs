//! Asynchronous successive halving (Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning", algorithm 2):
//! every net trains a little, the better part of them `eta` times longer, and so on. What happens next follows from the
//! results so far alone, so a search that was killed goes on as if it had not been.
use serde::{Deserialize, Serialize};

use crate::store::{TrialRecord, TrialState};

/// How many epochs a net gets, and who gets more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Halving {
    /// Epochs of the first rung. At least 1.
    pub first: usize,
    /// Epochs of the last rung.
    pub last: usize,
    /// Of so many nets one goes on, and trains so many times longer. 1 trains every net to the end at once.
    pub eta: usize,
}

impl Halving {
    /// Epochs after which each rung is scored.
    pub fn rungs(&self) -> Vec<usize> {
        let mut rungs = Vec::new();
        let mut epochs = self.first.max(1);
        while self.eta > 1 && epochs < self.last {
            rungs.push(epochs);
            epochs = epochs.saturating_mul(self.eta);
        }
        rungs.push(self.last.max(1));
        rungs
    }

    /// Whether nothing comes after this rung.
    pub fn is_last(&self, rung: u32) -> bool {
        rung as usize + 1 >= self.rungs().len()
    }

    /// The waiting trial that goes on: the best of the highest rung that has one. `closing` says that no trial is to come,
    /// so that the best of a rung too small for `eta` goes on, too.
    pub fn promotable(&self, trials: &[TrialRecord], closing: bool) -> Option<u64> {
        let n_rungs = self.rungs().len();
        (0..n_rungs.saturating_sub(1))
            .rev()
            .find_map(|rung| self.promotable_from(trials, rung, closing))
    }

    fn promotable_from(&self, trials: &[TrialRecord], rung: usize, closing: bool) -> Option<u64> {
        let mut ranked: Vec<(&TrialRecord, f64)> = trials
            .iter()
            .filter_map(|trial| Some((trial, trial.rungs.get(rung)?.score)))
            .collect();
        // The earlier of equals first: the order of the trials is stable.
        ranked.sort_by(|(_, a), (_, b)| b.total_cmp(a));
        let least = usize::from(closing);
        let n_promoted = (ranked.len() / self.eta.max(1)).max(least);
        let waits = |trial: &TrialRecord| {
            trial.state == TrialState::Waiting && trial.rungs.len() == rung + 1
        };
        let first = ranked.into_iter().take(n_promoted);
        first
            .map(|(trial, _)| trial)
            .find(|trial| waits(trial))
            .map(|trial| trial.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::fixtures::trial;

    const HALVING: Halving = Halving {
        first: 1,
        last: 9,
        eta: 3,
    };

    /// Waiting trials with these scores at the first rung.
    fn waiting(scores: &[f64]) -> Vec<TrialRecord> {
        let numbered = (1..).zip(scores);
        numbered
            .map(|(number, score)| trial(number, &[*score]))
            .collect()
    }

    #[test]
    fn rungs_grow_by_eta_and_end_where_asked() {
        assert_eq!(HALVING.rungs(), [1, 3, 9]);
        let odd = Halving { last: 5, ..HALVING };
        assert_eq!(odd.rungs(), [1, 3, 5]);
        let none = Halving { eta: 1, ..HALVING };
        assert_eq!(none.rungs(), [9]);
    }

    #[test]
    fn one_of_three_goes_on_and_it_is_the_best() {
        assert_eq!(HALVING.promotable(&waiting(&[0.1, 0.3]), false), None);
        let trials = waiting(&[0.1, 0.3, 0.2]);
        assert_eq!(HALVING.promotable(&trials, false), Some(2));
    }

    #[test]
    fn who_went_on_does_not_go_again() {
        let mut trials = waiting(&[0.1, 0.3, 0.2]);
        trials[1] = trial(2, &[0.3, 0.4]);
        assert_eq!(HALVING.promotable(&trials, false), None);
    }

    #[test]
    fn the_higher_rung_comes_first() {
        let mut trials = waiting(&[0.9, 0.3, 0.2, 0.8, 0.7, 0.6]);
        for number in [1, 4, 5] {
            trials[number - 1] = trial(number as u64, &[0.5, 0.1 * number as f64]);
        }
        assert_eq!(HALVING.promotable(&trials, false), Some(5));
    }

    #[test]
    fn at_the_end_the_best_goes_on_even_alone() {
        let trials = waiting(&[0.1, 0.3]);
        assert_eq!(HALVING.promotable(&trials, true), Some(2));
    }

    #[test]
    fn of_equals_the_earlier_goes_on() {
        let trials = waiting(&[0.2, 0.2, 0.2]);
        assert_eq!(HALVING.promotable(&trials, false), Some(1));
    }
}
