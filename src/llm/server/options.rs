//! How a server is asked.
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The environment variable with the key, where the user names no other.
pub const KEY_ENV: &str = "NN_CAPTION_API_KEY";

/// How a server is asked. It is kept with a search, so it names the variable with the key and never holds the key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerOptions {
    /// The language model; by default the preset's, or the first one that the server lists.
    pub model: Option<String>,
    /// The environment variable with the key. Default: [`KEY_ENV`]
    pub key_env: String,
    /// How long is waited for what.
    pub time_outs: TimeOuts,
    /// How often a request is sent again to a server that is away or busy. A reply of no use is asked for again
    /// twice at most. Default: 8
    pub retries: u32,
    /// The first wait before a retry; each is twice the one before, up to a minute. Default: 1 s
    #[serde(with = "seconds")]
    pub backoff: Duration,
    /// What the server allows.
    pub rates: Rates,
}

/// How long is waited for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TimeOuts {
    /// The connection. Default: 10 s
    #[serde(with = "seconds")]
    pub connect: Duration,
    /// The first token: the server reads the prompt, which takes minutes on a CPU. Default: 15 min
    #[serde(with = "seconds")]
    pub first_token: Duration,
    /// The next token. Default: 2 min
    #[serde(with = "seconds")]
    pub idle: Duration,
    /// The whole reply. Default: 2 h
    #[serde(with = "seconds")]
    pub whole: Duration,
}

/// What a server allows in any minute, to one process. A request waits until it is within.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rates {
    /// Requests a minute.
    pub requests: Option<u32>,
    /// Tokens a minute, read and written.
    pub tokens: Option<u64>,
}

impl Default for ServerOptions {
    fn default() -> Self {
        Self {
            model: None,
            key_env: KEY_ENV.to_owned(),
            time_outs: TimeOuts::default(),
            retries: 8,
            backoff: Duration::from_secs(1),
            rates: Rates::default(),
        }
    }
}

impl Default for TimeOuts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_token: Duration::from_mins(15),
            idle: Duration::from_mins(2),
            whole: Duration::from_hours(2),
        }
    }
}

/// A duration is kept as a number of seconds.
mod seconds {
    use std::time::Duration;

    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(duration.as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        let seconds = f64::deserialize(from)?;
        Duration::try_from_secs_f64(seconds).map_err(Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_kept_in_seconds_and_what_is_missing_is_the_default() {
        let options = ServerOptions {
            backoff: Duration::from_millis(250),
            ..ServerOptions::default()
        };
        let json = serde_json::to_value(&options).unwrap();
        assert_eq!(json["backoff"], 0.25);
        assert_eq!(json["time_outs"]["idle"], 120.0);
        assert_eq!(
            serde_json::from_value::<ServerOptions>(json).unwrap(),
            options
        );
        let nothing = serde_json::from_str::<ServerOptions>("{}").unwrap();
        assert_eq!(nothing, ServerOptions::default());
        assert!(serde_json::from_str::<ServerOptions>(r#"{"backoff": -1}"#).is_err());
    }
}
