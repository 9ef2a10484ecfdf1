//! [`RecurrentCaptionDecoderConfig`]: the sizes of a recurrent decoder, and those of two papers.

use burn::config::Config;
use burn::nn::DropoutConfig;
use burn::tensor::Device;

use super::super::words::WordsSpec;
use super::RecurrentCaptionDecoder;
use super::attention::RegionAttention;
use super::image::ImageInput;
use super::layers::{LayersSpec, RecurrentKind};
use crate::activation::Activation;
use crate::config::{ConfigError, at_least_one, equal, expect_valid};

/// Configuration of [`RecurrentCaptionDecoder`].
#[derive(Config, Debug)]
pub struct RecurrentCaptionDecoderConfig {
    /// Width of the memory. At least 1.
    pub d_memory: usize,
    /// Words. At least 1.
    pub vocab: usize,
    /// Width of a word's vector. At least 1.
    pub d_embed: usize,
    /// Size of the state of each layer. At least 1.
    pub hidden_size: usize,
    /// The kind of layers. Default: LSTM
    #[config(default = "RecurrentKind::Lstm")]
    pub kind: RecurrentKind,
    /// Layers. At least 1. Default: 1
    #[config(default = 1)]
    pub num_layers: usize,
    /// How the mean of the memory comes in. Default: before the first word
    #[config(default = "ImageInput::FirstToken")]
    pub image: ImageInput,
    /// Attention to the regions before each word, by the last layer's state. What it sees stands
    /// beside the word. Default: none
    #[config(default = "None")]
    pub attention: Option<RegionAttention>,
    /// Dropout of words, between layers, and before the scores, in [0, 1). Default: 0
    #[config(default = 0.0)]
    pub dropout: f64,
    /// Whether the table of words scores them too: then `d_embed` is `hidden_size`. Default: false
    #[config(default = false)]
    pub tied: bool,
    /// The word whose vector starts at zero and that lookups do not train. Default: none
    #[config(default = "None")]
    pub padding_idx: Option<usize>,
}

/// Show and Tell, Vinyals et al. 2015, <https://arxiv.org/abs/1411.4555>: an LSTM of 512 units that
/// reads the image first.
pub fn show_and_tell(d_memory: usize, vocab: usize) -> RecurrentCaptionDecoderConfig {
    RecurrentCaptionDecoderConfig::new(d_memory, vocab, 512, 512)
}

/// Show, Attend and Tell, Xu et al. 2015, <https://arxiv.org/abs/1502.03044>: an LSTM of 512 units
/// that starts from the image and looks at it before each word. Differences from the paper: what
/// it sees is not gated, and scores come from the hidden state alone.
pub fn show_attend_and_tell(d_memory: usize, vocab: usize) -> RecurrentCaptionDecoderConfig {
    RecurrentCaptionDecoderConfig::new(d_memory, vocab, 512, 512)
        .with_image(ImageInput::InitialState(Activation::Tanh))
        .with_attention(Some(RegionAttention::Additive(512)))
}

impl RecurrentCaptionDecoderConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When a size is 0, `dropout` is out of range, the padding word is not in the table, or the
    /// layers are tied though their widths differ.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("d_memory", self.d_memory)?;
        at_least_one("vocab", self.vocab)?;
        at_least_one("d_embed", self.d_embed)?;
        self.words().embedding().check()?;
        self.layers().check()?;
        if let Some(attention) = &self.attention {
            attention.check(self.hidden_size, self.d_memory)?;
        }
        if self.tied {
            equal("hidden_size", self.hidden_size, "d_embed", self.d_embed)?;
        }
        Ok(())
    }

    /// Draws the weights, as PyTorch's layers do; a tied table of words starts smaller.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> RecurrentCaptionDecoder {
        expect_valid("RecurrentCaptionDecoder", self.check());
        let layers = self.layers();
        let attention = self.attention.as_ref();
        RecurrentCaptionDecoder {
            words: self.words().init(device),
            image: self
                .image
                .init(self.d_memory, self.d_embed, &layers, device),
            attention: attention.map(|kind| kind.init(self.hidden_size, self.d_memory, device)),
            layers: layers.init(device),
            dropout: DropoutConfig::new(self.dropout).init(),
        }
    }

    fn words(&self) -> WordsSpec {
        WordsSpec {
            vocab: self.vocab,
            d_embed: self.d_embed,
            d_hidden: self.hidden_size,
            tied: self.tied,
            padding_idx: self.padding_idx,
        }
    }

    fn layers(&self) -> LayersSpec {
        let of_image = match self.image {
            ImageInput::EveryStep => self.d_embed,
            ImageInput::InitialState(_) | ImageInput::FirstToken => 0,
        };
        let of_attention = self.attention.as_ref().map_or(0, |_| self.d_memory);
        LayersSpec {
            kind: self.kind.clone(),
            input_size: self.d_embed + of_image + of_attention,
            hidden_size: self.hidden_size,
            num_layers: self.num_layers,
            dropout: self.dropout,
        }
    }
}
