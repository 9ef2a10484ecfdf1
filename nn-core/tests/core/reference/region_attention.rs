//! Additive and dot attention from their formulas.

use burn::nn::Linear;
use burn::tensor::{Bool, Device, Tensor};
use nn_core::{AdditiveAttentionConfig, DotAttentionConfig};

use super::{dot, row};
use crate::wave::{assert_values, values, wave, waved};

const REGIONS: usize = 4;
const D_QUERY: usize = 3;
const D_MEMORY: usize = 5;
const WIDTH: usize = 6;

/// A product with a layer that has no bias.
fn apply(linear: &Linear, vector: &[f64]) -> Vec<f64> {
    let weight = values(&linear.weight.val().transpose());
    (0..WIDTH).map(|unit| dot(&weight, unit, vector)).collect()
}

/// The regions' mean by the weights of their scores, and the weights. The last one is hidden.
fn seen(scores: &[f64], regions: &[Vec<f64>]) -> (Vec<f64>, Vec<f64>) {
    let exponentials: Vec<f64> = scores[..REGIONS - 1].iter().map(|s| s.exp()).collect();
    let total: f64 = exponentials.iter().sum();
    let mut weights: Vec<f64> = exponentials.iter().map(|e| e / total).collect();
    weights.push(0.0);
    let mean = |unit: usize| {
        let products = weights
            .iter()
            .zip(regions)
            .map(|(w, region)| w * region[unit]);
        products.sum::<f64>()
    };
    ((0..D_MEMORY).map(mean).collect(), weights)
}

fn vectors(tensor: &Tensor<3>) -> Vec<Vec<f64>> {
    let [_, n_rows, width] = tensor.dims();
    let values = values(tensor);
    (0..n_rows)
        .map(|at| row(&values, at, width).collect())
        .collect()
}

fn inputs(device: &Device) -> (Tensor<2>, Tensor<3>, Tensor<2, Bool>) {
    (
        wave([1, D_QUERY], 0.5, device),
        wave([1, REGIONS, D_MEMORY], 1.5, device),
        Tensor::from_data([[false, false, false, true]], device),
    )
}

#[test]
fn additive_attention_follows_its_formula() {
    let device = Device::default();
    let attention = waved(AdditiveAttentionConfig::new(D_QUERY, D_MEMORY, WIDTH).init(&device));
    let (query, memory, hidden) = inputs(&device);
    let of_query: Vec<f64> = row(&values(&query), 0, D_QUERY).collect();
    let of_query = apply(&attention.query, &of_query);
    let v = values(&attention.score.weight.val());
    let score = |region: &Vec<f64>| {
        let keys = apply(&attention.key, region);
        let units = keys.iter().zip(&of_query).zip(&v);
        units
            .map(|((key, query), v)| f64::from(*v) * (key + query).tanh())
            .sum::<f64>()
    };
    let regions = vectors(&memory);
    let scores: Vec<f64> = regions.iter().map(score).collect();
    let (context, weights) = seen(&scores, &regions);
    let memory = attention.project(memory, Some(hidden.into()));
    let found = attention.forward(query, &memory);
    assert_values(&found.0, &context);
    assert_values(&found.1, &weights);
}

#[test]
fn dot_attention_follows_its_formula() {
    let device = Device::default();
    let attention = waved(DotAttentionConfig::new(D_QUERY, D_MEMORY, WIDTH).init(&device));
    let (query, memory, hidden) = inputs(&device);
    let of_query: Vec<f64> = row(&values(&query), 0, D_QUERY).collect();
    let of_query = apply(&attention.query, &of_query);
    let score = |region: &Vec<f64>| {
        let keys = apply(&attention.key, region);
        let products = keys.iter().zip(&of_query).map(|(key, query)| key * query);
        products.sum::<f64>() / (WIDTH as f64).sqrt()
    };
    let regions = vectors(&memory);
    let scores: Vec<f64> = regions.iter().map(score).collect();
    let (context, weights) = seen(&scores, &regions);
    let memory = attention.project(memory, Some(hidden.into()));
    let found = attention.forward(query, &memory);
    assert_values(&found.0, &context);
    assert_values(&found.1, &weights);
}

#[test]
fn where_everything_is_hidden_nothing_is_seen() {
    let device = Device::default();
    let attention = waved(AdditiveAttentionConfig::new(D_QUERY, D_MEMORY, WIDTH).init(&device));
    let (query, memory, hidden) = inputs(&device);
    let memory = attention.project(memory, Some(hidden.ones_like().into()));
    let (context, weights) = attention.forward(query, &memory);
    assert_values(&context, &[0.0; D_MEMORY]);
    assert_values(&weights, &[0.0; REGIONS]);
}
