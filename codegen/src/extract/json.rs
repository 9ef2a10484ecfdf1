//! Replies in JSON: code and hyper-parameters as values of an object, which may itself be cut off.

use serde_json::{Map, Value};

use super::map::OffsetMap;

/// Keys whose value can be the network's source.
const CODE_KEYS: [&str; 14] = [
    "code",
    "nn",
    "nn_code",
    "python",
    "python_code",
    "net",
    "network",
    "model",
    "model_code",
    "source",
    "content",
    "text",
    "answer",
    "response",
];

/// Keys whose value can be the hyper-parameters.
const HYPERPARAMETER_KEYS: [&str; 6] = [
    "hp",
    "prm",
    "params",
    "hyperparameters",
    "hyper_parameters",
    "hyper-parameters",
];

/// How many objects are tried as hyper-parameters, so that time stays linear.
const MAX_OBJECTS: usize = 16;

/// A string literal, decoded.
#[derive(Debug)]
pub(super) struct Decoded {
    pub(super) text: String,
    /// From offsets in `text` to offsets in the reply.
    pub(super) map: OffsetMap,
    /// The reply ends before the literal does.
    pub(super) is_cut_off: bool,
}

/// The decoded values of keys that can hold code and that have more than one line.
pub(super) fn code_strings(text: &str) -> Vec<Decoded> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(value) = next_value(text, at, &CODE_KEYS) {
        at = value;
        if text.as_bytes().get(value) == Some(&b'"') {
            let (decoded, end) = decode(text, value + 1);
            at = end;
            if decoded.text.contains('\n') {
                found.push(decoded);
            }
        }
    }
    found
}

/// The first object that is the value of a hyper-parameter key.
pub(super) fn hyperparameters(text: &str) -> Option<Map<String, Value>> {
    let mut at = 0;
    for _ in 0..MAX_OBJECTS {
        at = next_value(text, at, &HYPERPARAMETER_KEYS)?;
        let rest = text.get(at..).filter(|rest| rest.starts_with('{'));
        let mut values = serde_json::Deserializer::from_str(rest.unwrap_or_default()).into_iter();
        if let Some(Ok(object)) = values.next() {
            return Some(object);
        }
    }
    None
}

/// Where the value of the next of these keys begins, at or after `from`.
fn next_value(text: &str, from: usize, keys: &[&str]) -> Option<usize> {
    let mut at = from;
    loop {
        let start = at + text.get(at..)?.find('"')? + 1;
        at = start;
        let rest = text.get(start..)?;
        let Some(key) = keys.iter().find(|key| is_key(rest, key)) else {
            continue;
        };
        let colon = start + key.len() + 1 + n_blanks(rest.get(key.len() + 1..)?);
        if text.as_bytes().get(colon) == Some(&b':') {
            return Some(colon + 1 + n_blanks(text.get(colon + 1..)?));
        }
    }
}

fn is_key(rest: &str, key: &str) -> bool {
    rest.strip_prefix(key)
        .is_some_and(|tail| tail.starts_with('"'))
}

/// White space before a colon or a value; a limit keeps time linear.
fn n_blanks(text: &str) -> usize {
    text.bytes()
        .take(64)
        .take_while(u8::is_ascii_whitespace)
        .count()
}

/// Decodes the literal whose first byte after the quote is at `start`; also says where it ends.
fn decode(text: &str, start: usize) -> (Decoded, usize) {
    let mut decoded = Decoded {
        text: String::new(),
        map: OffsetMap::default(),
        is_cut_off: false,
    };
    let mut at = start;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let n_plain = rest.find(['"', '\\']).unwrap_or(rest.len());
        decoded.map.push(at..at + n_plain, n_plain);
        decoded
            .text
            .push_str(rest.get(..n_plain).unwrap_or_default());
        at += n_plain;
        let rest = rest.get(n_plain..).unwrap_or_default();
        if rest.starts_with('"') {
            return (decoded, at + 1);
        }
        let Some((character, len)) = escape(rest) else {
            decoded.is_cut_off = true;
            return (decoded, text.len());
        };
        decoded.map.push(at..at + len, character.len_utf8());
        decoded.text.push(character);
        at += len;
    }
}

/// The character that an escape stands for, and the escape's length. `None` at the end of the text.
fn escape(rest: &str) -> Option<(char, usize)> {
    let letter = rest.get(1..)?.chars().next()?;
    let plain = match letter {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        'b' => '\u{8}',
        'f' => '\u{c}',
        'u' => return Some(unicode(rest).unwrap_or(('\u{fffd}', 2))),
        '"' | '\\' | '/' => letter,
        _ => return Some(('\\', 1)), // not an escape: a backslash that was not escaped
    };
    Some((plain, 2))
}

/// `\uXXXX`, or two of them.
fn unicode(rest: &str) -> Option<(char, usize)> {
    let unit = |at: usize| u16::from_str_radix(rest.get(at + 2..at + 6)?, 16).ok();
    let pair = |at: usize| rest.get(at..)?.starts_with("\\u").then(|| unit(at))?;
    let units = [unit(0)?, pair(6).unwrap_or_default()];
    let character = char::decode_utf16(units).next()?.ok()?;
    Some((character, if character.len_utf16() == 2 { 12 } else { 6 }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_map_back() {
        let reply = r#"{"code": "a\n\"\u00e9\ud83d\ude00\d", "lr": 1}"#;
        let decoded = code_strings(reply).pop().unwrap();
        let source = |made| {
            let source = decoded.map.source_of(made);
            reply.get(source.start as usize..source.end as usize)
        };
        assert_eq!(decoded.text, "a\n\"\u{e9}\u{1f600}\\d");
        assert_eq!(source(2..3), Some("\\\""));
        assert_eq!(source(5..9), Some("\\ud83d\\ude00"));
        assert!(!decoded.is_cut_off);
    }

    #[test]
    fn literal_without_an_end_is_cut_off() {
        let decoded = code_strings("{\"code\" :\n \"a\\nb\\").pop().unwrap();
        assert_eq!((decoded.text.as_str(), decoded.is_cut_off), ("a\nb", true));
    }

    #[test]
    fn hyperparameters_are_found_beside_the_code() {
        let map = hyperparameters(r#"{"code": "x", "hp": {"lr": 0.1}, "n": 2"#).unwrap();
        assert_eq!(map.get("lr"), Some(&0.1.into()));
        assert_eq!(hyperparameters(r#"{"hp": [1]}"#), None);
    }
}
