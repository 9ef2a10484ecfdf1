//! The tokenizer of the TER program `tercom` (Snover et al. 2006), as sacrebleu 2.6 rewrote it.

use super::mteval;
use super::tokenizer::joined;
use crate::ter::Ter;

/// The words of a text as TER compares them, each followed by a space but the last.
pub(crate) fn tercom_words(settings: Ter, text: &str) -> String {
    let mut text = if settings.case_sensitive {
        text.to_owned()
    } else {
        text.to_lowercase()
    };
    if settings.normalized {
        text = normalized(&text);
        if settings.asian_support {
            text = text.chars().flat_map(separated).flatten().collect();
        }
    }
    if settings.no_punct {
        text.retain(|char| !matches!(char, '.' | ',' | '?' | ':' | ';' | '!' | '"' | '(' | ')'));
        if settings.asian_support {
            text.retain(|char| !is_asian_mark(char));
        }
    }
    joined(&text)
}

fn normalized(text: &str) -> String {
    let mut line = text.replace("\n-", "").replace('\n', " ");
    mteval::decode_entities(&mut line);
    let mut line = format!(" {line} ");
    let mut spare = String::new();
    mteval::separate_symbols_of(&mut line, &mut spare);
    line = line.replace("'s ", " 's ");
    mteval::separate_stops_and_dashes(&mut line, &mut spare);
    line
}

/// A character, within spaces if it is a word of its own.
fn separated(char: char) -> [Option<char>; 3] {
    let space = (is_ideograph(char) || is_asian_mark(char)).then_some(' ');
    [space, Some(char), space]
}

/// Blocks of Chinese, Japanese and Korean writing. The reference also has rules for kana, which the space at the
/// start of a normalized text keeps from matching.
fn is_ideograph(char: char) -> bool {
    matches!(char,
        '\u{2e80}'..='\u{2eff}'
        | '\u{31c0}'..='\u{31ef}'
        | '\u{3200}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}'
    )
}

fn is_asian_mark(char: char) -> bool {
    matches!(char,
        '\u{3001}' | '\u{3002}'
        | '\u{3008}'..='\u{3011}'
        | '\u{3014}'..='\u{301f}'
        | '\u{ff61}'..='\u{ff65}'
        | '\u{30fb}'
        | '\u{ff0e}' | '\u{ff0c}' | '\u{ff1f}' | '\u{ff1a}' | '\u{ff1b}'
        | '\u{ff01}' | '\u{ff02}' | '\u{ff08}' | '\u{ff09}'
    )
}
