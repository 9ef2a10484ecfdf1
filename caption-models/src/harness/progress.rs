//! What follows from the history of a training: which epoch comes next, and which was the best.

use super::TrainJob;
use super::process::Stop;
use crate::train::{EpochRow, Metric, Phase, TrainProgress, Trainer};

impl TrainProgress {
    /// What the next epoch lowers; `None` when there is none. Self-critical epochs begin when those of cross-entropy
    /// are over, be it early, and nothing leads back.
    pub(super) fn next(&self, job: &TrainJob, trainer: &mut Trainer) -> Option<Phase> {
        let (critical, entropy): (Vec<EpochRow>, Vec<EpochRow>) = self
            .rows()
            .into_iter()
            .partition(|row| row.reward.is_some());
        let scores: Vec<f64> = entropy.iter().map(|row| job.pace.metric.of(row)).collect();
        if critical.is_empty() && entropy.len() < job.epochs && trainer.goes_on(&scores) {
            return Some(Phase::CrossEntropy);
        }
        let how = job.course.self_critical?;
        (critical.len() < how.epochs && !trainer.is_finished()).then_some(Phase::SelfCritical(how))
    }

    /// What the last epoch lowered.
    pub(super) fn last(&self, job: &TrainJob) -> Phase {
        let is_critical = self.rows().last().is_some_and(|row| row.reward.is_some());
        match job.course.self_critical {
            Some(how) if is_critical => Phase::SelfCritical(how),
            _ => Phase::CrossEntropy,
        }
    }

    fn rows(&self) -> Vec<EpochRow> {
        let rows = self.history.lines();
        rows.filter_map(|row| serde_json::from_str(row).ok())
            .collect()
    }

    /// Whether an epoch was scored, and better than all before.
    pub(super) fn is_best(&self, row: &EpochRow, metric: Metric) -> bool {
        let before = self.rows();
        let before = before.iter().map(|row| metric.of(row));
        metric.of(row) > before.fold(f64::NEG_INFINITY, f64::max)
    }

    pub(super) fn add(&mut self, row: &EpochRow, n_steps: usize) -> Result<(), Stop> {
        let line = serde_json::to_string(row).map_err(|error| Stop::output(&error))?;
        self.history.push_str(&line);
        self.history.push('\n');
        self.epoch = row.epoch;
        self.so_far = None;
        self.step = n_steps;
        Ok(())
    }
}
