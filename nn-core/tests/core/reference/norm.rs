//! Normalisation from its formulas.

use burn::tensor::Device;
use nn_core::{BatchNormConfig, LayerNorm2dConfig};

use crate::wave::{assert_values, values, wave, waved};

const SHAPE: [usize; 4] = [3, 2, 2, 4];

/// The values of a channel.
fn channel(numbers: &[f32], channel: usize) -> Vec<f64> {
    let size = SHAPE[2] * SHAPE[3];
    let maps = numbers.chunks(size).skip(channel).step_by(SHAPE[1]);
    maps.flatten().map(|value| f64::from(*value)).collect()
}

#[test]
fn batch_norm_follows_its_formula() {
    let device = Device::default().autodiff();
    let mut norm = BatchNormConfig::new(2).init(&device);
    norm.weight = norm.weight.map(waved);
    norm.bias = norm.bias.map(waved);
    let weight = values(&norm.weight.as_ref().unwrap().val());
    let bias = values(&norm.bias.as_ref().unwrap().val());
    let input = wave::<4>(SHAPE, 0.5, &device) * 3.0 + 2.0;
    let output = norm.forward(input.clone());
    let (input, output) = (values(&input), values(&output));
    let (mut means, mut vars) = (Vec::new(), Vec::new());
    for at in 0..2 {
        let seen = channel(&input, at);
        let n_values = seen.len() as f64;
        let mean = seen.iter().sum::<f64>() / n_values;
        let squares: f64 = seen.iter().map(|value| (value - mean).powi(2)).sum();
        let scale = f64::from(weight[at]) / (squares / n_values + 1e-5).sqrt();
        for (found, value) in channel(&output, at).iter().zip(seen) {
            let expected = (value - mean) * scale + f64::from(bias[at]);
            assert!((found - expected).abs() < 1e-4, "{found}, not {expected}");
        }
        means.push(0.1 * mean);
        vars.push(0.9 + 0.1 * squares / (n_values - 1.0));
    }
    assert_values(&norm.running_mean.value(), &means);
    assert_values(&norm.running_var.value(), &vars);
}

#[test]
fn layer_norm_over_channels_follows_its_formula() {
    let device = Device::default();
    let norm = LayerNorm2dConfig::new(5).with_epsilon(0.1).init(&device);
    let norm = waved(norm);
    let weight = values(&norm.norm.gamma.val());
    let bias = values(&norm.norm.beta.as_ref().unwrap().val());
    let (batch, n_places) = (2, 6);
    let input = wave::<4>([batch, 5, 2, 3], 0.5, &device);
    let numbers = values(&input);
    let mut expected = vec![0.0; numbers.len()];
    for (image, place) in (0..batch).flat_map(|image| (0..n_places).map(move |at| (image, at))) {
        let at = |channel: usize| (image * 5 + channel) * n_places + place;
        let seen: Vec<f64> = (0..5)
            .map(|channel| f64::from(numbers[at(channel)]))
            .collect();
        let mean = seen.iter().sum::<f64>() / 5.0;
        let variance = seen.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 5.0;
        for (channel, value) in seen.iter().enumerate() {
            let normalised = (value - mean) / (variance + 0.1).sqrt();
            let (scale, offset) = (f64::from(weight[channel]), f64::from(bias[channel]));
            expected[at(channel)] = normalised * scale + offset;
        }
    }
    assert_values(&norm.forward(input), &expected);
}
