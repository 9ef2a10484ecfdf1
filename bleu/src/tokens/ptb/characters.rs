//! What a character is to the tokenizer.

use std::ops::RangeInclusive;

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Symbols from U+2000 on that are words; it knows no others there, and drops them.
const SYMBOLS: &[RangeInclusive<char>] = &[
    '\u{2016}'..='\u{2017}',
    '\u{201a}'..='\u{201a}',
    '\u{201e}'..='\u{2023}',
    '\u{2030}'..='\u{2038}',
    '\u{203b}'..='\u{203b}',
    '\u{203e}'..='\u{2042}',
    '\u{2044}'..='\u{2044}',
    '\u{2070}'..='\u{2070}',
    '\u{2074}'..='\u{207e}',
    '\u{2080}'..='\u{208e}',
    '₠'..='₠',
    '₤'..='₤',
    '€'..='€',
    '\u{2100}'..='\u{2101}',
    '\u{2103}'..='\u{2106}',
    '\u{2108}'..='\u{2109}',
    '\u{2114}'..='\u{2114}',
    '\u{2116}'..='\u{2118}',
    '\u{211e}'..='\u{2123}',
    '\u{2125}'..='\u{2129}',
    '\u{212e}'..='\u{212e}',
    '\u{213a}'..='\u{213b}',
    '\u{2140}'..='\u{2144}',
    '\u{214a}'..='\u{214f}',
    '\u{2153}'..='\u{215e}',
    '\u{2190}'..='\u{2bff}',
    '\u{3001}'..='\u{3002}',
    '\u{3012}'..='\u{3012}',
    '\u{30fb}'..='\u{30fb}',
    '\u{ff01}'..='\u{ff65}',
    '\u{ffe0}'..='\u{ffe1}',
    '\u{ffe5}'..='\u{ffe6}',
];

/// Letters with their marks, and decimal digits.
pub(super) fn is_word_char(char: char) -> bool {
    is_digit(char) || is_letter(char)
}

/// A decimal digit of any script.
pub(super) fn is_digit(char: char) -> bool {
    char.is_ascii_digit()
        || char > '\u{7f}' && char.general_category() == GeneralCategory::DecimalNumber
}

pub(super) fn is_letter(char: char) -> bool {
    if char.is_ascii() {
        return char.is_ascii_alphabetic();
    }
    let marks = ['\u{300}'..='\u{36f}', '\u{900}'..='\u{e7f}'];
    let is_mark = marks.iter().any(|range| range.contains(&char));
    let is_circled = ('\u{24b6}'..='\u{24e9}').contains(&char);
    !is_untokenizable(char) && !is_circled && (char.is_alphabetic() || is_mark)
}

/// Whether a character stands for no word when it stands alone.
pub(super) fn is_dropped(char: char) -> bool {
    char.is_whitespace() || char.is_control() || is_punctuation(char) || is_untokenizable(char)
}

fn is_punctuation(char: char) -> bool {
    ".?!,:;-‐‑–—―…'\"`‘’‛“”«»‹›".contains(char)
}

/// Marks without width, numerals that are signs, symbols it does not know, and whatever Java needs two characters for,
/// emoji among them.
fn is_untokenizable(char: char) -> bool {
    let is_roman = ('\u{2160}'..='\u{2188}').contains(&char);
    let is_unknown = char > '\u{1fff}'
        && !char.is_alphanumeric()
        && !SYMBOLS.iter().any(|range| range.contains(&char));
    char == '\u{ad}' || char == '\u{feff}' || char > '\u{ffff}' || is_roman || is_unknown
}
