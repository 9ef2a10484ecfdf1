//! Paths of parameters, on which generated tables of PyTorch names rely.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use nn_core::{
    BatchNormConfig, GruConfig, LstmConfig, MbConvConfig, TransformerDecoderConfig,
    TransformerDecoderLayerConfig, state_dict,
};

#[derive(Default)]
struct Paths {
    place: Vec<String>,
    paths: Vec<String>,
}

impl ModuleVisitor for Paths {
    fn enter_module(&mut self, name: &str, _: &str) {
        self.place.push(name.to_owned());
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.place.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let path = self.place.join(".");
        self.paths.push(format!("{path} {:?}", param.dims()));
    }
}

fn paths<M: Module>(module: &M) -> Vec<String> {
    let mut paths = Paths::default();
    module.visit(&mut paths);
    paths.paths
}

#[test]
fn of_an_lstm() {
    let config = LstmConfig::new(3, 2).with_bidirectional(true);
    assert_eq!(
        paths(&config.init(&Device::default())),
        [
            "layers.0.weight_ih [8, 3]",
            "layers.0.weight_hh [8, 2]",
            "layers.0.bias_ih [8]",
            "layers.0.bias_hh [8]",
            "reverse_layers.0.weight_ih [8, 3]",
            "reverse_layers.0.weight_hh [8, 2]",
            "reverse_layers.0.bias_ih [8]",
            "reverse_layers.0.bias_hh [8]",
        ]
    );
}

#[test]
fn of_a_gru_without_biases() {
    let config = GruConfig::new(3, 2).with_num_layers(2).with_bias(false);
    assert_eq!(
        paths(&config.init(&Device::default())),
        [
            "layers.0.weight_ih [6, 3]",
            "layers.0.weight_hh [6, 2]",
            "layers.1.weight_ih [6, 2]",
            "layers.1.weight_hh [6, 2]",
        ]
    );
}

#[test]
fn of_a_batch_norm() {
    assert_eq!(
        paths(&BatchNormConfig::new(3).init(&Device::default())),
        [
            "weight [3]",
            "bias [3]",
            "running_mean [3]",
            "running_var [3]",
        ]
    );
}

#[test]
fn of_a_squeeze_and_excitation_within_a_block() {
    let config = MbConvConfig::new([3, 4], 3).with_squeeze(Some(1));
    let entries = state_dict(&config.init(&Device::default()));
    let weights = entries.into_iter().filter(|entry| !entry.buffer);
    let names: Vec<_> = weights.map(|entry| entry.name).collect();
    assert_eq!(
        names,
        [
            "block.0.0.weight",
            "block.0.1.weight",
            "block.0.1.bias",
            "block.1.fc1.weight",
            "block.1.fc1.bias",
            "block.1.fc2.weight",
            "block.1.fc2.bias",
            "block.2.0.weight",
            "block.2.1.weight",
            "block.2.1.bias",
        ]
    );
}

#[test]
fn of_a_transformer_decoder() {
    let layer = TransformerDecoderLayerConfig::new(4, 2).with_d_feedforward(6);
    let config = TransformerDecoderConfig::new(layer, 1).with_norm(true);
    assert_eq!(
        paths(&config.init(&Device::default())),
        [
            "layers.0.self_attn.in_proj_weight [12, 4]",
            "layers.0.self_attn.in_proj_bias [12]",
            "layers.0.self_attn.out_proj.weight [4, 4]",
            "layers.0.self_attn.out_proj.bias [4]",
            "layers.0.multihead_attn.in_proj_weight [12, 4]",
            "layers.0.multihead_attn.in_proj_bias [12]",
            "layers.0.multihead_attn.out_proj.weight [4, 4]",
            "layers.0.multihead_attn.out_proj.bias [4]",
            "layers.0.linear1.weight [4, 6]",
            "layers.0.linear1.bias [6]",
            "layers.0.linear2.weight [6, 4]",
            "layers.0.linear2.bias [4]",
            "layers.0.norm1.gamma [4]",
            "layers.0.norm1.beta [4]",
            "layers.0.norm2.gamma [4]",
            "layers.0.norm2.beta [4]",
            "layers.0.norm3.gamma [4]",
            "layers.0.norm3.beta [4]",
            "norm.gamma [4]",
            "norm.beta [4]",
        ]
    );
}
