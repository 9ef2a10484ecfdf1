//! `caption`: what a trained net says about pictures.
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use nn_caption::caption_models::device;
use nn_caption::caption_models::harness::{CaptionLine, Event};
use nn_caption::run::{self, RunFolder};
use serde_json::json;

use super::decode;
use super::exit::{Answer, Exit, Failure};
use super::progress::follow_job;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption caption runs/demo cat.jpg                 one line: the picture and its caption
  nn-caption caption runs/demo cat.jpg --beam 5        by beam search
  nn-caption caption runs/demo cat.jpg --sample --temperature 0.7 --top-k 20 --sample-seed 1
  nn-caption caption runs/demo photos/*.jpg --json     {\"captions\": [{\"image\": .., \"caption\": ..}], ..}

The net's program is compiled again from the run's net.rs when it has gone. Pictures that cannot be read are named on
stderr, the others are captioned all the same, and the exit code is 2.";

/// Caption pictures with the net of a run
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A run folder, as `train` and `demo` make it
    run: PathBuf,
    /// Pictures, PNG or JPEG
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// cpu, wgpu[:index] or cuda[:index]
    #[arg(long, default_value = "cpu")]
    device: String,
    /// The weights after the epoch of the best BLEU-4, not the last ones
    #[arg(long)]
    best: bool,
    #[command(flatten)]
    decode: decode::Args,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        device::parse(&self.device)?;
        let decode = self.decode.options()?;
        let folder = RunFolder::open(&self.run)?;
        let images = self
            .images
            .iter()
            .map(|image| readable(image))
            .collect::<Result<Vec<_>, _>>()?;
        let n_images = images.len();
        let launched = run::caption(&folder, images, self.device, self.best, decode)?;
        let mut lines = Vec::new();
        let warnings = follow_job(terminal, launched, |event| {
            if let Event::Captions { captions, .. } = event {
                lines.extend(captions);
            }
        })?;
        show(terminal, &lines, &warnings);
        if lines.len() < n_images {
            let n_left_out = n_images - lines.len();
            terminal.say(&format!(
                "{n_left_out} of {n_images} pictures could not be read"
            ));
            return Ok(Exit::Usage);
        }
        Ok(Exit::Done)
    }
}

fn show(terminal: &Terminal, lines: &[CaptionLine], warnings: &[String]) {
    if terminal.json {
        terminal.answer_json(&json!({ "captions": lines, "warnings": warnings }));
    } else {
        for CaptionLine { image, caption } in lines {
            terminal.answer(&format!("{image}: {caption}"));
        }
    }
}

/// The picture's absolute path; the candidate may look from elsewhere.
fn readable(image: &Path) -> Result<PathBuf, Failure> {
    if !image.is_file() {
        return Err(Failure::usage(anyhow!(
            "there is no picture {}",
            image.display()
        )));
    }
    std::path::absolute(image)
        .with_context(|| image.display().to_string())
        .map_err(Failure::usage)
}
