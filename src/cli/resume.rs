//! `resume`: goes on with an interrupted training.
use std::path::PathBuf;

use anyhow::anyhow;
use nn_caption::caption_models::device;
use nn_caption::caption_models::train::SelfCritical;
use nn_caption::run::{self, RunError, RunFolder, RunInfo};

use super::exit::{Answer, Exit, Failure};
use super::input::parse_count;
use super::terminal::Terminal;
use super::train::{Trained, built_line, follow, last_will, stopped};

const EXAMPLES: &str = "\
Examples:
  nn-caption resume runs/scenes-resnet-lstm                after Ctrl-C, a kill, a full disk or a power cut
  nn-caption resume runs/scenes-resnet-lstm --epochs 40    and further than it was to go
  nn-caption resume runs/scenes-resnet-lstm --self-critical 5   then 5 epochs that reward CIDEr-D
  nn-caption resume runs/scenes-resnet-lstm --device wgpu  on another device, which rounds otherwise

A training goes on after its last whole epoch, or within the epoch where its state was saved, and computes what it would have computed uninterrupted, to the last bit:
the order of the pictures and dropout are functions of the seed and the step. A run that had finished is scored anew.";

/// Go on with an interrupted training, or train a finished one further
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A run folder, as `train` makes it
    run: PathBuf,
    /// Passes over the training pictures, those done included [default: as the run was asked for]
    #[arg(long, value_parser = parse_count)]
    epochs: Option<usize>,
    /// After those so many epochs of self-critical training on CIDEr-D, those done included, with rates multiplied by RATE
    #[arg(long, value_name = "EPOCHS[:RATE]")]
    self_critical: Option<SelfCritical>,
    /// cpu, wgpu[:index] or cuda[:index] [default: where the run was]
    #[arg(long)]
    device: Option<String>,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        let folder = RunFolder::open_begun(&self.run)?;
        let mut info: RunInfo = folder.read_json(&folder.info())?;
        info.epochs = self.epochs.unwrap_or(info.epochs);
        info.device = self.device.unwrap_or(info.device);
        device::parse(&info.device)?;
        if let Some(how) = self.self_critical {
            if info.system.is_none() {
                return Err(Failure::usage(anyhow!(
                    "--self-critical is for ready systems, and {} trains a generated net",
                    self.run.display()
                )));
            }
            info.course.self_critical = Some(how);
        }
        folder.write_json(&folder.info(), &info)?;
        let _will = last_will(terminal.clone(), &folder);
        match go_on(terminal, &info, &folder) {
            Ok(trained) => {
                trained.show(terminal);
                Ok(Exit::Done)
            }
            Err(error) => Err(stopped(terminal, &folder, error)),
        }
    }
}

fn go_on(terminal: &Terminal, info: &RunInfo, folder: &RunFolder) -> Result<Trained, RunError> {
    terminal.say(&format!(
        "run folder {}, {} of {} epochs done",
        folder.path().display(),
        folder.n_epochs(),
        info.n_epochs()
    ));
    let launched = run::resume(folder, info)?;
    if let Some(built) = &launched.built {
        terminal.say(&built_line(built));
    }
    follow(terminal, info, folder, launched)
}
