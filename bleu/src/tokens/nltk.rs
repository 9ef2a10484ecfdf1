//! The two word tokenizers of NLTK 3.10: `TreebankWordTokenizer` and `NLTKWordTokenizer`, after the Penn
//! Treebank's conventions (Robert `MacIntyre`'s `tokenizer.sed`).
//!
//! Each is a list of substitutions, applied one after the other. How we differ: NLTK's own `word_tokenize` first
//! cuts a text into sentences with a trained model; here a text is one sentence, as with `preserve_line=True`.

use super::tokenizer::joined;
use super::whitespace::is_space;

/// What stands at a position of the text, given what stands before and from there.
type Rule = fn(&str, &str) -> Option<Substitution>;

/// The first `len` bytes become `text`.
struct Substitution {
    len: usize,
    text: String,
}

/// The words of NLTK's `word_tokenize` of one sentence, each followed by a space but the last.
///
/// LEMUR's captions are these, of the caption in lower case.
///
/// # Examples
///
/// ```
/// let words = bleu::nltk_words("He can't go, he said: \"it's 5 o'clock.\"");
/// assert_eq!(words, "He ca n't go , he said : `` it 's 5 o'clock . ''");
/// ```
pub fn nltk_words(sentence: &str) -> String {
    words(sentence, &WORD_RULES, &WORD_ENDINGS)
}

/// The words of NLTK's `TreebankWordTokenizer`, each followed by a space but the last. Unlike
/// [`nltk_words`], it leaves typographic quotes and dashes where they are.
///
/// # Examples
///
/// ```
/// assert_eq!(bleu::treebank_words("I'm gonna go (now)."), "I 'm gon na go ( now ) .");
/// ```
pub fn treebank_words(sentence: &str) -> String {
    words(sentence, &TREEBANK_RULES, &TREEBANK_ENDINGS)
}

fn words(sentence: &str, rules: &[Rule], endings: &[Rule]) -> String {
    let apply = |text: String, rule: &Rule| substitute(&text, *rule);
    let text = rules.iter().fold(sentence.to_owned(), apply);
    let text = endings.iter().fold(format!(" {text} "), apply);
    joined(&CONTRACTIONS.iter().fold(text, apply))
}

fn substitute(text: &str, rule: Rule) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut idx = 0;
    while let Some(char) = text[idx..].chars().next() {
        if let Some(substitution) = rule(&text[..idx], &text[idx..]) {
            out.push_str(&substitution.text);
            idx += substitution.len;
        } else {
            out.push(char);
            idx += char.len_utf8();
        }
    }
    out
}

const WORD_RULES: [Rule; 17] = [
    |_, rest| surround(rest, opening_quote_len(rest)),
    quote_at_start,
    |_, rest| surround(rest, literal_len(rest, "``")),
    quote_behind_opening,
    apostrophe_before_word,
    |_, rest| last_full_stop(rest, &CLOSINGS, " "),
    |_, rest| before_other_than_digit(rest),
    |_, rest| at_end(rest),
    |_, rest| surround(rest, run_len(rest, 2, |char| char == '.')),
    |_, rest| surround_one_of(rest, |char| ";@#$%&".contains(char)),
    |_, rest| surround_one_of(rest, |char| ('\u{2012}'..='\u{2015}').contains(&char)),
    |_, rest| last_full_stop(rest, &CLOSINGS[..6], ""),
    |_, rest| surround_one_of(rest, |char| "?!".contains(char)),
    |_, rest| apostrophe_before_space(rest),
    |_, rest| surround_one_of(rest, |char| char == '*'),
    |_, rest| surround_one_of(rest, |char| "][(){}<>".contains(char)),
    |_, rest| surround(rest, literal_len(rest, "--")),
];

const WORD_ENDINGS: [Rule; 6] = [
    |_, rest| surround_one_of(rest, |char| "»”’".contains(char)),
    |_, rest| surround(rest, literal_len(rest, "''")),
    double_quote,
    |_, rest| white_space(rest),
    |_, rest| clitic(rest, &["'s", "'S", "'m", "'M", "'d", "'D", "'"]),
    |_, rest| clitic(rest, &LONG_CLITICS),
];

