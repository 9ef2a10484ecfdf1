//! What a candidate says, as a bar for each epoch; a line for each when nobody watches.
use std::collections::BTreeSet;

use indicatif::{ProgressBar, ProgressStyle};
use nn_caption::caption_models::harness::Event;
use nn_caption::caption_models::limits::Applied;
use nn_caption::caption_models::verify::Check;
use nn_caption::run::{Launched, RunError};

use super::exit::Failure;
use super::terminal::Terminal;
use super::train::built_line;

const BAR: &str = "{prefix} {bar:32} {pos}/{len} steps  {per_sec}  {eta} left  {msg}";

/// Warnings that are shown; of more only the number is.
const MAX_WARNINGS: usize = 10;

/// The progress of one training.
#[derive(Debug)]
pub(crate) struct Progress<'a> {
    terminal: &'a Terminal,
    epochs: usize,
    bar: Option<ProgressBar>,
    warnings: BTreeSet<String>,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(terminal: &'a Terminal, epochs: usize) -> Self {
        Self {
            terminal,
            epochs,
            bar: None,
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
            Event::Epoch(row) => {
                self.clear();
                let bleu = row.bleu4.map_or_else(String::new, |bleu| {
                    format!(", BLEU-4 {:.3} coco, {:.3} lemur", bleu.coco, bleu.lemur)
                });
                let skipped = match row.skipped {
                    0 => String::new(),
                    n_skipped => format!(", {n_skipped} pictures left out"),
                };
                self.say(&format!(
                    "epoch {}/{}: loss {:.3}, {:.0} pictures/s, {:.1} s{skipped}{bleu}",
                    row.epoch, self.epochs, row.loss, row.images_per_second, row.seconds
                ));
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

    fn step(&mut self, epoch: usize, step: usize, steps: usize, loss: f64) {
        let epochs = self.epochs;
        let bar = self.bar.get_or_insert_with(|| {
            let style =
                ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(steps as u64)
                .with_style(style)
                .with_prefix(format!("epoch {epoch}/{epochs}"))
        });
        bar.set_position(step as u64);
        bar.set_message(format!("loss {loss:.3}"));
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
