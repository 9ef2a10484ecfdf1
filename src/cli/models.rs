//! `models`: the encoders that have a name.
use nn_caption::nn_core::encoder::{ENCODERS, EncoderEntry};
use serde_json::{Value, json};

use super::exit::{Answer, Exit, Failure};
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption models                 all encoders
  nn-caption models resnet          those whose name holds `resnet`
  nn-caption models --json          the same for machines

In Rust, `nn_caption::nn_core::encoder::find(\"resnet50\")` is the entry, and its `config` builds the encoder.
`nn_caption::caption_models::weights::load` reads torchvision's .pth files into it.";

/// List the image encoders: parameters, computation, image size
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// List only encoders whose name holds this
    name: Option<String>,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        let wanted = self.name.unwrap_or_default();
        let found = ENCODERS.iter().filter(|entry| entry.name.contains(&wanted));
        let found: Vec<_> = found.collect();
        if found.is_empty() {
            return Err(Failure::usage(anyhow::anyhow!(
                "no encoder's name holds `{wanted}`; `nn-caption models` lists all {}",
                ENCODERS.len()
            )));
        }
        if terminal.json {
            let rows: Vec<_> = found.into_iter().map(row).collect();
            terminal.answer_json(&json!({ "encoders": rows }));
        } else {
            terminal.answer(&table(&found));
        }
        Ok(Exit::Done)
    }
}

fn row(entry: &EncoderEntry) -> Value {
    json!({
        "name": entry.name,
        "parameters": entry.n_parameters,
        "mega_macs": entry.mega_macs,
        "input_size": entry.input_size,
    })
}

fn table(entries: &[&EncoderEntry]) -> String {
    let rows = entries.iter().map(|entry| {
        let mega_parameters = entry.n_parameters as f64 / 1e6;
        let giga_macs = entry.mega_macs as f64 / 1e3;
        format!(
            "{:20} {mega_parameters:>10.1} M {giga_macs:>9.2} {:>6}\n",
            entry.name, entry.input_size
        )
    });
    let header = format!(
        "{:20} {:>12} {:>9} {:>6}\n",
        "encoder", "parameters", "GMACs", "pixels"
    );
    std::iter::once(header).chain(rows).collect()
}