const TREEBANK_RULES: [Rule; 12] = [
    quote_at_start,
    |_, rest| surround(rest, literal_len(rest, "``")),
    quote_behind_opening,
    |_, rest| before_other_than_digit(rest),
    |_, rest| at_end(rest),
    |_, rest| surround(rest, literal_len(rest, "...")),
    |_, rest| surround_one_of(rest, |char| ";@#$%&".contains(char)),
    |_, rest| last_full_stop(rest, &CLOSINGS[..6], ""),
    |_, rest| surround_one_of(rest, |char| "?!".contains(char)),
    |_, rest| apostrophe_before_space(rest),
    |_, rest| surround_one_of(rest, |char| "][(){}<>".contains(char)),
    |_, rest| surround(rest, literal_len(rest, "--")),
];

const TREEBANK_ENDINGS: [Rule; 4] = [
    |_, rest| surround(rest, literal_len(rest, "''")),
    double_quote,
    |_, rest| clitic(rest, &["'s", "'S", "'m", "'M", "'d", "'D", "'"]),
    |_, rest| clitic(rest, &LONG_CLITICS),
];

const CONTRACTIONS: [Rule; 10] = [
    |before, rest| contraction(before, rest, "can", "not"),
    |before, rest| contraction(before, rest, "d", "'ye"),
    |before, rest| contraction(before, rest, "gim", "me"),
    |before, rest| contraction(before, rest, "gon", "na"),
    |before, rest| contraction(before, rest, "got", "ta"),
    |before, rest| contraction(before, rest, "lem", "me"),
    |before, rest| contraction(before, rest, "more", "'n"),
    |before, rest| {
        contraction(before, rest, "wan", "na").filter(|_| rest[5..].starts_with(is_space))
    },
    |_, rest| contraction_behind_space(rest, "'t", "is"),
    |_, rest| contraction_behind_space(rest, "'t", "was"),
];

const LONG_CLITICS: [&str; 8] = ["'ll", "'LL", "'re", "'RE", "'ve", "'VE", "n't", "N'T"];

/// What may stand between the last full stop and the end; the plain ones first.
const CLOSINGS: [char; 10] = [']', ')', '}', '>', '"', '\'', '»', '”', '’', ' '];

/// Spaces around the first `len` bytes, if there are any.
fn surround(rest: &str, len: usize) -> Option<Substitution> {
    let text = rest.get(..len).filter(|text| !text.is_empty())?;
    Some(Substitution {
        len,
        text: format!(" {text} "),
    })
}

fn surround_one_of(rest: &str, wanted: impl Fn(char) -> bool) -> Option<Substitution> {
    let first = rest.chars().next().filter(|&char| wanted(char))?;
    surround(rest, first.len_utf8())
}

fn literal_len(rest: &str, literal: &str) -> usize {
    if rest.starts_with(literal) {
        literal.len()
    } else {
        0
    }
}

/// The length of the run of `wanted` characters, 0 below `min` bytes.
fn run_len(rest: &str, min: usize, wanted: impl Fn(char) -> bool) -> usize {
    let len = rest.len() - rest.trim_start_matches(wanted).len();
    if len < min { 0 } else { len }
}

/// An opening quote, or a run of backticks.
fn opening_quote_len(rest: &str) -> usize {
    match rest.chars().next() {
        Some(char) if "«“‘„".contains(char) => char.len_utf8(),
        _ => run_len(rest, 1, |char| char == '`'),
    }
}

/// `^"` to two backticks.
fn quote_at_start(before: &str, rest: &str) -> Option<Substitution> {
    let text = "``".to_owned();
    (before.is_empty() && rest.starts_with('"')).then_some(Substitution { len: 1, text })
}

/// `([ \(\[{<])("|'{2})` to `\1`, two backticks and spaces.
fn quote_behind_opening(_: &str, rest: &str) -> Option<Substitution> {
    let opening = rest.chars().next().filter(|&char| " ([{<".contains(char))?;
    let quote = ["\"", "''"]
        .into_iter()
        .find(|&quote| rest[1..].starts_with(quote))?;
    Some(Substitution {
        len: 1 + quote.len(),
        text: format!("{opening} `` "),
    })
}

/// `(?i)(?<!\w)(')(?!(?:re|ve|ll|m|t|s|d|n)\b)(?=\w)` to `\1 `.
fn apostrophe_before_word(before: &str, rest: &str) -> Option<Substitution> {
    const CLITICS: [&str; 8] = ["re", "ve", "ll", "m", "t", "s", "d", "n"];
    let word = rest.strip_prefix('\'')?;
    let is_clitic = |clitic: &&str| {
        strip_ignoring_case(word, clitic).is_some_and(|after| !after.starts_with(is_word))
    };
    let splits =
        !before.ends_with(is_word) && word.starts_with(is_word) && !CLITICS.iter().any(is_clitic);
    let text = "' ".to_owned();
    splits.then_some(Substitution { len: 1, text })
}

