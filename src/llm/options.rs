//! How a language model is asked.
use std::fmt;
use std::time::Duration;

/// The environment variable with the key of a server.
pub const KEY_VARIABLE: &str = "NN_CAPTION_API_KEY";

/// How a language model is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct LlmOptions {
    /// The language model, by the server's name for it. Default: the preset's, else the first one of the server
    pub model: Option<String>,
    /// Longest wait for a whole reply. Default: one hour
    pub timeout: Duration,
    /// Longest silence while a reply arrives, and before it begins. Default: ten minutes
    pub idle: Duration,
    /// Times a request is sent again after a failure that may pass. Default: 4
    pub retries: u32,
    /// The pause before the first retry; it doubles each time. Default: one second
    pub pause: Duration,
    /// Requests a minute. Default: no limit
    pub per_minute: Option<u32>,
    /// What the server lets one in by. Default: what [`KEY_VARIABLE`] holds when the server is opened
    pub key: Option<ApiKey>,
}

impl Default for LlmOptions {
    fn default() -> Self {
        Self {
            model: None,
            timeout: Duration::from_hours(1),
            idle: Duration::from_mins(10),
            retries: 4,
            pause: Duration::from_secs(1),
            per_minute: None,
            key: None,
        }
    }
}

/// The key of a server. It is sent, and shown nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey(String);

impl ApiKey {
    /// A key; `None` for one of white space.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// The one in [`KEY_VARIABLE`].
    pub fn from_environment() -> Option<Self> {
        Self::new(&std::env::var(KEY_VARIABLE).ok()?)
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_not_shown() {
        let key = ApiKey::new(" sk-secret\n");
        let options = LlmOptions {
            key,
            ..LlmOptions::default()
        };
        assert!(!format!("{options:?}").contains("secret"));
        assert_eq!(ApiKey::new(" \n"), None);
    }
}
