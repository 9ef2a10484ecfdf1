//! A small captioning net for tests: convolution, batch norm, LSTM, tied words, dropout.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Dropout, DropoutConfig, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::module::linear;
use burn::tensor::{Device, Int, Tensor, s};
use caption_models::harness::{
    Alignment, Captioner, Inference, Optimizer, ParamGroup, Recipe, Spec, StateEntry,
};
use nn_core::{
    BatchNorm, BatchNormConfig, CrossEntropyConfig, Embedding, EmbeddingConfig, Lstm, LstmConfig,
};

pub(crate) const VOCAB: usize = 24;
pub(crate) const IMAGE: [usize; 3] = [3, 16, 16];
const WIDTH: usize = 16;

#[derive(Module, Debug)]
pub(crate) struct SmallNet {
    conv: Conv2d,
    bn: BatchNorm,
    fc: Linear,
    words: Embedding,
    lstm: Lstm,
    dropout: Dropout,
}

impl SmallNet {
    /// `[batch, vocab]` from `[batch, width]`: the words' embedding is the last layer too.
    fn head(&self, hidden: Tensor<3>) -> Tensor<3> {
        linear(hidden, self.words.weight.val().transpose(), None)
    }
}

impl Captioner for SmallNet {
    type Memory = Tensor<2>;

    const SPEC: Spec = Spec {
        vocab: VOCAB,
        image: IMAGE,
        alignment: Alignment {
            n_dropped: 1,
            shift: 1,
        },
        infer: true,
    };

    const STATE: &'static [StateEntry] = &[
        StateEntry::param("cnn.conv.weight", "conv.weight"),
        StateEntry::param("cnn.conv.bias", "conv.bias"),
        StateEntry::norm("cnn.bn.weight", "bn.weight"),
        StateEntry::norm("cnn.bn.bias", "bn.bias"),
        StateEntry::buffer("cnn.bn.running_mean", "bn.running_mean"),
        StateEntry::buffer("cnn.bn.running_var", "bn.running_var"),
        StateEntry::counter("cnn.bn.num_batches_tracked"),
        StateEntry::param("cnn.fc.weight", "fc.weight").transposed(),
        StateEntry::frozen("cnn.fc.bias", "fc.bias"),
        StateEntry::param("words.weight", "words.weight"),
        StateEntry::param("lstm.weight_ih_l0", "lstm.layers.0.weight_ih"),
        StateEntry::param("lstm.weight_hh_l0", "lstm.layers.0.weight_hh"),
        StateEntry::param("lstm.bias_ih_l0", "lstm.layers.0.bias_ih"),
        StateEntry::param("lstm.bias_hh_l0", "lstm.layers.0.bias_hh"),
        StateEntry::tied("head.weight", "words.weight"),
    ];

    const RECIPE: Recipe = Recipe {
        groups: &[
            ParamGroup {
                params: Some(&["cnn.conv.weight", "cnn.conv.bias"]),
                optimizer: Optimizer::Sgd {
                    lr: 0.01,
                    momentum: 0.9,
                    dampening: 0.0,
                    weight_decay: 0.0,
                    nesterov: false,
                },
            },
            ParamGroup {
                params: None,
                optimizer: Optimizer::AdamW {
                    lr: 0.02,
                    betas: [0.9, 0.999],
                    eps: 1e-8,
                    weight_decay: 0.01,
                },
            },
        ],
        clip_norm: Some(3.0),
    };

    fn new(device: &Device) -> Self {
        Self {
            conv: Conv2dConfig::new([3, 8], [3, 3])
                .with_stride([2, 2])
                .init(device),
            bn: BatchNormConfig::new(8).init(device),
            fc: LinearConfig::new(8 * 7 * 7, WIDTH).init(device),
            words: EmbeddingConfig::new(VOCAB, WIDTH).init(device),
            lstm: LstmConfig::new(2 * WIDTH, WIDTH).init(device),
            dropout: DropoutConfig::new(0.1).init(),
        }
    }

    fn encode(&self, images: Tensor<4>) -> Tensor<2> {
        let x = relu(self.bn.forward(self.conv.forward(images))); // [batch, 8, 7, 7]
        self.fc.forward(x.flatten(1, 3))
    }

    fn decode(&self, memory: Tensor<2>, captions: Tensor<2, Int>) -> Tensor<3> {
        let [batch, length] = captions.dims();
        let words = self.words.forward(captions.slice(s![.., 0..length - 1]));
        let image = memory
            .unsqueeze_dim::<3>(1)
            .expand([batch, length - 1, WIDTH]);
        let (hidden, _) = self.lstm.forward(Tensor::cat(vec![words, image], 2), None);
        self.head(self.dropout.forward(hidden))
    }

    fn logits(&self, images: Tensor<4>, captions: Tensor<2, Int>) -> Tensor<3> {
        self.decode(self.encode(images), captions)
    }

    fn loss(&self, images: Tensor<4>, captions: Tensor<3, Int>) -> Tensor<1> {
        let captions = captions.slice(s![.., 0..1, ..]).squeeze_dim::<2>(1);
        let [_, length] = captions.dims();
        let logits = self.logits(images, captions.clone());
        let targets = captions.slice(s![.., 1..length]);
        CrossEntropyConfig::new()
            .with_ignore_index(Some(0))
            .init()
            .forward(logits.flatten(0, 1), targets.flatten(0, 1))
    }

    fn infer(&self, images: Tensor<4>) -> Option<Inference> {
        let device = images.device();
        let [batch, ..] = images.dims();
        let memory = self.encode(images);
        let mut ids = Tensor::<2, Int>::full([batch, 1], 1, &device);
        for step in 0..6 {
            let padding = Tensor::zeros([batch, 1], &device);
            let logits = self.decode(memory.clone(), Tensor::cat(vec![ids.clone(), padding], 1));
            let next = logits
                .slice(s![.., step..=step, ..])
                .argmax(2)
                .squeeze_dim::<2>(2);
            ids = Tensor::cat(vec![ids, next], 1);
        }
        Some(Inference::Ids(ids.slice(s![.., 1..])))
    }
}
