//! Addresses, HTML tags and entities.

use super::rules::{Rule, len_while, starts_with};

pub(super) const RULES: &[Rule] = &[
    entity,
    numbered_entity,
    markup,
    declaration,
    url,
    site,
    email,
];

/// `&amp;`
fn entity(text: &str) -> Option<usize> {
    let entities = [
        "&amp;", "&quot;", "&apos;", "&lt;", "&gt;", "&nbsp;", "&mdash;", "&ndash;",
    ];
    let entity = entities.iter().find(|entity| starts_with(text, entity))?;
    Some(entity.len())
}

/// `&#39;`, `&eacute;`: kept as they stand.
fn numbered_entity(text: &str) -> Option<usize> {
    let name = text.strip_prefix('&')?;
    let name = &name[..name.find(';')?];
    let is_number = name.strip_prefix('#').is_some_and(|digits| {
        !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
    });
    let accents = ["acute", "grave", "uml"];
    let is_accented = name.len() < 8
        && accents.iter().any(|accent| {
            let vowel = name.strip_suffix(accent);
            vowel.is_some_and(|vowel| vowel.len() == 1 && "aeiouAEIOU".contains(vowel))
        });
    (is_number || is_accented).then_some(name.len() + 2)
}

/// `<b>`, `</b >`, `<br />`, `<a href = "x">`
fn markup(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('<')?;
    if let Some(name) = inside.strip_prefix('/') {
        return closed(text, &name[name_len(name)?..]);
    }
    let mut rest = &inside[name_len(inside)?..];
    while let Some(len) = attribute_len(rest) {
        rest = &rest[len..];
    }
    let rest = rest.trim_start_matches(' ');
    closed(text, rest.strip_prefix('/').unwrap_or(rest))
}

/// Where the tag ends that `text` begins with, if `rest` closes it.
fn closed(text: &str, rest: &str) -> Option<usize> {
    let behind = rest.trim_start_matches(' ').strip_prefix('>')?;
    Some(text.len() - behind.len())
}

fn name_len(text: &str) -> Option<usize> {
    let fits = |char: char| char.is_ascii_alphanumeric() || "-_.:".contains(char);
    let starts = text.starts_with(|char: char| char.is_ascii_alphabetic());
    starts.then(|| len_while(text, fits))
}

/// ` href="x"`, ` checked`: a space before it, and a value only in quotes.
fn attribute_len(text: &str) -> Option<usize> {
    let name = text.trim_start_matches(' ');
    let spaces = text.len() - name.len();
    let end = spaces + name_len(name).filter(|_| spaces > 0)?;
    let Some(value) = text[end..].trim_start_matches(' ').strip_prefix('=') else {
        return Some(end);
    };
    let value = value.trim_start_matches(' ');
    let quote = value
        .chars()
        .next()
        .filter(|quote| "\"'".contains(*quote))?;
    let behind = &value[1..];
    Some(text.len() - behind.len() + behind.find(quote)? + 1)
}

/// `<!-- x -->`, `<?xml x?>`
fn declaration(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('<')?.strip_prefix(['!', '?'])?;
    let starts = inside.starts_with(|char: char| char.is_ascii_alphabetic() || char == '-');
    let end = text.find(['>', '\n', '\r']).filter(|_| starts)?;
    text[end..].starts_with('>').then_some(end + 1)
}

/// `http://a.com/x`, without the punctuation behind it.
fn url(text: &str) -> Option<usize> {
    let schemes = ["http://", "https://"];
    let scheme = schemes.iter().find(|scheme| starts_with(text, scheme))?;
    let address = path_len(&text[scheme.len()..]);
    (address > 1).then_some(scheme.len() + address)
}

/// `www.a.tv/xy`, `a.com/xy`: a path of two characters or more.
fn site(text: &str) -> Option<usize> {
    if !text.starts_with(|char: char| char.is_ascii_alphanumeric()) {
        return None;
    }
    let host = len_while(text, |char| !ends_address(char) && !",!?/".contains(char));
    let name = text[..host].to_ascii_lowercase();
    let common = [".com", ".net", ".org", ".edu"];
    if !name.starts_with("www.") && !common.iter().any(|end| name.ends_with(end)) {
        return None;
    }
    let path = path_len(text[host..].strip_prefix('/')?);
    (path > 1).then_some(host + 1 + path)
}

fn path_len(text: &str) -> usize {
    let address = &text[..len_while(text, |char| !ends_address(char))];
    address.trim_end_matches(['.', ',', '!', '?', '-']).len()
}

fn ends_address(char: char) -> bool {
    char.is_whitespace() || "\"<>|(){}".contains(char)
}

/// `a@b.com`, `<a@b.com>`, and whatever stands around it without a space or a bracket.
fn email(text: &str) -> Option<usize> {
    let name = text.strip_prefix('<').unwrap_or(text);
    if !name.starts_with(|char: char| char.is_ascii_alphanumeric()) {
        return None;
    }
    let address = &name[..len_while(name, |char| !ends_address(char))];
    let address = address.trim_end_matches('.');
    let at = address.find('@')?;
    let end = text.len() - name.len() + address.len();
    let is_bracketed = text[end..].starts_with('>');
    (at + 1 < address.len()).then_some(end + usize::from(is_bracketed))
}
