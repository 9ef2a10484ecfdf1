//! [`ImageInput`]: the ways to show a recurrent decoder the mean of the memory.

use burn::config::Config;
use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Tensor};

use super::layers::{LayersSpec, RecurrentKind, RecurrentState};
use crate::activation::Activation;

/// How the mean of the memory reaches the recurrent layers.
#[derive(Config, Debug, PartialEq, Eq)]
pub enum ImageInput {
    /// A projection of it, under an activation, is the state before the first word: Xu et al.
    /// 2015, <https://arxiv.org/abs/1502.03044>, section 3.1.2.
    InitialState(Activation),
    /// A projection of it is read before the first word: Vinyals et al. 2015,
    /// <https://arxiv.org/abs/1411.4555>, equation 10.
    FirstToken,
    /// A projection of it stands beside every word: Mao et al. 2015,
    /// <https://arxiv.org/abs/1412.6632>, in the input.
    EveryStep,
}

/// The layers of an [`ImageInput`].
#[derive(Module, Debug)]
pub enum ImageEntry {
    /// To the state.
    InitialState(InitialState),
    /// To the width of a word.
    FirstToken(Linear),
    /// To the width of a word.
    EveryStep(Linear),
}

/// From the mean of the memory to the states of all layers.
#[derive(Module, Debug)]
pub struct InitialState {
    /// To the hidden states, layer by layer.
    pub hidden: Linear,
    /// To the cells of an LSTM, layer by layer.
    pub cell: Option<Linear>,
    #[module(skip)]
    activation: Activation,
    n_layers: usize,
}

impl ImageInput {
    /// The layers between a memory and layers that read words of width `d_embed`.
    pub(super) fn init(
        &self,
        d_memory: usize,
        d_embed: usize,
        layers: &LayersSpec,
        device: &Device,
    ) -> ImageEntry {
        let word = || LinearConfig::new(d_memory, d_embed).init(device);
        match self {
            Self::InitialState(activation) => {
                let d_state = layers.num_layers * layers.hidden_size;
                let state = || LinearConfig::new(d_memory, d_state).init(device);
                ImageEntry::InitialState(InitialState {
                    hidden: state(),
                    cell: (layers.kind == RecurrentKind::Lstm).then(state),
                    activation: activation.clone(),
                    n_layers: layers.num_layers,
                })
            }
            Self::FirstToken => ImageEntry::FirstToken(word()),
            Self::EveryStep => ImageEntry::EveryStep(word()),
        }
    }
}

impl InitialState {
    /// The states: `[batch, d_memory]` to `[layers, batch, hidden]`.
    ///
    /// # Panics
    ///
    /// When the width is another one.
    pub fn forward(&self, mean: &Tensor<2>) -> RecurrentState {
        let state = |linear: &Linear| {
            let packed = self.activation.forward(linear.forward(mean.clone()));
            let [batch, width] = packed.dims();
            packed
                .reshape([batch, self.n_layers, width / self.n_layers])
                .swap_dims(0, 1)
        };
        RecurrentState {
            hidden: state(&self.hidden),
            cell: self.cell.as_ref().map(state),
        }
    }
}
