//! `caption`: what a trained net says about pictures, and where it looked.
mod pictures;
mod shown;

use std::path::PathBuf;

use anyhow::anyhow;
use nn_caption::caption_models::device;
use nn_caption::caption_models::harness::{CaptionJob, Event};
use nn_caption::run::{self, RunFolder};

use self::pictures::Pictures;
use self::shown::Shown;
use super::decode;
use super::exit::{Answer, Exit, Failure};
use super::progress::follow_job;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption caption runs/demo cat.jpg                 one line: the picture and its caption
  nn-caption caption runs/demo photos more/dog.png     the pictures in a folder and those below it, and one more
  nn-caption caption runs/demo - < cat.jpg             a picture from stdin
  find . -name '*.jpg' | nn-caption caption runs/demo -     a list of paths from stdin, one a line
  nn-caption caption runs/demo cat.jpg --beam 5        by beam search
  nn-caption caption runs/demo cat.jpg --sample --temperature 0.7 --top-k 20 --sample-seed 1
  nn-caption caption runs/demo cat.jpg --attention maps     a map for each word, and maps/attention.html
  nn-caption caption runs/demo photos --jsonl          {\"image\": .., \"caption\": ..} a line, as they come
  nn-caption caption runs/demo photos --json           {\"captions\": [{\"image\": .., \"caption\": ..}], ..}

Maps show the weights of additive or dot-product attention, or of the last layer's cross attention as the mean over its
heads. Ready systems that attend to regions have them; other nets are refused.
The net's program is compiled again from the run's net.rs when it has gone. Pictures that cannot be read are named on
stderr, the others are captioned all the same, and the exit code is 2.";

/// Caption pictures with the net of a run
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A run folder, as `train` and `demo` make it
    run: PathBuf,
    /// PNG or JPEG files, folders of them, or `-`: stdin brings a picture or a list of paths
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// cpu, wgpu[:index] or cuda[:index]
    #[arg(long, default_value = "cpu")]
    device: String,
    /// The weights after the epoch of the best BLEU-4, not the last ones
    #[arg(long)]
    best: bool,
    /// Draw where the net looked for each word: PNG files and attention.html in this folder
    #[arg(long, value_name = "DIR")]
    attention: Option<PathBuf>,
    /// Print one JSON object for each picture, as soon as it has its caption
    #[arg(long)]
    jsonl: bool,
    #[command(flatten)]
    decode: decode::Args,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        if self.jsonl && terminal.json {
            return Err(Failure::usage(anyhow!(
                "--json prints one object, --jsonl many: choose one"
            )));
        }
        device::parse(&self.device)?;
        let decode = self.decode.options()?;
        let folder = RunFolder::open(&self.run)?;
        let pictures = Pictures::find(&self.images)?;
        let attention = self.attention.as_deref();
        let mut shown = Shown::new(terminal, &pictures, self.jsonl, attention)?;
        let job = CaptionJob {
            run: folder.path().to_path_buf(),
            best: self.best,
            images: pictures.paths.clone(),
            device: self.device,
            decode,
            attention: attention.is_some(),
        };
        let warnings = follow_job(terminal, run::caption(&folder, job)?, |event| {
            if let Event::Captions { captions, .. } = event {
                shown.show(captions);
            }
        })?;
        let (n_pictures, n_captions) = (pictures.paths.len(), shown.n_captions);
        let exit = shown.end(&warnings);
        if n_captions < n_pictures {
            let n_left_out = n_pictures - n_captions;
            terminal.say(&format!(
                "{n_left_out} of {n_pictures} pictures could not be read"
            ));
            return Ok(Exit::Usage);
        }
        Ok(exit)
    }
}
