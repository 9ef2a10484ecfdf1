//! Words with an apostrophe, and the endings that are words of their own behind one.

use super::characters::is_letter;
use super::rules::{Rule, ends_word, len_while, starts_with};

pub(super) const RULES: &[Rule] = &[clitic, negation, listed, prefix, elided, name, island, year];

/// Either apostrophe.
const MARKS: [char; 2] = ['\'', '’'];

/// The endings that are words of their own, behind an apostrophe.
const CLITICS: [&str; 6] = ["s", "m", "d", "ll", "re", "ve"];

/// Words that keep their apostrophe, whatever follows.
const LISTED: [&str; 18] = [
    "'em",
    "'till",
    "'til",
    "'cause",
    "c'mon",
    "cap'n",
    "c'est",
    "e'er",
    "ev'ry",
    "li'l",
    "ma'am",
    "nat'l",
    "nor'easter",
    "o'o",
    "s'mores",
    "ol'",
    "dunkin'",
    "somethin'",
];

/// `'s`, `'ll`
pub(super) fn clitic(text: &str) -> Option<usize> {
    let ending = text.strip_prefix(MARKS)?;
    let clitic = CLITICS.iter().find(|clitic| ends_word(ending, clitic))?;
    Some(text.len() - ending.len() + clitic.len())
}

/// `n't`
fn negation(text: &str) -> Option<usize> {
    let mark = text.strip_prefix(['n', 'N'])?;
    not_len(mark).map(|len| 1 + len)
}

/// The length of the `'t` of `n't`, with any of four apostrophes.
fn not_len(text: &str) -> Option<usize> {
    let ending = text.strip_prefix(['\'', '’', '‘', '`'])?;
    starts_with(ending, "t").then(|| text.len() - ending.len() + 1)
}

/// For a word with `n't` behind it, its length without and with that.
pub(super) fn negated_len(text: &str) -> Option<(usize, usize)> {
    let len = len_while(text, |char| char.is_ascii_alphabetic());
    let word = text[..len].strip_suffix(['n', 'N'])?;
    let not = not_len(&text[len..])?;
    let is_word = !word.is_empty() && !word.ends_with(['n', 'N']);
    is_word.then_some((word.len(), len + not))
}

fn listed(text: &str) -> Option<usize> {
    let plain = text.replacen('’', "'", usize::from(!text.starts_with('’')));
    let word = LISTED.iter().find(|word| starts_with(&plain, word))?;
    let typographic = text
        .get(..word.len())
        .is_none_or(|same| !starts_with(same, word));
    Some(word.len() + if typographic { '’'.len_utf8() - 1 } else { 0 })
}

/// `y'` of `y'all`, `d'` and `l'` before a word; `'t` of `'tis` and `'twas`.
fn prefix(text: &str) -> Option<usize> {
    if starts_with(text, "'tis") || starts_with(text, "'twas") {
        return Some(2);
    }
    let letter = text.chars().next()?;
    let rest = text[letter.len_utf8()..].strip_prefix(MARKS)?;
    let is_prefix = match letter {
        'd' | 'D' | 'j' | 'J' | 'l' | 'L' => true,
        'y' | 'Y' => rest.starts_with(is_letter),
        _ => false,
    };
    is_prefix.then_some(text.len() - rest.len())
}

/// `'n'` of `rock 'n' roll`, closed or not.
fn elided(text: &str) -> Option<usize> {
    let rest = text.strip_prefix(MARKS)?.strip_prefix(['n', 'N'])?;
    let len = text.len() - rest.len();
    match rest.strip_prefix(MARKS) {
        Some(closed) => Some(text.len() - closed.len()),
        None => ends_at_space(rest).then_some(len),
    }
}

/// `O'Brien`, `D'Oh`, `B'day`, `n'est`: a letter before two or more.
fn name(text: &str) -> Option<usize> {
    let letter = text.chars().next()?;
    let is_capital = letter.is_ascii_uppercase() && !matches!(letter, 'I' | 'Y');
    if !is_capital && !matches!(letter, 'd' | 'l' | 'n' | 'o') {
        return None;
    }
    let rest = text[1..].strip_prefix(MARKS)?;
    let len = len_while(rest, |char| char.is_ascii_alphabetic());
    let is_clitic = clitic(&text[1..]).is_some();
    (len > 1 && !is_clitic).then(|| text.len() - rest.len() + len)
}

/// `hawai'i`, `Xi'an`: between vowels, or before a capital.
fn island(text: &str) -> Option<usize> {
    let len = len_while(text, |char| char.is_ascii_alphabetic());
    let vowel = text[..len].ends_with(|char: char| "aeiouyAEIOUY".contains(char));
    let rest = text[len..].strip_prefix(['\'', '’', '‘'])?;
    let joins = rest.starts_with(|char: char| "aeiou".contains(char) || char.is_ascii_uppercase());
    if len < 2 || !vowel || !joins || clitic(&text[len..]).is_some() {
        return None;
    }
    let more = len_while(rest, |char| char.is_ascii_alphabetic());
    Some(text.len() - rest.len() + more)
}

/// `'90s`, `'57`
fn year(text: &str) -> Option<usize> {
    let digits = text.strip_prefix(MARKS)?;
    let year = digits.as_bytes().first_chunk::<2>()?;
    if !year.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let (mark, after) = (text.len() - digits.len(), &digits[2..]);
    if ends_word(after, "s") && matches!(year, [b'2'..=b'9', b'0']) {
        return Some(mark + 3);
    }
    ends_at_space(after).then_some(mark + 2)
}

fn ends_at_space(text: &str) -> bool {
    text.is_empty() || text.starts_with(char::is_whitespace)
}
