//! The larger and the smaller of two tensors, and of a tensor's elements, with PyTorch's gradient where several are
//! equal: they share it evenly. Burn gives all of it to one of them.

use burn::tensor::Tensor;

/// PyTorch's `maximum`: the larger of two elements. Equal ones get half of the gradient each.
///
/// # Shapes
///
/// - inputs: shapes that broadcast
/// - output: what they broadcast to
///
/// # Panics
///
/// When the shapes do not broadcast.
pub fn maximum<const D: usize>(left: Tensor<D>, right: Tensor<D>) -> Tensor<D> {
    let [left, right] = broadcast(left, right);
    if !left.device().is_autodiff() {
        return left.max_pair(right);
    }
    let is_less = left.clone().lower(right.clone());
    let is_more = left.clone().greater(right.clone());
    let share = share_of_equals(&left, &right);
    left.mask_fill(is_less, 0.0) * share.clone() + right.mask_fill(is_more, 0.0) * share
}

/// PyTorch's `minimum`: the smaller of two elements. Equal ones get half of the gradient each.
///
/// # Shapes
///
/// - inputs: shapes that broadcast
/// - output: what they broadcast to
///
/// # Panics
///
/// When the shapes do not broadcast.
pub fn minimum<const D: usize>(left: Tensor<D>, right: Tensor<D>) -> Tensor<D> {
    -maximum(-left, -right)
}

/// PyTorch's `amax`: the largest element over some axes, which stay with size 1. Equal ones share the gradient evenly.
///
/// # Shapes
///
/// - input: any
/// - output: the input's, of size 1 along `axes`
///
/// # Panics
///
/// When an axis is not one of the input's.
pub fn amax<const D: usize>(input: Tensor<D>, axes: &[usize]) -> Tensor<D> {
    let largest = axes
        .iter()
        .fold(input.clone().detach(), |rest, axis| rest.max_dim(*axis));
    if !input.device().is_autodiff() {
        return largest;
    }
    let is_largest = input.clone().equal(largest.clone());
    let share = is_largest.clone().float();
    let share = share.clone() / share.sum_dims(axes);
    // The share's value is known exactly: only its gradient is wanted. That of infinity is no number.
    let shared = (input.mask_fill(is_largest.bool_not(), 0.0) * share).sum_dims(axes);
    let gradient = (shared.clone() - shared.detach()).mask_fill(largest.clone().is_inf(), 0.0);
    largest + gradient
}

/// PyTorch's `amin`: the smallest element over some axes, which stay with size 1. Equal ones share the gradient evenly.
///
/// # Shapes
///
/// - input: any
/// - output: the input's, of size 1 along `axes`
///
/// # Panics
///
/// When an axis is not one of the input's.
pub fn amin<const D: usize>(input: Tensor<D>, axes: &[usize]) -> Tensor<D> {
    -amax(-input, axes)
}

/// The root of a sum of squares, as PyTorch's `norm` and `std` take it: at 0 it has no gradient, where that of
/// `sqrt` is infinite.
///
/// # Shapes
///
/// - input, output: any, the same
pub fn root_of_squares<const D: usize>(sum: Tensor<D>) -> Tensor<D> {
    let is_zero = sum.clone().equal_elem(0.0);
    sum.mask_fill(is_zero.clone(), 1.0)
        .sqrt()
        .mask_fill(is_zero, 0.0)
}

/// One half where the elements are equal, else 1.
fn share_of_equals<const D: usize>(left: &Tensor<D>, right: &Tensor<D>) -> Tensor<D> {
    let is_tie = left.clone().equal(right.clone());
    left.ones_like().detach().mask_fill(is_tie, 0.5)
}

fn broadcast<const D: usize>(left: Tensor<D>, right: Tensor<D>) -> [Tensor<D>; 2] {
    let (a, b) = (left.dims(), right.dims());
    let shape: [usize; D] =
        std::array::from_fn(|axis| if a[axis] == 1 { b[axis] } else { a[axis] });
    [left, right].map(|tensor| {
        if tensor.dims() == shape {
            tensor
        } else {
            tensor.expand(shape)
        }
    })
}
