//! LSTM and GRU cells from their formulas.

use burn::module::Param;
use burn::tensor::{Device, Tensor};
use nn_core::{GruCellConfig, LstmCellConfig, LstmCellState};

use super::{dot, row};
use crate::wave::{assert_values, values, wave, waved};

const BATCH: usize = 2;
const INPUT: usize = 3;
const HIDDEN: usize = 4;

fn sigmoid(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// A weight and a bias.
struct Affine {
    weight: Vec<f32>,
    bias: Vec<f32>,
}

impl Affine {
    fn new(weight: &Param<Tensor<2>>, bias: Option<&Param<Tensor<1>>>) -> Self {
        Self {
            weight: values(&weight.val()),
            bias: values(&bias.unwrap().val()),
        }
    }

    /// Gate `gate` of hidden unit `unit`.
    fn gate(&self, gate: usize, unit: usize, vector: &[f64]) -> f64 {
        let at = gate * HIDDEN + unit;
        dot(&self.weight, at, vector) + f64::from(self.bias[at])
    }
}

#[test]
fn an_lstm_cell_follows_its_formula() {
    let device = Device::default();
    let layer = waved(LstmCellConfig::new(INPUT, HIDDEN).init(&device));
    let input = wave([BATCH, INPUT], 0.5, &device);
    let (hidden, cell) = (
        wave([BATCH, HIDDEN], 1.5, &device),
        wave([BATCH, HIDDEN], 2.5, &device),
    );
    let of_input = Affine::new(&layer.weight_ih, layer.bias_ih.as_ref());
    let of_hidden = Affine::new(&layer.weight_hh, layer.bias_hh.as_ref());
    let (mut hiddens, mut cells) = (Vec::new(), Vec::new());
    for at in 0..BATCH {
        let x: Vec<f64> = row(&values(&input), at, INPUT).collect();
        let h: Vec<f64> = row(&values(&hidden), at, HIDDEN).collect();
        let c: Vec<f64> = row(&values(&cell), at, HIDDEN).collect();
        for (unit, c) in c.into_iter().enumerate() {
            let gate = |gate| of_input.gate(gate, unit, &x) + of_hidden.gate(gate, unit, &h);
            let next = sigmoid(gate(1)) * c + sigmoid(gate(0)) * gate(2).tanh();
            cells.push(next);
            hiddens.push(sigmoid(gate(3)) * next.tanh());
        }
    }
    let found = layer.forward(input, Some(LstmCellState::new(hidden, cell)));
    assert_values(&found.hidden, &hiddens);
    assert_values(&found.cell, &cells);
}

#[test]
fn a_gru_cell_follows_its_formula() {
    let device = Device::default();
    let layer = waved(GruCellConfig::new(INPUT, HIDDEN).init(&device));
    let input = wave([BATCH, INPUT], 0.5, &device);
    let hidden = wave([BATCH, HIDDEN], 1.5, &device);
    let of_input = Affine::new(&layer.weight_ih, layer.bias_ih.as_ref());
    let of_hidden = Affine::new(&layer.weight_hh, layer.bias_hh.as_ref());
    let mut expected = Vec::new();
    for at in 0..BATCH {
        let x: Vec<f64> = row(&values(&input), at, INPUT).collect();
        let h: Vec<f64> = row(&values(&hidden), at, HIDDEN).collect();
        for (unit, state) in h.iter().enumerate() {
            let reset = sigmoid(of_input.gate(0, unit, &x) + of_hidden.gate(0, unit, &h));
            let update = sigmoid(of_input.gate(1, unit, &x) + of_hidden.gate(1, unit, &h));
            let new = (of_input.gate(2, unit, &x) + reset * of_hidden.gate(2, unit, &h)).tanh();
            expected.push((1.0 - update) * new + update * state);
        }
    }
    assert_values(&layer.forward(input, Some(hidden)), &expected);
}
