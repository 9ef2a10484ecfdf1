//! Cross entropy.

use burn::tensor::activation::softmax;
use burn::tensor::{Device, Int, Tensor};
use nn_core::{CrossEntropyConfig, Reduction};

use crate::wave::{assert_close, wave};

fn padded() -> CrossEntropyConfig {
    CrossEntropyConfig::new()
        .with_ignore_index(Some(0))
        .with_label_smoothing(0.1)
}

#[test]
fn ignored_rows_count_nothing() {
    let device = Device::default();
    let logits = wave([3, 5], 0.5, &device);
    let targets = Tensor::<1, Int>::from_ints([2, 4, 1], &device);
    let loss = padded().init();
    let expected = loss.forward(logits.clone(), targets.clone());
    let logits = Tensor::cat(vec![logits, wave([2, 5], 1.5, &device)], 0);
    let targets = Tensor::cat(vec![targets, Tensor::zeros([2], &device)], 0);
    assert_close(&loss.forward(logits, targets), &expected);
}

#[test]
fn ignored_targets_need_not_be_classes() {
    let device = Device::default();
    let logits = wave([3, 5], 0.5, &device);
    let loss = CrossEntropyConfig::new().init();
    let targets = Tensor::<1, Int>::from_ints([2, -100, 1], &device);
    let found = loss.forward(logits.clone(), targets);
    let kept = logits.select(0, Tensor::<1, Int>::from_ints([0, 2], &device));
    let expected = loss.forward(kept, Tensor::from_ints([2, 1], &device));
    assert_close(&found, &expected);
}

#[test]
fn when_all_rows_are_ignored_the_mean_is_nan_and_the_sum_zero() {
    let device = Device::default();
    let (logits, targets) = (wave([2, 5], 0.5, &device), Tensor::zeros([2], &device));
    let mean = padded().init().forward(logits.clone(), targets.clone());
    assert!(mean.into_scalar::<f32>().is_nan());
    let sum = padded().with_reduction(Reduction::Sum).init();
    assert_close(&sum.forward(logits, targets), &Tensor::zeros([1], &device));
}

#[test]
fn rows_sum_to_the_sum_and_average_to_the_mean() {
    let device = Device::default();
    let logits = wave([4, 5], 0.5, &device);
    let targets = Tensor::<1, Int>::from_ints([2, 4, 1, 0], &device);
    let reduced = |reduction| {
        let loss = padded().with_reduction(reduction).init();
        loss.forward(logits.clone(), targets.clone())
    };
    let sum = reduced(Reduction::Sum);
    assert_close(&reduced(Reduction::None).sum(), &sum);
    assert_close(&(reduced(Reduction::Mean) * 3.0), &sum);
}

#[test]
fn even_weights_are_no_weights() {
    let device = Device::default().autodiff();
    let logits = wave::<2>([3, 5], 0.5, &device).require_grad();
    let targets = Tensor::<1, Int>::from_ints([2, 0, 1], &device);
    let both = [None, Some(vec![3.0; 5])].map(|weight| {
        let loss = padded().with_weight(weight).init();
        let loss = loss.forward(logits.clone(), targets.clone());
        let gradient = logits.grad(&loss.backward()).unwrap();
        (loss.inner(), gradient)
    });
    let [(plain, plain_gradient), (weighted, weighted_gradient)] = both;
    assert_close(&weighted, &plain);
    assert_close(&weighted_gradient, &plain_gradient);
}

#[test]
fn a_row_whose_target_weighs_twice_counts_as_two() {
    let device = Device::default();
    let logits = wave::<2>([2, 5], 0.5, &device);
    let twice = Tensor::<1, Int>::from_ints([0, 1, 1], &device);
    let targets = Tensor::<1, Int>::from_ints([2, 4], &device);
    for reduction in [Reduction::Mean, Reduction::Sum] {
        let config = CrossEntropyConfig::new().with_reduction(reduction);
        let expected = config.init();
        let expected = expected.forward(
            logits.clone().select(0, twice.clone()),
            targets.clone().select(0, twice.clone()),
        );
        let config = config.with_weight(Some(vec![1.0, 1.0, 1.0, 1.0, 2.0]));
        let found = config.init().forward(logits.clone(), targets.clone());
        assert_close(&found, &expected);
    }
}

#[test]
#[should_panic(expected = "4 weights of 5 classes")]
fn rejects_another_number_of_weights_than_of_classes() {
    let device = Device::default();
    let loss = padded().with_weight(Some(vec![1.0; 4])).init();
    let _ = loss.forward(Tensor::zeros([3, 5], &device), Tensor::zeros([3], &device));
}

#[test]
fn a_constant_added_to_all_scores_changes_nothing_even_a_huge_one() {
    let device = Device::default();
    let logits = (wave::<2>([3, 5], 0.5, &device) * 64.0).round();
    let targets = Tensor::<1, Int>::from_ints([2, 4, 1], &device);
    let loss = padded().init();
    let expected = loss.forward(logits.clone(), targets.clone());
    assert_close(&loss.forward(logits + 4096.0, targets), &expected);
}

#[test]
fn of_even_scores_is_the_logarithm_of_the_number_of_classes() {
    let device = Device::default();
    let targets = Tensor::<1, Int>::from_ints([2, 4, 1], &device);
    let found = padded()
        .init()
        .forward(Tensor::zeros([3, 5], &device), targets);
    assert_close(&found, &Tensor::from_floats([5.0_f32.ln()], &device));
}

#[test]
fn a_class_that_cannot_be_costs_nothing_and_gets_no_gradient() {
    let device = Device::default().autodiff();
    let kept = wave::<2>([2, 4], 0.5, &device).require_grad();
    let never = Tensor::full([2, 1], f32::NEG_INFINITY, &device);
    let targets = Tensor::<1, Int>::from_ints([2, 1], &device);
    let loss = CrossEntropyConfig::new().init();
    let expected = loss.forward(kept.clone(), targets.clone());
    let found = loss.forward(Tensor::cat(vec![kept.clone(), never], 1), targets);
    assert_close(&found, &expected);
    let gradient = |loss: Tensor<1>| kept.grad(&loss.backward()).unwrap();
    assert_close(&gradient(found), &gradient(expected));
}

#[test]
fn the_gradient_is_softmax_minus_the_target_distribution() {
    let device = Device::default().autodiff();
    let logits = (wave::<2>([3, 5], 0.5, &device) * 20.0).require_grad();
    let targets = Tensor::<1, Int>::from_ints([2, 0, 1], &device);
    let loss = padded().init().forward(logits.clone(), targets.clone());
    let found = logits.grad(&loss.backward()).unwrap();
    let distribution = targets.one_hot::<2>(5).float() * 0.9 + 0.02;
    let expected = softmax(logits, 1) - distribution;
    let kept = Tensor::<2>::from_floats([[0.5], [0.0], [0.5]], &device);
    assert_close(&found, &(expected * kept).inner());
}

#[test]
fn no_rows_have_no_loss() {
    let device = Device::default();
    let loss = CrossEntropyConfig::new()
        .with_reduction(Reduction::Sum)
        .init();
    let targets = Tensor::<1, Int>::zeros([0], &device);
    let sum = loss.forward(Tensor::zeros([0, 3], &device), targets);
    assert!(sum.into_scalar::<f32>() == 0.0);
}
