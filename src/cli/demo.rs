//! `demo`: the whole way on embedded defaults.
use std::path::PathBuf;

use nn_caption::caption_models::data::DataSpec;
use nn_caption::demo;
use nn_caption::run::Plan;

use super::exit::{Answer, Exit};
use super::input::parse_count;
use super::terminal::Terminal;
use super::train::{Place, train};

const EXAMPLES: &str = "\
Examples:
  nn-caption demo                      a few minutes on two cores, results under runs/
  nn-caption demo --epochs 2           shorter, and worse
  nn-caption demo --out /tmp/first     another run folder

Needs no network and no file: the reply and the drawn scenes are embedded. Ends in exit code 1 when the net does not
clearly beat the best constant caption.";

/// Generate, compile, train, caption and score on embedded defaults
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Passes over the training pictures
    #[arg(long, default_value_t = demo::EPOCHS, value_parser = parse_count)]
    epochs: usize,
    /// Training pictures
    #[arg(long, default_value_t = demo::SCENES, value_parser = parse_count, value_name = "PICTURES")]
    scenes: usize,
    /// cpu, wgpu[:index] or cuda[:index]
    #[arg(long, default_value = "cpu")]
    device: String,
    /// The run folder; by default runs/demo, or the next one that is free
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        let data = DataSpec::Scenes {
            n_train: self.scenes,
        };
        let plan = Plan {
            epochs: self.epochs,
            device: self.device,
            ..Plan::new(demo::REPLY.to_owned(), data)
        };
        let place = self
            .out
            .map_or_else(|| Place::Next("runs/demo".into()), Place::At);
        let Some(trained) = train(terminal, plan, place)? else {
            return Ok(Exit::No);
        };
        trained.show(terminal);
        Ok(if trained.verdict().is_clear() {
            Exit::Done
        } else {
            Exit::No
        })
    }
}
