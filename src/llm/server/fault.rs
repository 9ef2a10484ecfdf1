//! What can be wrong with one request to a server.
use std::fmt;
use std::time::Duration;

use crate::llm::Consequence;

/// How often a request is sent again whose reply was of no use: a server that fails so fails again more often than not.
pub(super) const AGAIN: u32 = 2;

/// What is wrong with one request to a server.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Fault {
    /// There is no connection.
    #[error("it cannot be reached ({cause}); start it, or correct the URL of --llm")]
    Unreachable {
        /// Why.
        cause: String,
    },
    /// The server says no.
    #[error("it answered {status}{}{}", after(": ", message), after("; ", help))]
    Status {
        /// The status of HTTP.
        status: u16,
        /// What the server says.
        message: String,
        /// What to do.
        help: String,
    },
    /// The server sends elsewhere.
    #[error(
        "it redirects to {to}, where nothing is sent unasked; if that is right, name it with --llm"
    )]
    Redirect {
        /// Where.
        to: String,
    },
    /// Something took too long.
    #[error("no {awaited} came within {limit:?}; a slow server needs a longer {}", awaited.option())]
    Slow {
        /// What was waited for.
        awaited: Awaited,
        /// For how long.
        limit: Duration,
    },
    /// The connection broke before the reply was whole.
    #[error("the reply was cut after {pieces} pieces ({cause})")]
    Cut {
        /// Pieces that came before.
        pieces: u64,
        /// Why.
        cause: String,
    },
    /// The reply is no text.
    #[error("its answer is not UTF-8")]
    NotText,
    /// The reply is none of the protocol.
    #[error("its answer is no reply of a chat in OpenAI's protocol: {found}")]
    NotChat {
        /// The beginning of what came.
        found: String,
    },
    /// The reply has no words.
    #[error("its reply is empty")]
    Empty,
    /// One piece of the reply is larger than a reply may be.
    #[error("one piece of its answer has more than {most} bytes")]
    TooLarge {
        /// The most that it may have.
        most: u64,
    },
    /// The server failed while it wrote.
    #[error("it failed while it wrote: {message}")]
    Failed {
        /// What the server says.
        message: String,
    },
    /// There is no language model to ask for.
    #[error("it lists no language model; name one with --model")]
    NoModel,
}

/// What is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Awaited {
    /// The connection.
    Connection,
    /// The answer to what is there.
    Answer,
    /// The first token.
    FirstToken,
    /// The next token.
    NextToken,
    /// The end of the reply.
    WholeReply,
}

impl Awaited {
    /// The option that says how long.
    fn option(self) -> &'static str {
        match self {
            Self::Connection | Self::Answer => "--connect-timeout",
            Self::FirstToken => "--first-token-timeout",
            Self::NextToken => "--idle-timeout",
            Self::WholeReply => "--reply-timeout",
        }
    }
}

impl fmt::Display for Awaited {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connection => "connection",
            Self::Answer => "answer",
            Self::FirstToken => "first token",
            Self::NextToken => "further token",
            Self::WholeReply => "whole reply",
        })
    }
}

/// What kind of fault it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// The server is away or busy: it may be back soon.
    Away,
    /// This reply is of no use.
    Useless,
    /// The server will not answer this prompt.
    Prompt,
    /// The server answers nothing that is asked so.
    Refused,
}

impl Fault {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Unreachable { .. }
            | Self::Slow {
                awaited: Awaited::Connection | Awaited::Answer,
                ..
            } => Kind::Away,
            Self::Status {
                status, message, ..
            } => match status {
                status if is_busy(*status) => Kind::Away,
                413 => Kind::Prompt,
                400 | 422 if is_about_prompt(message) => Kind::Prompt,
                _ => Kind::Refused,
            },
            Self::Redirect { .. } | Self::NoModel => Kind::Refused,
            _ => Kind::Useless,
        }
    }

    /// Whether the server is there, and may answer later.
    pub(super) fn is_of_a_busy_server(&self) -> bool {
        match self {
            Self::Status { status, .. } => is_busy(*status),
            Self::Slow { awaited, .. } => *awaited == Awaited::Answer,
            _ => false,
        }
    }

    /// How often the request is sent again, of so many times that the user allows.
    pub(super) fn retries(&self, allowed: u32) -> u32 {
        match self.kind() {
            Kind::Away => allowed,
            Kind::Useless => allowed.min(AGAIN),
            Kind::Prompt | Kind::Refused => 0,
        }
    }

    /// What it means for a search, when the last retry ended so too.
    pub(in crate::llm) fn consequence(&self) -> Consequence {
        match self.kind() {
            Kind::Away | Kind::Refused => Consequence::SearchStops,
            Kind::Useless | Kind::Prompt => Consequence::TrialEnds,
        }
    }
}

/// Whether a status says that the server may answer later.
fn is_busy(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

/// Whether the server complains of the prompt's length or content, so that another prompt may fare better.
fn is_about_prompt(message: &str) -> bool {
    let message = message.to_lowercase();
    [
        "context",
        "too long",
        "content_filter",
        "content management",
    ]
    .iter()
    .any(|word| message.contains(word))
}

fn after(mark: &str, text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    format!("{mark}{text}")
}
