//! `generate`: the Rust source of a reply's net, or why there is none.
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use nn_caption::candidate::Builder;
use nn_caption::codegen::cost::{Batch, Summary};
use nn_caption::codegen::{self, Generated, Rejected, Repairs};
use nn_caption::run;
use serde_json::{Value, json};

use super::exit::{Answer, Exit, Failure};
use super::input::{parse_count, parse_image, parse_prm, read_reply};
use super::task::Task;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption generate reply.md                            Rust source on stdout, warnings on stderr
  nn-caption generate net.py --out net.rs                 a bare PyTorch file
  nn-caption generate net.py --out net                    a crate in the folder net, for `cargo run --release`
  nn-caption generate - --image 64 --vocab 500 < reply.md for 64x64 pictures and 500 words
  nn-caption generate reply.md --prm lr=0.01 --prm dropout=0.2
  nn-caption generate reply.md --emit summary             layers, shapes, parameters, FLOPs, memory
  nn-caption generate reply.md --repair all               guess what was meant, too
  nn-caption generate spec.json                           a net described by a spec (`nn-caption spec`)
  nn-caption generate net.py --task classify --classes 10 --image 32
  nn-caption generate reply.md --json                     source, hash and diagnostics as JSON

What repairs changed is printed as a difference on stderr.
A rejected reply ends in exit code 1, with the offending lines on stderr; `nn-caption rules N010` explains a rule.";

/// Print the Rust source of a reply's net, or say what is wrong with the reply
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A language model's reply, a bare .py file, or a spec; `-` is stdin
    reply: PathBuf,
    /// What the net is for
    #[arg(long, value_enum, default_value = "caption")]
    task: Task,
    /// Words the net shall know, the four special ones included; the classes of a classifier
    #[arg(
        long,
        alias = "classes",
        default_value_t = 10_000,
        value_name = "WORDS"
    )]
    vocab: usize,
    /// Picture size: one side, or height and width as in 224x160
    #[arg(long, default_value = "224", value_parser = parse_image, value_name = "SIZE")]
    image: [usize; 3],
    /// Pictures a step; the net's hyper-parameter `batch`
    #[arg(long, default_value_t = 16, value_parser = parse_count)]
    batch: usize,
    /// A hyper-parameter of the net; may be repeated
    #[arg(long, value_parser = parse_prm, value_name = "NAME=VALUE")]
    prm: Vec<(String, Value)>,
    /// What to print
    #[arg(long, value_enum, default_value_t = Emit::Rust)]
    emit: Emit,
    /// Which repairs to apply to the reply
    #[arg(long, value_enum, default_value_t = Repair::Safe)]
    repair: Repair,
    /// Write to this file instead; a name without an extension is a folder for a crate
    #[arg(long, short, value_name = "FILE|DIR")]
    out: Option<PathBuf>,
}

/// What is printed of an accepted reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Emit {
    /// The module's Rust source
    Rust,
    /// A listing of the Program
    Program,
    /// The Program as JSON
    Json,
    /// A table of layers: output shapes, parameters, FLOPs and activation memory of a training batch
    Summary,
}

/// Which repairs are applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Repair {
    /// Those that say what the reply can only have meant
    Safe,
    /// Those that guess, too
    All,
    /// None
    None,
}

impl From<Repair> for Repairs {
    fn from(repair: Repair) -> Self {
        match repair {
            Repair::Safe => Self::Safe,
            Repair::All => Self::All,
            Repair::None => Self::None,
        }
    }
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        let reply = read_reply(&self.reply)?;
        let prm = self.prm.iter().cloned().collect();
        let options = run::options(self.vocab, self.image, self.batch, prm);
        let mut options = self.task.of(options);
        options.repair = self.repair.into();
        match codegen::generate(&reply, &options) {
            Ok(generated) => self.accepted(terminal, &reply, &generated),
            Err(rejected) => {
                show_rejected(terminal, &reply, &rejected);
                Ok(Exit::No)
            }
        }
    }

    fn accepted(&self, terminal: &Terminal, reply: &str, generated: &Generated) -> Answer {
        if terminal.json {
            self.write(generated)?;
            terminal.answer_json(&self.answer(generated));
            return Ok(Exit::Done);
        }
        show_repairs(terminal, generated.repairs.as_deref());
        terminal.show(&generated.diagnostics, reply);
        self.write(generated)?;
        match &self.out {
            Some(out) => terminal.say(&format!("wrote {}", out.display())),
            None => terminal.answer(&self.text(generated)?),
        }
        Ok(Exit::Done)
    }

    /// Writes the file or the crate that was asked for.
    fn write(&self, generated: &Generated) -> Result<(), Failure> {
        let Some(out) = &self.out else { return Ok(()) };
        let is_crate = self.emit == Emit::Rust && (out.extension().is_none() || out.is_dir());
        if is_crate {
            let builder = Builder::find().map_err(Failure::usage)?;
            return builder
                .export(out, &generated.source)
                .map_err(Failure::usage);
        }
        write_file(out, &self.text(generated)?)
    }

    fn text(&self, generated: &Generated) -> Result<String, Failure> {
        Ok(match self.emit {
            Emit::Rust => generated.source.clone(),
            Emit::Program => generated.program.to_string(),
            Emit::Json => serde_json::to_string_pretty(&generated.program)
                .context("the Program is no JSON")
                .map_err(Failure::usage)?,
            Emit::Summary => self.summary(generated).to_string(),
        })
    }

    fn answer(&self, generated: &Generated) -> Value {
        let mut answer = json!({
            "accepted": true,
            "hash": generated.hash,
            "repairs": generated.repairs,
            "diagnostics": generated.diagnostics,
        });
        let (key, value) = match self.emit {
            Emit::Rust => ("source", json!(generated.source)),
            Emit::Program => ("listing", json!(generated.program.to_string())),
            Emit::Json => ("program", json!(generated.program)),
            Emit::Summary => ("summary", json!(self.summary(generated))),
        };
        if let Some(object) = answer.as_object_mut() {
            object.insert(key.to_owned(), value);
        }
        answer
    }

    fn summary(&self, generated: &Generated) -> Summary {
        Summary::of(&generated.program, Batch::of(self.batch))
    }
}

fn write_file(out: &Path, text: &str) -> Result<(), Failure> {
    fs::write(out, text)
        .with_context(|| format!("cannot write {}", out.display()))
        .map_err(Failure::usage)
}

/// What repairs changed.
fn show_repairs(terminal: &Terminal, repairs: Option<&str>) {
    if let Some(repairs) = repairs {
        terminal.say(&codegen::plain_text(repairs));
    }
}

/// Says why a reply was rejected.
pub(crate) fn show_rejected(terminal: &Terminal, reply: &str, rejected: &Rejected) {
    let outcome = rejected.outcome();
    if terminal.json {
        terminal.answer_json(&json!({
            "accepted": false,
            "outcome": outcome,
            "error": rejected.to_string(),
            "repairs": rejected.repairs,
            "diagnostics": rejected.diagnostics,
        }));
    } else {
        show_repairs(terminal, rejected.repairs.as_deref());
        terminal.show(&rejected.diagnostics, reply);
        terminal.say(&format!("outcome: {outcome}"));
    }
}
