//! [`Finding`]: one thing that was looked at.
use serde::Serialize;
use serde_json::Value;

/// Findings about one part of the machine.
#[derive(Clone, Debug, Serialize)]
pub struct Section {
    /// Which part.
    pub title: &'static str,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// What was looked at.
    pub what: String,
    /// Whether it will do.
    pub state: State,
    /// What was found, in words.
    pub found: String,
    /// The same as a number or a list, where it is one.
    #[serde(skip_serializing_if = "Value::is_null")]
    pub value: Value,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
}

/// Whether a thing will do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is there.
    Good,
    /// It is not there, and not every job needs it.
    Absent,
    /// The main job cannot run.
    Bad,
}

impl Finding {
    pub(super) fn good(what: impl Into<String>, found: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            state: State::Good,
            found: found.into(),
            value: Value::Null,
            advice: None,
        }
    }

    pub(super) fn absent(
        what: impl Into<String>,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            state: State::Absent,
            advice: Some(advice.into()),
            ..Self::good(what, found)
        }
    }

    pub(super) fn bad(
        what: impl Into<String>,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            state: State::Bad,
            ..Self::absent(what, found, advice)
        }
    }

    pub(super) fn with(mut self, value: impl Into<Value>) -> Self {
        self.value = value.into();
        self
    }
}
