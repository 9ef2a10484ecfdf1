//! What is printed where: the answer on stdout, everything else on stderr.
use std::io::{self, IsTerminal, Write};

use nn_caption::codegen::{self, Diagnostic, Style};
use serde::Serialize;

use super::exit::Failure;

/// The two streams of this process.
#[derive(Debug)]
pub(crate) struct Terminal {
    /// The answer is one JSON object.
    pub(crate) json: bool,
    /// stderr is watched by a person.
    pub(crate) watched: bool,
}

impl Terminal {
    pub(crate) fn new(json: bool) -> Self {
        Self {
            json,
            watched: io::stderr().is_terminal(),
        }
    }

    /// The answer. A reader that has gone away is no error.
    #[expect(clippy::unused_self, reason = "the two streams are the terminal's")]
    pub(crate) fn answer(&self, text: &str) {
        let _ = writeln!(io::stdout(), "{}", text.trim_end_matches('\n'));
    }

    /// The answer as JSON.
    pub(crate) fn answer_json(&self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(json) => self.answer(&json),
            Err(error) => self.say(&format!("error: the answer is no JSON: {error}")),
        }
    }

    /// News on the way.
    #[expect(clippy::unused_self, reason = "the two streams are the terminal's")]
    pub(crate) fn say(&self, text: &str) {
        let _ = writeln!(io::stderr(), "{}", text.trim_end_matches('\n'));
    }

    /// Diagnostics with the lines of the reply they are about.
    pub(crate) fn show(&self, diagnostics: &[Diagnostic], reply: &str) {
        if !diagnostics.is_empty() {
            let plain = !self.watched
                || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let style = if plain { Style::Plain } else { Style::Color };
            self.say(&codegen::render(diagnostics, reply, style));
        }
    }

    /// An error and its causes.
    pub(crate) fn fail(&self, failure: &Failure) {
        let text = format!("{:#}", failure.error);
        if self.json {
            self.answer_json(&serde_json::json!({ "error": text, "exit": failure.exit as u8 }));
        } else {
            self.say(&format!("error: {text}"));
        }
    }
}
