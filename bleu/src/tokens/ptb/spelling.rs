//! How a token is written in the Treebank, and which tokens the COCO evaluation drops.

use std::borrow::Cow;

/// The words that a token stands for: none for white space and punctuation, two for `cannot`.
pub(super) fn words(token: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let (first, second) = match token {
        "cannot" => ("can", "not"),
        "gimme" => ("gim", "me"),
        "gonna" => ("gon", "na"),
        "gotta" => ("got", "ta"),
        "lemme" => ("lem", "me"),
        "wanna" => ("wan", "na"),
        "'tis" => ("'t", "is"),
        "'twas" => ("'t", "was"),
        _ => (token, ""),
    };
    [first, second].into_iter().filter_map(spelled)
}

/// `None` for what is no word to the COCO evaluation.
fn spelled(token: &str) -> Option<Cow<'_, str>> {
    let spelled = match token {
        "(" => "-lrb-",
        ")" => "-rrb-",
        "[" => "-lsb-",
        "]" => "-rsb-",
        "{" => "-lcb-",
        "}" => "-rcb-",
        "&amp;" => "&",
        "&lt;" => "<",
        "&gt;" => ">",
        "£" => "#",
        "€" => "$",
        "½" => "1/2",
        "¼" => "1/4",
        "¾" => "3/4",
        _ if token.len() > 1 && token.starts_with(['?', '!']) => token,
        _ if token.chars().all(is_dropped) || token == "&quot;" || token == "&apos;" => {
            return None;
        }
        _ => return Some(with_ascii_marks(token)),
    };
    Some(Cow::Borrowed(spelled))
}

/// Emoticons have brackets, and clitics may have a typographic apostrophe.
fn with_ascii_marks(token: &str) -> Cow<'_, str> {
    if token.starts_with([':', ';', '=']) {
        return Cow::Owned(token.replace('(', "-lrb-").replace(')', "-rrb-"));
    }
    if token.starts_with('’') || token == "n’t" {
        return Cow::Owned(token.replace('’', "'"));
    }
    Cow::Borrowed(token)
}

/// A character that stands for no word when it stands alone.
fn is_dropped(char: char) -> bool {
    char.is_whitespace() || char.is_control() || is_punctuation(char) || is_untokenizable(char)
}

fn is_punctuation(char: char) -> bool {
    ".?!,:;-–—―…'\"`‘’‚‛“”„«»‹›".contains(char)
}

/// Marks without width, numerals that are signs, and whatever Java needs two characters for, emoji among them.
pub(super) fn is_untokenizable(char: char) -> bool {
    let no_width = ['\u{ad}', '\u{feff}'];
    let ranges = [
        '\u{200b}'..='\u{200f}',
        '\u{2160}'..='\u{2188}',
        '\u{fe00}'..='\u{fe0f}',
    ];
    no_width.contains(&char)
        || char > '\u{ffff}'
        || ranges.iter().any(|range| range.contains(&char))
}
