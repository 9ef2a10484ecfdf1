//! Which stages of an encoder keep their weights, and from when on fewer of them do.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Which stages of an encoder keep their weights. As text, on the command line and in JSON: `STAGES`, the first ones;
/// `all`; `all-STAGES`, all but the last ones.
///
/// ```
/// use caption_models::system::Freeze;
///
/// let freeze: Freeze = "all-2".parse()?;
/// assert_eq!(freeze, Freeze::AllBut(2));
/// assert_eq!(freeze.n_stages(5), Some(3));
/// # Ok::<(), caption_models::system::FreezeError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Freeze {
    /// So many, from the pictures on.
    First(usize),
    /// All but so many before the decoder.
    AllBut(usize),
}

/// From an epoch on only the last stages of the encoder are trained. As text `EPOCH:STAGES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Unfreeze {
    /// The first epoch in which it holds, from 1.
    pub epoch: usize,
    /// How many stages before the decoder are trained.
    pub stages: usize,
}

/// Text that says nothing about stages.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("`{found}` is not {wanted}")]
pub struct FreezeError {
    found: String,
    wanted: &'static str,
}

impl Freeze {
    /// No stage.
    pub const NOTHING: Self = Self::First(0);
    /// Every stage.
    pub const ALL: Self = Self::AllBut(0);

    /// How many stages of an encoder of `n_stages` keep their weights; `None` when it has not so many.
    pub fn n_stages(self, n_stages: usize) -> Option<usize> {
        match self {
            Self::First(frozen) => (frozen <= n_stages).then_some(frozen),
            Self::AllBut(trained) => n_stages.checked_sub(trained),
        }
    }

    /// How many stages are named.
    pub(super) fn n_named(self) -> usize {
        match self {
            Self::First(n_stages) | Self::AllBut(n_stages) => n_stages,
        }
    }
}

impl Unfreeze {
    /// What the last of `all` says that holds in `epoch`; `None` before the first one.
    pub fn at(all: &[Self], epoch: usize) -> Option<Freeze> {
        let begun = all.iter().filter(|unfreeze| unfreeze.epoch <= epoch);
        let last = begun.max_by_key(|unfreeze| unfreeze.epoch)?;
        Some(Freeze::AllBut(last.stages))
    }
}

impl FromStr for Freeze {
    type Err = FreezeError;

    fn from_str(text: &str) -> Result<Self, FreezeError> {
        let error = || FreezeError {
            found: text.to_owned(),
            wanted: "a number of stages, `all`, or `all-STAGES` for all but the last ones",
        };
        match text.strip_prefix("all") {
            Some("") => Ok(Self::ALL),
            Some(but) => {
                let stages = but.strip_prefix('-').ok_or_else(error)?;
                stages.parse().map(Self::AllBut).map_err(|_| error())
            }
            None => text.parse().map(Self::First).map_err(|_| error()),
        }
    }
}

impl FromStr for Unfreeze {
    type Err = FreezeError;

    fn from_str(text: &str) -> Result<Self, FreezeError> {
        let parsed = || {
            let (epoch, stages) = text.split_once(':')?;
            let epoch = epoch.parse().ok().filter(|epoch| *epoch > 0)?;
            let stages = stages.parse().ok()?;
            Some(Self { epoch, stages })
        };
        parsed().ok_or_else(|| FreezeError {
            found: text.to_owned(),
            wanted: "EPOCH:STAGES, such as 3:2 to train the last 2 stages from epoch 3 on",
        })
    }
}

impl fmt::Display for Freeze {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::First(stages) => write!(f, "{stages}"),
            Self::AllBut(0) => f.write_str("all"),
            Self::AllBut(stages) => write!(f, "all-{stages}"),
        }
    }
}

impl fmt::Display for Unfreeze {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.epoch, self.stages)
    }
}

/// Reads and writes a type as its text.
macro_rules! as_text {
    ($type:ty) => {
        impl TryFrom<String> for $type {
            type Error = FreezeError;

            fn try_from(text: String) -> Result<Self, FreezeError> {
                text.parse()
            }
        }

        impl From<$type> for String {
            fn from(value: $type) -> Self {
                value.to_string()
            }
        }
    };
}

as_text!(Freeze);
as_text!(Unfreeze);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_goes_there_and_back_and_anything_else_is_refused() {
        for text in ["0", "3", "all", "all-2"] {
            assert_eq!(text.parse::<Freeze>().unwrap().to_string(), text);
        }
        for text in ["", "-1", "all2", "all-", "none", "3:2"] {
            assert!(text.parse::<Freeze>().is_err(), "{text}");
        }
        assert_eq!("3:2".parse::<Unfreeze>().unwrap().to_string(), "3:2");
        for text in ["", "3", "0:1", "3:", ":2", "3:-1", "a:b"] {
            assert!(text.parse::<Unfreeze>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_encoder_has_as_many_stages_as_it_has() {
        assert_eq!(Freeze::First(5).n_stages(5), Some(5));
        assert_eq!(Freeze::First(6).n_stages(5), None);
        assert_eq!(Freeze::ALL.n_stages(5), Some(5));
        assert_eq!(Freeze::AllBut(6).n_stages(5), None);
    }

    #[test]
    fn the_latest_change_holds() {
        let all = ["3:2", "2:1", "7:5"].map(|text| text.parse().unwrap());
        let at = |epoch| Unfreeze::at(&all, epoch);
        assert_eq!((at(1), at(2)), (None, Some(Freeze::AllBut(1))));
        assert_eq!(
            (at(6), at(7)),
            (Some(Freeze::AllBut(2)), Some(Freeze::AllBut(5)))
        );
    }
}
