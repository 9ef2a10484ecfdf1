//! An answer as it comes in: pieces of text and reasoning, and at the end why it ended and what it cost.
use serde::Deserialize;
use serde_json::Value;

use super::fault::Fault;
use crate::llm::{Finish, MAX_REPLY_BYTES, Usage};

/// What marks thoughts in a text, where the server does not separate them.
const THINK: (&str, &str) = ("<think>", "</think>");
/// Characters of an unusable answer that an error shows.
const SHOWN: usize = 200;

/// An answer so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Answer {
    pub(super) text: String,
    pub(super) reasoning: String,
    pub(super) model: Option<String>,
    pub(super) finish: Option<Finish>,
    pub(super) usage: Option<Usage>,
    /// Pieces received, about one a token.
    pub(super) pieces: u64,
}

/// An event of a stream, or a whole answer.
#[derive(Deserialize)]
struct Chunk {
    model: Option<String>,
    choices: Option<Vec<Choice>>,
    usage: Option<Counted>,
    error: Option<Value>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(alias = "message")]
    delta: Option<Piece>,
    finish_reason: Option<String>,
}

#[derive(Default, Deserialize)]
struct Piece {
    content: Option<String>,
    /// vLLM, llama.cpp and `DeepSeek`.
    reasoning_content: Option<String>,
    /// Ollama and `OpenRouter`.
    reasoning: Option<String>,
}

#[derive(Deserialize)]
struct Counted {
    #[serde(default)]
    prompt_tokens: u64,
    #[serde(default)]
    completion_tokens: u64,
}

impl Answer {
    /// Takes an event in. Whether it brought a token.
    pub(super) fn take(&mut self, data: &str) -> Result<bool, Fault> {
        let chunk: Chunk = serde_json::from_str(data).map_err(|_| not_chat(data))?;
        if let Some(error) = chunk.error.filter(|error| !error.is_null()) {
            let message = error_message(&error);
            return Err(Fault::Failed { message });
        }
        if chunk.choices.is_none() && chunk.usage.is_none() {
            return Err(not_chat(data));
        }
        self.model = chunk.model.or(self.model.take());
        if let Some(counted) = chunk.usage {
            self.usage = Some(Usage {
                prompt_tokens: counted.prompt_tokens,
                completion_tokens: counted.completion_tokens,
            });
        }
        let choice = chunk.choices.into_iter().flatten().next();
        Ok(choice.is_some_and(|choice| self.add(choice)))
    }

    fn add(&mut self, choice: Choice) -> bool {
        if let Some(word) = choice.finish_reason {
            self.finish = Some(Finish::of(&word));
        }
        let piece = choice.delta.unwrap_or_default();
        let before = self.len();
        let reasoning = piece.reasoning_content.or(piece.reasoning);
        self.reasoning += &reasoning.unwrap_or_default();
        self.text += &piece.content.unwrap_or_default();
        let brought = self.len() > before;
        self.pieces += u64::from(brought);
        brought
    }

    fn len(&self) -> usize {
        self.text.len() + self.reasoning.len()
    }

    /// Whether the language model is still thinking.
    pub(super) fn is_thinking(&self) -> bool {
        let text = self.text.trim_start();
        if text.is_empty() {
            return !self.reasoning.is_empty();
        }
        text.starts_with(THINK.0) && !text.contains(THINK.1)
    }

    /// Cuts an answer that is too long. Whether it was.
    pub(super) fn cut(&mut self) -> bool {
        let most = usize::try_from(MAX_REPLY_BYTES).unwrap_or(usize::MAX);
        if self.len() <= most {
            return false;
        }
        let left = most.saturating_sub(self.reasoning.len());
        self.text.truncate(self.text.floor_char_boundary(left));
        self.reasoning
            .truncate(self.reasoning.floor_char_boundary(most));
        self.finish = Some(Finish::Length);
        true
    }

