//! What a candidate's process says: JSON lines on its standard output.

use std::io::Write;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::AttentionMaps;
use crate::evaluate::SplitScores;
use crate::limits::Applied;
use crate::probe::Numbers;
use crate::train::EpochRow;
use crate::verify::Check;

/// One line.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Event {
    /// What the process may not do; the first line of one that limits itself.
    Limits(Applied),
    /// The net stands and its data are open.
    Started {
        /// `train`, `caption`, `probe` or `verify`.
        job: String,
        /// The device's name.
        device: String,
        /// Numbers that the optimizer may change.
        trainable: usize,
        /// All parameters, frozen ones included, buffers not.
        parameters: usize,
        /// Passes over the data (0 unless training).
        epochs: usize,
        /// Steps in all (0 unless training).
        steps: usize,
        /// Training and validation pictures (0 unless training).
        images: [usize; 2],
    },
    /// What the checks found. Where one of the fatal ones failed, [`Failed`](Self::Failed) follows.
    Verified {
        /// All of them that could be made.
        checks: Vec<Check>,
    },
    /// Features of a frozen encoder are being computed, or are there already.
    Features {
        /// Pictures that are done with.
        done: usize,
        /// Pictures in all.
        all: usize,
    },
    /// One optimizer step.
    Step {
        /// From 1.
        epoch: usize,
        /// Step of the epoch, from 1.
        step: usize,
        /// Steps of the epoch.
        steps: usize,
        /// The training loss of the batch.
        loss: f64,
    },
    /// An epoch has ended; the row is also in `history.jsonl`.
    Epoch(EpochRow),
    /// The scores, also in `scores.json`.
    Scored {
        /// Both protocols with their baselines, for each split that was scored.
        scores: Box<SplitScores>,
        /// Milliseconds to caption one validation picture in a batch, by the library's decoding.
        latency_ms: Option<f64>,
    },
    /// Captions of pictures: some of those to caption, a batch at a time, or after training the first few of
    /// `captions.json`.
    Captions {
        /// Where all of them are, if in a file.
        file: Option<PathBuf>,
        /// Picture and caption.
        captions: Vec<CaptionLine>,
    },
    /// The probe's numbers.
    Probe {
        /// As probe.md names them.
        numbers: Box<Numbers>,
    },
    /// Something was left out, such as an unreadable picture.
    Warning {
        /// One sentence.
        message: String,
    },
    /// The job ends here, undone. The last line.
    Failed {
        /// Where it ended.
        stage: Stage,
        /// One sentence.
        message: String,
    },
    /// The job is done. The last line.
    Done {
        /// Wall time of the process.
        seconds: f64,
    },
}

/// Where a job can fail; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// The job, the data, the vocabulary or the checkpoint cannot be used: exit code 2.
    Input,
    /// The device cannot be had: exit code 3.
    Device,
    /// The net's table of parameters and its module disagree: exit code 1.
    State,
    /// The loss or a gradient is no number any more: exit code 1.
    Nan,
    /// A fatal check of [`verify`](crate::verify) failed: exit code 1.
    Verify,
    /// The net's own code panicked: exit code 1.
    Panic,
    /// Memory ran out where it could still be said (a failed allocation aborts, see
    /// [`Exceeded`](crate::limits::Exceeded)): exit code 3.
    Memory,
    /// Results could not be written: exit code 3.
    Output,
}

impl Stage {
    /// The process's exit code.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::State | Self::Nan | Self::Verify | Self::Panic => 1,
            Self::Input => 2,
            Self::Device | Self::Memory | Self::Output => 3,
        }
    }
}

/// A picture and its generated caption.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaptionLine {
    /// Name or path of the picture.
    pub image: String,
    /// The words.
    pub caption: String,
    /// Where the net looked for each word, if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<AttentionMaps>,
}

/// Writes events as JSON lines; a reader that has gone away is no error.
pub struct Events {
    out: Box<dyn Write>,
}

impl Events {
    /// Events on the process's standard output.
    pub fn stdout() -> Self {
        Self::to(Box::new(std::io::stdout()))
    }

    /// Events into any writer.
    pub fn to(out: Box<dyn Write>) -> Self {
        Self { out }
    }

    /// Writes one line at once.
    pub fn emit(&mut self, event: &Event) {
        let Ok(mut line) = serde_json::to_vec(event) else {
            return;
        };
        line.push(b'\n');
        // A parent that has closed the pipe reads no more; the work and its files go on.
        let _closed = self.out.write_all(&line).and_then(|()| self.out.flush());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_one_json_line() {
        let event = Event::Step {
            epoch: 1,
            step: 2,
            steps: 9,
            loss: 4.25,
        };
        let line = serde_json::to_string(&event).unwrap();
        assert_eq!(
            line,
            r#"{"event":"step","epoch":1,"step":2,"steps":9,"loss":4.25}"#
        );
    }

    #[test]
    fn a_reader_that_has_gone_away_is_no_error() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> std::io::Result<()> {
                Err(std::io::ErrorKind::BrokenPipe.into())
            }
        }
        Events::to(Box::new(Closed)).emit(&Event::Done { seconds: 1.0 });
    }
}
