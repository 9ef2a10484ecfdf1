//! The tokenizers that sacrebleu builds BLEU upon.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::whitespace::{is_space, python_words};
use super::{intl, mteval};

/// How a text that people wrote becomes words, by the names of sacrebleu 2.6 (Post 2018, "A Call for Clarity in
/// Reporting BLEU Scores").
///
/// # Examples
///
/// ```
/// use bleu::Tokenizer;
///
/// let text = "A man's dog, 10 years-old, costs $1,000.";
/// assert_eq!(Tokenizer::V13a.tokenize(text), "A man's dog , 10 years-old , costs $ 1,000 .");
/// assert_eq!(Tokenizer::Intl.tokenize(text), "A man ' s dog , 10 years - old , costs $ 1,000.");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Tokenizer {
    /// `13a`: that of `mteval-v13a.pl`, which the Conference on Machine Translation uses.
    #[default]
    #[serde(rename = "13a")]
    V13a,
    /// `intl`: punctuation and symbols of all scripts, as `mteval-v14.pl` finds them.
    Intl,
    /// `char`: every character is a word.
    Char,
    /// `zh`: every Chinese character is a word, the rest as [`V13a`](Self::V13a). Ranges above U+FFFF are missing,
    /// and U+2001 to U+2A6D and U+2F81 to U+2FA1 are Chinese, by a slip of the reference that its scores depend on.
    Zh,
    /// `none`: words stand between white space.
    None,
}

impl Tokenizer {
    /// The name in signatures.
    pub fn name(self) -> &'static str {
        match self {
            Self::V13a => "13a",
            Self::Intl => "intl",
            Self::Char => "char",
            Self::Zh => "zh",
            Self::None => "none",
        }
    }

    /// The text as the reference's tokenizer returns it. Its words stand between white space.
    pub fn tokenize(self, text: &str) -> String {
        let mut words = String::new();
        self.separate(text, &mut words, &mut String::new());
        match self {
            Self::V13a | Self::Intl | Self::Zh => joined(&words),
            Self::Char | Self::None => words,
        }
    }

    /// Writes `text` with enough white space between its words to `out`, whatever was there before.
    pub(crate) fn separate(self, text: &str, out: &mut String, spare: &mut String) {
        out.clear();
        match self {
            Self::V13a => {
                push_joined_lines(text, out);
                mteval::separate(out, spare);
            }
            Self::Intl => {
                out.push_str(text);
                intl::separate(out, spare);
            }
            Self::Char => push_chars(text, out),
            Self::Zh => {
                push_chinese(text, out);
                mteval::separate(out, spare);
            }
            Self::None => out.push_str(text),
        }
    }
}

impl fmt::Display for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Words with a single space between them.
pub(super) fn joined(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for word in python_words(text) {
        if !words.is_empty() {
            words.push(' ');
        }
        words.push_str(word);
    }
    words
}

/// One line within spaces, without marks of skipped text and with entities decoded.
fn push_joined_lines(text: &str, out: &mut String) {
    out.push(' ');
    if b"<\n&".iter().any(|mark| text.as_bytes().contains(mark)) {
        let text = text.replace("<skipped>", "").replace("-\n", "");
        let mut line = text.replace('\n', " ");
        mteval::decode_entities(&mut line);
        out.push_str(&line);
    } else {
        out.push_str(text);
    }
    out.push(' ');
}

fn push_chars(text: &str, out: &mut String) {
    for char in text.chars() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push(char);
    }
}

fn push_chinese(text: &str, out: &mut String) {
    for char in text.trim_matches(is_space).chars() {
        if is_chinese(char) {
            out.push(' ');
            out.push(char);
            out.push(' ');
        } else {
            out.push(char);
        }
    }
}

/// The ranges of sacrebleu's `_UCODE_RANGES`. It compares strings, so that a range ends at a longer string.
fn is_chinese(char: char) -> bool {
    matches!(char,
        '\u{3400}'..='\u{4db5}'
        | '\u{4e00}'..='\u{9fbb}'
        | '\u{f900}'..='\u{fa2d}'
        | '\u{fa30}'..='\u{fa6a}'
        | '\u{fa70}'..='\u{fad9}'
        | '\u{2001}'..='\u{2a6d}'
        | '\u{2f81}'..='\u{2fa1}'
        | '\u{ff00}'..='\u{ffef}'
        | '\u{2e80}'..='\u{2eff}'
        | '\u{3000}'..='\u{303f}'
        | '\u{31c0}'..='\u{31ef}'
        | '\u{2f00}'..='\u{2fdf}'
        | '\u{2ff0}'..='\u{2fff}'
        | '\u{3100}'..='\u{312f}'
        | '\u{31a0}'..='\u{31bf}'
        | '\u{fe10}'..='\u{fe1f}'
        | '\u{fe30}'..='\u{fe4f}'
        | '\u{3200}'..='\u{33ff}'
    )
}