/// `([^\.])(\.)([…]*)\s*$` to `\1 \2\3 `, with `gap` before `\3`.
fn last_full_stop(rest: &str, closings: &[char], gap: &str) -> Option<Substitution> {
    let first = rest.chars().next().filter(|&char| char != '.')?;
    let after = rest[first.len_utf8()..].strip_prefix('.')?;
    let behind = after.trim_start_matches(closings);
    let closed = &after[..after.len() - behind.len()];
    let is_last = behind.chars().all(is_space);
    is_last.then(|| Substitution {
        len: rest.len(),
        text: format!("{first} .{gap}{closed} "),
    })
}

/// `([:,])([^\d])` to ` \1 \2`.
fn before_other_than_digit(rest: &str) -> Option<Substitution> {
    let mut chars = rest.chars();
    let mark = chars.next().filter(|&char| ":,".contains(char))?;
    let next = chars.next().filter(|&char| !is_digit(char))?;
    Some(Substitution {
        len: 1 + next.len_utf8(),
        text: format!(" {mark} {next}"),
    })
}

/// `([:,])$` to ` \1 `: at the end, or before a line break that ends the text.
fn at_end(rest: &str) -> Option<Substitution> {
    match rest {
        ":" | "," | ":\n" | ",\n" => surround(rest, 1),
        _ => None,
    }
}

/// `([^'])' ` to `\1 ' `.
fn apostrophe_before_space(rest: &str) -> Option<Substitution> {
    let first = rest.chars().next().filter(|&char| char != '\'')?;
    rest[first.len_utf8()..].strip_prefix("' ")?;
    Some(Substitution {
        len: first.len_utf8() + 2,
        text: format!("{first} ' "),
    })
}

/// `"` to ` '' `.
fn double_quote(_: &str, rest: &str) -> Option<Substitution> {
    let text = " '' ".to_owned();
    rest.starts_with('"')
        .then_some(Substitution { len: 1, text })
}

/// `\s+` to a space.
fn white_space(rest: &str) -> Option<Substitution> {
    let len = run_len(rest, 1, is_space);
    let text = " ".to_owned();
    (len > 0).then_some(Substitution { len, text })
}

/// `([^' ])(…) ` to `\1 \2 `.
fn clitic(rest: &str, clitics: &[&str]) -> Option<Substitution> {
    let first = rest.chars().next().filter(|&char| !"' ".contains(char))?;
    let after = &rest[first.len_utf8()..];
    let ends_word = |clitic: &&&str| {
        after
            .strip_prefix(**clitic)
            .is_some_and(|after| after.starts_with(' '))
    };
    let clitic = clitics.iter().find(ends_word)?;
    Some(Substitution {
        len: first.len_utf8() + clitic.len() + 1,
        text: format!("{first} {clitic} "),
    })
}

/// `(?i)\b(…)(…)\b` to ` \1 \2 `.
fn contraction(before: &str, rest: &str, first: &str, second: &str) -> Option<Substitution> {
    if before.ends_with(is_word) {
        return None;
    }
    split_word(rest, first, second)
}

/// `(?i) (…)(…)\b` to ` \1 \2 `.
fn contraction_behind_space(rest: &str, first: &str, second: &str) -> Option<Substitution> {
    let Substitution { len, text } = split_word(rest.strip_prefix(' ')?, first, second)?;
    Some(Substitution { len: len + 1, text })
}

fn split_word(rest: &str, first: &str, second: &str) -> Option<Substitution> {
    let after = strip_ignoring_case(strip_ignoring_case(rest, first)?, second)?;
    let (head, tail) = rest[..rest.len() - after.len()].split_at(first.len());
    let ends = !after.starts_with(is_word);
    ends.then(|| Substitution {
        len: head.len() + tail.len(),
        text: format!(" {head} {tail} "),
    })
}

fn strip_ignoring_case<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(prefix.len())?;
    start.eq_ignore_ascii_case(prefix).then_some(rest)
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}

/// A decimal digit of any script.
fn is_digit(char: char) -> bool {
    use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};
    char.is_ascii_digit() || char.general_category() == GeneralCategory::DecimalNumber
}
