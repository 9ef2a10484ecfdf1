//! The rules that `mteval-v13a.pl` and its descendants share: where a Western text gets more spaces.
//!
//! sacrebleu writes them as four regular expressions, applied one after the other. Each is a loop over bytes
//! here: what they match is ASCII, and no byte of a longer character is.

use std::mem;

/// Puts spaces around symbols, around full stops and commas that stand in no number, and around a dash behind a
/// digit. `spare` is memory to work in.
pub(super) fn separate(text: &mut String, spare: &mut String) {
    let marks = marks_of(text);
    if marks & SYMBOL != 0 {
        separate_symbols_of(text, spare);
    }
    if marks & OTHER != 0 {
        separate_stops_and_dashes(text, spare);
    }
}

/// The first rule alone.
pub(super) fn separate_symbols_of(text: &mut String, spare: &mut String) {
    pass(text, spare, separate_symbols);
}

/// The other rules.
pub(super) fn separate_stops_and_dashes(text: &mut String, spare: &mut String) {
    if text.bytes().any(is_stop) {
        pass(text, spare, separate_stops_behind_other);
        pass(text, spare, separate_stops_before_other);
    }
    if text.contains('-') {
        pass(text, spare, separate_dashes);
    }
}

/// A byte of the first rule.
const SYMBOL: u8 = 1;
/// A byte of the other rules.
const OTHER: u8 = 2;

/// Which rules a byte concerns, if any.
const MARKS: [u8; 256] = {
    let mut marks = [0; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        marks[byte as usize] = match byte {
            b'-' => OTHER,
            _ if is_stop(byte) => OTHER,
            _ if is_symbol(byte) => SYMBOL,
            _ => 0,
        };
        byte += 1;
    }
    marks
};

/// What there is for the rules to do: most captions have no mark at all.
fn marks_of(text: &str) -> u8 {
    let bytes = text.bytes();
    bytes.fold(0, |marks, byte| marks | MARKS[usize::from(byte)])
}

fn pass(text: &mut String, spare: &mut String, rule: impl FnOnce(&str, &mut String)) {
    spare.clear();
    rule(text, spare);
    mem::swap(text, spare);
}

/// Spaces around each [symbol](is_symbol). White space is left as it is: more of it separates no better.
fn separate_symbols(text: &str, out: &mut String) {
    let mut copied = 0;
    for (idx, byte) in text.bytes().enumerate() {
        if is_symbol(byte) {
            out.push_str(&text[copied..idx]);
            push_separated(out, byte);
            copied = idx + 1;
        }
    }
    out.push_str(&text[copied..]);
}

/// `([^0-9])([\.,])` to `\1 \2 `.
fn separate_stops_behind_other(text: &str, out: &mut String) {
    let is_match = |first: u8, second: u8| !first.is_ascii_digit() && is_stop(second);
    separate_second(text, out, is_match);
}

/// `([0-9])(-)` to `\1 \2 `.
fn separate_dashes(text: &str, out: &mut String) {
    let is_match = |first: u8, second: u8| first.is_ascii_digit() && second == b'-';
    separate_second(text, out, is_match);
}

/// Spaces around the second of two bytes that match; both are then behind the next match.
fn separate_second(text: &str, out: &mut String, is_match: impl Fn(u8, u8) -> bool) {
    let bytes = text.as_bytes();
    let (mut copied, mut idx) = (0, 1);
    while idx < bytes.len() {
        if is_match(bytes[idx - 1], bytes[idx]) {
            out.push_str(&text[copied..idx]);
            push_separated(out, bytes[idx]);
            copied = idx + 1;
            idx += 1;
        }
        idx += 1;
    }
    out.push_str(&text[copied..]);
}

/// `([\.,])([^0-9])` to ` \1 \2`.
fn separate_stops_before_other(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let (mut copied, mut idx) = (0, 0);
    while idx + 1 < bytes.len() {
        if is_stop(bytes[idx]) && !bytes[idx + 1].is_ascii_digit() {
            out.push_str(&text[copied..idx]);
            push_separated(out, bytes[idx]);
            copied = idx + 1;
            idx += 1;
        }
        idx += 1;
    }
    out.push_str(&text[copied..]);
}

fn push_separated(out: &mut String, ascii: u8) {
    out.push(' ');
    out.push(char::from(ascii));
    out.push(' ');
}

const fn is_symbol(byte: u8) -> bool {
    matches!(byte, b'{'..=b'~' | b'['..=b'`' | b'!'..=b'&' | b'('..=b'+' | b':'..=b'@' | b'/')
}

const fn is_stop(byte: u8) -> bool {
    matches!(byte, b'.' | b',')
}

/// Replaces the four entities that `mteval` decodes, one after the other as there: `&amp;lt;` becomes `<`.
pub(super) fn decode_entities(text: &mut String) {
    const ENTITIES: [(&str, &str); 4] = [
        ("&quot;", "\""),
        ("&amp;", "&"),
        ("&lt;", "<"),
        ("&gt;", ">"),
    ];
    if text.contains('&') {
        for (entity, char) in ENTITIES {
            *text = text.replace(entity, char);
        }
    }
}
