//! The rules of `mteval-v14.pl --international-tokenization`: punctuation of every script.
//!
//! Three regular expressions over Unicode categories in sacrebleu, each a loop over characters here.

use std::mem;

use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Number,
    Punctuation,
    Symbol,
    Other,
}

/// Puts spaces around symbols, and around punctuation unless it stands between two digits. `spare` is memory to
/// work in.
pub(super) fn separate(text: &mut String, spare: &mut String) {
    spare.clear();
    separate_punctuation_behind_other(text, spare);
    text.clear();
    separate_punctuation_before_other(spare, text);
    spare.clear();
    separate_symbols(text, spare);
    mem::swap(text, spare);
}

/// `(\P{N})(\p{P})` to `\1 \2 `.
fn separate_punctuation_behind_other(text: &str, out: &mut String) {
    let mut behind_other = false;
    for char in text.chars() {
        let class = class(char);
        if behind_other && class == Class::Punctuation {
            push_separated(out, char);
            behind_other = false;
        } else {
            out.push(char);
            behind_other = class != Class::Number;
        }
    }
}

/// `(\p{P})(\P{N})` to ` \1 \2`.
fn separate_punctuation_before_other(text: &str, out: &mut String) {
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let before_other = |next: &char| class(*next) != Class::Number;
        if class(char) != Class::Punctuation {
            out.push(char);
        } else if let Some(next) = chars.next_if(before_other) {
            push_separated(out, char);
            out.push(next);
        } else {
            out.push(char);
        }
    }
}

/// `(\p{S})` to ` \1 `.
fn separate_symbols(text: &str, out: &mut String) {
    for char in text.chars() {
        if class(char) == Class::Symbol {
            push_separated(out, char);
        } else {
            out.push(char);
        }
    }
}

fn push_separated(out: &mut String, char: char) {
    out.push(' ');
    out.push(char);
    out.push(' ');
}

#[inline]
fn class(char: char) -> Class {
    match char {
        '0'..='9' => Class::Number,
        '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~' => Class::Symbol,
        '!'..='/' | ':'..='@' | '['..='`' | '{'..='~' => Class::Punctuation,
        '\0'..='\x7f' => Class::Other,
        _ => class_beyond_ascii(char),
    }
}

fn class_beyond_ascii(char: char) -> Class {
    match char.general_category_group() {
        GeneralCategoryGroup::Number => Class::Number,
        GeneralCategoryGroup::Punctuation => Class::Punctuation,
        GeneralCategoryGroup::Symbol => Class::Symbol,
        _ => Class::Other,
    }
}
