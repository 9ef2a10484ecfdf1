//! `train`: from a reply and captioned pictures to a run folder with a trained net, captions and scores.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use nn_caption::candidate::{Built, LastWill};
use nn_caption::caption_models::data::{Augment, DataSpec};
use nn_caption::caption_models::device;
use nn_caption::caption_models::evaluate::{CaptionedImage, SplitScores};
use nn_caption::caption_models::harness::Event;
use nn_caption::caption_models::train::Course;
use nn_caption::codegen::Outcome;
use nn_caption::report::{Page, Verdict, captions_page};
use nn_caption::run::{
    Launched, Net, Plan, Prepared, RunError, RunFolder, RunInfo, RunOutcome, Source,
};
use serde_json::{Value, json};

use super::exit::{Answer, Ended, Exit, Failure};
use super::generate::show_rejected;
use super::input::{parse_count, parse_image, parse_prm};
use super::limits::{self, parse_time};
use super::pace;
use super::progress::Progress;
use super::scores::tables;
use super::system;
use super::terminal::Terminal;
use super::tokenizer::Tokenizer;

const EXAMPLES: &str = "\
Examples:
  nn-caption train reply.md --data scenes                 on 1024 drawn scenes, no file needed
  nn-caption train net.py --data scenes:200 --epochs 5    fewer of them; a bare PyTorch file
  nn-caption train reply.md --data coco:/data/coco --image 224 --batch 32
  nn-caption train reply.md --data scenes --prm lr=0.05 --out runs/faster
  nn-caption train reply.md --data coco:/data/coco --tokenizer ptb --min-count 5
  nn-caption train reply.md --data scenes --score-train 300  and see how much the net has memorised
  nn-caption train reply.md --data scenes --memory 2g --time-limit 10m
  nn-caption train reply.md --data scenes --json          scores as one JSON object
  nn-caption train resnet-transformer --data scenes       a ready system; `nn-caption models` lists them
  nn-caption train mobilenet-lstm --data coco:/data/coco --weights mobilenet_v2-b0353104.pth --freeze all
  nn-caption train resnet-lstm --data scenes --freeze all --unfreeze 3:1 --unfreeze 6:2   thaws from the top
  nn-caption train resnet-lstm --data scenes --self-critical 5   then 5 epochs that reward CIDEr-D
  nn-caption train resnet-lstm --data scenes --augment crop:0.7,colour:0.2 --metric cider-d --patience 3

The vocabulary is made from the training captions, then the net is generated for it, compiled and trained by its own
recipe. A ready system is trained by AdamW on all captions. The run folder holds everything: reply.md net.py net.rs program.json recipe.json vocab.json checks.json
history.jsonl scores.json captions.json captions.html checkpoint/ outcome.json.

Every run ends in one outcome. Exit code 0: trained, or collapse (it says the same about every picture). 1: the reply is
rejected (extract, syntax, name, api, shape, contract, semantic), build, verify, nan, crash. 3: oom, timeout, disk, killed.
What was computed before stays in the run folder; `nn-caption resume` goes on from the last state that was saved.";

/// Train a reply's net on captioned pictures and score it beside baselines
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A language model's reply, a bare .py file, `-` for stdin, or the name of a ready system
    #[arg(value_name = "NET")]
    net: PathBuf,
    /// Captioned pictures: scenes, scenes:N, coco:DIR, karpathy:FILE, flickr:DIR or jsonl:FILE
    #[arg(long, value_name = "DATA")]
    data: DataSpec,
    /// Passes over the training pictures
    #[arg(long, default_value_t = 10, value_parser = parse_count)]
    epochs: usize,
    /// cpu, wgpu[:index] or cuda[:index]
    #[arg(long, default_value = "cpu")]
    device: String,
    /// The run folder; by default a new one under runs/
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Picture size: one side, or height and width as in 224x160
    #[arg(long, default_value = "64", value_parser = parse_image, value_name = "SIZE")]
    image: [usize; 3],
    /// Pictures a step; the net's hyper-parameter `batch`
    #[arg(long, default_value_t = 16, value_parser = parse_count)]
    batch: usize,
    /// A hyper-parameter of the net; may be repeated
    #[arg(long, value_parser = parse_prm, value_name = "NAME=VALUE")]
    prm: Vec<(String, Value)>,
    /// Rarer words of the training captions are not learned
    #[arg(long, default_value_t = 1, value_name = "COUNT")]
    min_count: usize,
    /// How captions become words
    #[arg(long, value_enum, default_value_t = Tokenizer::Plain)]
    tokenizer: Tokenizer,
    /// Seeds initial values, order of the pictures and dropout
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Training pictures scored beside the validation pictures, to see how much the net has memorised
    #[arg(long, default_value_t = 0, value_name = "N")]
    score_train: usize,
    /// How training pictures are changed, anew in each epoch: any of flip, crop:AREA and colour:STRENGTH, with commas
    ///
    /// `crop:0.5` cuts out at least half of a picture's area; `colour:0.2` moves brightness, contrast and saturation by up
    /// to a fifth. What becomes of a picture is a function of --seed, the epoch and the picture. A picture whose captions
    /// speak of left or right is never flipped.
    #[arg(
        long,
        default_value = "none",
        value_name = "CHANGES",
        hide_default_value = true
    )]
    augment: Augment,
    /// Within an epoch the state is saved so often, for `resume` to go on from: 90, 90s, 30m or 2h
    #[arg(long, default_value = "10m", value_parser = parse_time, value_name = "TIME")]
    save_every: u64,
    #[command(flatten)]
    pace: pace::Args,
    #[command(flatten)]
    system: system::Args,
    #[command(flatten)]
    limits: limits::Args,
}

