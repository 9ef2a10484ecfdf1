//! Attention from its formula.

use burn::tensor::{Bool, Device, Tensor};
use nn_core::{EcaConfig, MultiheadAttentionConfig, MultiheadAttentionInput};

use super::{dot, row};
use crate::wave::{assert_values, values, wave, waved};

const LENGTH: usize = 3;
const REGIONS: usize = 4;
const WIDTH: usize = 6;
const N_HEADS: usize = 2;

/// Projection `which` (0 query, 1 key, 2 value) of every row of a sequence.
fn project(weight: &[f32], bias: &[f32], which: usize, sequence: &[f32]) -> Vec<Vec<f64>> {
    let n_rows = sequence.len() / WIDTH;
    (0..n_rows)
        .map(|at| {
            let vector: Vec<f64> = row(sequence, at, WIDTH).collect();
            (0..WIDTH)
                .map(|unit| which * WIDTH + unit)
                .map(|unit| dot(weight, unit, &vector) + f64::from(bias[unit]))
                .collect()
        })
        .collect()
}

/// What one head sees: `[LENGTH][head width]`.
fn head(query: &[Vec<f64>], key: &[Vec<f64>], value: &[Vec<f64>], head: usize) -> Vec<Vec<f64>> {
    let d_head = WIDTH / N_HEADS;
    let units = head * d_head..(head + 1) * d_head;
    let attend = |query: &Vec<f64>| {
        // The last region is hidden.
        let weights: Vec<f64> = key[..REGIONS - 1]
            .iter()
            .map(|key| {
                units
                    .clone()
                    .map(|unit| query[unit] * key[unit])
                    .sum::<f64>()
            })
            .map(|score| (score / (d_head as f64).sqrt()).exp())
            .collect();
        let total: f64 = weights.iter().sum();
        let seen = |unit: usize| {
            let products = weights
                .iter()
                .zip(value)
                .map(|(weight, value)| weight * value[unit]);
            products.sum::<f64>() / total
        };
        units.clone().map(seen).collect()
    };
    query.iter().map(attend).collect()
}

#[test]
fn attention_follows_its_formula() {
    let device = Device::default();
    let attention = waved(MultiheadAttentionConfig::new(WIDTH, N_HEADS).init(&device));
    let query = wave([1, LENGTH, WIDTH], 0.5, &device);
    let memory = wave([1, REGIONS, WIDTH], 1.5, &device);
    let weight = values(&attention.in_proj_weight.val());
    let bias = values(&attention.in_proj_bias.as_ref().unwrap().val());
    let of_query = project(&weight, &bias, 0, &values(&query));
    let of_key = project(&weight, &bias, 1, &values(&memory));
    let of_value = project(&weight, &bias, 2, &values(&memory));
    let heads = [0, 1].map(|at| head(&of_query, &of_key, &of_value, at));

    let out = values(&attention.out_proj.weight.val().transpose());
    let out_bias = values(&attention.out_proj.bias.as_ref().unwrap().val());
    let mut expected = Vec::new();
    for (first, second) in heads[0].iter().zip(&heads[1]) {
        let seen = [first.clone(), second.clone()].concat();
        expected.extend((0..WIDTH).map(|unit| dot(&out, unit, &seen) + f64::from(out_bias[unit])));
    }
    let hidden = Tensor::<2, Bool>::from_data([[false, false, false, true]], &device);
    let read = MultiheadAttentionInput::cross_attn(query, memory).with_key_padding_mask(hidden);
    assert_values(&attention.forward(read), &expected);
}

#[test]
fn efficient_channel_attention_follows_its_formula() {
    const CHANNELS: usize = 5;
    let device = Device::default();
    let eca = waved(
        EcaConfig::new(CHANNELS)
            .with_kernel_size(Some(3))
            .init(&device),
    );
    let kernel = values(&eca.conv.weight.val());
    let input = wave([2, CHANNELS, 2, 3], 0.5, &device);
    let numbers = values(&input);
    let maps: Vec<&[f32]> = numbers.chunks(6).collect();
    let mean = |map: &[f32]| map.iter().map(|x| f64::from(*x)).sum::<f64>() / 6.0;
    let mut expected = Vec::new();
    for (at, map) in maps.iter().enumerate() {
        let (image, channel) = (at / CHANNELS, at % CHANNELS);
        let score: f64 = (0..3)
            .filter(|tap| (1..=CHANNELS).contains(&(channel + tap)))
            .map(|tap| {
                let neighbour = image * CHANNELS + channel + tap - 1;
                f64::from(kernel[tap]) * mean(maps[neighbour])
            })
            .sum();
        let gate = 1.0 / (1.0 + (-score).exp());
        expected.extend(map.iter().map(|x| f64::from(*x) * gate));
    }
    assert_values(&eca.forward(input), &expected);
}

#[test]
fn efficient_channel_attention_sees_more_neighbours_among_more_channels() {
    // The odd number nearest to (log2(channels) + 1) / 2, the greater one of two as near.
    let expected = [
        (1, 1),
        (7, 1),
        (8, 3),
        (64, 3),
        (127, 3),
        (128, 5),
        (512, 5),
        (2048, 7),
    ];
    for (channels, kernel_size) in expected {
        let eca = EcaConfig::new(channels).init(&Device::default());
        assert_eq!(eca.conv.weight.dims(), [1, 1, kernel_size], "{channels}");
    }
}
