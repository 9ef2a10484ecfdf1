//! [`CaptionSystem`]: the module of a system, and the net around it.

use burn::module::Module;
use burn::tensor::{Device, Int, Tensor};
use nn_core::decoder::{AnyDecoder, AnyDecoderState, CaptionDecoder, Memory};
use nn_core::encoder::{AnyEncoder, Encoder};
use nn_core::{ConfigError, CrossEntropyConfig};

use super::state::{recipe, state_of};
use super::{MemoryKind, SystemConfig};
use crate::harness::{
    Alignment, Candidate, CaptionNet, EntryPoints, Facts, Inference, Regions, Session, Spec,
    StateError,
};
use crate::vocab::PAD;
use crate::weights::{self, LoadOptions, WeightsError};

/// An encoder and a decoder that reads what the encoder makes of an image.
#[derive(Module, Debug)]
pub struct CaptionSystem {
    /// From images to the memory.
    pub encoder: AnyEncoder,
    /// From the memory and the words so far to the next word.
    pub decoder: AnyDecoder,
    pooled: bool,
    first_caption: bool,
    label_smoothing: f64,
    /// The encoder in words, where all of it keeps its weights.
    #[module(skip)]
    frozen_encoder: Option<String>,
}

/// Why a system cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SystemError {
    /// No system has that name.
    #[error("no system is called `{name}`; `nn-caption models` lists them")]
    NoSystem {
        /// The name.
        name: String,
    },
    /// No encoder has that name.
    #[error("no encoder is called `{name}`; `nn-caption models` lists them")]
    NoEncoder {
        /// The name.
        name: String,
    },
    /// One of its networks breaks a rule.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// More stages are to be frozen, or trained, than the encoder has.
    #[error("the encoder has {found} stages, but {wanted} are to be frozen or trained")]
    Stages {
        /// How many it has.
        found: usize,
        /// How many were named.
        wanted: usize,
    },
    /// The encoder's weights cannot be read.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The file of weights lacks parameters of the encoder, or has them in other shapes.
    #[error("the weights {path} are not the encoder's: {n_missing} parameters are missing or of another shape, the first being `{first}`", path = path.display())]
    OtherWeights {
        /// The file.
        path: std::path::PathBuf,
        /// How many.
        n_missing: usize,
        /// The name of the first one.
        first: String,
    },
    /// A file of a system cannot be read, or holds something else.
    #[error("{path} is no system: {reason}", path = path.display())]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// Why not.
        reason: String,
    },
    /// The module and the table of its parameters disagree.
    #[error(transparent)]
    State(#[from] StateError),
}

impl SystemConfig {
    /// Builds the net for pictures of `image`, `[channels, height, width]`, with initial values that are a function of
    /// `seed`, and reads the encoder's weights where the training names a file.
    ///
    /// # Errors
    ///
    /// When a network breaks a rule, or the weights do not fit.
    pub fn build(
        &self,
        image: [usize; 3],
        device: &Device,
        seed: u64,
    ) -> Result<Box<dyn CaptionNet>, SystemError> {
        self.encoder.check()?;
        device.seed(seed);
        let training = device.clone().autodiff();
        let mut encoder = self.encoder.init(&training);
        let decoder = self.decoder.clone().with_d_memory(encoder.n_channels());
        decoder.check()?;
        self.load_weights(&mut encoder)?;
        let found = encoder.n_stages();
        let freeze = self.training.freeze;
        let Some(n_frozen) = freeze.n_stages(found) else {
            let wanted = freeze.n_named();
            return Err(SystemError::Stages { found, wanted });
        };
        let system = CaptionSystem {
            encoder: encoder.freeze_stages(n_frozen),
            decoder: decoder.init(&training),
            pooled: self.memory == MemoryKind::Pooled,
            first_caption: self.training.first_caption,
            label_smoothing: self.training.label_smoothing,
            frozen_encoder: (n_frozen == found).then(|| self.encoder_in_words()),
        };
        let state = state_of(&system);
        let facts = Facts {
            spec: spec(&system, image),
            recipe: recipe(state, &self.training),
            state,
        };
        Ok(Box::new(Candidate::of(system, facts, device)?))
    }

    /// What tells one encoder, and what the decoder reads of it, from any other: all but its weights.
    fn encoder_in_words(&self) -> String {
        serde_json::json!({ "encoder": self.encoder, "memory": self.memory }).to_string()
    }