/// Where the run folder is made.
#[derive(Debug)]
pub(crate) enum Place {
    /// There, or nowhere.
    At(PathBuf),
    /// There, or at the next number that is free.
    Next(PathBuf),
    /// `runs/<data>-<net>`, or the next number that is free.
    OfNet,
}

/// What a run came to.
pub(crate) struct Trained {
    pub(crate) folder: RunFolder,
    pub(crate) scores: SplitScores,
    built: Option<Built>,
    outcome: RunOutcome,
    warnings: Vec<String>,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        let course = Course {
            save_every: self.save_every,
            ..self.system.course(self.augment)?
        };
        let source = self.system.source(&self.net)?;
        let prm: BTreeMap<String, Value> = self.prm.into_iter().collect();
        let plan = self.limits.bound(Plan {
            device: self.device,
            epochs: self.epochs,
            batch: self.batch,
            image: self.image,
            prm,
            min_count: self.min_count,
            tokenization: self.tokenizer.tokenization(),
            seed: self.seed,
            score_train: self.score_train,
            pace: self.pace.pace(),
            course,
            ..Plan::new(source, self.data)
        });
        let place = self.out.map_or(Place::OfNet, Place::At);
        let Some(trained) = train(terminal, plan, place)? else {
            return Ok(Exit::No);
        };
        trained.show(terminal);
        Ok(Exit::Done)
    }
}

/// Trains; `None` when the reply was rejected, which is said.
pub(crate) fn train(
    terminal: &Terminal,
    plan: Plan,
    place: Place,
) -> Result<Option<Trained>, Failure> {
    device::parse(&plan.device)?;
    if let Place::At(path) = &place {
        RunFolder::check_free(path)?;
    }
    let source = plan.source.clone();
    let prepared = match (plan.prepare(), source) {
        (Ok(prepared), _) => prepared,
        (Err(RunError::Rejected(rejected)), Source::Reply(reply)) => {
            show_rejected(terminal, &reply, &rejected);
            return Ok(None);
        }
        (Err(error), _) => return Err(error.into()),
    };
    if let Net::Generated { reply, generated } = &prepared.net {
        terminal.show(&generated.diagnostics, reply);
    }
    let folder = place.make(&prepared)?;
    let _will = last_will(terminal.clone(), &folder);
    match run(terminal, &prepared, &folder) {
        Ok(trained) => Ok(Some(trained)),
        Err(error) => Err(stopped(terminal, &folder, error)),
    }
}

fn run(terminal: &Terminal, prepared: &Prepared, folder: &RunFolder) -> Result<Trained, RunError> {
    terminal.say(&format!("run folder {}", folder.path().display()));
    let n_words = prepared.vocab.len();
    terminal.say(&match &prepared.net {
        Net::Generated { .. } => {
            format!("vocabulary of {n_words} words; compiling the generated net")
        }
        Net::System(file) => format!("vocabulary of {n_words} words; the system {}", file.name),
    });
    prepared.record(folder)?;
    let built = prepared.build(folder)?;
    if let Some(built) = &built {
        terminal.say(&built_line(built));
    }
    let process = prepared.start(folder)?;
    follow(
        terminal,
        &prepared.info,
        folder,
        Launched { built, process },
    )
}

/// Shows a training until it ends, and makes its page.
pub(super) fn follow(
    terminal: &Terminal,
    info: &RunInfo,
    folder: &RunFolder,
    launched: Launched,
) -> Result<Trained, RunError> {
    let Launched { built, mut process } = launched;
    let mut progress = Progress::new(terminal, info);
    while let Some(event) = process.next_event() {
        if let Event::Verified { checks } = &event {
            folder.write_json(&folder.checks(), checks)?;
        }
        progress.show(&event);
    }
    let mut warnings = progress.end();
    process.finish()?;
    let scores: SplitScores = folder.read_json(&folder.scores())?;
    let captions: Vec<CaptionedImage> = folder.read_json(&folder.captions())?;
    let outcome = RunOutcome::trained(folder, &captions);
    folder.write_json(&folder.outcome(), &outcome)?;
    if let Err(error) = write_page(info, folder, &scores, &captions) {
        let warning = format!("no page of captions: {:#}", error.error);
        terminal.say(&format!("warning: {warning}"));
        warnings.push(warning);
    }
    Ok(Trained {
        folder: folder.clone(),
        scores,
        built,
        outcome,
        warnings,
    })
}

