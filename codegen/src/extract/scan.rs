//! Reads Python line by line, just well enough to know where statements begin, and what is prose.
//!
//! It tolerates anything, and is only used to choose and to clean a block; the parser has the last word.

/// What carries over from one line to the next.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Scanner {
    /// The quote of the triple-quoted string that is open.
    triple: Option<u8>,
    depth: u32,
    is_continued: bool,
}

/// What a line says about itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Facts {
    /// A statement begins here: no string, bracket or backslash is open.
    pub(super) begins: bool,
    /// The line is empty or a comment.
    pub(super) is_blank: bool,
    /// No Python statement could begin like this, and a person would write it.
    pub(super) is_prose: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Token {
    Space,
    Comment,
    Word,
    Keyword,
    Number,
    String,
    Open,
    Assign,
    Colon,
    Dot,
    /// Not in Python outside strings.
    Odd,
    Other,
}

impl Scanner {
    /// Whether a triple-quoted string is open.
    pub(super) fn in_string(self) -> bool {
        self.triple.is_some()
    }

    /// Whether a string or a bracket is open.
    pub(super) fn is_open(self) -> bool {
        self.triple.is_some() || self.depth > 0
    }

    /// Reads a line. Unindented prose leaves no trace: its quotes and brackets open nothing.
    pub(super) fn read(&mut self, line: &str) -> Facts {
        let before = *self;
        if self.depth > 0 && self.triple.is_none() && starts_definition(line) {
            (self.depth, self.is_continued) = (0, false);
        }
        let facts = self.read_tokens(line);
        if facts.is_prose && !line.starts_with([' ', '\t']) {
            *self = before;
        }
        facts
    }

    fn read_tokens(&mut self, line: &str) -> Facts {
        let begins = self.triple.is_none() && self.depth == 0 && !self.is_continued;
        self.is_continued = false;
        let mut tally = Tally::default();
        let mut rest = line.as_bytes();
        if let Some(quote) = self.triple {
            let len = self.close_triple(rest, quote);
            rest = rest.get(len..).unwrap_or_default();
            tally.n_tokens += 1;
        }
        while !rest.is_empty() {
            let (token, len) = self.token(rest);
            tally.add(token);
            rest = rest.get(len.max(1)..).unwrap_or_default();
        }
        tally.facts(begins)
    }

    fn token(&mut self, rest: &[u8]) -> (Token, usize) {
        let next = rest.get(1).copied().unwrap_or_default();
        match rest.first().copied().unwrap_or_default() {
            b' ' | b'\t' | b'\r' | b'\n' | 0x0c => (Token::Space, 1),
            b'#' => (Token::Comment, rest.len()),
            b'"' | b'\'' => (Token::String, self.string(rest)),
            byte if byte.is_ascii_digit() => {
                (Token::Number, run_of(rest, |b| is_word(b) || b == b'.'))
            }
            byte if is_word(byte) => self.word(rest),
            b'(' | b'[' | b'{' => (self.bracket(1), 1),
            b')' | b']' | b'}' => (self.bracket(-1), 1),
            b'\\' => {
                self.is_continued = rest.iter().skip(1).all(u8::is_ascii_whitespace);
                (Token::Other, 1)
            }
            b'!' | b'=' | b'<' | b'>' if next == b'=' => (Token::Other, 2),
            b'=' => (Token::Assign, 1),
            b':' => (Token::Colon, 1),
            b'.' if next == b'.' => (Token::Other, run_of(rest, |b| b == b'.')),
            b'.' => (Token::Dot, 1),
            b'!' | b'?' | b'$' | b'`' => (Token::Odd, 1),
            _ => (Token::Other, 1),
        }
    }

    fn bracket(&mut self, step: i32) -> Token {
        self.depth = self.depth.saturating_add_signed(step);
        if step > 0 { Token::Open } else { Token::Other }
    }

    fn word(&mut self, rest: &[u8]) -> (Token, usize) {
        let len = run_of(rest, is_word);
        let word = rest.get(..len).unwrap_or_default();
        let tail = rest.get(len..).unwrap_or_default();
        let is_keyword = KEYWORDS.iter().any(|keyword| keyword.as_bytes() == word);
        match tail.first() {
            Some(b'"' | b'\'') if is_string_prefix(word) => {
                (Token::String, len + self.string(tail))
            }
            Some(b'\'') if !is_keyword => (Token::Odd, len), // Here's
            _ if is_keyword => (Token::Keyword, len),
            _ => (Token::Word, len),
        }
    }

    /// Length of the string that starts with a quote, or of what this line has of it.
    fn string(&mut self, rest: &[u8]) -> usize {
        let quote = rest.first().copied().unwrap_or_default();
        if rest.starts_with(&[quote, quote, quote]) {
            return 3 + self.close_triple(rest.get(3..).unwrap_or_default(), quote);
        }
        1 + close(rest.get(1..).unwrap_or_default(), &[quote]).unwrap_or(rest.len())
    }

