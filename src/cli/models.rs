//! `models`: the ready systems and the encoders, by name.
use nn_caption::caption_models::system::{SYSTEMS, SystemEntry};
use nn_caption::nn_core::encoder::{ENCODERS, EncoderEntry};
use serde_json::{Value, json};

use super::exit::{Answer, Exit, Failure};
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption models                 all ready systems and all encoders
  nn-caption models resnet          those whose name holds `resnet`
  nn-caption models --json          the same for machines

A system trains by `nn-caption train NAME --data ..`, on another encoder with `--encoder NAME`.
In Rust, `nn_caption::caption_models::system::find` and `nn_caption::nn_core::encoder::find` give the entry of a name,
and `nn_caption::caption_models::weights::load` reads torchvision's .pth files into an encoder.";

/// List ready captioning systems, and image encoders with parameters, computation, image size
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// List only those whose name holds this
    name: Option<String>,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        let wanted = self.name.unwrap_or_default();
        let systems = SYSTEMS.iter().filter(|entry| entry.name.contains(&wanted));
        let encoders = ENCODERS.iter().filter(|entry| entry.name.contains(&wanted));
        let (systems, encoders): (Vec<_>, Vec<_>) = (systems.collect(), encoders.collect());
        if systems.is_empty() && encoders.is_empty() {
            return Err(Failure::usage(anyhow::anyhow!(
                "no name holds `{wanted}`; `nn-caption models` lists all {}",
                SYSTEMS.len() + ENCODERS.len()
            )));
        }
        if terminal.json {
            let systems: Vec<_> = systems.into_iter().map(system_row).collect();
            let encoders: Vec<_> = encoders.into_iter().map(encoder_row).collect();
            terminal.answer_json(&json!({ "systems": systems, "encoders": encoders }));
        } else {
            let tables = [system_table(&systems), encoder_table(&encoders)];
            let tables: Vec<_> = tables.into_iter().flatten().collect();
            terminal.answer(tables.join("\n").trim_end());
        }
        Ok(Exit::Done)
    }
}

fn system_row(entry: &SystemEntry) -> Value {
    json!({ "name": entry.name, "encoder": entry.encoder, "about": entry.about })
}

fn encoder_row(entry: &EncoderEntry) -> Value {
    json!({
        "name": entry.name,
        "parameters": entry.n_parameters,
        "mega_macs": entry.mega_macs,
        "input_size": entry.input_size,
    })
}

fn system_table(entries: &[&SystemEntry]) -> Option<String> {
    let rows = entries
        .iter()
        .map(|entry| format!("{:24} {:16} {}\n", entry.name, entry.encoder, entry.about));
    let header = format!("{:24} {:16}\n", "system", "encoder");
    (!entries.is_empty()).then(|| std::iter::once(header).chain(rows).collect())
}

fn encoder_table(entries: &[&EncoderEntry]) -> Option<String> {
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
    (!entries.is_empty()).then(|| std::iter::once(header).chain(rows).collect())
}
