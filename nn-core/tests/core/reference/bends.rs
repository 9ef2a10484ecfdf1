//! Gradients where functions bend and where elements are equal, as PyTorch 2.15 gives them for a gradient of 1.

use burn::tensor::{Device, Tensor};
use nn_core::{Activation, amax, amin, maximum, minimum, root_of_squares};

use crate::wave::values;

/// The function's values of these inputs, and the gradient of their sum.
fn traced<const D: usize, const E: usize>(
    input: Tensor<D>,
    function: impl Fn(Tensor<D>) -> Tensor<E>,
) -> (Vec<f32>, Vec<f32>) {
    let input = input.require_grad();
    let output = function(input.clone());
    let gradients = output.clone().sum().backward();
    (
        values(&output),
        values(&input.grad(&gradients).expect("the input is tracked")),
    )
}

fn row(numbers: &[f32]) -> Tensor<1> {
    Tensor::from_floats(numbers, &Device::default().autodiff())
}

#[track_caller]
fn has_slopes(activation: &Activation, inputs: &[f32], wanted: &[f32]) {
    let (_, found) = traced(row(inputs), |x| activation.forward(x));
    let is_close = found.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-6);
    assert!(is_close, "{activation:?}: {found:?}, not {wanted:?}");
}

#[test]
fn activations_have_pytorchs_slopes_at_their_bends() {
    let sixth = 1.0 / 6.0;
    has_slopes(&Activation::Relu, &[-1.0, 0.0, 1.0], &[0.0, 0.0, 1.0]);
    has_slopes(
        &Activation::Relu6,
        &[-1.0, 0.0, 3.0, 6.0, 7.0],
        &[0.0, 0.0, 1.0, 0.0, 0.0],
    );
    has_slopes(
        &Activation::HardSigmoid,
        &[-4.0, -3.0, 0.0, 3.0, 4.0],
        &[0.0, 0.0, sixth, 0.0, 0.0],
    );
    has_slopes(
        &Activation::HardSwish,
        &[-4.0, -3.0, 0.0, 3.0, 4.0],
        &[0.0, 0.0, 0.5, 1.0, 1.0],
    );
}

#[test]
fn hard_activations_have_one_value_with_and_without_a_backward_pass() {
    let numbers: Vec<f32> = (-500_i16..500).map(|i| f32::from(i) * 0.0137).collect();
    let plain = Tensor::<1>::from_floats(numbers.as_slice(), &Device::default());
    for activation in [Activation::HardSigmoid, Activation::HardSwish] {
        assert_eq!(
            values(&activation.forward(plain.clone())),
            values(&activation.forward(row(&numbers)))
        );
    }
}

#[test]
fn equal_elements_of_two_tensors_get_half_the_gradient_each() {
    let zeros = || row(&[0.0; 3]);
    let inputs = || row(&[-1.0, 0.0, 1.0]);
    let (larger, slopes) = traced(inputs(), |x| maximum(x, zeros()));
    assert_eq!((larger, slopes), (vec![0.0, 0.0, 1.0], vec![0.0, 0.5, 1.0]));
    let (larger, slopes) = traced(inputs(), |x| maximum(zeros(), x));
    assert_eq!((larger, slopes), (vec![0.0, 0.0, 1.0], vec![0.0, 0.5, 1.0]));
    let (smaller, slopes) = traced(inputs(), |x| minimum(x, zeros()));
    assert_eq!(
        (smaller, slopes),
        (vec![-1.0, 0.0, 0.0], vec![1.0, 0.5, 0.0])
    );
    let (same, slopes) = traced(inputs(), |x| maximum(x.clone(), x));
    assert_eq!((same, slopes), (vec![-1.0, 0.0, 1.0], vec![1.0; 3]));
    let largest = [f32::MAX, f32::NEG_INFINITY, f32::INFINITY];
    let (same, _) = traced(row(&largest), |x| maximum(x.clone(), x));
    assert_eq!(same, largest);
    let (larger, _) = traced(row(&largest), |x| maximum(x, zeros()));
    assert_eq!(larger, [f32::MAX, 0.0, f32::INFINITY]);
}

#[test]
fn a_gradient_goes_back_through_what_was_broadcast() {
    let column = || row(&[1.0, 3.0]).reshape([2, 1]);
    let both = |y: Tensor<2>| maximum(y, row(&[1.0, 2.0, 3.0]).reshape([1, 3]));
    let (larger, slopes) = traced(column(), both);
    assert_eq!(larger, [1.0, 2.0, 3.0, 3.0, 3.0, 3.0]);
    assert_eq!(slopes, [0.5, 2.5]);
}

#[test]
fn the_largest_elements_share_the_gradient() {
    let table = || row(&[1.0, 3.0, 3.0, 3.0, 2.0, 3.0]).reshape([2, 3]);
    let (largest, slopes) = traced(table(), |x| amax(x, &[1]));
    assert_eq!(largest, [3.0, 3.0]);
    assert_eq!(slopes, [0.0, 0.5, 0.5, 0.5, 0.0, 0.5]);
    let (largest, slopes) = traced(table(), |x| amax(x, &[0, 1]));
    assert_eq!(largest, [3.0]);
    assert_eq!(slopes, [0.0, 0.25, 0.25, 0.25, 0.0, 0.25]);
    let (smallest, slopes) = traced(table(), |x| amin(x, &[1]));
    assert_eq!(smallest, [1.0, 2.0]);
    assert_eq!(slopes, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
    // Seven times a number over seven is not that number in floats.
    let (largest, _) = traced(row(&[0.1; 7]), |x| amax(x, &[0]));
    assert_eq!(largest, [0.1]);
    let hidden = row(&[f32::NEG_INFINITY; 2]);
    assert_eq!(traced(hidden, |x| amax(x, &[0])).0, [f32::NEG_INFINITY]);
}

/// `x.max(dim=1)[0]` is Burn's operation, in generated code too.
#[test]
fn the_first_largest_element_along_an_axis_has_the_gradient() {
    let table = || row(&[1.0, 3.0, 3.0, 3.0, 2.0, 3.0]).reshape([2, 3]);
    let (_, slopes) = traced(table(), |x: Tensor<2>| x.max_dim(1));
    assert_eq!(slopes, [0.0, 1.0, 0.0, 1.0, 0.0, 0.0]);
    let (_, slopes) = traced(table(), |x: Tensor<2>| x.max_dim(0));
    assert_eq!(slopes, [0.0, 1.0, 1.0, 1.0, 0.0, 0.0]);
    let (_, slopes) = traced(table(), |x: Tensor<2>| x.min_dim(1));
    assert_eq!(slopes, [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]);
}

#[test]
fn a_norm_of_zero_has_no_gradient() {
    let (roots, slopes) = traced(row(&[0.0, 4.0]), root_of_squares);
    assert_eq!((roots, slopes), (vec![0.0, 2.0], vec![0.0, 0.25]));
}

/// Functions of Burn that generated code calls as they are.
#[test]
fn the_size_of_zero_has_no_slope() {
    let (_, slopes) = traced(row(&[-1.0, 0.0, 1.0]), Tensor::abs);
    assert_eq!(slopes, [-1.0, 0.0, 1.0]);
}
