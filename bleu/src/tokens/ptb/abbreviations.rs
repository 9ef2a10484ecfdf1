//! Words that keep the period behind them.

/// Titles, streets, companies, Latin, months and days; the rest are initials, which need no list.
const ABBREVIATIONS: &[&str] = &[
    "adm", "al", "apr", "assn", "aug", "ave", "blvd", "bros", "capt", "cf", "cmdr", "co", "col",
    "corp", "cpl", "dec", "dept", "dr", "etc", "feb", "fri", "gen", "gov", "hon", "inc", "jan",
    "jr", "jul", "jun", "lt", "ltd", "maj", "messrs", "mr", "mrs", "ms", "mt", "nov", "oct",
    "ph.d", "prof", "rep", "rev", "sen", "sep", "sept", "sgt", "sr", "st", "ste", "thu", "thurs",
    "tue", "tues", "univ", "vs", "wed",
];

/// Whether the period between `word` and `after` belongs to the word.
pub(super) fn keeps_period(word: &str, after: &str) -> bool {
    // A sentence does not end before these marks, so any word is an abbreviation there.
    after.starts_with([',', ';', ':'])
        || word == "no" && is_number_after_space(after)
        || is_initials(word)
        || ABBREVIATIONS.contains(&word)
}

fn is_number_after_space(text: &str) -> bool {
    let number = text.strip_prefix(' ');
    number.is_some_and(|number| number.starts_with(|char: char| char.is_ascii_digit()))
}

/// Single letters with periods between them: `u.s`, `a.m`, `c`.
fn is_initials(word: &str) -> bool {
    word.split('.').all(|letter| {
        let mut chars = letter.chars();
        chars.next().is_some_and(|char| char.is_ascii_alphabetic()) && chars.next().is_none()
    })
}