    /// Everything but the head, which has other classes, must be in the file.
    fn load_weights(&self, encoder: &mut AnyEncoder) -> Result<(), SystemError> {
        let Some(path) = &self.training.weights else {
            return Ok(());
        };
        let report = weights::load(encoder, path, &LoadOptions { partial: true })?;
        let wrong = report.wrong_shape.iter().map(|wrong| &wrong.name);
        let missing = report.missing.iter().chain(wrong);
        let missing: Vec<&String> = missing
            .filter(|name| !super::state::is_head(name))
            .collect();
        match missing.first() {
            None => Ok(()),
            Some(first) => Err(SystemError::OtherWeights {
                path: path.clone(),
                n_missing: missing.len(),
                first: (*first).clone(),
            }),
        }
    }
}

fn spec(system: &CaptionSystem, image: [usize; 3]) -> Spec {
    Spec {
        vocab: system.decoder.vocab(),
        image,
        alignment: Alignment {
            n_dropped: 0,
            shift: 1,
        },
        infer: false,
    }
}

impl CaptionSystem {
    /// A batch at once: `[batch, channels, height, width]` to `[batch, regions, channels]`.
    fn encode_batch(&self, images: Tensor<4>) -> Tensor<3> {
        if self.pooled {
            self.encoder.pooled(images)
        } else {
            self.encoder.tokens(images)
        }
    }
}

impl EntryPoints for CaptionSystem {
    /// `[batch, regions, channels]`
    type Memory = Tensor<3>;

    fn encode(&self, images: Tensor<4>) -> Tensor<3> {
        if self.frozen_encoder.is_some() {
            self.features(images)
        } else {
            self.encode_batch(images)
        }
    }

    fn decode(&self, memory: Tensor<3>, captions: Tensor<2, Int>) -> Tensor<3> {
        self.decoder.forward(memory.into(), captions)
    }

    fn logits(&self, images: Tensor<4>, captions: Tensor<2, Int>) -> Tensor<3> {
        self.decode(self.encode(images), captions)
    }

    /// Cross-entropy of every word, the padding left out. An image is encoded once for all its captions.
    fn loss(&self, images: Tensor<4>, captions: Tensor<3, Int>) -> Tensor<1> {
        self.loss_from(self.encode(images), captions)
    }

    fn infer(&self, _images: Tensor<4>) -> Option<Inference> {
        None
    }

    fn session(&self, memory: Tensor<3>) -> Option<Box<dyn Session + '_>> {
        Some(Box::new(Decoding {
            decoder: &self.decoder,
            state: self.decoder.start(Memory::new(memory)),
        }))
    }

    fn frozen_encoder(&self) -> Option<&str> {
        self.frozen_encoder.as_deref()
    }

    /// One by one: products of other sizes are summed in another order.
    fn features(&self, images: Tensor<4>) -> Tensor<3> {
        let images = images.split(1, 0).into_iter();
        Tensor::cat(images.map(|image| self.encode_batch(image)).collect(), 0)
    }

    fn memory(&self, features: Tensor<3>) -> Tensor<3> {
        features
    }

    fn loss_from(&self, memory: Tensor<3>, captions: Tensor<3, Int>) -> Tensor<1> {
        let captions = if self.first_caption {
            captions.narrow(1, 0, 1)
        } else {
            captions
        };
        let [batch, n_captions, length] = captions.dims();
        let [_, regions, channels] = memory.dims();
        let memory = memory
            .unsqueeze_dim::<4>(1)
            .expand([batch, n_captions, regions, channels])
            .reshape([batch * n_captions, regions, channels]);
        let captions = captions.reshape([batch * n_captions, length]);
        let words = captions.clone().narrow(1, 0, length - 1);
        let targets = captions.narrow(1, 1, length - 1);
        let logits = self.decode(memory, words); // [batch * n_captions, length - 1, vocab]
        CrossEntropyConfig::new()
            .with_ignore_index(Some(PAD))
            .with_label_smoothing(self.label_smoothing)
            .init()
            .forward(logits.flatten(0, 1), targets.flatten(0, 1))
    }

    fn regions(&self, picture: Tensor<4>) -> Option<Regions> {
        let weights = self.decoder.attention_name().filter(|_| !self.pooled)?;
        let [_, _, rows, columns] = self.encoder.feature_map(picture.clone()).dims();
        let [_, n_tokens, _] = self.encoder.tokens(picture).dims();
        Some(Regions {
            weights,
            n_whole: n_tokens - rows * columns,
            rows,
            columns,
        })
    }
}

/// Captions under way.
struct Decoding<'a> {
    decoder: &'a AnyDecoder,
    state: AnyDecoderState,
}

impl Session for Decoding<'_> {
    fn step(&mut self, tokens: Tensor<1, Int>) -> Tensor<2> {
        let (scores, state) = self.decoder.step(tokens, self.state.clone());
        self.state = state;
        scores
    }

    fn attention(&self) -> Option<Tensor<2>> {
        self.state.attention_weights()
    }

    fn select(&mut self, rows: Tensor<1, Int>) {
        self.state = self.decoder.select(self.state.clone(), rows);
    }
}
