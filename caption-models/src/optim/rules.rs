//! The formulas of `torch.optim`, on flat parameters. Scalars are `f64`, as in PyTorch.

use burn::tensor::Tensor;
use nn_core::AdamStep;

use crate::harness::Optimizer;

/// What an optimizer remembers of one parameter.
#[derive(Clone, Debug, Default)]
pub struct Slot {
    step: i32,
    /// Momentum buffer or first moment.
    first: Option<Tensor<1>>,
    /// Second moment or sum of squares.
    second: Option<Tensor<1>>,
    /// Largest second moment, or the mean that centres it.
    third: Option<Tensor<1>>,
}

impl Slot {
    /// A slot after `step` steps, with what [`tensors`](Self::tensors) gave then.
    pub fn restored(step: i32, [first, second, third]: [Option<Tensor<1>>; 3]) -> Self {
        Self {
            step,
            first,
            second,
            third,
        }
    }

    /// Steps behind it.
    pub fn step(&self) -> i32 {
        self.step
    }

    /// What it holds, in a fixed order.
    pub fn tensors(&self) -> [Option<&Tensor<1>>; 3] {
        [&self.first, &self.second, &self.third].map(Option::as_ref)
    }
}

/// One step of `optimizer` on one parameter.
pub fn update(
    optimizer: &Optimizer,
    slot: &mut Slot,
    value: Tensor<1>,
    gradient: Tensor<1>,
) -> Tensor<1> {
    slot.step += 1;
    let step = slot.step;
    let gradient = with_l2(optimizer, gradient, &value);
    let numbers = |lr, betas, eps, weight_decay| AdamStep {
        lr,
        betas,
        eps,
        weight_decay,
        step,
    };
    match *optimizer {
        Optimizer::Sgd {
            lr,
            momentum,
            dampening,
            nesterov,
            ..
        } => {
            let step = momentum_of(slot, gradient, momentum, 1.0 - dampening, nesterov);
            value - step.mul_scalar(lr)
        }
        Optimizer::Adam { lr, betas, eps, .. } => {
            // The gradient holds Adam's own decay.
            adam(slot, numbers(lr, betas, eps, 0.0), value, gradient)
        }
        Optimizer::AdamW {
            lr,
            betas,
            eps,
            weight_decay,
        } => {
            let numbers = numbers(lr, betas, eps, weight_decay);
            adam(slot, numbers, value, gradient)
        }
        Optimizer::AmsGrad { lr, betas, eps, .. } => {
            value - amsgrad_step(slot, gradient, lr, betas, eps)
        }
        Optimizer::RmsProp {
            lr,
            alpha,
            eps,
            momentum,
            centered,
            ..
        } => {
            let root = rms(slot, &gradient, alpha, centered).add_scalar(eps);
            value - momentum_of(slot, gradient / root, momentum, 1.0, false).mul_scalar(lr)
        }
        Optimizer::Adagrad {
            lr,
            lr_decay,
            initial_accumulator_value,
            eps,
            ..
        } => {
            let lr = lr / (1.0 + f64::from(slot.step - 1) * lr_decay);
            let root = sum_of_squares(slot, &gradient, initial_accumulator_value).sqrt();
            value - (gradient / root.add_scalar(eps)).mul_scalar(lr)
        }
    }
}

/// The gradient with the L2 term of every optimizer but `AdamW`, which decays the value itself.
fn with_l2(optimizer: &Optimizer, gradient: Tensor<1>, value: &Tensor<1>) -> Tensor<1> {
    match *optimizer {
        Optimizer::Sgd { weight_decay, .. }
        | Optimizer::Adam { weight_decay, .. }
        | Optimizer::AmsGrad { weight_decay, .. }
        | Optimizer::RmsProp { weight_decay, .. }
        | Optimizer::Adagrad { weight_decay, .. }
            if weight_decay != 0.0 =>
        {
            gradient + value.clone().mul_scalar(weight_decay)
        }
        _ => gradient,
    }
}

/// The direction with momentum; the first step's gradient enters the buffer whole.
fn momentum_of(
    slot: &mut Slot,
    gradient: Tensor<1>,
    momentum: f64,
    share: f64,
    nesterov: bool,
) -> Tensor<1> {
    if momentum == 0.0 {
        return gradient;
    }
    let buffer = match slot.first.take() {
        None => gradient.clone(),
        Some(buffer) => buffer.mul_scalar(momentum) + gradient.clone().mul_scalar(share),
    };
    slot.first = Some(buffer.clone());
    if nesterov {
        gradient + buffer.mul_scalar(momentum)
    } else {
        buffer
    }
}

fn adam(slot: &mut Slot, numbers: AdamStep, value: Tensor<1>, gradient: Tensor<1>) -> Tensor<1> {
    let moments = slot.first.take().zip(slot.second.take());
    let (value, [first, second]) = numbers.apply(value, gradient, moments.map(Into::into));
    slot.first = Some(first);
    slot.second = Some(second);
    value
}

/// What Adam subtracts when it divides by the largest second moment.
fn amsgrad_step(
    slot: &mut Slot,
    gradient: Tensor<1>,
    lr: f64,
    [beta_1, beta_2]: [f64; 2],
    eps: f64,
) -> Tensor<1> {
    let square = gradient.clone().square();
    let first = mean(slot.first.take(), gradient, beta_1);
    let second = mean(slot.second.take(), square, beta_2);
    slot.first = Some(first.clone());
    slot.second = Some(second.clone());
    let correction_1 = 1.0 - beta_1.powi(slot.step);
    let correction_2 = 1.0 - beta_2.powi(slot.step);
    let root = largest(slot, second)
        .sqrt()
        .div_scalar(correction_2.sqrt())
        .add_scalar(eps);
    (first / root).mul_scalar(lr / correction_1)
}

/// The running mean that starts at zero.
fn mean(old: Option<Tensor<1>>, new: Tensor<1>, beta: f64) -> Tensor<1> {
    let new = new.mul_scalar(1.0 - beta);
    match old {
        None => new,
        Some(old) => old.mul_scalar(beta) + new,
    }
}

fn largest(slot: &mut Slot, second: Tensor<1>) -> Tensor<1> {
    let largest = match slot.third.take() {
        None => second,
        Some(largest) => largest.max_pair(second),
    };
    slot.third = Some(largest.clone());
    largest
}

/// The root of `RMSprop`'s mean square.
fn rms(slot: &mut Slot, gradient: &Tensor<1>, alpha: f64, centered: bool) -> Tensor<1> {
    let square = mean(slot.second.take(), gradient.clone().square(), alpha);
    slot.second = Some(square.clone());
    if !centered {
        return square.sqrt();
    }
    let centre = mean(slot.third.take(), gradient.clone(), alpha);
    slot.third = Some(centre.clone());
    (square - centre.square()).sqrt()
}

fn sum_of_squares(slot: &mut Slot, gradient: &Tensor<1>, start: f64) -> Tensor<1> {
    let square = gradient.clone().square();
    let sum = match slot.second.take() {
        None => square.add_scalar(start),
        Some(sum) => sum + square,
    };
    slot.second = Some(sum.clone());
    sum
}
