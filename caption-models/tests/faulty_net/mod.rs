//! A captioning net of two layers with one fault at a time.

use burn::module::{Module, Param};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Int, Tensor, s};
use caption_models::harness::{
    Alignment, Captioner, Inference, Optimizer, ParamGroup, Recipe, Spec, StateEntry,
};
use nn_core::{CrossEntropyConfig, Embedding, EmbeddingConfig};

/// Nothing is wrong.
pub(crate) const HEALTHY: usize = 0;
/// Every row sees all tokens.
pub(crate) const LEAKING: usize = 1;
/// The picture does not reach the scores.
pub(crate) const SIGHTLESS: usize = 2;
/// Scores grow with the length of the captions.
pub(crate) const DRIFTING: usize = 3;
/// One parameter is unused, another is multiplied by zero.
pub(crate) const DEAD: usize = 4;
/// The learning rate is zero.
pub(crate) const LAZY: usize = 5;
/// Logits are no numbers.
pub(crate) const NO_NUMBER: usize = 6;
/// The loss is finite, its gradient is not.
pub(crate) const NO_GRADIENT: usize = 7;
/// Healthy, but the picture passes a gate that is closed at first.
pub(crate) const GATED: usize = 8;
/// The tokens of all positions pass that gate.
pub(crate) const GATED_LEAK: usize = 9;
/// The learning rate is far too high.
pub(crate) const EXPLODING: usize = 10;

const VOCAB: usize = 12;
const IMAGE: [usize; 3] = [3, 4, 4];
const WIDTH: usize = 16;

#[derive(Module, Debug)]
pub(crate) struct Faulty<const FAULT: usize> {
    see: Linear,
    words: Embedding,
    head: Linear,
    gate: Param<Tensor<1>>,
    unused: Linear,
}

impl<const FAULT: usize> Faulty<FAULT> {
    /// `[1, 1, 1]`
    fn gate(&self) -> Tensor<3> {
        self.gate.val().reshape([1, 1, 1])
    }

    /// `[batch, length, width]` from `[batch, 1, width]` and `[batch, length, width]`.
    fn hidden(&self, image: Tensor<3>, words: Tensor<3>) -> Tensor<3> {
        let image_part = match FAULT {
            SIGHTLESS => image.zeros_like(),
            GATED => image * self.gate(),
            _ => image,
        };
        let all = words.clone().mean_dim(1); // [batch, 1, width]
        let extra = match FAULT {
            LEAKING => all,
            GATED_LEAK => all * self.gate(),
            DRIFTING => all.ones_like() * (words.dims()[1] as f64 / 10.0),
            _ => all.zeros_like(),
        };
        words + image_part + extra
    }
}

const OWN: &[StateEntry] = &[
    StateEntry::param("see.weight", "see.weight").transposed(),
    StateEntry::param("words.weight", "words.weight"),
    StateEntry::param("head.weight", "head.weight").transposed(),
    StateEntry::param("head.bias", "head.bias"),
    StateEntry::frozen("gate", "gate"),
    StateEntry::frozen("unused.weight", "unused.weight").transposed(),
    StateEntry::frozen("unused.bias", "unused.bias"),
];

const WITH_GATE: &[StateEntry] = &[
    OWN[0],
    OWN[1],
    OWN[2],
    OWN[3],
    StateEntry::param("gate", "gate"),
    OWN[5],
    OWN[6],
];

const WITH_UNUSED: &[StateEntry] = &[
    OWN[0],
    OWN[1],
    OWN[2],
    OWN[3],
    OWN[4],
    StateEntry::param("unused.weight", "unused.weight").transposed(),
    StateEntry::param("unused.bias", "unused.bias"),
];

impl<const FAULT: usize> Captioner for Faulty<FAULT> {
    type Memory = Tensor<3>;

    const SPEC: Spec = Spec {
        vocab: VOCAB,
        image: IMAGE,
        alignment: Alignment {
            n_dropped: 1,
            shift: 1,
        },
        infer: false,
    };

    const STATE: &'static [StateEntry] = match FAULT {
        GATED | GATED_LEAK => WITH_GATE,
        DEAD => WITH_UNUSED,
        _ => OWN,
    };

    const RECIPE: Recipe = Recipe {
        groups: match FAULT {
            LAZY => &[group(0.0)],
            EXPLODING => &[group(1e20)],
            _ => &[group(0.3)],
        },
        clip_norm: None,
    };

    fn new(device: &Device) -> Self {
        let [channels, height, width] = IMAGE;
        let layer = |n_in, bias, n_out| LinearConfig::new(n_in, n_out).with_bias(bias).init(device);
        Self {
            see: layer(channels * height * width, false, WIDTH),
            words: EmbeddingConfig::new(VOCAB, WIDTH).init(device),
            head: layer(WIDTH, true, VOCAB),
            gate: Param::from_tensor(Tensor::zeros([1], device)),
            unused: layer(1, true, 1),
        }
    }

    fn encode(&self, images: Tensor<4>) -> Tensor<3> {
        self.see.forward(images.flatten::<2>(1, 3)).unsqueeze_dim(1) // [batch, 1, width]
    }

    fn decode(&self, memory: Tensor<3>, captions: Tensor<2, Int>) -> Tensor<3> {
        let [_, length] = captions.dims();
        let words = self.words.forward(captions.slice(s![.., 0..length - 1]));
        let logits = self.head.forward(self.hidden(memory, words));
        if FAULT == NO_NUMBER {
            logits.log()
        } else {
            logits
        }
    }

    fn logits(&self, images: Tensor<4>, captions: Tensor<2, Int>) -> Tensor<3> {
        self.decode(self.encode(images), captions)
    }

    fn loss(&self, images: Tensor<4>, captions: Tensor<3, Int>) -> Tensor<1> {
        let captions = captions.slice(s![.., 0..1, ..]).squeeze_dim::<2>(1);
        let [_, length] = captions.dims();
        let logits = self.logits(images, captions.clone());
        let targets = captions.slice(s![.., 1..length]);
        let criterion = CrossEntropyConfig::new().init();
        let loss = criterion.forward(logits.flatten(0, 1), targets.flatten(0, 1));
        let zero = self.unused.bias.as_ref().map(|bias| bias.val() * 0.0);
        match FAULT {
            // The root of zero has an infinite slope, and zero times that is no number.
            NO_GRADIENT => loss + (self.head.weight.val().sum() * 0.0).sqrt(),
            DEAD => loss + zero.unwrap_or_else(|| unreachable!("it has a bias")),
            _ => loss,
        }
    }

    fn infer(&self, _images: Tensor<4>) -> Option<Inference> {
        None
    }
}

const fn group(lr: f64) -> ParamGroup {
    ParamGroup {
        params: None,
        optimizer: Optimizer::Sgd {
            lr,
            momentum: 0.9,
            dampening: 0.0,
            weight_decay: 0.0,
            nesterov: false,
        },
    }
}