    /// The whole answer, its thoughts apart from its text.
    pub(super) fn finished(mut self) -> Result<Self, Fault> {
        let (thoughts, text) = apart(&self.text);
        let (thoughts, text) = (thoughts.to_owned(), text.to_owned());
        if !thoughts.is_empty() {
            self.reasoning += &thoughts;
        }
        self.text = text;
        if self.text.trim().is_empty() && self.reasoning.trim().is_empty() {
            return Err(Fault::Empty);
        }
        Ok(self)
    }
}

/// Thoughts and answer of a text. A language model whose prompt opens the thoughts writes the end of them only.
fn apart(text: &str) -> (&str, &str) {
    let (open, close) = THINK;
    let start = text.trim_start();
    let inner = start.strip_prefix(open);
    match (inner, inner.unwrap_or(start).split_once(close)) {
        (None, None) => ("", text),
        (Some(unfinished), None) => (unfinished.trim(), ""),
        (_, Some((thoughts, answer))) => (thoughts.trim(), answer.trim_start()),
    }
}

/// What an error of a server says.
pub(super) fn error_message(error: &Value) -> String {
    let said = error
        .pointer("/error/message")
        .or_else(|| error.get("message"))
        .or_else(|| error.get("detail"))
        .or_else(|| error.get("error"))
        .unwrap_or(error);
    let said = said
        .as_str()
        .map_or_else(|| said.to_string(), str::to_owned);
    shown(&said)
}

fn not_chat(data: &str) -> Fault {
    let found = match data.trim() {
        "" => "nothing".to_owned(),
        data => format!("`{}`", shown(data)),
    };
    Fault::NotChat { found }
}

/// The beginning of a text, on one line.
pub(super) fn shown(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.floor_char_boundary(SHOWN);
    if end < line.len() {
        return format!("{}..", &line[..end]);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(pieces: &[&str]) -> Answer {
        let mut answer = Answer::default();
        for piece in pieces {
            let event = serde_json::json!({ "choices": [{ "delta": { "content": piece } }] });
            assert!(answer.take(&event.to_string()).unwrap());
        }
        answer
    }

    #[test]
    fn thoughts_are_told_from_the_answer_however_they_are_marked() {
        for pieces in [
            ["<think>\nhm", "m\n</thi", "nk>\n\nyes"],
            ["\n<think>h", "mm</think>", "yes"],
            ["hmm\n", "</think>\n", "yes"],
        ] {
            let whole = answer(&pieces).finished().unwrap();
            assert_eq!(
                (whole.reasoning.as_str(), whole.text.as_str()),
                ("hmm", "yes")
            );
        }
        let unfinished = answer(&["<think>", "hmm"]);
        assert!(unfinished.is_thinking());
        let unfinished = unfinished.finished().unwrap();
        assert_eq!(
            (unfinished.reasoning.as_str(), unfinished.text.as_str()),
            ("hmm", "")
        );
        assert_eq!(answer(&["  plain"]).finished().unwrap().text, "  plain");
    }

    #[test]
    fn separate_thoughts_are_known_by_either_name() {
        for name in ["reasoning_content", "reasoning"] {
            let mut answer = Answer::default();
            let thought =
                format!(r#"{{"choices":[{{"delta":{{"{name}":"hmm","content":null}}}}]}}"#);
            assert!(answer.take(&thought).unwrap());
            assert!(answer.is_thinking());
            assert!(
                answer
                    .take(r#"{"choices":[{"delta":{"content":"yes"}}]}"#)
                    .unwrap()
            );
            assert!(!answer.is_thinking());
            let whole = answer.finished().unwrap();
            assert_eq!(
                (whole.reasoning.as_str(), whole.text.as_str()),
                ("hmm", "yes")
            );
            assert_eq!(whole.pieces, 2);
        }
    }

    #[test]
    fn an_answer_that_is_too_long_is_cut_between_characters() {
        let mut answer = Answer::default();
        assert!(!answer.cut());
        answer.reasoning = "r".to_owned();
        answer.text = "é".repeat(3 * 1024 * 1024);
        assert!(answer.cut());
        assert!(
            answer.len() as u64 <= MAX_REPLY_BYTES && answer.len() as u64 > MAX_REPLY_BYTES - 2
        );
        assert_eq!(answer.finish, Some(Finish::Length));
    }
}
