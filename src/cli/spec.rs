//! `spec`: nets described in data, their JSON Schema, and the PyTorch they stand for.
use std::path::PathBuf;

use anyhow::Context;
use nn_caption::codegen::spec::{NetSpec, schema};
use serde_json::Value;

use super::exit::{Answer, Exit, Failure};
use super::input::read_reply;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption spec > spec.json               an example
  nn-caption spec --schema > schema.json    the JSON Schema, for constrained decoding
  nn-caption spec spec.json > net.py        the PyTorch file that a spec stands for
  nn-caption generate spec.json             its Rust; `train` takes it, too";

/// Describe a net in data: an example, the JSON Schema, or a spec as PyTorch
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Print the PyTorch file of this spec; `-` is stdin
    #[arg(conflicts_with = "schema")]
    spec: Option<PathBuf>,
    /// Print the JSON Schema of specs
    #[arg(long)]
    schema: bool,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        if let Some(path) = &self.spec {
            let text = read_reply(path)?;
            let spec = NetSpec::read(&text).map_err(Failure::usage)?;
            terminal.answer(&spec.python());
            return Ok(Exit::Done);
        }
        let value = if self.schema {
            schema()
        } else {
            serde_json::to_value(NetSpec::example())
                .context("the example is no JSON")
                .map_err(Failure::usage)?
        };
        answer(terminal, &value)
    }
}

fn answer(terminal: &Terminal, value: &Value) -> Answer {
    if terminal.json {
        terminal.answer_json(value);
    } else {
        let text = serde_json::to_string_pretty(value)
            .context("the answer is no JSON")
            .map_err(Failure::usage)?;
        terminal.answer(&text);
    }
    Ok(Exit::Done)
}
