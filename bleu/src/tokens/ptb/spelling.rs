//! How a token is written in the Treebank, and which tokens the COCO evaluation drops.

use std::borrow::Cow;

use super::characters::is_dropped;

/// The words that a token in lower case stands for: none for white space and punctuation, two for `cannot`
/// if it `ends` there and is no part of `cannot's`.
pub(super) fn words(token: &str, ends: bool) -> impl Iterator<Item = Cow<'_, str>> {
    let (first, second) = match token {
        _ if !ends => (token, ""),
        "cannot" => ("can", "not"),
        "gimme" => ("gim", "me"),
        "gonna" => ("gon", "na"),
        "gotta" => ("got", "ta"),
        "lemme" => ("lem", "me"),
        "wanna" => ("wan", "na"),
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
        "€" | "¤" | "₠" => "$",
        "¢" => "cents",
        "½" => "1/2",
        "¼" => "1/4",
        "¾" => "3/4",
        "⅓" => "1/3",
        "⅔" => "2/3",
        "&quot;" | "&apos;" | "&nbsp;" | "&mdash;" | "&ndash;" => return None,
        _ if token.len() > 1 && token.starts_with(['?', '!']) => token,
        _ if token.len() > 4 && token.starts_with('-') => token,
        _ if token.chars().all(is_dropped) => return None,
        _ => return Some(with_ascii_marks(token)),
    };
    Some(Cow::Borrowed(spelled))
}

/// Emoticons and telephone numbers have brackets, tags have spaces, and endings may have a typographic apostrophe.
fn with_ascii_marks(token: &str) -> Cow<'_, str> {
    if token.starts_with([':', ';', '=', '>', '(']) {
        let brackets = token.replace('(', "-lrb-").replace(')', "-rrb-");
        return Cow::Owned(brackets.replace(' ', "\u{a0}"));
    }
    match token {
        "’s" | "’m" | "’d" | "’ll" | "’re" | "’ve" | "n’t" => {
            Cow::Owned(token.replace('’', "'"))
        }
        "n‘t" => Cow::Borrowed("n`t"),
        _ if token.contains(' ') => Cow::Owned(token.replace(' ', "\u{a0}")),
        _ if token.contains("&amp;") => Cow::Owned(token.replace("&amp;", "&")),
        _ => Cow::Borrowed(token),
    }
}
