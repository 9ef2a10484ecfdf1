//! `outcome.json`: how a run ended.
use caption_models::evaluate::CaptionedImage;
use codegen::Outcome;
use serde::{Deserialize, Serialize};

use super::{RunError, RunFolder};

/// How far a run came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStage {
    /// The reply was read.
    Generate,
    /// The candidate was being built.
    Build,
    /// The candidate ran: checks, training, scoring.
    Run,
    /// It went all the way.
    Done,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunOutcome {
    /// The word for it. `null`: the run says nothing about the net, see [`RunError::outcome`].
    pub outcome: Option<Outcome>,
    /// How far it came.
    pub stage: RunStage,
    /// One sentence.
    pub message: String,
    /// Epochs whose rows are in `history.jsonl`.
    pub epochs: usize,
    /// Whether the weights of the last finished epoch are in `checkpoint/`, which may be one ahead of the history.
    pub checkpoint: bool,
}

impl RunOutcome {
    /// The end of a run in `folder` that an error stopped.
    pub fn stopped(folder: &RunFolder, error: &RunError) -> Self {
        let stage = match error {
            RunError::Rejected(_) => RunStage::Generate,
            RunError::Build(_) => RunStage::Build,
            _ => reached(folder),
        };
        Self {
            outcome: error.outcome(),
            stage,
            message: error.to_string(),
            epochs: folder.n_epochs(),
            checkpoint: folder.weights().is_file(),
        }
    }

    /// The end of a run in `folder` whose own process a signal ends.
    pub fn interrupted(folder: &RunFolder, signal: &str) -> Self {
        Self {
            outcome: Some(Outcome::Killed),
            stage: reached(folder),
            message: format!("interrupted by {signal}"),
            epochs: folder.n_epochs(),
            checkpoint: folder.weights().is_file(),
        }
    }

    /// The end of a run in `folder` that was trained and captioned these pictures: [`Outcome::Collapse`] when it says
    /// the same about all of them, and there are two or more.
    pub fn trained(folder: &RunFolder, captions: &[CaptionedImage]) -> Self {
        let (outcome, message) = match same(captions) {
            Some(caption) => (
                Outcome::Collapse,
                format!(
                    "the net says `{caption}` about each of the {} pictures",
                    captions.len()
                ),
            ),
            None => (Outcome::Trained, "trained and scored".to_owned()),
        };
        Self {
            outcome: Some(outcome),
            stage: RunStage::Done,
            message,
            epochs: folder.n_epochs(),
            checkpoint: folder.weights().is_file(),
        }
    }
}

/// The caption that all of two or more pictures have.
fn same(captions: &[CaptionedImage]) -> Option<&str> {
    let [first, others @ ..] = captions else {
        return None;
    };
    let is_same = |other: &CaptionedImage| other.caption == first.caption;
    (!others.is_empty() && others.iter().all(is_same)).then_some(&first.caption)
}

/// A built program is the sign that the candidate was started, or about to be.
fn reached(folder: &RunFolder) -> RunStage {
    if folder.executable().is_file() {
        RunStage::Run
    } else {
        RunStage::Build
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(captions: &[&str]) -> Option<Outcome> {
        let folder = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(folder.path()).unwrap();
        let captioned = |caption: &&str| CaptionedImage {
            split: caption_models::data::Split::Validation,
            image: "a.png".to_owned(),
            caption: (*caption).to_owned(),
            references: Vec::new(),
            scores: None,
        };
        let captions: Vec<_> = captions.iter().map(captioned).collect();
        RunOutcome::trained(&folder, &captions).outcome
    }

    #[test]
    fn one_caption_for_all_pictures_is_a_collapse() {
        assert_eq!(outcome(&["a", "a", "a"]), Some(Outcome::Collapse));
        assert_eq!(outcome(&["", ""]), Some(Outcome::Collapse));
        assert_eq!(outcome(&["a", "a", "b"]), Some(Outcome::Trained));
    }

    #[test]
    fn one_picture_can_only_have_one_caption() {
        assert_eq!(outcome(&["a"]), Some(Outcome::Trained));
        assert_eq!(outcome(&[]), Some(Outcome::Trained));
    }

    #[test]
    fn an_interrupted_run_keeps_its_epochs() {
        let folder = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(folder.path()).unwrap();
        folder.write(&folder.history(), "{}\n{}\n{\"epo").unwrap();
        let ended = RunOutcome::interrupted(&folder, "SIGINT");
        assert_eq!((ended.stage, ended.epochs), (RunStage::Build, 2));
        let json = serde_json::to_value(&ended).unwrap();
        assert_eq!(json["outcome"], "killed");
        assert_eq!(json["stage"], "build");
    }
}
