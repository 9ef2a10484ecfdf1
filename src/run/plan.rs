//! From a reply and a data set to a generated net of the right sizes.
use std::collections::BTreeMap;

use caption_models::data::{DataSpec, Split};
use caption_models::limits::Limits;
use caption_models::train::{Course, Pace};
use caption_models::vocab::Vocab;
use codegen::Options;

use super::{Net, RunError, RunInfo, Source};

/// What to train, on what, and how long.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The net.
    pub source: Source,
    /// The data set.
    pub data: DataSpec,
    /// See [`caption_models::device::parse`]. Default: `cpu`
    pub device: String,
    /// Passes over the training pictures. Default: 10
    pub epochs: usize,
    /// Pictures a step. Default: 16
    pub batch: usize,
    /// Channels, height, width. Default: `[3, 64, 64]`
    pub image: [usize; 3],
    /// Hyper-parameters that differ from LEMUR's defaults.
    pub prm: BTreeMap<String, serde_json::Value>,
    /// Rarer words of the training captions become UNK. Default: 1
    pub min_count: usize,
    /// Seeds initial values, order of the pictures and dropout. Default: 0
    pub seed: u64,
    /// Training pictures scored beside the validation pictures. Default: 0
    pub score_train: usize,
    /// What moves the learning rates, and when training ends early. Default: nothing
    pub pace: Pace,
    /// What the training does beside. Default: nothing
    pub course: Course,
    /// What the candidate's process may use. Default: [`Limits::default`]
    pub limits: Limits,
    /// Seconds that the candidate may run, by the clock on the wall. Default: for ever
    pub time_limit: Option<u64>,
    /// Whether the net is checked before training. Default: it is
    pub verify: bool,
}

/// A net, its vocabulary and how to train it.
#[derive(Clone, Debug)]
pub struct Prepared {
    /// The net.
    pub net: Net,
    /// The words of the training captions.
    pub vocab: Vocab,
    /// How it will be trained.
    pub info: RunInfo,
}

impl Plan {
    /// A plan with all defaults.
    pub fn new(source: impl Into<Source>, data: DataSpec) -> Self {
        Self {
            source: source.into(),
            data,
            device: "cpu".to_owned(),
            epochs: 10,
            batch: 16,
            image: [3, 64, 64],
            prm: BTreeMap::new(),
            min_count: 1,
            seed: 0,
            score_train: 0,
            pace: Pace::default(),
            course: Course::default(),
            limits: Limits::default(),
            time_limit: None,
            verify: true,
        }
    }

    /// Builds the vocabulary of the training captions, and the net for it.
    ///
    /// # Errors
    ///
    /// When the data cannot be opened, the reply is rejected, or no system has that name and those parts.
    pub fn prepare(self) -> Result<Prepared, RunError> {
        let vocab = self.vocab()?;
        self.prepare_for(vocab)
    }

    /// The vocabulary of the training captions.
    ///
    /// # Errors
    ///
    /// When the data cannot be opened.
    pub fn vocab(&self) -> Result<Vocab, RunError> {
        let train = self.data.open(Split::Train)?;
        let captions = train.items().iter().flat_map(|item| &item.captions);
        Ok(Vocab::build(captions, self.min_count))
    }

    /// The net for a vocabulary that is known.
    ///
    /// # Errors
    ///
    /// When the reply is rejected, or no system has that name and those parts.
    pub fn prepare_for(self, vocab: Vocab) -> Result<Prepared, RunError> {
        let options = options(vocab.len(), self.image, self.batch, self.prm);
        let net = match self.source {
            Source::Reply(reply) => {
                let generated = codegen::generate(&reply, &options).map_err(RunError::Rejected)?;
                let generated = Box::new(generated);
                Net::Generated { reply, generated }
            }
            Source::System(plan) => Net::System(Box::new(plan.file(vocab.len(), self.image)?)),
        };
        let (hash, system, pretrained) = match &net {
            Net::Generated { generated, .. } => (generated.hash.clone(), None, false),
            Net::System(file) => {
                let pretrained = file.config.training.weights.is_some();
                (String::new(), Some(file.name.clone()), pretrained)
            }
        };
        let info = RunInfo {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            hash,
            system,
            pretrained,
            data: self.data,
            device: self.device,
            epochs: self.epochs,
            batch: self.batch,
            image: self.image,
            prm: options.prm,
            seed: self.seed,
            score_train: self.score_train,
            pace: self.pace,
            course: self.course,
            limits: self.limits,
            time_limit: self.time_limit,
            verify: self.verify,
        };
        Ok(Prepared { net, vocab, info })
    }
}

/// codegen's options: `prm` over LEMUR's defaults, the batch among them.
pub fn options(
    vocab: usize,
    image: [usize; 3],
    batch: usize,
    prm: BTreeMap<String, serde_json::Value>,
) -> Options {
    let mut options = Options {
        vocab,
        image,
        batch,
        ..Options::default()
    };
    options.prm.insert("batch".to_owned(), batch.into());
    options.prm.extend(prm);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_given_hyper_parameter_wins_over_the_default() {
        let prm = BTreeMap::from([("lr".to_owned(), 0.5.into())]);
        let options = options(60, [3, 64, 64], 4, prm);
        assert_eq!(options.prm["lr"], 0.5);
        assert_eq!(options.prm["batch"], 4);
    }
}
