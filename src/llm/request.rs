//! What is asked and what comes back.
use std::fmt;

use serde::{Deserialize, Serialize};

/// Who speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Sets the task.
    System,
    /// Asks.
    User,
    /// The language model.
    Assistant,
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What is said.
    pub content: String,
}

/// How the words of a reply are drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sampling {
    /// 0 for the likeliest word each time.
    pub temperature: f64,
    /// Words that make up this much of the probability are drawn from, between 0 and 1.
    pub top_p: f64,
    /// So many words at most are drawn from; not sent where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub top_k: Option<u32>,
    /// Seeds the draw.
    pub seed: u64,
    /// Longest reply, reasoning included.
    pub max_tokens: u32,
}

/// Where a request stands in a search.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Turn {
    /// The trial, from 1.
    pub trial: u64,
    /// The request of that trial, from 0; later ones send diagnostics back.
    pub attempt: u32,
}

/// What is asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Where it stands in the search.
    pub turn: Turn,
    /// The conversation so far, ending with a question.
    pub messages: Vec<Message>,
    /// How the reply is drawn.
    pub sampling: Sampling,
    /// The JSON Schema that the reply must satisfy, where it is to be data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<serde_json::Value>,
}

/// Why a reply ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Finish {
    /// The language model was done.
    Stop,
    /// It was cut at the longest length.
    Length,
    /// What else the server said.
    #[serde(untagged)]
    Other(String),
}

impl Finish {
    /// What a server's word means.
    pub(crate) fn of(word: &str) -> Self {
        match word {
            "stop" => Self::Stop,
            "length" => Self::Length,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// Tokens of a request and its reply, as the server counts them; where it does not, the pieces it sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usage {
    /// Read.
    pub prompt_tokens: u64,
    /// Written, reasoning included.
    pub completion_tokens: u64,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The answer.
    pub text: String,
    /// What the language model thought before, where the server separates it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reasoning: String,
    /// The language model, as the server names it.
    pub model: String,
    /// Why it ended.
    pub finish: Finish,
    /// Its tokens.
    pub usage: Usage,
    /// Wall time, waiting for retries included.
    pub seconds: f64,
    /// Times the request was sent.
    pub sent: u32,
}

/// A reply under way.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// Pieces received so far, about one a token.
    pub tokens: u64,
    /// Whether the language model is still thinking.
    pub reasoning: bool,
    /// Seconds since the request.
    pub seconds: f64,
}

/// What is heard while a request is answered.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Heard {
    /// How far the reply is.
    Progress(Progress),
    /// The request was sent in vain, once.
    InVain(SentInVain),
    /// Something worth knowing, one sentence.
    Warning(String),
}

/// A request that was sent in vain.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SentInVain {
    /// Which sending of the request it was, from 1.
    pub sent: u32,
    /// What was wrong.
    pub fault: String,
    /// What the server refuses, and the request will do without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_out: Option<String>,
    /// The text that came nevertheless.
    pub text: String,
    /// Likewise the reasoning.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub reasoning: String,
    /// Wall time.
    pub seconds: f64,
    /// Seconds until the request is sent again; absent where it is not, or at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait: Option<f64>,
}

impl fmt::Display for SentInVain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(left_out) = &self.left_out {
            return write!(
                f,
                "the server refuses, and is asked without, {left_out} ({})",
                self.fault
            );
        }
        write!(f, "request {} was in vain: {}", self.sent, self.fault)?;
        match self.wait {
            Some(wait) => write!(f, "; again in {wait:.1} s"),
            None => Ok(()),
        }
    }
}
