//! One rung of one trial: from a prepared net, or from its last checkpoint, to scores.
use std::fs;
use std::io;
use std::path::Path;
use std::time::Instant;

use caption_models::evaluate::{CaptionedImage, SplitScores};
use caption_models::harness::Event;

use super::SearchEvent;
use super::engine::Tell;
use crate::report::{Page, captions_page};
use crate::run::{Launched, Prepared, RunError, RunFolder, RunInfo, RunOutcome, resume};
use crate::store::RungResult;

/// What is trained.
#[derive(Debug)]
pub(super) struct Training<'a> {
    pub(super) trial: u64,
    pub(super) rung: u32,
    /// Epochs at which the rung is scored.
    pub(super) epochs: usize,
    /// The run folder.
    pub(super) path: &'a Path,
}

/// What a candidate's process came to.
struct Scored {
    scores: SplitScores,
    latency_ms: Option<f64>,
}

impl Training<'_> {
    /// Trains, from the last whole epoch where there is one.
    pub(super) fn run(
        &self,
        prepared: Option<Prepared>,
        tell: Tell,
    ) -> Result<(RungResult, RunOutcome), RunError> {
        let began = Instant::now();
        let trial = self.trial;
        tell(SearchEvent::Building { trial });
        let (folder, launched) = match self.checkpoint() {
            Some(folder) => {
                let launched = self.go_on(&folder)?;
                (folder, launched)
            }
            None => self.begin(prepared)?,
        };
        match self.follow(&folder, launched, tell) {
            Ok(scored) => Ok(self.close(&folder, scored, began)?),
            Err(error) => {
                folder.sweep();
                let outcome = RunOutcome::stopped(&folder, &error);
                // The error that counts is the first one.
                let _ = folder.write_json(&folder.outcome(), &outcome);
                Err(error)
            }
        }
    }

    /// The folder of a run that has a whole epoch.
    fn checkpoint(&self) -> Option<RunFolder> {
        let folder = RunFolder::open_begun(self.path).ok()?;
        (folder.n_epochs() > 0).then_some(folder)
    }

    fn go_on(&self, folder: &RunFolder) -> Result<Launched, RunError> {
        let mut info: RunInfo = folder.read_json(&folder.info())?;
        info.epochs = self.epochs;
        folder.write_json(&folder.info(), &info)?;
        resume(folder, &info)
    }

    /// A fresh run; what an earlier process left without a whole epoch is removed.
    fn begin(&self, prepared: Option<Prepared>) -> Result<(RunFolder, Launched), RunError> {
        clear(self.path).map_err(|cause| RunError::Write {
            path: self.path.to_path_buf(),
            cause,
        })?;
        let folder = RunFolder::create(self.path)?;
        let Some(mut prepared) = prepared else {
            return Err(RunError::NoRun {
                path: self.path.to_path_buf(),
                missing: folder.history(),
            });
        };
        prepared.info.epochs = self.epochs;
        let launched = prepared.launch(&folder)?;
        Ok((folder, launched))
    }

    fn follow(
        &self,
        folder: &RunFolder,
        launched: Launched,
        tell: Tell,
    ) -> Result<Scored, RunError> {
        let mut process = launched.process;
        let mut latency_ms = None;
        while let Some(event) = process.next_event() {
            match &event {
                Event::Verified { checks } => folder.write_json(&folder.checks(), checks)?,
                Event::Scored { latency_ms: ms, .. } => latency_ms = *ms,
                _ => {}
            }
            if let Some(event) = self.told(&event) {
                tell(event);
            }
        }
        process.finish()?;
        Ok(Scored {
            scores: folder.read_json(&folder.scores())?,
            latency_ms,
        })
    }

    /// What the search tells of a candidate's event.
    fn told(&self, event: &Event) -> Option<SearchEvent> {
        let trial = self.trial;
        Some(match *event {
            Event::Step {
                epoch,
                step,
                steps,
                loss,
            } => SearchEvent::Step {
                trial,
                epoch,
                step,
                steps,
                loss,
            },
            Event::Epoch(row) => SearchEvent::Epoch { trial, row },
            _ => return None,
        })
    }

    fn close(
        &self,
        folder: &RunFolder,
        scored: Scored,
        began: Instant,
    ) -> Result<(RungResult, RunOutcome), RunError> {
        let Scored { scores, latency_ms } = scored;
        let captions: Vec<CaptionedImage> = folder.read_json(&folder.captions())?;
        let outcome = RunOutcome::trained(folder, &captions);
        folder.write_json(&folder.outcome(), &outcome)?;
        write_page(folder, &scores, &captions)?;
        let [.., bleu4] = scores.validation.coco.net.bleu;
        let result = RungResult {
            rung: self.rung,
            epochs: self.epochs,
            score: bleu4.score,
            latency_ms,
            scores,
            seconds: began.elapsed().as_secs_f64(),
        };
        Ok((result, outcome))
    }
}

/// The page of captions. A picture that cannot be shown any more costs the page, not the trial.
fn write_page(
    folder: &RunFolder,
    scores: &SplitScores,
    captions: &[CaptionedImage],
) -> Result<(), RunError> {
    let info: RunInfo = folder.read_json(&folder.info())?;
    let open = |(split, _)| info.data.open(split).map_err(RunError::from);
    let page = Page {
        info: &info,
        scores,
        captions,
        sets: &scores.iter().map(open).collect::<Result<Vec<_>, _>>()?,
    };
    if let Ok(html) = captions_page(&page) {
        folder.write(&folder.page(), &html)?;
    }
    Ok(())
}

/// Removes everything of a folder but the replies.
fn clear(path: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_name() == "exchanges" {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