    /// Length up to and with the closing quotes; all of it, and the string stays open, where there are none.
    fn close_triple(&mut self, rest: &[u8], quote: u8) -> usize {
        let end = close(rest, &[quote, quote, quote]);
        self.triple = if end.is_some() { None } else { Some(quote) };
        end.unwrap_or(rest.len())
    }
}

/// What the tokens of one line add up to.
#[derive(Debug, Default)]
struct Tally {
    previous: Option<Token>,
    is_touching: bool,
    n_tokens: usize,
    /// Signs that this is not Python: two words in a row, `Here's`, `?`.
    n_signs: usize,
    /// It assigns or calls.
    has_code: bool,
    /// A word and a colon, such as `Explanation:`.
    is_heading: bool,
}

impl Tally {
    fn add(&mut self, token: Token) {
        if matches!(token, Token::Space | Token::Comment) {
            self.is_touching = false;
            return;
        }
        self.n_tokens += 1;
        let operand = |token| matches!(token, Token::Word | Token::Number);
        let is_pair = operand(token) && self.previous.is_some_and(operand);
        self.n_signs += usize::from(is_pair || token == Token::Odd);
        self.has_code |= token == Token::Assign;
        self.has_code |=
            token == Token::Open && self.is_touching && self.previous == Some(Token::Word);
        self.is_heading =
            self.n_tokens == 2 && token == Token::Colon && self.previous == Some(Token::Word);
        self.previous = Some(token);
        self.is_touching = true;
    }

    fn facts(self, begins: bool) -> Facts {
        let ends_with_dot = self.previous == Some(Token::Dot);
        let n_signs = self.n_signs + usize::from(ends_with_dot);
        let is_prose = self.is_heading || n_signs >= 2 || (n_signs == 1 && !self.has_code);
        Facts {
            begins,
            is_blank: self.n_tokens == 0,
            is_prose: begins && is_prose,
        }
    }
}

/// `print` and `exec` are here so that Python 2 is reported as what it is.
pub(super) const KEYWORDS: [&str; 40] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "case", "class",
    "continue", "def", "del", "elif", "else", "except", "exec", "finally", "for", "from", "global",
    "if", "import", "in", "is", "lambda", "match", "nonlocal", "not", "or", "pass", "print",
    "raise", "return", "try", "type", "while", "with", "yield",
];

fn starts_definition(line: &str) -> bool {
    ["class ", "def ", "import ", "from ", "@"]
        .iter()
        .any(|start| line.starts_with(start))
}

fn is_string_prefix(word: &[u8]) -> bool {
    word.len() <= 2 && word.iter().all(|byte| b"rbfutRBFUT".contains(byte))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

fn run_of(bytes: &[u8], is_part: impl Fn(u8) -> bool) -> usize {
    bytes.iter().take_while(|byte| is_part(**byte)).count()
}

/// Length up to and with the first `quotes` that no backslash escapes.
fn close(bytes: &[u8], quotes: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            _ if bytes.get(at..).is_some_and(|rest| rest.starts_with(quotes)) => {
                return Some(at + quotes.len());
            }
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prose(line: &str) -> bool {
        Scanner::default().read(line).is_prose
    }

    #[test]
    fn sentences_are_prose() {
        for line in [
            "Sure! Here is the code:",
            "Here's the network",
            "This design uses nn.LSTM(256) for the decoder.",
            "- **Encoder**: a small ResNet",
            "1. The decoder has one layer",
            "Explanation:",
            "Done.",
            "!pip install torch",
        ] {
            assert!(prose(line), "{line}");
        }
    }

    #[test]
    fn statements_are_not_prose() {
        for line in [
            "import torch.nn as nn",
            "from typing import List, Tuple",
            "class Net(nn.Module):",
            "x = a if b else c",
            "return f'{x!r} is a fine thing'",
            "async def learn(self): pass",
            "match x:",
            "print \"hello\"",
            "x y = 5",
            "assert a is not b, 'why is this so'",
            "# a comment of many words",
            "    ...",
            "try:",
            "else: pass",
            "w = rb'ab' + f\"a b\"",
        ] {
            assert!(!prose(line), "{line}");
        }
    }

    #[test]
    fn strings_and_brackets_carry_over() {
        let mut scanner = Scanner::default();
        assert!(scanner.read("x = foo(").begins);
        assert!(!scanner.read("a b c d").begins);
        assert!(!scanner.read(") + \"\"\" it's").begins);
        assert!(scanner.in_string());
        scanner.read("end \\\"\"\" not yet");
        assert!(scanner.in_string());
        scanner.read("end \"\"\" + \\");
        assert!(!scanner.is_open());
        assert!(!scanner.read("y").begins);
        assert!(scanner.read("z").begins);
    }

    #[test]
    fn quotes_in_prose_open_nothing() {
        let mut scanner = Scanner::default();
        scanner.read("The docstring starts with \"\"\" as usual (of course");
        assert!(!scanner.is_open());
    }
}
