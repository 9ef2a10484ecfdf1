//! A net's training recipe, as its own `train_setup` and `learn` state it.

/// Optimizers of the parameter groups and the gradient clip.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Recipe {
    /// Groups with an optimizer each. A parameter belongs to the first group that names it.
    pub groups: &'static [ParamGroup],
    /// `clip_grad_norm_` over all parameters; `None` does not clip.
    pub clip_norm: Option<f64>,
}

/// Parameters that share one optimizer.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ParamGroup {
    /// `None`: every trainable parameter; else these, by `state_dict` name.
    pub params: Option<&'static [&'static str]>,
    /// The optimizer with the numbers in force.
    pub optimizer: Optimizer,
}

impl ParamGroup {
    /// Whether the group updates the parameter called `name`.
    pub fn holds(&self, name: &str) -> bool {
        self.params.is_none_or(|params| params.contains(&name))
    }
}

/// An optimizer with PyTorch's formulas and numbers; nothing defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Optimizer {
    /// `torch.optim.SGD`
    Sgd {
        /// Learning rate.
        lr: f64,
        /// 0 keeps no buffer.
        momentum: f64,
        /// Damps the gradient that enters the buffer, from the second step on.
        dampening: f64,
        /// L2 term added to the gradient.
        weight_decay: f64,
        /// Nesterov's look-ahead.
        nesterov: bool,
    },
    /// `torch.optim.Adam`
    Adam {
        /// Learning rate.
        lr: f64,
        /// Decay of the two moments.
        betas: [f64; 2],
        /// Added to the root of the second moment.
        eps: f64,
        /// L2 term added to the gradient.
        weight_decay: f64,
    },
    /// `torch.optim.AdamW`
    AdamW {
        /// Learning rate.
        lr: f64,
        /// Decay of the two moments.
        betas: [f64; 2],
        /// Added to the root of the second moment.
        eps: f64,
        /// Decay applied to the parameter itself.
        weight_decay: f64,
    },
    /// `torch.optim.Adam(amsgrad=True)`
    AmsGrad {
        /// Learning rate.
        lr: f64,
        /// Decay of the two moments.
        betas: [f64; 2],
        /// Added to the root of the second moment.
        eps: f64,
        /// L2 term added to the gradient.
        weight_decay: f64,
    },
    /// `torch.optim.RMSprop`
    RmsProp {
        /// Learning rate.
        lr: f64,
        /// Decay of the mean square.
        alpha: f64,
        /// Added to the root of the mean square.
        eps: f64,
        /// L2 term added to the gradient.
        weight_decay: f64,
        /// 0 keeps no buffer.
        momentum: f64,
        /// Subtracts the squared mean from the mean square.
        centered: bool,
    },
    /// `torch.optim.Adagrad`
    Adagrad {
        /// Learning rate.
        lr: f64,
        /// Divides the rate by `1 + (step - 1) * lr_decay`.
        lr_decay: f64,
        /// L2 term added to the gradient.
        weight_decay: f64,
        /// First value of the sum of squares.
        initial_accumulator_value: f64,
        /// Added to the root of the sum of squares.
        eps: f64,
    },
}

impl Optimizer {
    /// The same with its learning rate multiplied by `rate`.
    #[must_use]
    pub const fn at(mut self, rate: f64) -> Self {
        match &mut self {
            Self::Sgd { lr, .. }
            | Self::Adam { lr, .. }
            | Self::AdamW { lr, .. }
            | Self::AmsGrad { lr, .. }
            | Self::RmsProp { lr, .. }
            | Self::Adagrad { lr, .. } => *lr *= rate,
        }
        self
    }

    /// The learning rate in force.
    pub const fn lr(&self) -> f64 {
        match *self {
            Self::Sgd { lr, .. }
            | Self::Adam { lr, .. }
            | Self::AdamW { lr, .. }
            | Self::AmsGrad { lr, .. }
            | Self::RmsProp { lr, .. }
            | Self::Adagrad { lr, .. } => lr,
        }
    }
}
