//! Text inside HTML. Captions come from data sets and nets, names from folders: none of them is trusted.
use std::fmt;

/// Displays text with the five characters that mean something in HTML replaced.
pub(super) struct Escaped<'a>(pub(super) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            let (plain, tail) = rest.split_at(at);
            f.write_str(plain)?;
            let mut tail = tail.chars();
            f.write_str(match tail.next() {
                Some('&') => "&amp;",
                Some('<') => "&lt;",
                Some('>') => "&gt;",
                Some('"') => "&quot;",
                _ => "&#39;",
            })?;
            rest = tail.as_str();
        }
        f.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        let escaped = Escaped("é <b a='1' b=\"2\"> & c").to_string();
        assert_eq!(escaped, "é &lt;b a=&#39;1&#39; b=&quot;2&quot;&gt; &amp; c");
    }
}
