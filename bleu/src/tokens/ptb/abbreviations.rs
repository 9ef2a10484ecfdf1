//! Words that keep the period behind them.

/// Titles, streets, companies, Latin, months, days and states; the rest are initials, which need no list.
const ABBREVIATIONS: &[&str] = &[
    "adj", "adm", "adv", "al", "ala", "alex", "apr", "ariz", "assn", "asst", "atty", "aug", "ave",
    "bancorp", "bhd", "bldg", "blvd", "brig", "bros", "calif", "capt", "cf", "cie", "cmdr", "co",
    "col", "colo", "comdr", "conn", "corp", "cos", "cpl", "ct", "dak", "dec", "dept", "det", "dr",
    "elec", "ens", "esq", "est", "etc", "ext", "feb", "fla", "fri", "ft", "ga", "gen", "gov",
    "govs", "hon", "inc", "ind", "insp", "intl", "invt", "jan", "jos", "jr", "jul", "jun", "kan",
    "ky", "lt", "ltd", "maj", "mar", "md", "messrs", "mfg", "mich", "minn", "mlle", "mme", "mo",
    "mon", "mr", "mrs", "ms", "msgr", "mt", "natl", "neb", "nev", "nov", "oct", "okla", "penn",
    "pfc", "ph", "ph.d", "plc", "pres", "prof", "pte", "pty", "pvt", "rd", "rep", "reps", "rev",
    "rt", "sen", "sens", "sep", "sept", "seq", "sgt", "spc", "sq", "sr", "st", "ste", "supt",
    "tel", "tenn", "thu", "thurs", "treas", "tue", "tues", "univ", "va", "vs", "vt", "wed", "wis",
    "wm", "wyo",
];

/// Words of their own unless they begin with a capital.
const CAPITALIZED: &[&str] = &[
    "ark", "del", "ill", "la", "mass", "miss", "ore", "pa", "tex", "wash",
];

/// Abbreviations before a number only.
const NUMBERED: &[&str] = &["art", "ca", "fig", "figs", "no", "nos", "op", "pp"];

/// With these words a sentence begins, so that the letter before them ended one.
const STARTERS: &[&str] = &[
    "A", "After", "An", "As", "At", "But", "He", "Her", "Here", "However", "If", "In", "It",
    "Last", "Many", "More", "Now", "Once", "One", "Other", "Our", "She", "Since", "So", "Some",
    "Such", "That", "The", "Their", "Then", "There", "These", "They", "This", "We", "What", "When",
    "While", "Yet", "You",
];

/// Whether the period between `word` and `after` belongs to the word.
pub(super) fn keeps_period(word: &str, after: &str) -> bool {
    if !word.starts_with(char::is_alphanumeric) || word.ends_with(['+', '#']) {
        return false;
    }
    // A sentence does not end before these marks, so any word is an abbreviation there.
    if after.starts_with([',', ';', ':']) && !word.contains('/') {
        return true;
    }
    let lower = word.to_lowercase();
    let is_one_of = |list: &[&str]| list.contains(&lower.as_str());
    is_one_of(ABBREVIATIONS)
        || is_one_of(CAPITALIZED) && word.starts_with(char::is_uppercase)
        || is_one_of(NUMBERED) && starts_with_number(after)
        || is_initials(word) && (word.chars().count() > 1 || !starts_sentence(after))
}

fn starts_with_number(text: &str) -> bool {
    let number = text.strip_prefix(' ').unwrap_or(text);
    number.starts_with(|char: char| char.is_ascii_digit())
}

fn starts_sentence(text: &str) -> bool {
    let next = text.trim_start_matches(' ');
    let word = next.split(' ').next().unwrap_or_default();
    next.len() < text.len() && STARTERS.contains(&word)
}

/// Single letters with periods between them: `u.s`, `a.m`, `c`.
fn is_initials(word: &str) -> bool {
    word.split('.').all(|letter| {
        let mut chars = letter.chars();
        chars.next().is_some_and(|char| char.is_ascii_alphabetic()) && chars.next().is_none()
    })
}
