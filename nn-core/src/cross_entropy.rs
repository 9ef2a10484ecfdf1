//! [`CrossEntropy`]: the cross entropy of class scores, with PyTorch's numbers.
//!
//! Label smoothing is that of Szegedy et al. 2016, <https://arxiv.org/abs/1512.00567>, section 7.

use burn::config::Config;
use burn::module::Module;
use burn::tensor::activation::log_softmax;
use burn::tensor::{Int, Tensor, assert_shape};

use crate::config::{ConfigError, expect_valid, fraction, not_negative};
#[cfg(feature = "flex")]
use crate::fused;

/// How the losses of the rows become the result.
#[derive(Config, Debug, PartialEq, Eq)]
pub enum Reduction {
    /// The mean over the rows that are not ignored, each as often as its target's weight says.
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
    /// One factor a class, finite and at least 0: of a row's loss by its target and, with
    /// `label_smoothing`, of every class's part. Default: none
    pub weight: Option<Vec<f32>>,
    /// How rows are put together. Default: the mean
    #[config(default = "Reduction::Mean")]
    pub reduction: Reduction,
}

/// Cross entropy between class scores and target classes.
///
/// PyTorch's `nn.CrossEntropyLoss`. When every row is ignored, or has a target of weight 0, the mean
/// is NaN, as in PyTorch, and the sum is 0.
#[derive(Module, Debug)]
pub struct CrossEntropy {
    ignore_index: Option<i64>,
    label_smoothing: f64,
    #[module(skip)]
    weight: Option<Vec<f32>>,
    #[module(skip)]
    reduction: Reduction,
}

impl CrossEntropyConfig {
    /// The first rule this configuration breaks.
    ///
    /// # Errors
    ///
    /// When `label_smoothing` or a weight is out of range.
    pub fn check(&self) -> Result<(), ConfigError> {
        fraction("label_smoothing", self.label_smoothing)?;
        let mut weights = self.weight.iter().flatten();
        weights.try_for_each(|weight| not_negative("weight", f64::from(*weight)))
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
            weight: self.weight.clone(),
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
    /// When the numbers of rows differ, or those of weights and classes. A target outside the
    /// classes that is not ignored is the caller's error: some devices panic, others return a wrong
    /// number.
    pub fn forward(&self, logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
        let [rows, _] = logits.dims();
        assert_shape!(targets, [rows]);
        let Some(ignore_index) = self.ignore_index else {
            let (losses, counts) = self.row_losses(logits, targets);
            return self.reduce(losses, counts);
        };
        let ignored = targets.clone().equal_elem(ignore_index);
        // An ignored target need not be a class: read class 0 in its place.
        let targets = targets.mask_fill(ignored.clone(), 0);
        let (losses, counts) = self.row_losses(logits, targets);
        let losses = losses.mask_fill(ignored.clone(), 0.0);
        self.reduce(losses, counts.mask_fill(ignored, 0.0))
    }

    /// Puts the rows' losses together; the mean counts each row as often as `counts` says.
    fn reduce(&self, losses: Tensor<1>, counts: Tensor<1>) -> Tensor<1> {
        match self.reduction {
            Reduction::Mean => losses.sum() / counts.sum(),
            Reduction::Sum => losses.sum(),
            Reduction::None => losses,
        }
    }

    /// The loss of every row and how often it counts, each `[rows]`.
    fn row_losses(&self, logits: Tensor<2>, targets: Tensor<1, Int>) -> (Tensor<1>, Tensor<1>) {
        let [rows, classes] = logits.dims();
        let device = logits.device();
        let Some(weight) = &self.weight else {
            let losses = self.even_losses(logits, targets);
            return (losses, Tensor::ones([rows], &device));
        };
        let n_weights = weight.len();
        assert_eq!(
            n_weights, classes,
            "{n_weights} weights of {classes} classes"
        );
        let weight = Tensor::<1>::from_floats(weight.as_slice(), &device);
        let counts = weight.clone().select(0, targets.clone()); // [rows]
        let scores = log_softmax(logits, 1) * weight.unsqueeze();
        (self.expected_losses(scores, targets), counts)
    }

    /// The loss of every row when no class counts more than another, `[rows]`.
    fn even_losses(&self, logits: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
        #[cfg(feature = "flex")]
        if fused::takes(&logits) {
            return fused::cross_entropy_rows(logits, targets, self.label_smoothing);
        }
        self.expected_losses(log_softmax(logits, 1), targets)
    }

    /// Under the target distribution, `[rows]`, from the classes' scores, `[rows, classes]`.
    fn expected_losses(&self, scores: Tensor<2>, targets: Tensor<1, Int>) -> Tensor<1> {
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
