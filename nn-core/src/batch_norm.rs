//! [`BatchNorm`]: batch normalisation with PyTorch's running statistics.
//!
//! Ioffe and Szegedy 2015, <https://arxiv.org/abs/1502.03167>.
//!
//! Differences from Burn's `BatchNorm`: the running variance is the unbiased one
//! (n / (n - 1) times the batch variance, as in PyTorch), the affine parameters are optional and
//! have PyTorch's names, and visitors see running statistics without the delay of one step.

use burn::config::Config;
use burn::module::{Flag, Initializer, Module, Param, RunningState};
use burn::tensor::module::{batch_norm, batch_norm_train};
use burn::tensor::{Device, Tensor, assert_shape};

use crate::config::{ConfigError, at_least_one, expect_valid, fraction, positive};
#[cfg(feature = "flex")]
use crate::fused;

/// Configuration of [`BatchNorm`].
#[derive(Config, Debug)]
pub struct BatchNormConfig {
    /// Channels: the size of dimension 1. At least 1.
    pub n_features: usize,
    /// Added to the variance. Finite and above 0. Default: 1e-5
    #[config(default = 1e-5)]
    pub epsilon: f64,
    /// The part of a batch's statistics in the new running statistics, in [0, 1]. Default: 0.1
    #[config(default = 0.1)]
    pub momentum: f64,
    /// Whether there are a weight and a bias. Default: true
    #[config(default = true)]
    pub affine: bool,
}

/// Batch normalisation over every dimension but dimension 1.
///
/// PyTorch's `nn.BatchNorm1d`, `2d`, `3d`. Training is what Burn's own layers take it for: the
/// input is on an autodiff device and the module is not frozen. Then the batch's statistics
/// normalise, and the running ones follow them. Otherwise the running statistics normalise.
/// A clone shares the running statistics with its original, as every Burn `RunningState` does.
#[derive(Module, Debug)]
pub struct BatchNorm {
    /// The scale: `[n_features]`, starts at 1.
    pub weight: Option<Param<Tensor<1>>>,
    /// The offset: `[n_features]`, starts at 0.
    pub bias: Option<Param<Tensor<1>>>,
    /// Whether the layer may train; `freeze` disables it.
    pub training: Param<Flag>,
    /// Buffer: `[n_features]`, starts at 0.
    pub running_mean: RunningState<Tensor<1>>,
    /// Buffer: `[n_features]`, starts at 1.
    pub running_var: RunningState<Tensor<1>>,
    epsilon: f64,
    momentum: f64,
}

impl BatchNormConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When there are no features, or `epsilon` or `momentum` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        at_least_one("n_features", self.n_features)?;
        positive("epsilon", self.epsilon)?;
        fraction("momentum", self.momentum)
    }

    /// Builds the layer.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self, device: &Device) -> BatchNorm {
        expect_valid("BatchNorm", self.check());
        let shape = [self.n_features];
        let parameter = |initial: Initializer| self.affine.then(|| initial.init(shape, device));
        BatchNorm {
            weight: parameter(Initializer::Ones),
            bias: parameter(Initializer::Zeros),
            training: Param::from_bool(true),
            running_mean: RunningState::new(Tensor::zeros(shape, device)),
            running_var: RunningState::new(Tensor::ones(shape, device)),
            epsilon: self.epsilon,
            momentum: self.momentum,
        }
    }
}

impl BatchNorm {
    /// Normalises `input`.
    ///
    /// # Shapes
    ///
    /// - input, output: `[batch, n_features, ..]`
    ///
    /// # Panics
    ///
    /// When dimension 1 is not `n_features`, and, as in PyTorch, when training on a single value
    /// per channel, which has no variance.
    pub fn forward<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        let n_features = self.running_mean.value().dims()[0];
        assert_shape!(input, [_, n_features, ..]);
        if input.device().is_autodiff() && self.training.is_enabled() {
            self.forward_train(input)
        } else {
            self.forward_eval(input)
        }
    }

    fn forward_eval<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        let device = input.device();
        let mean = self.running_mean.value().to_device(&device);
        let var = self.running_var.value().to_device(&device);
        let (weight, bias) = self.affine(&device);
        batch_norm(input, weight, bias, mean, var, self.epsilon)
    }

    fn forward_train<const D: usize>(&self, input: Tensor<D>) -> Tensor<D> {
        let device = input.device();
        let n_values = input.shape().num_elements() / input.dims()[1];
        assert!(
            n_values > 1,
            "batch norm trains on more than 1 value per channel, but got shape {:?}",
            input.dims()
        );
        let (weight, bias) = self.affine(&device);
        let (output, mean, variance) = normalised(input, weight, bias, self.epsilon);
        let unbiased = n_values as f64 / (n_values - 1) as f64;
        self.follow(&self.running_mean, mean);
        self.follow(&self.running_var, variance.mul_scalar(unbiased));
        output
    }

    /// Moves running statistics towards those of a batch.
    fn follow(&self, running: &RunningState<Tensor<1>>, batch: Tensor<1>) {
        let old = running.value_sync().to_device(&batch.device());
        let new = old.mul_scalar(1.0 - self.momentum) + batch.mul_scalar(self.momentum);
        running.update(new.detach());
        // Without this a visitor (a checkpoint, say) sees the statistics of the step before.
        running.value_sync();
    }

    /// Weight and bias, or 1 and 0.
    fn affine(&self, device: &Device) -> (Tensor<1>, Tensor<1>) {
        let shape = self.running_mean.value().dims();
        let value = |param: &Option<Param<Tensor<1>>>| param.as_ref().map(Param::val);
        (
            value(&self.weight).unwrap_or_else(|| Tensor::ones(shape, device)),
            value(&self.bias).unwrap_or_else(|| Tensor::zeros(shape, device)),
        )
    }
}

/// The input by its own statistics, and each channel's mean and variance.
fn normalised<const D: usize>(
    input: Tensor<D>,
    weight: Tensor<1>,
    bias: Tensor<1>,
    epsilon: f64,
) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
    #[cfg(feature = "flex")]
    if fused::takes(&input) {
        return fused::batch_norm(input, weight, bias, epsilon);
    }
    let normalised = batch_norm_train(input, weight, bias, epsilon);
    (normalised.output, normalised.mean, normalised.variance)
}
