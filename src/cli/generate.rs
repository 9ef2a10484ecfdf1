//! `generate`: the Rust source of a reply's net, or why there is none.
use std::fs;
use std::path::PathBuf;

use anyhow::Context;
use nn_caption::codegen::{self, Generated, Rejected};
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
  nn-caption generate - --image 64 --vocab 500 < reply.md for 64x64 pictures and 500 words
  nn-caption generate reply.md --prm lr=0.01 --prm dropout=0.2
  nn-caption generate net.py --task classify --classes 10 --image 32
  nn-caption generate reply.md --json                     source, hash and diagnostics as JSON

A rejected reply ends in exit code 1, with the offending lines on stderr.";

/// Print the Rust source of a reply's net, or say what is wrong with the reply
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A language model's reply, or a bare .py file; `-` is stdin
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
    /// Write the source to this file
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        let reply = read_reply(&self.reply)?;
        let prm = self.prm.iter().cloned().collect();
        let options = self
            .task
            .of(run::options(self.vocab, self.image, self.batch, prm));
        match codegen::generate(&reply, &options) {
            Ok(generated) => self.accepted(terminal, &reply, &generated),
            Err(rejected) => {
                show_rejected(terminal, &reply, &rejected);
                Ok(Exit::No)
            }
        }
    }

    fn accepted(&self, terminal: &Terminal, reply: &str, generated: &Generated) -> Answer {
        if let Some(out) = &self.out {
            fs::write(out, &generated.source)
                .with_context(|| format!("cannot write {}", out.display()))
                .map_err(Failure::usage)?;
        }
        if terminal.json {
            terminal.answer_json(&json!({
                "accepted": true,
                "hash": generated.hash,
                "source": generated.source,
                "diagnostics": generated.diagnostics,
            }));
            return Ok(Exit::Done);
        }
        terminal.show(&generated.diagnostics, reply);
        match &self.out {
            Some(out) => terminal.say(&format!("wrote {}", out.display())),
            None => terminal.answer(&generated.source),
        }
        Ok(Exit::Done)
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
            "diagnostics": rejected.diagnostics,
        }));
    } else {
        terminal.show(&rejected.diagnostics, reply);
        terminal.say(&format!("outcome: {outcome}"));
    }
}
