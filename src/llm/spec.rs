//! [`LlmSpec`]: which language model, in one word.
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::preset::{MAX_TOKENS, PRESETS, Preset, TEMPERATURE, TOP_P};
use super::{Sampling, SpecError};

/// Which language model.
///
/// Written `offline`, `replay:DIR`, the base URL of a server that speaks `OpenAI`'s protocol, or the name of one of
/// [`PRESETS`], which a URL may follow: `vllm:http://gpu:8000/v1`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum LlmSpec {
    /// The embedded generator: no language model at all.
    Offline,
    /// Replies that were recorded, in a folder.
    Replay(PathBuf),
    /// A server.
    Server {
        /// What is known of it beforehand.
        preset: Option<&'static Preset>,
        /// Its base URL.
        url: String,
    },
}

impl LlmSpec {
    /// How replies are drawn where the user does not say: as the language model's makers advise.
    pub fn sampling(&self, seed: u64) -> Sampling {
        let preset = match self {
            Self::Server { preset, .. } => *preset,
            Self::Offline | Self::Replay(_) => None,
        };
        Sampling {
            temperature: preset.map_or(TEMPERATURE, |preset| preset.temperature),
            top_p: preset.map_or(TOP_P, |preset| preset.top_p),
            top_k: None,
            seed,
            max_tokens: preset.map_or(MAX_TOKENS, |preset| preset.max_tokens),
        }
    }
}

impl FromStr for LlmSpec {
    type Err = SpecError;

    fn from_str(text: &str) -> Result<Self, SpecError> {
        if text == "offline" {
            return Ok(Self::Offline);
        }
        if let Some(folder) = text.strip_prefix("replay:").filter(|rest| !rest.is_empty()) {
            return Ok(Self::Replay(PathBuf::from(folder)));
        }
        if is_url(text) {
            let url = base(text)?;
            return Ok(Self::Server { preset: None, url });
        }
        let (name, url) = match text.split_once(':') {
            Some((name, url)) => (name, Some(url)),
            None => (text, None),
        };
        let preset = PRESETS.iter().find(|preset| preset.name == name);
        match (preset, url) {
            (Some(preset), None) => Ok(Self::Server {
                preset: Some(preset),
                url: preset.url.to_owned(),
            }),
            (Some(preset), Some(url)) if is_url(url) => Ok(Self::Server {
                preset: Some(preset),
                url: base(url)?,
            }),
            _ => Err(SpecError::Unknown {
                found: text.to_owned(),
            }),
        }
    }
}

fn is_url(text: &str) -> bool {
    let rest = text
        .strip_prefix("http://")
        .or_else(|| text.strip_prefix("https://"));
    rest.is_some_and(|rest| !rest.is_empty())
}

/// The base of a URL, which is kept with the search and shown, so it holds no password.
fn base(text: &str) -> Result<String, SpecError> {
    let url = Url::parse(text).map_err(|error| SpecError::Url {
        found: text.to_owned(),
        cause: error.to_string(),
    })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(SpecError::Password);
    }
    let base = text.trim_end_matches('/');
    let base = base.strip_suffix("/chat/completions").unwrap_or(base);
    Ok(base.to_owned())
}

impl fmt::Display for LlmSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Offline => f.write_str("offline"),
            Self::Replay(folder) => write!(f, "replay:{}", folder.display()),
            Self::Server { preset: None, url } => f.write_str(url),
            Self::Server {
                preset: Some(preset),
                url,
            } if url == preset.url => f.write_str(preset.name),
            Self::Server {
                preset: Some(preset),
                url,
            } => write!(f, "{}:{url}", preset.name),
        }
    }
}

impl TryFrom<String> for LlmSpec {
    type Error = SpecError;

    fn try_from(text: String) -> Result<Self, SpecError> {
        text.parse()
    }
}

impl From<LlmSpec> for String {
    fn from(spec: LlmSpec) -> Self {
        spec.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_again() {
        let named = PRESETS.iter().map(|preset| preset.name);
        let others = [
            "offline",
            "replay:runs/1",
            "https://api.example/v1",
            "vllm:http://gpu:9000",
        ];
        for text in named.chain(others) {
            let spec: LlmSpec = text.parse().unwrap();
            assert_eq!(spec.to_string(), text);
            let json = serde_json::to_string(&spec).unwrap();
            assert_eq!(serde_json::from_str::<LlmSpec>(&json).unwrap(), spec);
        }
    }

    #[test]
    fn what_is_unknown_is_named_with_what_is_known() {
        for text in ["", "replay:", "http://", "gpt", "vllm:gpu", "offline:x"] {
            let error = text.parse::<LlmSpec>().unwrap_err().to_string();
            assert!(error.contains(&format!("`{text}`")), "{error}");
            assert!(error.contains("deepseek-r1-ollama"), "{error}");
        }
    }

    #[test]
    fn the_base_of_a_server_is_kept_without_what_is_added_to_it() {
        for text in [
            "http://h/v1/",
            "http://h/v1/chat/completions",
            "http://h/v1",
        ] {
            assert_eq!(text.parse::<LlmSpec>().unwrap().to_string(), "http://h/v1");
        }
    }

    #[test]
    fn a_url_with_a_password_is_refused_without_showing_it() {
        for text in ["http://me:secret@h/v1", "vllm:https://secret@h/v1"] {
            let error = text.parse::<LlmSpec>().unwrap_err();
            assert_eq!(error, SpecError::Password);
            assert!(!error.to_string().contains("secret"));
        }
        let error = "http://h:99999/v1".parse::<LlmSpec>().unwrap_err();
        assert!(error.to_string().contains("port"), "{error}");
    }

    #[test]
    fn a_model_is_sampled_as_its_makers_advise() {
        let sampling = "deepseek-r1".parse::<LlmSpec>().unwrap().sampling(7);
        assert_eq!((sampling.temperature, sampling.top_p), (0.6, 0.95));
        assert_eq!(sampling.seed, 7);
    }
}
