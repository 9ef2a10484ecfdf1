//! What a valid spec is: one table of bounds, which the schema prints too.
use super::{DecoderSpec, NetSpec};

/// A number of a spec and its bounds.
pub(super) struct Bound {
    pub(super) name: &'static str,
    pub(super) least: f64,
    pub(super) most: f64,
}

const fn bound(name: &'static str, least: f64, most: f64) -> Bound {
    Bound { name, least, most }
}

/// Bounds by the name of the number; equal names have equal bounds everywhere.
pub(super) const BOUNDS: &[Bound] = &[
    bound("channels", 8.0, 1024.0),
    bound("depth", 1.0, 6.0),
    bound("side", 1.0, 14.0),
    bound("d_model", 16.0, 1024.0),
    bound("hidden", 16.0, 2048.0),
    bound("layers", 1.0, 6.0),
    bound("feedforward", 16.0, 4096.0),
    bound("dropout", 0.0, 0.5),
    bound("weight_decay", 0.0, 0.5),
    bound("label_smoothing", 0.0, 0.3),
    bound("clip_norm", 0.1, 10.0),
];

/// Numbers of which only some values are allowed.
pub(super) const CHOICES: &[(&str, &[usize])] = &[
    ("kernel", &[1, 3, 5, 7]),
    ("stride", &[1, 2]),
    ("heads", &[1, 2, 4, 8]),
];

/// Stages an encoder may have.
pub(super) const STAGES: [usize; 2] = [1, 5];

/// Every `channels` and `d_model` is a multiple of this.
pub(super) const MULTIPLE: usize = 8;

/// Why a spec is no net.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SpecError {
    /// It is no JSON of a spec.
    #[error("the spec cannot be read: {text}")]
    Unreadable {
        /// What the reader says.
        text: String,
    },
    /// A number lies outside its bounds.
    #[error("`{name}` is {found}, and must be from {least} to {most}")]
    OutOfBounds {
        /// The number's name.
        name: &'static str,
        /// Its value.
        found: f64,
        /// The least one.
        least: f64,
        /// The largest one.
        most: f64,
    },
    /// A number is none of the values that are allowed.
    #[error("`{name}` is {found}, and must be one of {allowed:?}")]
    NoChoice {
        /// The number's name.
        name: &'static str,
        /// Its value.
        found: usize,
        /// The values.
        allowed: &'static [usize],
    },
    /// A width is no multiple of 8.
    #[error("`{name}` is {found}, and must be a multiple of 8")]
    NoMultiple {
        /// The number's name.
        name: &'static str,
        /// Its value.
        found: usize,
    },
    /// Too few stages or too many.
    #[error("the encoder has {found} stages, and must have 1 to 5")]
    Stages {
        /// How many.
        found: usize,
    },
}

impl NetSpec {
    /// Reads a spec and checks it.
    ///
    /// # Errors
    ///
    /// When it is no spec, or a value is not allowed.
    pub fn read(json: &str) -> Result<Self, SpecError> {
        let spec: Self = serde_json::from_str(json).map_err(|error| SpecError::Unreadable {
            text: error.to_string(),
        })?;
        spec.check()?;
        Ok(spec)
    }

    /// The first rule that it breaks.
    ///
    /// # Errors
    ///
    /// When a value is not allowed.
    pub fn check(&self) -> Result<(), SpecError> {
        let found = self.encoder.stages.len();
        if !(STAGES[0]..=STAGES[1]).contains(&found) {
            return Err(SpecError::Stages { found });
        }
        let stem = self.encoder.stem;
        width("channels", stem.channels)?;
        choice("kernel", stem.kernel)?;
        choice("stride", stem.stride)?;
        for stage in &self.encoder.stages {
            width("channels", stage.channels)?;
            within("depth", stage.depth as f64)?;
            choice("stride", stage.stride)?;
        }
        within("side", self.memory.side as f64)?;
        width("d_model", self.memory.d_model)?;
        self.decoder.check()?;
        within("weight_decay", self.recipe.weight_decay)?;
        within("label_smoothing", self.recipe.label_smoothing)?;
        within("clip_norm", self.recipe.clip_norm)
    }
}

impl DecoderSpec {
    fn check(&self) -> Result<(), SpecError> {
        match self {
            Self::Lstm(decoder) | Self::Gru(decoder) => {
                within("hidden", decoder.hidden as f64)?;
                within("layers", decoder.layers as f64)?;
                within("dropout", decoder.dropout)
            }
            Self::Transformer(decoder) => {
                within("layers", decoder.layers as f64)?;
                choice("heads", decoder.heads)?;
                within("feedforward", decoder.feedforward as f64)?;
                within("dropout", decoder.dropout)
            }
        }
    }
}

fn within(name: &str, found: f64) -> Result<(), SpecError> {
    let Some(bound) = BOUNDS.iter().find(|bound| bound.name == name) else {
        return Ok(());
    };
    if (bound.least..=bound.most).contains(&found) {
        return Ok(());
    }
    Err(SpecError::OutOfBounds {
        name: bound.name,
        found,
        least: bound.least,
        most: bound.most,
    })
}

fn width(name: &'static str, found: usize) -> Result<(), SpecError> {
    within(name, found as f64)?;
    if found.is_multiple_of(MULTIPLE) {
        Ok(())
    } else {
        Err(SpecError::NoMultiple { name, found })
    }
}

fn choice(name: &str, found: usize) -> Result<(), SpecError> {
    let Some((name, allowed)) = CHOICES.iter().find(|(known, _)| *known == name) else {
        return Ok(());
    };
    if allowed.contains(&found) {
        return Ok(());
    }
    Err(SpecError::NoChoice {
        name,
        found,
        allowed,
    })
}
