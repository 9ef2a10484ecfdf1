//! A quality-diversity archive (Mouret and Clune 2015, MAP-Elites): the best net of each kind. Nets are of one kind when
//! encoder and decoder are of the same families, and they are about as large.
use std::collections::BTreeMap;

use crate::store::{NetFacts, TrialRecord};

/// A kind of nets.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cell {
    /// The encoder's family.
    pub encoder: String,
    /// The decoder's family.
    pub decoder: String,
    /// Parameters as a power of four, rounded down.
    pub size: u32,
}

impl Cell {
    /// Where a net belongs.
    pub fn of(net: &NetFacts) -> Self {
        Self {
            encoder: net.encoder.clone(),
            decoder: net.decoder.clone(),
            size: net.n_params.max(1).ilog(4),
        }
    }
}

/// The best net of each kind.
#[derive(Clone, Debug, Default)]
pub struct Archive<'a> {
    elites: BTreeMap<Cell, &'a TrialRecord>,
}

impl<'a> Archive<'a> {
    /// The archive of these trials. Nets are compared at their furthest rung; of equals the earlier stays.
    pub fn of(trials: &'a [TrialRecord]) -> Self {
        let mut elites: BTreeMap<Cell, &TrialRecord> = BTreeMap::new();
        for trial in trials {
            let (Some(net), Some(score)) = (&trial.net, score(trial)) else {
                continue;
            };
            let cell = Cell::of(net);
            let is_better = elites
                .get(&cell)
                .and_then(|elite| self::score(elite))
                .is_none_or(|best| score > best);
            if is_better {
                elites.insert(cell, trial);
            }
        }
        Self { elites }
    }

    /// The elites, in the order of their kinds.
    pub fn elites(&self) -> impl Iterator<Item = (&Cell, &'a TrialRecord)> {
        self.elites.iter().map(|(cell, trial)| (cell, *trial))
    }

    /// How many kinds have a net.
    pub fn len(&self) -> usize {
        self.elites.len()
    }

    /// Whether no net was scored yet.
    pub fn is_empty(&self) -> bool {
        self.elites.is_empty()
    }

    /// Up to `n` parents: the best of all, then elites of kinds drawn by `random`, each once.
    pub fn parents(
        &self,
        n: usize,
        mut random: impl FnMut(usize) -> usize,
    ) -> Vec<&'a TrialRecord> {
        let mut left: Vec<&TrialRecord> = self.elites.values().copied().collect();
        left.sort_by(|a, b| score(b).unwrap_or(0.0).total_cmp(&score(a).unwrap_or(0.0)));
        let mut parents = Vec::new();
        while parents.len() < n && !left.is_empty() {
            let index = if parents.is_empty() {
                0
            } else {
                random(left.len())
            };
            parents.push(left.remove(index.min(left.len() - 1)));
        }
        parents
    }
}

fn score(trial: &TrialRecord) -> Option<f64> {
    trial.best().map(|result| result.score)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::fixtures::{net, trial};

    fn with(number: u64, score: f64, decoder: &str, n_params: u64) -> TrialRecord {
        TrialRecord {
            net: Some(NetFacts {
                decoder: decoder.to_owned(),
                n_params,
                ..net(number)
            }),
            ..trial(number, &[score])
        }
    }

    #[test]
    fn each_kind_keeps_its_best() {
        let trials = [
            with(1, 0.1, "lstm", 1000),
            with(2, 0.3, "lstm", 1010),
            with(3, 0.2, "gru", 1000),
            with(4, 0.05, "lstm", 100_000),
        ];
        let archive = Archive::of(&trials);
        let elites: Vec<u64> = archive.elites().map(|(_, trial)| trial.number).collect();
        assert_eq!(elites, [3, 2, 4]);
    }

    #[test]
    fn parents_are_the_best_and_others_drawn_once() {
        let trials = [
            with(1, 0.1, "lstm", 1000),
            with(2, 0.3, "gru", 1000),
            with(3, 0.2, "transformer", 1000),
        ];
        let archive = Archive::of(&trials);
        let parents = archive.parents(9, |n| n - 1);
        let numbers: Vec<u64> = parents.iter().map(|trial| trial.number).collect();
        assert_eq!(numbers, [2, 1, 3]);
    }

    #[test]
    fn what_was_not_scored_is_no_elite() {
        let trials = [trial(1, &[])];
        assert!(Archive::of(&trials).is_empty());
    }
}
