//! What a comparison finds.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Check {
    /// Names and shapes of the `state_dict`.
    Params,
    /// Teacher forced, eval mode.
    Logits,
    /// The net's own inference.
    FreeRunning,
    /// Eval mode.
    Loss,
    /// Train mode.
    BackwardLoss,
    /// Norm of all gradients.
    TotalNorm,
    /// Norm by parameter.
    GradNorm,
    /// Absolute values after a step.
    AbsSumAfter,
}

/// A number that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What was compared.
    pub check: Check,
    /// The parameter, where there is one.
    pub name: Option<String>,
    /// Found and expected.
    pub message: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.check)?;
        if let Some(name) = &self.name {
            write!(f, " of `{name}`")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Params => "params",
            Self::Logits => "logits",
            Self::FreeRunning => "free_running",
            Self::Loss => "loss",
            Self::BackwardLoss => "backward_loss",
            Self::TotalNorm => "total_norm",
            Self::GradNorm => "grad_norm",
            Self::AbsSumAfter => "abs_sum_after",
        })
    }
}

impl Failure {
    pub(super) fn new(check: Check, name: Option<&str>, message: String) -> Self {
        Self {
            check,
            name: name.map(str::to_owned),
            message,
        }
    }
}
