//! What a token is. Each rule looks at the text from a token's start and tells the token's length in bytes.

use super::abbreviations::keeps_period;
use super::spelling::is_untokenizable;

type Rule = fn(&str) -> Option<usize>;

/// In order: the first rule that matches decides. Without one, a token is a single character.
pub(super) const RULES: &[Rule] = &[
    escape, entity, markup, url, emoticon, tag, marks, clitic, elision, word,
];

/// The endings that are words of their own, behind an apostrophe.
const CLITICS: [&str; 6] = ["s", "m", "d", "ll", "re", "ve"];

/// `-lrb-`: a bracket of a text that was tokenised before.
fn escape(text: &str) -> Option<usize> {
    let brackets = ["-lrb-", "-rrb-", "-lsb-", "-rsb-", "-lcb-", "-rcb-"];
    brackets
        .iter()
        .find(|bracket| text.starts_with(**bracket))
        .map(|bracket| bracket.len())
}

/// `&amp;`
fn entity(text: &str) -> Option<usize> {
    let entities = ["&amp;", "&quot;", "&apos;", "&lt;", "&gt;"];
    entities
        .iter()
        .find(|entity| text.starts_with(**entity))
        .map(|entity| entity.len())
}

/// `<b>` or `</b>`
fn markup(text: &str) -> Option<usize> {
    let name = text.strip_prefix('<')?;
    let name = name.strip_prefix('/').unwrap_or(name);
    let rest = &name[ascii_word_len(name)..];
    let closed = rest.len() < name.len() && rest.starts_with('>');
    closed.then(|| text.len() - rest.len() + 1)
}

/// `http://a.com/x`, without the punctuation behind it.
fn url(text: &str) -> Option<usize> {
    let schemes = ["http://", "https://", "www."];
    schemes.iter().find(|scheme| text.starts_with(**scheme))?;
    let end = text.find(|char: char| char.is_whitespace() || "\"<>|(){}".contains(char));
    let url = &text[..end.unwrap_or(text.len())];
    Some(
        url.trim_end_matches(['.', ',', '!', '?', '-', '\'', ';', ':'])
            .len(),
    )
}

/// `:)` or `;-(`
fn emoticon(text: &str) -> Option<usize> {
    let mouth = text.strip_prefix([':', ';', '='])?;
    let mouth = mouth.strip_prefix('-').unwrap_or(mouth);
    mouth
        .starts_with(['(', ')'])
        .then(|| text.len() - mouth.len() + 1)
}

/// `#tag` or `@name`
fn tag(text: &str) -> Option<usize> {
    let name = text.strip_prefix(['#', '@'])?;
    name.starts_with(char::is_alphabetic)
        .then(|| 1 + run_len(name))
}

/// `?!`, `!!`: two marks are a word, one is punctuation.
fn marks(text: &str) -> Option<usize> {
    let len = text.len() - text.trim_start_matches(['?', '!']).len();
    (len > 1).then_some(len)
}

/// `'s`, `'ll`, `n't`
fn clitic(text: &str) -> Option<usize> {
    if let Some(ending) = text.strip_prefix('n').and_then(strip_apostrophe) {
        return ends_word(ending, "t").then(|| text.len() - ending.len() + 1);
    }
    let ending = strip_apostrophe(text)?;
    let clitic = CLITICS.iter().find(|clitic| ends_word(ending, clitic))?;
    Some(text.len() - ending.len() + clitic.len())
}

/// `'90s`, `'n'`, `'til`: words that begin with an apostrophe, and `y'` of `y'all`.
fn elision(text: &str) -> Option<usize> {
    if text.starts_with("y'all") {
        return Some(2);
    }
    let word = text.strip_prefix('\'')?;
    let len = run_len(word);
    match &word[..len] {
        "n" if word[len..].starts_with('\'') => Some(len + 2),
        "em" | "til" | "tis" | "twas" => Some(len + 1),
        decade if decade.len() == 3 && decade.ends_with("0s") => Some(len + 1),
        _ => None,
    }
}

