//! Words as Python's `str.split()` finds them.

/// The words of `text` between runs of white space, as Python's `text.split()`.
///
/// Python also splits at U+001C to U+001F, which Rust's `split_whitespace` does not; neither splits at a
/// zero-width space.
///
/// # Examples
///
/// ```
/// let words: Vec<&str> = bleu::python_words(" a\u{1c}small\u{a0} boat\n").collect();
/// assert_eq!(words, ["a", "small", "boat"]);
/// ```
pub fn python_words(text: &str) -> PythonWords<'_> {
    PythonWords { rest: text }
}

/// The iterator of [`python_words`].
#[derive(Clone, Debug)]
pub struct PythonWords<'a> {
    rest: &'a str,
}

impl<'a> Iterator for PythonWords<'a> {
    type Item = &'a str;

    #[inline]
    fn next(&mut self) -> Option<&'a str> {
        let (_, rest) = split(self.rest, is_space);
        let (word, rest) = split(rest, |char| !is_space(char));
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }
}

/// `text` before and from the first character that is not `wanted`.
#[inline]
fn split(text: &str, wanted: impl Fn(char) -> bool) -> (&str, &str) {
    let other_ascii = |byte: &u8| !(byte.is_ascii() && wanted(char::from(*byte)));
    let bytes = text.as_bytes();
    match bytes.iter().position(other_ascii) {
        None => (text, ""),
        Some(end) if bytes[end].is_ascii() => text.split_at(end),
        Some(start) => {
            let other = text[start..].find(|char| !wanted(char));
            text.split_at(other.map_or(text.len(), |len| start + len))
        }
    }
}

#[inline]
pub(crate) fn is_space(char: char) -> bool {
    matches!(char, ' ' | '\t'..='\r' | '\u{1c}'..='\u{1f}')
        || !char.is_ascii() && char.is_whitespace()
}
