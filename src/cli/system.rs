//! Options of ready systems, and whether a name is one.
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use nn_caption::caption_models::system::{self, Training};
use nn_caption::run::{Source, SystemPlan};

use super::exit::Failure;
use super::input::read_reply;

/// How a ready system is built and trained
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Ready systems")]
#[group(skip)]
pub(crate) struct Args {
    /// Another encoder than the system's own; `nn-caption models` lists them
    #[arg(long, value_name = "NAME")]
    encoder: Option<String>,
    /// Weights the encoder starts from: torchvision's .pth, or safetensors
    #[arg(long, value_name = "FILE")]
    weights: Option<PathBuf>,
    /// Stages of the encoder that keep their weights [default: 0]
    #[arg(long, value_name = "STAGES")]
    freeze: Option<usize>,
    /// Learning rate of the decoder [default: 0.001]
    #[arg(long, value_name = "RATE")]
    lr: Option<f64>,
    /// Learning rate of the encoder [default: 0.001]
    #[arg(long, value_name = "RATE")]
    encoder_lr: Option<f64>,
}

impl Args {
    /// The ready system called `net` where there is no file of that name, else the reply in the file.
    pub(crate) fn source(self, net: &Path) -> Result<Source, Failure> {
        let name = net.to_str().filter(|name| system::find(name).is_some());
        match name {
            Some(name) if !net.exists() => self.system(name).map(Source::System),
            _ if self.is_given() => Err(Failure::usage(anyhow!(
                "--encoder, --weights, --freeze, --lr and --encoder-lr are for ready systems, and `{}` is none; a reply's \
                 net has its own recipe, see --prm",
                net.display()
            ))),
            _ if !net.exists() && is_a_name(net) => Err(Failure::usage(anyhow!(
                "`{}` is neither a file nor a ready system; the systems are {}",
                net.display(),
                names()
            ))),
            _ => Ok(read_reply(net)?.into()),
        }
    }

    fn is_given(&self) -> bool {
        self.encoder.is_some()
            || self.weights.is_some()
            || self.freeze.is_some()
            || self.lr.is_some()
            || self.encoder_lr.is_some()
    }

    fn system(self, name: &str) -> Result<SystemPlan, Failure> {
        let default = Training::default();
        // The process that trains may look from elsewhere.
        let weights = self.weights.map(std::path::absolute).transpose();
        Ok(SystemPlan {
            name: name.to_owned(),
            encoder: self.encoder,
            training: Training {
                weights: weights.map_err(Failure::usage)?,
                frozen_stages: self.freeze.unwrap_or(default.frozen_stages),
                lr: self.lr.unwrap_or(default.lr),
                encoder_lr: self.encoder_lr.unwrap_or(default.encoder_lr),
                ..default
            },
        })
    }
}

/// Nobody's file is called so: no dot, no slash, not `-`.
fn is_a_name(net: &Path) -> bool {
    net.to_str()
        .is_some_and(|name| name != "-" && !name.contains(['.', '/']))
}

fn names() -> String {
    let names: Vec<_> = system::SYSTEMS.iter().map(|entry| entry.name).collect();
    names.join(", ")
}
