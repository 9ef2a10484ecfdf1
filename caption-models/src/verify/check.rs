//! What a check found.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One check and its outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// Which one.
    pub name: CheckName,
    /// Whether what must hold does.
    pub passed: bool,
    /// Whether training is in vain when it does not.
    pub fatal: bool,
    /// What was found and what was wanted, with the numbers, in one sentence.
    pub detail: String,
}

/// The checks; [`verify`](super) says what each wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CheckName {
    /// Everything is finite.
    Numbers,
    /// No score moves with its own token or a later one.
    Causality,
    /// Scores move with the picture.
    ImageSensitivity,
    /// Decoding agrees with training.
    StepByStep,
    /// Every parameter learns.
    DeadParameters,
    /// One batch can be learned.
    Overfit,
}

impl Check {
    pub(super) fn new(name: CheckName, passed: bool, detail: String) -> Self {
        Self {
            name,
            passed,
            fatal: name.is_fatal(),
            detail,
        }
    }
}

impl CheckName {
    /// Whether a failure makes training vain.
    pub const fn is_fatal(self) -> bool {
        matches!(
            self,
            Self::Numbers | Self::Causality | Self::ImageSensitivity
        )
    }

    /// The name in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Numbers => "numbers",
            Self::Causality => "causality",
            Self::ImageSensitivity => "image_sensitivity",
            Self::StepByStep => "step_by_step",
            Self::DeadParameters => "dead_parameters",
            Self::Overfit => "overfit",
        }
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name, self.detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_called_in_json_as_in_text() {
        for name in [
            CheckName::Numbers,
            CheckName::Causality,
            CheckName::ImageSensitivity,
            CheckName::StepByStep,
            CheckName::DeadParameters,
            CheckName::Overfit,
        ] {
            let json = serde_json::to_string(&name).unwrap();
            assert_eq!(json, format!("\"{name}\""));
        }
    }
}
