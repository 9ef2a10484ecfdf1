//! `caption`: what a trained net says about pictures.
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use nn_caption::caption_models::device;
use nn_caption::caption_models::harness::{CaptionLine, Event};
use nn_caption::run::{self, RunFolder};
use serde_json::json;

use super::exit::{Answer, Exit, Failure};
use super::terminal::Terminal;
use super::train::built_line;

const EXAMPLES: &str = "\
Examples:
  nn-caption caption runs/demo cat.jpg                 one line: the picture and its caption
  nn-caption caption runs/demo photos/*.jpg --json     {\"captions\": [{\"image\": .., \"caption\": ..}]}

The net's program is compiled again from the run's net.rs when it has gone.";

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
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        device::parse(&self.device)?;
        let folder = RunFolder::open(&self.run)?;
        let images = self
            .images
            .iter()
            .map(|image| readable(image))
            .collect::<Result<_, _>>()?;
        let mut launched = run::caption(&folder, images, self.device)?;
        if let Some(built) = &launched.built {
            terminal.say(&built_line(built));
        }
        let mut lines = Vec::new();
        while let Some(event) = launched.process.next_event() {
            match event {
                Event::Captions { captions, .. } => lines.extend(captions),
                Event::Warning { message } => terminal.say(&format!("warning: {message}")),
                _ => {}
            }
        }
        launched.process.finish()?;
        show(terminal, &lines);
        Ok(Exit::Done)
    }
}

fn show(terminal: &Terminal, lines: &[CaptionLine]) {
    if terminal.json {
        terminal.answer_json(&json!({ "captions": lines }));
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
