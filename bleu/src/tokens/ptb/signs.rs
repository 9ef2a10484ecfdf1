//! Marks that are words, and words that have marks.

use super::characters::is_letter;
use super::rules::{Rule, len_while, starts_with};

pub(super) const RULES: &[Rule] = &[
    repeated,
    exclamation,
    acronym,
    currency,
    hashtag,
    mention,
    language,
    emoticon,
    face,
    escape,
    escaped,
];

/// `**`, `##`, `<<`, two single quotes, a line of hyphens.
fn repeated(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let len = len_while(text, |char| char == first);
    match first {
        '*' | '#' | '@' | '_' if len > 1 => Some(len),
        '-' if len > 4 => Some(len),
        '<' | '>' | '\'' | '`' if len > 1 => Some(2),
        _ => None,
    }
}

/// `?!`, `!!`: two marks are a word, one is punctuation.
fn exclamation(text: &str) -> Option<usize> {
    let len = len_while(text, |char| "?!".contains(char));
    (len > 1).then_some(len)
}

/// `AT&T`, `R&amp;B`, `U+FFFD`: capitals only.
fn acronym(text: &str) -> Option<usize> {
    let capitals = |text: &str| len_while(text, |char| char.is_ascii_uppercase());
    let mut end = capitals(text);
    let first = end;
    while end > 0 {
        let marks = ["&amp;", "&", "+"];
        let mark = marks.iter().find(|mark| text[end..].starts_with(**mark));
        let Some(behind) = mark.map(|mark| end + mark.len()) else {
            break;
        };
        match capitals(&text[behind..]) {
            0 => break,
            len => end = behind + len,
        }
    }
    (end > first).then_some(end)
}

/// `US$`
fn currency(text: &str) -> Option<usize> {
    let len = len_while(text, |char| char.is_ascii_uppercase());
    (len > 0 && text[len..].starts_with('$')).then_some(len + 1)
}

/// `#tag`
fn hashtag(text: &str) -> Option<usize> {
    let tag = len_while(text.strip_prefix('#')?, is_letter);
    (tag > 0).then_some(1 + tag)
}

/// `@name`
fn mention(text: &str) -> Option<usize> {
    let name = text.strip_prefix('@')?;
    let len = len_while(name, |char| char.is_ascii_alphanumeric() || char == '_');
    let starts = name.starts_with(|char: char| char.is_ascii_alphabetic() || char == '_');
    starts.then_some(1 + len)
}

/// `C++`, `F#`
fn language(text: &str) -> Option<usize> {
    let names = ["c++", "c#", "f#"];
    let name = names.iter().find(|name| starts_with(text, name))?;
    Some(name.len())
}

/// `:)`, `;-D`, `>:(`
fn emoticon(text: &str) -> Option<usize> {
    let eyes = text.strip_prefix('>').unwrap_or(text);
    let nose = eyes.strip_prefix([':', ';', '='])?;
    if eyes.starts_with(':') && nose.starts_with(['3', '0']) {
        return Some(text.len() - nose.len() + 1);
    }
    let mouth = nose.strip_prefix(['-', '\'', 'o']).unwrap_or(nose);
    let rest = mouth.strip_prefix(|char: char| "()[]{DPpOd\\|@".contains(char))?;
    let ends = !rest.starts_with(|char: char| char.is_ascii_alphanumeric());
    ends.then(|| text.len() - rest.len())
}

/// `^_^`, `-_-`
fn face(text: &str) -> Option<usize> {
    let eye = |char: char| "^-=<>~'".contains(char);
    let mouth = text.strip_prefix(eye)?.strip_prefix('_')?;
    mouth.starts_with(eye).then_some(3)
}

/// `-lrb-`: a bracket of a text that was tokenised before.
fn escape(text: &str) -> Option<usize> {
    let brackets = ["-lrb-", "-rrb-", "-lsb-", "-rsb-", "-lcb-", "-rcb-"];
    let bracket = brackets.iter().find(|bracket| starts_with(text, bracket))?;
    Some(bracket.len())
}

/// An escaped asterisk.
fn escaped(text: &str) -> Option<usize> {
    text.starts_with("\\*").then_some(2)
}
