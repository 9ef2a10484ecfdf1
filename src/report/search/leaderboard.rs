//! The ranked nets of a search.
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use bleu::Interval;
use caption_models::evaluate::{Measured, ProtocolScores};
use codegen::Outcome;
use serde::Serialize;

use super::Ending;
use crate::report::Verdict;
use crate::run::{RunFolder, RunInfo};
use crate::store::{Form, NetFacts, RungResult, TrialRecord};

/// The ranked nets of a search, with what is needed to read their scores.
///
/// Nets are compared at equal epochs: those trained longest stand first, by score; a net that was trained for fewer
/// epochs stands below them whatever it scored, and says so. [`Row::equal`] compares all of them at the same epochs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leaderboard {
    /// The scoring protocol that ranks.
    pub protocol: &'static str,
    /// The score that ranks.
    pub metric: &'static str,
    /// Most epochs that any net was trained for.
    pub epochs: usize,
    /// Most epochs at which every net was scored.
    pub equal_epochs: Option<usize>,
    /// The nets, best first.
    pub rows: Vec<Row>,
    /// How many trials ended how.
    pub endings: Vec<(Ending, usize)>,
}

/// One net.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// From 1.
    pub rank: usize,
    /// The trial, from 1.
    pub trial: u64,
    /// LEMUR's name of the net.
    pub name: String,
    /// BLEU-4 of the net, with its 95 % interval.
    pub score: Interval,
    /// BLEU-4 of the best single caption for all pictures.
    pub constant: Option<f64>,
    /// BLEU-4 of the net's captions, each under another picture.
    pub shuffled: f64,
    /// BLEU-4 of one person's caption against the others'.
    pub human: Option<f64>,
    /// The net beside the best constant caption.
    pub verdict: Verdict,
    /// BLEU-4 by protocol `lemur`, with its 95 % interval.
    pub lemur: Interval,
    /// Validation pictures scored.
    pub images: usize,
    /// How captions were decoded.
    pub decoding: String,
    /// Epochs trained.
    pub epochs: usize,
    /// Whether that is fewer than [`Leaderboard::epochs`]: not to be compared with rows above that had more.
    pub fewer_epochs: bool,
    /// BLEU-4 after [`Leaderboard::equal_epochs`].
    pub equal: Option<f64>,
    /// Parameters.
    pub n_params: u64,
    /// Operations of the forward pass for one picture.
    pub flops: u64,
    /// Milliseconds to caption one picture in a batch, where it was measured.
    pub latency_ms: Option<f64>,
    /// Whether the encoder started from weights in a file.
    pub pretrained: bool,
    /// Family of the encoder.
    pub encoder: String,
    /// Family of the decoder.
    pub decoder: String,
    /// The captioning net the language model started from.
    pub anchor: String,
    /// Classification nets in the prompt, K.
    pub snippets: usize,
    /// How the net was written.
    pub form: Form,
    /// How the trial ended, or stands.
    pub outcome: Option<Outcome>,
}

impl Leaderboard {
    /// Ranks the trials that have a result.
    pub fn of(trials: &[TrialRecord]) -> Self {
        let scored: Vec<(&TrialRecord, &NetFacts, &RungResult)> = trials
            .iter()
            .filter_map(|trial| Some((trial, trial.net.as_ref()?, trial.best()?)))
            .collect();
        let epochs = scored.iter().map(|(_, _, result)| result.epochs).max();
        let epochs = epochs.unwrap_or(0);
        let equal_epochs = equal_epochs(scored.iter().map(|(trial, ..)| *trial));
        let mut rows: Vec<Row> = scored
            .into_iter()
            .map(|(trial, net, result)| {
                let at_equal = |rung: &&RungResult| Some(rung.epochs) == equal_epochs;
                Row {
                    fewer_epochs: result.epochs < epochs,
                    equal: trial.rungs.iter().find(at_equal).map(|rung| rung.score),
                    ..row(trial, net, result)
                }
            })
            .collect();
        rows.sort_by(better);
        for (row, rank) in rows.iter_mut().zip(1..) {
            row.rank = rank;
        }
        Self {
            protocol: "coco",
            metric: "BLEU-4",
            epochs,
            equal_epochs,
            rows,
            endings: endings(trials),
        }
    }

    /// Adds what only the run folders of a search in `dir` know: whether an encoder was pretrained.
    #[must_use]
    pub fn with_folders(mut self, trials: &[TrialRecord], dir: &Path) -> Self {
        let folders: BTreeMap<u64, &str> = trials
            .iter()
            .filter_map(|trial| Some((trial.number, trial.folder.as_deref()?)))
            .collect();
        for row in &mut self.rows {
            let folder = folders.get(&row.trial).map(|folder| dir.join(folder));
            let info = folder.and_then(|path| info(&path));
            row.pretrained = info.is_some_and(|info| info.pretrained);
        }
        self
    }
}

