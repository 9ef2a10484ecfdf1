//! `eval`: the scores of a trained net, with any decoding, on any data set.
use std::fs::File;
use std::path::{Path, PathBuf};

use anyhow::Context;
use nn_caption::caption_models::data::{DataSpec, Split};
use nn_caption::caption_models::device;
use nn_caption::caption_models::evaluate::{CaptionedImage, SplitScores, coco_results};
use nn_caption::caption_models::harness::{EvalJob, Event, ScoreOptions};
use nn_caption::report::Verdict;
use nn_caption::run::{self, RunFolder, RunInfo};
use serde_json::json;

use super::decode;
use super::exit::{Answer, Exit, Failure};
use super::input::parse_count;
use super::progress::follow_job;
use super::scores::tables;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption eval runs/demo                             once more, on the data set it was trained on
  nn-caption eval runs/demo --beam 5                    by beam search
  nn-caption eval runs/photos --data coco:/data/coco --images 5000 --out /tmp/scores
  nn-caption eval runs/photos --images 5000 --coco-json results.json     for COCO's server and pycocotools
  nn-caption eval runs/demo --json                      scores with baselines and intervals as JSON

BLEU, ROUGE-L and CIDEr-D stand beside the best constant caption, the net's captions under other pictures, and a person's
caption, each with its 95 % bootstrap interval. The folder given by --out receives scores.json, and captions.json with
every picture's own scores; by default it is RUN/eval, and an earlier evaluation there is replaced.";

/// Score the net of a run beside baselines
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A run folder, as `train` and `demo` make it
    run: PathBuf,
    /// Captioned pictures, as for `train`; by default those of the run
    #[arg(long, value_name = "DATA")]
    data: Option<DataSpec>,
    /// Validation pictures, the first ones of the set
    #[arg(long, default_value_t = ScoreOptions::default().images, value_parser = parse_count, value_name = "N")]
    images: usize,
    /// Training pictures scored beside them, to see how much the net has memorised
    #[arg(long, default_value_t = 0, value_name = "N")]
    score_train: usize,
    /// cpu, wgpu[:index] or cuda[:index]
    #[arg(long, default_value = "cpu")]
    device: String,
    /// The folder of scores.json and captions.json; by default RUN/eval
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Write the validation captions as COCO's result file too; a picture's id is the number in its file name
    #[arg(long, value_name = "FILE")]
    coco_json: Option<PathBuf>,
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
        let info: RunInfo = folder.read_json(&folder.info())?;
        let out = self.out.unwrap_or_else(|| folder.evaluation());
        let out = std::path::absolute(out).map_err(Failure::usage)?;
        std::fs::create_dir_all(&out)
            .with_context(|| format!("cannot make the folder {}", out.display()))
            .map_err(Failure::usage)?;
        let coco_json = self.coco_json.map(Target::open).transpose()?;
        let launched = run::eval(
            &folder,
            EvalJob {
                run: folder.path().to_path_buf(),
                best: self.best,
                out: out.clone(),
                data: self.data.unwrap_or(info.data),
                device: self.device,
                batch: info.batch,
                score: ScoreOptions {
                    images: self.images,
                    train_images: self.score_train,
                    pretrained: info.pretrained,
                    decode,
                    ..ScoreOptions::default()
                },
            },
        )?;
        let mut scores = None;
        let warnings = follow_job(terminal, launched, |event| {
            if let Event::Scored { scores: found, .. } = event {
                scores = Some(*found);
            }
        })?;
        if let Some(scores) = scores {
            show(terminal, &scores, &out, &warnings);
        }
        if let Some(target) = coco_json {
            target
                .write(&out.join("captions.json"))
                .map_err(Failure::usage)?;
        }
        Ok(Exit::Done)
    }
}

/// The file of COCO results, opened before there is anything to lose.
struct Target {
    path: PathBuf,
    file: File,
}

impl Target {
    fn open(path: PathBuf) -> Result<Self, Failure> {
        let file = File::create(&path)
            .with_context(|| format!("cannot write {}", path.display()))
            .map_err(Failure::usage)?;
        Ok(Self { path, file })
    }

    /// Writes the validation captions that are in `captions`.
    fn write(self, captions: &Path) -> anyhow::Result<()> {
        let shown = captions.display();
        let text = std::fs::read(captions).with_context(|| format!("cannot read {shown}"))?;
        let mut images: Vec<CaptionedImage> =
            serde_json::from_slice(&text).with_context(|| format!("cannot use {shown}"))?;
        images.retain(|image| image.split == Split::Validation);
        let unwritten = || format!("cannot write {}", self.path.display());
        let results = coco_results(&images).with_context(unwritten)?;
        serde_json::to_writer(&self.file, &results).with_context(unwritten)
    }
}

fn show(terminal: &Terminal, scores: &SplitScores, out: &Path, warnings: &[String]) {
    let verdict = Verdict::of(&scores.validation.coco);
    if terminal.json {
        terminal.answer_json(&json!({
            "out": out, "scores": scores, "verdict": verdict, "warnings": warnings,
        }));
        return;
    }
    terminal.answer(&tables(scores));
    terminal.answer(&format!("By protocol coco, {verdict}."));
    terminal.answer(&format!("Scores and captions: {}", out.display()));
}
