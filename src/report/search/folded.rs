//! Long texts behind a summary, escaped and cut.
use crate::report::escape::Escaped;

/// Bytes of one text that the page shows.
pub(super) const MAX_TEXT: usize = 40_000;

/// A text that opens on a click.
pub(super) fn folded(title: &str, text: &str) -> String {
    details(title, &size(text.len()), &pre(text))
}

/// A unified diff that opens on a click.
pub(super) fn folded_diff(title: &str, diff: &str) -> String {
    let (shown, rest) = cut(diff);
    let lines = shown.lines().map(|line| {
        let class = match line.as_bytes().first() {
            Some(b'+') => "added",
            Some(b'-') => "removed",
            Some(b'@') => "place",
            _ => "same",
        };
        format!(
            "<span class=\"{class}\">{}</span>\n",
            Escaped(&visible(line))
        )
    });
    let body = format!("<pre>{}</pre>{}", lines.collect::<String>(), left_out(rest));
    details(title, &size(diff.len()), &body)
}

/// Anything that opens on a click. `body` is HTML.
pub(super) fn details(title: &str, note: &str, body: &str) -> String {
    format!(
        "<details><summary>{} <span class=\"quiet\">{}</span></summary>\n{body}</details>\n",
        Escaped(title),
        Escaped(note)
    )
}

/// A text as it stands, cut.
pub(super) fn pre(text: &str) -> String {
    let (shown, rest) = cut(text);
    format!(
        "<pre>{}</pre>{}\n",
        Escaped(&visible(shown)),
        left_out(rest)
    )
}

fn left_out(rest: usize) -> String {
    if rest == 0 {
        return String::new();
    }
    format!(
        "<p class=\"quiet\">{} more are in the search's folder.</p>",
        size(rest)
    )
}

/// The first [`MAX_TEXT`] bytes, and how many are left.
fn cut(text: &str) -> (&str, usize) {
    let end = text.floor_char_boundary(MAX_TEXT);
    let (shown, rest) = text.split_at(end);
    (shown, rest.len())
}

/// Control characters have no place in a page; those that turn the direction of text hide what it says.
fn visible(text: &str) -> String {
    let seen = |letter: char| match letter {
        '\n' | '\t' => letter,
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        letter if letter.is_control() => '\u{fffd}',
        letter => letter,
    };
    text.replace("\r\n", "\n").chars().map(seen).collect()
}

fn size(n_bytes: usize) -> String {
    match n_bytes {
        0..1000 => format!("{n_bytes} bytes"),
        1000..1_000_000 => format!("{:.1} kB", n_bytes as f64 / 1e3),
        _ => format!("{:.1} MB", n_bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_cut_between_characters() {
        let shown = pre(&"\u{e9}".repeat(MAX_TEXT));
        assert!(shown.len() < MAX_TEXT + 200);
        assert!(
            shown.contains("40.0 kB more are in"),
            "{}",
            &shown[MAX_TEXT..]
        );
        let odd = format!("a{}", "\u{e9}".repeat(MAX_TEXT));
        assert!(pre(&odd).contains("40.0 kB more are in"));
    }

    #[test]
    fn what_cannot_be_seen_is_marked() {
        assert_eq!(
            pre("a\u{0}\u{202e}b\r\nc"),
            "<pre>a\u{fffd}\u{fffd}b\nc</pre>\n"
        );
    }

    #[test]
    fn a_diff_is_coloured_and_escaped() {
        let shown = folded_diff("diff", "@@ -1 +1 @@\n-<a>\n+b\n c");
        assert!(
            shown.contains("<span class=\"removed\">-&lt;a&gt;</span>"),
            "{shown}"
        );
        assert!(shown.contains("<span class=\"added\">+b</span>"), "{shown}");
    }
}
