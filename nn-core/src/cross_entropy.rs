//! [`CrossEntropy`]: the cross entropy of class scores, with PyTorch's numbers.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor, assert_shape};

use crate::config::{ConfigError, expect_valid, fraction};
#[cfg(feature = "flex")]
use crate::fused;

/// How the losses of the rows become the result.
#[derive(Config, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// The mean over the rows that are not ignored.
    Mean,
    /// The sum over the rows.
    Sum,
    /// One loss a row; an ignored row has 0.
    None,
}

/// Configuration of [`CrossEntropy`].
#[derive(Config, Debug)]
pub struct CrossEntropyConfig {
    /// Rows with this target count nothing. Default: -100, as in PyTorch
    #[config(default = "Some(-100)")]
    pub ignore_index: Option<i64>,
    /// The part of the target distribution spread evenly over all classes, in [0, 1]. Default: 0
    #[config(default = 0.0)]
    pub label_smoothing: f64,
    /// How rows are put together. Default: the mean
    #[config(default = "Reduction::Mean")]
    pub reduction: Reduction,
}

/// Cross entropy between class scores and target classes.
///
/// PyTorch's `nn.CrossEntropyLoss` without class weights. When every row is ignored the mean is
/// NaN, as in PyTorch, and the sum is 0.
#[derive(Module, Debug)]
pub struct CrossEntropy {
    ignore_index: Option<i64>,
    label_smoothing: f64,
    #[module(skip)]
    reduction: Reduction,
}

impl CrossEntropyConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When `label_smoothing` is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        fraction("label_smoothing", self.label_smoothing)
    }

    /// Builds the loss.
    ///
    /// # Panics
    ///
    /// When [`check`](Self::check) fails.
    pub fn init(&self) -> CrossEntropy {
        expect_valid("CrossEntropy", self.check());
        CrossEntropy {
            ignore_index: self.ignore_index,
            label_smoothing: self.label_smoothing,
            reduction: self.reduction.clone(),
        }
    }
}

impl CrossEntropy {
    /// The loss.
    ///
    /// # Shapes
    ///
    /// - logits: `[rows, classes]`
    /// - targets: `[rows]`
    /// - output: `[1]`, or `[rows]` without reduction
    ///
    /// # Panics
    ///
    /// When the numbers of rows differ. A target outside the classes that is not ignored is the
    /// caller's error: some devices panic, others return a wrong number.
    pub fn forward(&self, logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
        let [rows, _] = logits.dims();
        assert_shape!(targets, [rows]);
        let Some(ignore_index) = self.ignore_index else {
            let losses = self.row_losses(logits, targets);
            return match self.reduction {
                Reduction::Mean => losses.mean(),
                Reduction::Sum => losses.sum(),
                Reduction::None => losses,
            };
        };
        let ignored = targets.clone().equal_elem(ignore_index);
        // An ignored target need not be a class: read class 0 in its place.
        let targets = targets.mask_fill(ignored.clone(), 0);
        let losses = self
            .row_losses(logits, targets)
            .mask_fill(ignored.clone(), 0.0);
        match self.reduction {
            Reduction::Mean => losses.sum() / ignored.bool_not().float().sum(),
            Reduction::Sum => losses.sum(),
            Reduction::None => losses,
        }
    }

    /// The loss of every row, `[rows]`.
    fn row_losses(&self, logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
        #[cfg(feature = "flex")]
        if fused::takes(&logits) {
            return fused::cross_entropy_rows(logits, targets, self.label_smoothing);
        }
        let scores = log_softmax(logits, 1);
        let target = scores.clone().gather(1, targets.unsqueeze_dim(1)); // [rows, 1]
        let smoothing = self.label_smoothing;
        let expected = if smoothing > 0.0 {
            target * (1.0 - smoothing) + scores.mean_dim(1) * smoothing
        } else {
            target
        };
        expected.neg().squeeze_dim(1)
    }
}