/// Letters and digits, joined by marks with no space around them: `two-story`, `1,200`, `red/white`, `a.m.`
fn word(text: &str) -> Option<usize> {
    let mut end = signed_len(text);
    if end == 0 {
        return None;
    }
    while let Some(len) = joined_len(&text[..end], &text[end..]) {
        end += len;
    }
    end = end_before_clitic(text, end);
    let (word, after) = text.split_at(end);
    match after.strip_prefix('.') {
        Some(after) if keeps_period(word, after) => Some(end + 1),
        // The Java program takes a comma for a part of the address.
        _ if word.contains('@') && after.starts_with(',') => Some(end + 1),
        _ if word == "c" && after.starts_with("++") => Some(end + 2),
        _ if word == "c" && after.starts_with('#') => Some(end + 1),
        _ => Some(end),
    }
}

/// The first run of letters and digits; a number may begin with a sign or a mark.
fn signed_len(text: &str) -> usize {
    match text.strip_prefix(['-', '+', '.', ',']) {
        Some(number) if starts_with_digit(number) => 1 + run_len(number),
        _ => run_len(text),
    }
}

/// The length of the mark and the run behind `word`, if they belong to it.
fn joined_len(word: &str, rest: &str) -> Option<usize> {
    let mark = rest.chars().next()?;
    let next = &rest[mark.len_utf8()..];
    let numeric = word.ends_with(|char: char| char.is_ascii_digit()) && starts_with_digit(next);
    let joins = match mark {
        '-' | '‐' | '.' | '!' | '?' | '/' | '_' | '@' | '٫' | '٬' => true,
        '&' => entity(rest).is_none(),
        ',' | ':' => numeric,
        '\'' | '’' => keeps_apostrophe(word, next),
        _ => false,
    };
    let len = if mark == ':' {
        minutes_len(next)
    } else {
        run_len(next)
    };
    (joins && len > 0).then_some(mark.len_utf8() + len)
}

/// `o'clock`, `d'oeuvre`, `ma'am`: the apostrophe is inside a word.
fn keeps_apostrophe(word: &str, next: &str) -> bool {
    match word {
        "d" | "l" | "o" => run_len(next) > 2,
        "ma" => ends_word(next, "am"),
        _ => false,
    }
}

/// The half of the day behind `12:30pm` is a word of its own.
fn minutes_len(text: &str) -> usize {
    match text.get(2..) {
        Some(half) if ends_word(half, "am") || ends_word(half, "pm") => 2,
        _ => run_len(text),
    }
}

/// Leaves the `n` of `n't` to the clitic.
fn end_before_clitic(text: &str, end: usize) -> usize {
    let negated = strip_apostrophe(&text[end..]).is_some_and(|ending| ends_word(ending, "t"));
    match text[..end].strip_suffix('n') {
        Some(word) if negated && !word.is_empty() => word.len(),
        _ => end,
    }
}

/// Whether `text` begins with `ending` and no letter or digit follows.
fn ends_word(text: &str, ending: &str) -> bool {
    text.strip_prefix(ending)
        .is_some_and(|after| run_len(after) == 0)
}

fn strip_apostrophe(text: &str) -> Option<&str> {
    text.strip_prefix(['\'', '’'])
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|char: char| char.is_ascii_digit())
}

fn ascii_word_len(text: &str) -> usize {
    text.find(|char: char| !char.is_ascii_alphanumeric())
        .unwrap_or(text.len())
}

/// The length of the run of letters and digits that `text` begins with.
fn run_len(text: &str) -> usize {
    text.find(|char| !is_word_char(char)).unwrap_or(text.len())
}

/// Letters with their marks, and decimal digits.
fn is_word_char(char: char) -> bool {
    if char.is_ascii() {
        return char.is_ascii_alphanumeric();
    }
    let marks = ['\u{300}'..='\u{36f}', '\u{900}'..='\u{e7f}'];
    let is_mark = marks.iter().any(|range| range.contains(&char));
    let is_arabic_digit = ('\u{660}'..='\u{669}').contains(&char);
    !is_untokenizable(char) && (char.is_alphabetic() || is_mark || is_arabic_digit)
}
