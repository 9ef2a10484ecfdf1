//! What a candidate says, as a bar for each epoch; a line for each when nobody watches.
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use nn_caption::caption_models::harness::Event;
use nn_caption::caption_models::limits::Applied;
use nn_caption::caption_models::train::{EpochBleu, EpochReward, EpochRow};
use nn_caption::caption_models::verify::Check;
use nn_caption::run::{Launched, RunError, RunInfo};

use super::exit::Failure;
use super::terminal::Terminal;
use super::train::built_line;

const BAR: &str = "{prefix} {bar:24} {pos}/{len} steps  {msg}";
const FEATURES_BAR: &str = "features {bar:24} {pos}/{len} pictures  {per_sec}  {eta} left";

/// Warnings that are shown; of more only the number is.
const MAX_WARNINGS: usize = 10;

/// The progress of one training.
#[derive(Debug)]
pub(crate) struct Progress<'a> {
    terminal: &'a Terminal,
    epochs: usize,
    /// Pictures a step.
    batch: usize,
    bar: Option<ProgressBar>,
    /// Where features are kept.
    features: Option<PathBuf>,
    /// When the first step was heard of, and its number in the whole training.
    first: Option<(Instant, usize)>,
    warnings: BTreeSet<String>,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(terminal: &'a Terminal, info: &RunInfo) -> Self {
        Self {
            terminal,
            epochs: info.n_epochs(),
            batch: info.batch,
            bar: None,
            features: info.course.features.clone(),
            first: None,
            warnings: BTreeSet::new(),
        }
    }

    /// Shows an event.
    pub(crate) fn show(&mut self, event: &Event) {
        match event {
            Event::Started {
                device,
                trainable,
                images: [train, validation],
                ..
            } => {
                self.say(&format!(
                    "training {trainable} parameters on {device} with {train} pictures, {validation} to score on"
                ));
            }
            Event::Step {
                epoch,
                step,
                steps,
                loss,
            } => self.step(*epoch, *step, *steps, *loss),
            Event::Features { done, all } => self.features(*done, *all),
            Event::Epoch(row) => {
                self.clear();
                self.say(&epoch_line(row, self.epochs));
            }
            Event::Verified { checks } => self.verified(checks),
            Event::Warning { message } => self.warn(message.clone()),
            Event::Limits(limits) => {
                if let Some(warning) = missing_limits(limits) {
                    self.warn(warning);
                }
            }
            _ => {}
        }
    }

    /// Takes the bar away, and says what was not shown; returns each warning
    /// once.
    pub(crate) fn end(mut self) -> Vec<String> {
        self.clear();
        let n_warnings = self.warnings.len();
        if n_warnings > MAX_WARNINGS {
            self.say(&format!(
                "{n_warnings} warnings, the first {MAX_WARNINGS} shown; --json lists all"
            ));
        } else if n_warnings > 1 {
            self.say(&format!("{n_warnings} warnings"));
        }
        self.warnings.into_iter().collect()
    }

    /// Takes the bar away.
    fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }

    /// Shows the first warnings. A picture that cannot be read is said in every epoch; here it is once.
    fn warn(&mut self, message: String) {
        if self.warnings.contains(&message) {
            return;
        }
        if self.warnings.len() < MAX_WARNINGS {
            self.say(&format!("warning: {message}"));
        }
        self.warnings.insert(message);
    }

    /// Features come before an epoch; where all are there nothing is shown.
    fn features(&mut self, done: usize, all: usize) {
        if self.bar.is_none() && done < all {
            let folder = self.features.as_deref().unwrap_or(Path::new(""));
            self.say(&format!(
                "the encoder keeps its weights: what it makes of {all} pictures is kept in {}, {done} are there",
                folder.display()
            ));
        }
        if done == all {
            self.clear();
            return;
        }
        let bar = self.bar.get_or_insert_with(|| {
            ProgressBar::new(all as u64)
                .with_style(style(FEATURES_BAR))
                .with_position(done as u64)
        });
        bar.set_position(done as u64);
    }

    fn step(&mut self, epoch: usize, step: usize, steps: usize, loss: f64) {
        let epochs = self.epochs;
        let done = (epoch - 1) * steps + step;
        let (start, first) = *self.first.get_or_insert((Instant::now(), done));
        let left = start.elapsed().as_secs_f64() / (done - first).max(1) as f64
            * (epochs * steps).saturating_sub(done) as f64;
        let left = match done - first {
            0 => String::new(),
            _ => format!(", {} left", HumanDuration(Duration::from_secs_f64(left))),
        };
        let batch = self.batch as f64;
        let bar = self.bar.get_or_insert_with(|| {
            ProgressBar::new(steps as u64)
                .with_style(style(BAR))
                .with_prefix(format!("epoch {epoch}/{epochs}"))
        });
        bar.set_position(step as u64);
        let speed = bar.per_sec() * batch;
        bar.set_message(format!("loss {loss:.3}, {speed:.0} pictures/s{left}"));
    }

    fn verified(&self, checks: &[Check]) {
        let (passed, failed): (Vec<_>, Vec<_>) = checks.iter().partition(|check| check.passed);
        self.say(&format!(
            "checks before training: {} of {} passed",
            passed.len(),
            checks.len()
        ));
        for check in failed {
            self.say(&format!("  {check}"));
        }
    }

    fn say(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.terminal.say(text)),
            None => self.terminal.say(text),
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// What an epoch came to.
fn epoch_line(row: &EpochRow, epochs: usize) -> String {
    let speed = row.images_per_second;
    let skipped = (row.skipped > 0).then(|| format!("{} pictures left out", row.skipped));
    let reward =
        |reward: EpochReward| format!("reward {:.3}, greedy {:.3}", reward.drawn, reward.greedy);
    let bleu = |bleu: EpochBleu| format!("BLEU-4 {:.3} coco, {:.3} lemur", bleu.coco, bleu.lemur);
    let parts = [
        Some(format!("loss {:.3}", row.loss)),
        Some(format!("{speed:.0} pictures/s")),
        Some(format!("{:.1} s", row.seconds)),
        skipped,
        row.reward.map(reward),
        row.bleu4.map(bleu),
        row.cider_d.map(|score| format!("CIDEr-D {score:.3}")),
        row.validation_loss
            .map(|loss| format!("validation loss {loss:.3}")),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("epoch {}/{epochs}: {}", row.epoch, parts.join(", "))
}

/// Waits for a job that is not a training: says how it was built and what it warned of, and hands on every other event. Returns
/// the warnings.
pub(crate) fn follow_job(
    terminal: &Terminal,
    launched: Launched,
    mut each: impl FnMut(Event),
) -> Result<Vec<String>, Failure> {
    let Launched { built, mut process } = launched;
    if let Some(built) = &built {
        terminal.say(&built_line(built));
    }
    let mut warnings = Vec::new();
    while let Some(event) = process.next_event() {
        match event {
            Event::Limits(limits) => warnings.extend(missing_limits(&limits)),
            Event::Warning { message } => warnings.push(message),
            event => each(event),
        }
    }
    process.finish().map_err(RunError::from)?;
    for warning in &warnings {
        terminal.say(&format!("warning: {warning}"));
    }
    Ok(warnings)
}

/// One line that names the limits which the system could not set.
fn missing_limits(limits: &Applied) -> Option<String> {
    let missing = &limits.missing;
    (!missing.is_empty()).then(|| {
        format!(
            "the candidate runs without limits that this system cannot set: {}",
            missing.join("; ")
        )
    })
}