/// Records how the run ended. A disk that is full may have no room for that either.
pub(super) fn stopped(terminal: &Terminal, folder: &RunFolder, error: RunError) -> Failure {
    folder.sweep();
    let outcome = RunOutcome::stopped(folder, &error);
    if let Err(error) = folder.write_json(&folder.outcome(), &outcome) {
        terminal.say(&format!("warning: {error}"));
    }
    let folder = folder.path().to_path_buf();
    Failure {
        ended: Some(Box::new(Ended { folder, outcome })),
        ..error.into()
    }
}

/// Records the end of a run that a signal stops, such as Ctrl-C.
pub(super) fn last_will(terminal: Terminal, folder: &RunFolder) -> LastWill {
    let folder = folder.clone();
    LastWill::new(move |signal| {
        folder.sweep();
        let outcome = RunOutcome::interrupted(&folder, signal);
        let written = folder.write_json(&folder.outcome(), &outcome);
        terminal.interrupted(&Ended {
            folder: folder.path().to_path_buf(),
            outcome,
        });
        if let Err(error) = written {
            terminal.say(&format!("warning: {error}"));
        }
    })
}

fn write_page(
    info: &RunInfo,
    folder: &RunFolder,
    scores: &SplitScores,
    captions: &[CaptionedImage],
) -> Result<(), Failure> {
    let open = |(split, _)| info.data.open(split).map_err(RunError::from);
    let page = Page {
        info,
        scores,
        captions,
        sets: &scores.iter().map(open).collect::<Result<Vec<_>, _>>()?,
    };
    let html = captions_page(&page).map_err(Failure::usage)?;
    folder.write(&folder.page(), &html)?;
    Ok(())
}

impl Place {
    fn make(self, prepared: &Prepared) -> Result<RunFolder, RunError> {
        match self {
            Self::At(path) => RunFolder::create(&path),
            Self::Next(stem) => RunFolder::create_next(&stem),
            Self::OfNet => RunFolder::create_next(&default_folder(prepared)),
        }
    }
}

/// `runs/<data>-<net>`
fn default_folder(prepared: &Prepared) -> PathBuf {
    let data = prepared.info.data.kind();
    Path::new("runs").join(format!("{data}-{}", prepared.info.net()))
}

/// One line about the build, for people.
pub(crate) fn built_line(built: &Built) -> String {
    let tally = &built.tally;
    format!(
        "compiled in {:.1} s: {} packages up to date, {} of ours and {} of the registry compiled, {} warnings",
        built.seconds,
        tally.fresh,
        tally.compiled_path,
        tally.compiled_registry,
        tally.warnings.len(),
    )
}

impl Trained {
    /// Whether the net clearly beats the constant caption on the validation pictures by protocol coco.
    pub(crate) fn verdict(&self) -> Verdict {
        Verdict::of(&self.scores.validation.coco)
    }

    /// Prints scores, baselines and verdicts.
    pub(crate) fn show(&self, terminal: &Terminal) {
        if terminal.json {
            terminal.answer_json(&self.json());
            return;
        }
        terminal.answer(&tables(&self.scores));
        let judged = &self.scores.validation;
        for (name, scores) in [("coco", &judged.coco), ("lemur", &judged.lemur)] {
            terminal.answer(&format!(
                "On validation pictures, by protocol {name}, {}.",
                Verdict::of(scores)
            ));
        }
        terminal.answer(&format!("Captions: {}", self.captions().display()));
        self.show_outcome(terminal);
    }

    fn show_outcome(&self, terminal: &Terminal) {
        let RunOutcome {
            outcome, message, ..
        } = &self.outcome;
        if let Some(outcome) = outcome {
            if *outcome == Outcome::Collapse {
                terminal.say(&format!("warning: {message}"));
            }
            terminal.answer(&format!("Outcome: {outcome}"));
        }
    }

    /// The page, or where it could not be made what it is made from.
    fn captions(&self) -> PathBuf {
        let page = self.folder.page();
        if page.is_file() {
            page
        } else {
            self.folder.captions()
        }
    }

    fn json(&self) -> Value {
        json!({
            "outcome": self.outcome.outcome,
            "run": self.folder.path(),
            "page": self.captions(),
            "scores": self.scores,
            "verdict": { "coco": self.verdict(), "lemur": Verdict::of(&self.scores.validation.lemur) },
            "build": self.built.as_ref().map(|built| json!({ "seconds": built.seconds, "tally": built.tally })),
            "warnings": self.warnings,
        })
    }
}
