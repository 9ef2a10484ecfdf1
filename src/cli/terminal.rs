//! What is printed where: the answer on stdout, everything else on stderr.
use std::io::{self, IsTerminal, Write};

use nn_caption::codegen::{self, Diagnostic, Outcome, Style};
use nn_caption::run::RunOutcome;
use serde::Serialize;
use serde_json::json;

use super::exit::{Ended, Failure};

/// The two streams of this process.
#[derive(Clone, Debug)]
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

    /// News that only a person who waits wants to read.
    pub(crate) fn progress(&self, text: &str) {
        if self.watched {
            self.say(text);
        }
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

    /// An error and its causes; with what became of the run, where there was one.
    pub(crate) fn fail(&self, failure: &Failure) {
        let text = format!("{:#}", failure.error);
        let ended = failure.ended.as_deref();
        if self.json {
            let mut answer = json!({ "error": text, "exit": failure.exit as u8 });
            if let Some(outcome) = failure.outcome {
                answer["outcome"] = json!(outcome);
            }
            if let Some(Ended { folder, outcome }) = ended {
                answer["run"] = json!(folder);
                answer["epochs"] = json!(outcome.epochs);
            }
            return self.answer_json(&answer);
        }
        self.say(&format!("error: {text}"));
        let Some(ended) = ended else { return };
        self.say(&ended.kept());
        if let Some(outcome) = ended.outcome.outcome {
            self.say(&format!("outcome: {outcome}{}", advice(outcome)));
        }
    }

    /// How a run ended that a signal stops.
    pub(crate) fn interrupted(&self, ended: &Ended) {
        let RunOutcome {
            outcome, message, ..
        } = &ended.outcome;
        if self.json {
            let answer = json!({
                "outcome": outcome,
                "error": message,
                "run": ended.folder,
                "epochs": ended.outcome.epochs,
            });
            return self.answer_json(&answer);
        }
        self.say(&format!("\n{message}\n{}", ended.kept()));
    }
}

impl Ended {
    /// Where everything is that the run came to.
    fn kept(&self) -> String {
        let folder = self.folder.display();
        let epochs = match self.outcome.epochs {
            0 => None,
            1 => Some("1 epoch in history.jsonl".to_owned()),
            n => Some(format!("{n} epochs in history.jsonl")),
        };
        let weights = self
            .outcome
            .checkpoint
            .then(|| "weights in checkpoint/".to_owned());
        let kept: Vec<String> = epochs.into_iter().chain(weights).collect();
        if kept.is_empty() {
            return format!("no epoch was finished; what there is lies in {folder}");
        }
        format!("kept in {folder}: {}", kept.join(", "))
    }
}

/// What to do about an outcome.
fn advice(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Build => "; a generated file that does not compile is a bug of nn-caption",
        Outcome::Verify => "; --no-verify trains it all the same",
        Outcome::Oom => "; --memory gives more, a smaller --batch or --image needs less",
        Outcome::Timeout => "; --time-limit and --cpu-seconds give more, fewer --epochs need less",
        Outcome::Disk => "; free some space, or give more with --file-size",
        Outcome::Nan => "; a lower learning rate may help: --prm lr=0.0001",
        _ => "",
    }
}
