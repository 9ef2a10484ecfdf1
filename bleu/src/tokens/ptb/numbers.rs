//! Numbers of all kinds.

use super::characters::is_digit;
use super::rules::{Rule, len_while};

pub(super) const RULES: &[Rule] = &[
    number,
    version,
    raised_or_lowered,
    fraction,
    mixed_fraction,
    telephone,
    with_area_code,
];

/// `3.14`, `1,000`, `12:30`, `-5`, `.5`
fn number(text: &str) -> Option<usize> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let mut end = text.len() - unsigned.len();
    let first = len_while(unsigned, is_digit);
    end += first;
    let before = end;
    while let Some(len) = separated_len(&text[end..]) {
        end += len;
    }
    (first > 0 || end > before).then_some(end)
}

/// The length of a mark and the digits behind it.
fn separated_len(text: &str) -> Option<usize> {
    let mark = text.chars().next().filter(|char| ".,:٫٬".contains(*char))?;
    let len = len_while(&text[mark.len_utf8()..], is_digit);
    (len > 0).then_some(mark.len_utf8() + len)
}

/// `2.x`, `v1.7.x`, before a space or the end of a clause.
fn version(text: &str) -> Option<usize> {
    let numbers = text.strip_prefix(|char: char| char.is_ascii_alphabetic());
    let numbers = numbers.unwrap_or(text);
    let len = number(numbers).filter(|_| numbers.starts_with(is_digit))?;
    let rest = numbers[len..].strip_prefix('.')?.strip_prefix(['x', 'X'])?;
    let ends = rest.is_empty() || rest.starts_with([' ', ',', '.', '?', '!']);
    ends.then(|| text.len() - rest.len())
}

/// `²³`, `₁₂`, a sign before them.
fn raised_or_lowered(text: &str) -> Option<usize> {
    let number = text.strip_prefix(['⁺', '⁻', '₊', '₋']).unwrap_or(text);
    let raised = len_while(number, |char| "⁰¹²³⁴⁵⁶⁷⁸⁹".contains(char));
    let lowered = len_while(number, |char| "₀₁₂₃₄₅₆₇₈₉".contains(char));
    let digits = raised.max(lowered);
    (digits > 0).then_some(text.len() - number.len() + digits)
}

/// `1/2`, `12-1/2`, `9/11-12`
fn fraction(text: &str) -> Option<usize> {
    let first = digits(text, 1, usize::MAX)?;
    let slash = |start| behind(text, start, behind_slash);
    let hyphen = |start| behind(text, start, |text| text.strip_prefix('-'));
    let mixed = hyphen(first).and_then(slash);
    let halves = slash(first);
    let date = halves.and_then(hyphen);
    mixed.max(date).max(halves)
}

/// Where the digits end that stand behind a mark at `start`.
fn behind(text: &str, start: usize, mark: fn(&str) -> Option<&str>) -> Option<usize> {
    let number = mark(&text[start..])?;
    let len = digits(number, 1, usize::MAX)?;
    Some(text.len() - number.len() + len)
}

/// What follows a slash, the one of fractions or one that may have been escaped.
fn behind_slash(text: &str) -> Option<&str> {
    let plain = text.strip_prefix('\\').unwrap_or(text);
    plain.strip_prefix(['/', '\u{2044}'])
}

/// `1 1/2`: the space is part of the token.
fn mixed_fraction(text: &str) -> Option<usize> {
    if text.starts_with('0') {
        return None;
    }
    let whole = digits(text, 1, 4)?;
    let spaces = len_while(&text[whole..], |char| char == ' ');
    let top = whole + spaces;
    let slash = top + digits(&text[top..], 1, 4)?;
    let bottom = behind_slash(&text[slash..])?;
    let end = text.len() - bottom.len() + prefix_of_digits(bottom, 4)?;
    (spaces > 0).then_some(end)
}

/// `800 555 1234`, `+44 20 7946 0958`: spaces are part of the token.
fn telephone(text: &str) -> Option<usize> {
    let start = text.len() - text.strip_prefix('+').unwrap_or(text).len();
    let first = group(text, start)?;
    [Some(first), group(text, first)]
        .into_iter()
        .flatten()
        .filter_map(|start| subscriber(text, start))
        .max()
}

/// Two to four digits and what separates them from the next.
fn group(text: &str, start: usize) -> Option<usize> {
    let end = start + digits(&text[start..], 2, 4)?;
    text[end..].starts_with([' ', '-']).then_some(end + 1)
}

/// Three or four digits and three to five more, maybe apart.
fn subscriber(text: &str, start: usize) -> Option<usize> {
    let len = len_while(&text[start..], is_digit);
    if let 3..=4 = len {
        let end = start + len;
        let rest = text[end..].strip_prefix([' ', '-'])?;
        return Some(end + 1 + prefix_of_digits(rest, 5).filter(|len| *len > 2)?);
    }
    (6..=9).contains(&len).then_some(start + len)
}

/// `(555) 123-4567`
fn with_area_code(text: &str) -> Option<usize> {
    let code = text.strip_prefix('(')?;
    let close = 1 + digits(code, 2, 3)?;
    let rest = text[close..].strip_prefix(')')?;
    let start = text.len() - rest.strip_prefix(' ').unwrap_or(rest).len();
    subscriber(text, start)
}

/// The length of a run of `least` to `most` digits.
fn digits(text: &str, least: usize, most: usize) -> Option<usize> {
    let len = len_while(text, |char| char.is_ascii_digit());
    (least..=most).contains(&len).then_some(len)
}

/// The length of at most `most` digits that `text` begins with.
fn prefix_of_digits(text: &str, most: usize) -> Option<usize> {
    let len = len_while(text, |char| char.is_ascii_digit());
    (len > 0).then_some(len.min(most))
}
