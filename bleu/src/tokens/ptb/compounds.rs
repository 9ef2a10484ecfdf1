//! Words, and words that marks join with no space between them.

use super::characters::{is_letter, is_word_char};
use super::rules::{Rule, len_while, run_len};

pub(super) const RULES: &[Rule] = &[
    word,
    hyphenated,
    abbreviated,
    dotted,
    alternatives,
    initials,
];

/// Letters and digits.
fn word(text: &str) -> Option<usize> {
    let len = run_len(text);
    (len > 0).then_some(len)
}

/// `well-known`, `snake_case`, `O'Neil-Smith`
fn hyphenated(text: &str) -> Option<usize> {
    joined(text, &['-', '_', '\u{2010}', '\u{2011}'], |text| {
        let name = text.strip_prefix(['d', 'D', 'o', 'O']);
        let name = name.and_then(|name| name.strip_prefix(['\'', '’']));
        let name = name.filter(|name| run_len(name) > 1);
        let start = name.map_or(0, |name| text.len() - name.len());
        start + run_len(&text[start..])
    })
}

/// `ab.ab`, `Yahoo!ab`: each part begins with a letter.
fn dotted(text: &str) -> Option<usize> {
    joined(text, &['.', '!', '?'], |text| {
        if text.starts_with(is_letter) {
            run_len(text)
        } else {
            0
        }
    })
}

/// Parts between `marks`.
fn joined(text: &str, marks: &[char], part_len: fn(&str) -> usize) -> Option<usize> {
    let mut end = part_len(text);
    if end == 0 {
        return None;
    }
    while let Some(part) = text[end..].strip_prefix(marks) {
        match part_len(part) {
            0 => break,
            len => end = text.len() - part.len() + len,
        }
    }
    Some(end)
}

/// `U.S.-based`, `non-U.S.`, `10,000-seat`: marks may stand before the first hyphen.
fn abbreviated(text: &str) -> Option<usize> {
    let head = len_while(text, |char| is_word_char(char) || ".,".contains(char));
    if !text.starts_with(is_word_char) || text[..head].contains("..") {
        return None;
    }
    let mut end = head;
    while let Some(part) = text[end..].strip_prefix('-') {
        match initials_with_period(part).unwrap_or_else(|| run_len(part)) {
            0 => break,
            len => end += 1 + len,
        }
    }
    (end > head).then_some(end)
}

fn initials_with_period(text: &str) -> Option<usize> {
    let len = initials(text)?;
    text[len..].starts_with('.').then_some(len + 1)
}

/// `U.S`, `a.m`: single letters with periods between them.
fn initials(text: &str) -> Option<usize> {
    let first = single_letter(text)?.len_utf8();
    let mut len = first;
    while let Some(letter) = text[len..].strip_prefix('.').and_then(single_letter) {
        len += 1 + letter.len_utf8();
    }
    (len > first).then_some(len)
}

/// The letter that `text` begins with, if no letter or digit follows.
fn single_letter(text: &str) -> Option<char> {
    let letter = text.chars().next().filter(|char| is_letter(*char))?;
    (run_len(text) == letter.len_utf8()).then_some(letter)
}

/// `and/or`, `he/she/it`, `half-eaten/whole`: two or three of them, without accents.
fn alternatives(text: &str) -> Option<usize> {
    let mut end = alternative_len(text)?;
    let mut n_parts = 1;
    while n_parts < 3
        && let Some(part) = behind_slash(&text[end..])
        && let Some(len) = alternative_len(part)
    {
        end = text.len() - part.len() + len;
        n_parts += 1;
    }
    (n_parts > 1).then_some(end)
}

/// What follows a slash, which may have been escaped.
fn behind_slash(text: &str) -> Option<&str> {
    text.strip_prefix('\\').unwrap_or(text).strip_prefix('/')
}

/// Letters and digits, and at most two more words of letters.
fn alternative_len(text: &str) -> Option<usize> {
    let mut end = len_while(text, |char| char.is_ascii_alphanumeric());
    if end == 0 {
        return None;
    }
    for _ in 0..2 {
        let behind = text[end..].strip_prefix('-');
        match behind.map_or(0, |text| len_while(text, |char| char.is_ascii_alphabetic())) {
            0 => break,
            len => end += 1 + len,
        }
    }
    Some(end)
}
