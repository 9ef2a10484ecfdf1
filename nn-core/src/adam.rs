//! Adam and `AdamW` with PyTorch's numbers.

use burn::optim::{AdamWState, AdaptiveMomentumState, LearningRate, ModuleOptimizer, Optimizer};
use burn::tensor::{Device, Tensor};

/// What a step of Adam depends on beside the tensors; scalars are `f64`, as in PyTorch.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamStep {
    /// Learning rate.
    pub lr: f64,
    /// Decay rates of the two moments.
    pub betas: [f64; 2],
    /// Added to the root of the second moment.
    pub eps: f64,
    /// Decoupled decay of the value, as in `AdamW`; 0 for Adam.
    pub weight_decay: f64,
    /// Steps with this one: 1 for the first.
    pub step: i32,
}

impl AdamStep {
    /// Updates a parameter; no gradient passes through it. On the CPU backend it is one pass, and
    /// nothing is allocated where nobody else holds the gradient and the moments.
    ///
    /// - value, gradient: the parameter and its gradient, of one shape
    /// - moments: those that the step before returned; `None` at the first
    /// - returns: the new value and the new moments
    ///
    /// Source: Kingma and Ba, "Adam" (arXiv 1412.6980), algorithm 1; Loshchilov and Hutter,
    /// "Decoupled Weight Decay Regularization" (arXiv 1711.05101), algorithm 2; in the order of
    /// `torch.optim.Adam` and `AdamW`.
    ///
    /// # Panics
    /// When the tensors differ in shape.
    pub fn apply<const D: usize>(
        &self,
        value: Tensor<D>,
        gradient: Tensor<D>,
        moments: Option<[Tensor<D>; 2]>,
    ) -> (Tensor<D>, [Tensor<D>; 2]) {
        assert_eq!(
            value.shape(),
            gradient.shape(),
            "a gradient has the shape of its parameter"
        );
        let moments = moments.unwrap_or_else(|| [gradient.zeros_like(), gradient.zeros_like()]);
        #[cfg(feature = "flex")]
        if crate::fused::takes(&value) {
            return crate::fused::adam_step(value, gradient, moments, self.factors());
        }
        self.composed(value, gradient, moments)
    }

    /// The same of Burn's operations.
    fn composed<const D: usize>(
        &self,
        value: Tensor<D>,
        gradient: Tensor<D>,
        [first, second]: [Tensor<D>; 2],
    ) -> (Tensor<D>, [Tensor<D>; 2]) {
        let [beta_1, beta_2] = self.betas;
        let first = first.mul_scalar(beta_1) + gradient.clone().mul_scalar(1.0 - beta_1);
        let second = second.mul_scalar(beta_2) + gradient.square().mul_scalar(1.0 - beta_2);
        let [correction_1, correction_2] = self.corrections();
        let root = second.clone().sqrt().div_scalar(correction_2.sqrt());
        let step = first.clone() / root.add_scalar(self.eps);
        let value = value.mul_scalar(1.0 - self.lr * self.weight_decay);
        let value = value - step.mul_scalar(self.lr / correction_1);
        (value, [first, second])
    }

    /// What the moments lack of full size since they began at zero.
    fn corrections(&self) -> [f64; 2] {
        self.betas.map(|beta| 1.0 - beta.powi(self.step))
    }

    #[cfg(feature = "flex")]
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the tensors that these multiply are 32-bit floats"
    )]
    fn factors(&self) -> crate::fused::AdamFactors {
        let [correction_1, correction_2] = self.corrections();
        crate::fused::AdamFactors {
            decay: (1.0 - self.lr * self.weight_decay) as f32,
            betas: self.betas.map(|beta| beta as f32),
            shares: self.betas.map(|beta| (1.0 - beta) as f32),
            rate: (self.lr / correction_1) as f32,
            root: correction_2.sqrt().recip() as f32,
            eps: self.eps as f32,
        }
    }
}

/// `torch.optim.AdamW`, for Burn's [`ModuleOptimizer`]. Burn's own has other defaults and makes a
/// tensor at each operation; this one is a single pass on the CPU backend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamW {
    /// Decay rates of the two moments.
    pub betas: [f64; 2],
    /// Added to the root of the second moment.
    pub eps: f64,
    /// Decoupled decay of the values.
    pub weight_decay: f64,
}

impl Default for AdamW {
    /// PyTorch's defaults.
    fn default() -> Self {
        Self {
            betas: [0.9, 0.999],
            eps: 1e-8,
            weight_decay: 1e-2,
        }
    }
}

impl AdamW {
    /// An optimizer of all parameters of a module.
    ///
    /// ```
    /// use burn::optim::GradientsParams;
    /// use burn::tensor::{Device, Tensor};
    /// use nn_core::{AdamW, SqueezeExciteConfig};
    ///
    /// let device = Device::default().autodiff();
    /// let layer = SqueezeExciteConfig::new(32).init(&device);
    /// let mut optimizer = AdamW::default().init();
    ///
    /// let loss = layer.forward(Tensor::ones([1, 32, 4, 4], &device)).sum();
    /// let gradients = GradientsParams::from_grads(loss.backward(), &layer);
    /// let layer = optimizer.step(1e-3, layer, gradients);
    /// # let _ = layer;
    /// ```
    pub fn init(self) -> ModuleOptimizer {
        ModuleOptimizer::from(self)
    }
}

impl Optimizer for AdamW {
    type State<const D: usize> = AdamWState<D>;

    fn step<const D: usize>(
        &self,
        lr: LearningRate,
        tensor: Tensor<D>,
        grad: Tensor<D>,
        state: Option<Self::State<D>>,
    ) -> (Tensor<D>, Option<Self::State<D>>) {
        let (time, moments) = match state.map(|state| state.momentum) {
            Some(state) => (state.time, Some([state.moment_1, state.moment_2])),
            None => (0, None),
        };
        let step = AdamStep {
            lr,
            betas: self.betas,
            eps: self.eps,
            weight_decay: self.weight_decay,
            step: i32::try_from(time + 1).unwrap_or(i32::MAX),
        };
        let (value, [first, second]) = step.apply(tensor, grad, moments);
        let state = AdaptiveMomentumState::new(time + 1, first, second);
        (value, Some(AdamWState::new(state)))
    }

    fn to_device<const D: usize>(state: Self::State<D>, device: &Device) -> Self::State<D> {
        AdamWState::new(state.momentum.to_device(device))
    }
}
