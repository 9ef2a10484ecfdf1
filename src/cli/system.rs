//! Options of ready systems, and whether a name is one.
use std::path::{Path, PathBuf};

use anyhow::anyhow;
use nn_caption::caption_models::data::Augment;
use nn_caption::caption_models::system::{self, Freeze, Training, Unfreeze};
use nn_caption::caption_models::train::{Course, SelfCritical};
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
    /// Stages of the encoder that keep their weights: the first so many, all, or all-N for all but the last N [default: 0]
    #[arg(long, value_name = "STAGES")]
    freeze: Option<Freeze>,
    /// From an epoch on the last so many stages of the encoder are trained, and no others; may be repeated
    #[arg(long, value_name = "EPOCH:STAGES")]
    unfreeze: Vec<Unfreeze>,
    /// Folder that keeps the features of an encoder which keeps all its weights
    ///
    /// They are computed once; later epochs, other runs and other decoders on the same pictures read them. A folder may
    /// be deleted at any time, and what is damaged in it is computed again. By default
    /// $XDG_CACHE_HOME/nn-caption/features, or ~/.cache/nn-caption/features.
    #[arg(long, value_name = "FOLDER")]
    cache: Option<PathBuf>,
    /// Compute features anew in each epoch
    #[arg(long, conflicts_with = "cache")]
    no_cache: bool,
    /// After --epochs so many epochs of self-critical training on CIDEr-D, with rates multiplied by RATE [default: 0.1]
    #[arg(long, value_name = "EPOCHS[:RATE]")]
    self_critical: Option<SelfCritical>,
    /// Learn the first caption of each picture only
    #[arg(long)]
    first_caption: bool,
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
                "--encoder, --weights, --freeze, --unfreeze, --cache, --no-cache, --self-critical, --first-caption, --lr \
                 and --encoder-lr are for ready systems, and `{}` is none; a reply's net has its own recipe, see --prm",
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

    /// What the training does beside its recipe.
    pub(crate) fn course(&self, augment: Augment) -> Result<Course, Failure> {
        Ok(Course {
            augment,
            unfreeze: self.unfreeze.clone(),
            self_critical: self.self_critical,
            features: self.features(augment)?,
            ..Course::default()
        })
    }

    /// Where features are kept.
    fn features(&self, augment: Augment) -> Result<Option<PathBuf>, Failure> {
        let is_frozen = self.freeze.is_some_and(|freeze| freeze != Freeze::NOTHING);
        let refused = match &self.cache {
            Some(_) if !augment.is_none() => {
                "--cache keeps features of pictures that --augment changes in each epoch"
            }
            Some(_) if !is_frozen && self.self_critical.is_none() => {
                "--cache keeps features of an encoder that keeps its weights: add --freeze all"
            }
            Some(folder) => {
                return std::path::absolute(folder)
                    .map(Some)
                    .map_err(Failure::usage);
            }
            None if is_frozen && augment.is_none() && !self.no_cache => return Ok(default_cache()),
            None => return Ok(None),
        };
        Err(Failure::usage(anyhow!(refused)))
    }

    fn is_given(&self) -> bool {
        self.encoder.is_some()
            || self.weights.is_some()
            || self.freeze.is_some()
            || !self.unfreeze.is_empty()
            || self.cache.is_some()
            || self.no_cache
            || self.self_critical.is_some()
            || self.first_caption
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
                freeze: self.freeze.unwrap_or(default.freeze),
                first_caption: self.first_caption,
                lr: self.lr.unwrap_or(default.lr),
                encoder_lr: self.encoder_lr.unwrap_or(default.encoder_lr),
                ..default
            },
        })
    }
}

/// Where the user's cache is; none where the environment does not say.
fn default_cache() -> Option<PathBuf> {
    let folder = |name| std::env::var_os(name).filter(|folder| !folder.is_empty());
    let home = || folder("HOME").map(|home| Path::new(&home).join(".cache"));
    let cache = folder("XDG_CACHE_HOME").map(PathBuf::from).or_else(home)?;
    Some(cache.join("nn-caption/features"))
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
