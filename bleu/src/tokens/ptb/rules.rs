//! What a token is: the longest of all that start at a place.

use super::abbreviations::keeps_period;
use super::characters::is_word_char;
use super::{apostrophes, compounds, numbers, signs, web};

/// Looks at the text from a token's start and tells the token's length in bytes.
pub(super) type Rule = fn(&str) -> Option<usize>;

const RULES: &[&[Rule]] = &[
    compounds::RULES,
    numbers::RULES,
    apostrophes::RULES,
    signs::RULES,
    web::RULES,
];

/// How far rules look at first, in bytes: some read on to the end of what they get, at each of a long text's places.
const SIGHT: usize = 256;

/// The length of the first token. `None` for a single character that no rule knows.
pub(super) fn token_len(text: &str) -> Option<usize> {
    if let Some(len) = plain_word_len(text) {
        return Some(len);
    }
    let seen = text.floor_char_boundary(SIGHT);
    let len = seen_token_len(&text[..seen]);
    // Only a token this long may go on.
    if len == Some(seen) && seen < text.len() {
        return seen_token_len(text);
    }
    len
}

/// The length of a word of plain letters with a space behind it, as most are: no rule takes more than that.
fn plain_word_len(text: &str) -> Option<usize> {
    let len = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let ends = matches!(text.as_bytes().get(len), Some(b' ') | None);
    (len > 0 && ends).then_some(len)
}

fn seen_token_len(text: &str) -> Option<usize> {
    let matched = RULES.iter().copied().flatten();
    let longest = matched.filter_map(|rule| rule(text)).max();
    if let Some((word, with_not)) = apostrophes::negated_len(text)
        && longest.is_none_or(|len| len <= with_not)
    {
        return Some(word);
    }
    let len = longest?;
    let (word, after) = text.split_at(len);
    let period = after.strip_prefix('.');
    Some(match period {
        Some(after) if keeps_period(word, after) => len + 1,
        _ => len,
    })
}

/// Whether `text` begins with `ending`, in any case, and no letter or digit follows.
pub(super) fn ends_word(text: &str, ending: &str) -> bool {
    starts_with(text, ending) && run_len(&text[ending.len()..]) == 0
}

/// Whether `text` begins with `start`, which is ASCII, in any case.
pub(super) fn starts_with(text: &str, start: &str) -> bool {
    let head = text.as_bytes().get(..start.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(start.as_bytes()))
}

/// The length of what `text` begins with as long as characters are `wanted`.
pub(super) fn len_while(text: &str, wanted: impl Fn(char) -> bool) -> usize {
    text.find(|char| !wanted(char)).unwrap_or(text.len())
}

/// The length of the run of letters and digits that `text` begins with.
pub(super) fn run_len(text: &str) -> usize {
    len_while(text, is_word_char)
}