/// The `run.json` of a run folder; a folder that is gone or damaged has none.
pub(super) fn info(path: &Path) -> Option<RunInfo> {
    let folder = RunFolder::open_begun(path).ok()?;
    folder.read_json(&folder.info()).ok()
}

/// The most epochs that are among each trial's results.
fn equal_epochs<'a>(trials: impl Iterator<Item = &'a TrialRecord>) -> Option<usize> {
    let epochs = |trial: &TrialRecord| -> BTreeSet<usize> {
        trial.rungs.iter().map(|rung| rung.epochs).collect()
    };
    let common = trials
        .map(epochs)
        .reduce(|common, more| &common & &more)
        .unwrap_or_default();
    common.last().copied()
}

/// Longest trained first, then by score; of equal ones the smaller net, then the earlier trial.
fn better(a: &Row, b: &Row) -> Ordering {
    (b.epochs.cmp(&a.epochs))
        .then(b.score.score.total_cmp(&a.score.score))
        .then(a.n_params.cmp(&b.n_params))
        .then(a.trial.cmp(&b.trial))
}

fn row(trial: &TrialRecord, net: &NetFacts, result: &RungResult) -> Row {
    let coco: &ProtocolScores = &result.scores.validation.coco;
    Row {
        rank: 0,
        trial: trial.number,
        name: net.name.clone(),
        score: bleu4(&coco.net),
        constant: coco.constant.as_ref().map(|best| bleu4(&best.score).score),
        shuffled: bleu4(&coco.shuffled).score,
        human: coco.human.as_ref().map(|human| bleu4(human).score),
        verdict: Verdict::of(coco),
        lemur: bleu4(&result.scores.validation.lemur.net),
        images: result.scores.validation.images,
        decoding: coco.decoding.clone(),
        epochs: result.epochs,
        fewer_epochs: false,
        equal: None,
        n_params: net.n_params,
        flops: net.flops,
        latency_ms: result.latency_ms,
        pretrained: false,
        encoder: net.encoder.clone(),
        decoder: net.decoder.clone(),
        anchor: trial.brief.anchor.clone(),
        snippets: trial.brief.snippets.len(),
        form: trial.brief.form,
        outcome: trial.outcome,
    }
}

fn bleu4(measured: &Measured) -> Interval {
    let [.., bleu4] = measured.bleu;
    bleu4
}

fn endings(trials: &[TrialRecord]) -> Vec<(Ending, usize)> {
    let mut counts = BTreeMap::new();
    for trial in trials {
        *counts.entry(Ending::of(trial)).or_insert(0) += 1;
    }
    counts.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::fixtures::trial;
    use crate::store::TrialState;

    #[test]
    fn longer_training_stands_first_and_shorter_is_marked() {
        let trials = [
            trial(1, &[0.30]),
            trial(2, &[0.10, 0.20]),
            trial(3, &[0.12, 0.25]),
        ];
        let board = Leaderboard::of(&trials);
        let ranks: Vec<_> = board
            .rows
            .iter()
            .map(|row| (row.rank, row.trial, row.fewer_epochs, row.equal))
            .collect();
        assert_eq!(
            ranks,
            [
                (1, 3, false, Some(0.12)),
                (2, 2, false, Some(0.10)),
                (3, 1, true, Some(0.30)),
            ]
        );
        assert_eq!((board.epochs, board.equal_epochs), (2, Some(1)));
    }

    #[test]
    fn every_trial_is_counted_once() {
        let mut failed = trial(2, &[]);
        failed.outcome = Some(Outcome::Shape);
        let mut duplicate = trial(3, &[]);
        duplicate.duplicate_of = Some(1);
        let mut silent = trial(4, &[]);
        (silent.outcome, silent.state) = (None, TrialState::Done);
        let mut open = silent.clone();
        open.state = TrialState::Open;
        let board = Leaderboard::of(&[trial(1, &[0.1]), failed, duplicate, silent, open]);
        let names: Vec<_> = board
            .endings
            .iter()
            .map(|(ending, n)| (ending.name(), *n))
            .collect();
        assert_eq!(
            names,
            [
                ("no reply", 1),
                ("under way", 1),
                ("duplicate", 1),
                ("shape", 1),
                ("trained", 1)
            ]
        );
    }

    #[test]
    fn of_equal_scores_the_smaller_net_is_better() {
        let mut large = trial(1, &[0.2]);
        large.net.as_mut().unwrap().n_params = 5000;
        let rows = Leaderboard::of(&[large, trial(2, &[0.2])]).rows;
        assert_eq!(rows[0].trial, 2);
    }

    #[test]
    fn json_names_the_protocol_and_the_interval() {
        let json = serde_json::to_value(Leaderboard::of(&[trial(1, &[0.2])])).unwrap();
        assert_eq!(json["protocol"], "coco");
        assert_eq!(json["rows"][0]["score"]["low"], 0.2 - 0.02);
        assert_eq!(json["endings"][0][0], "trained");
    }
}
