//! Lines of a text with their ends, whatever the line ends are.

use std::ops::Range;

/// The lines from `at` on, each with its line end: `\n`, `\r\n` or `\r`.
pub(crate) fn lines(text: &str, at: usize) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut start = at;
    std::iter::from_fn(move || {
        let rest = bytes.get(start..).filter(|rest| !rest.is_empty())?;
        let len = match rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            None => rest.len(),
            Some(end) if rest.get(end..end + 2) == Some(b"\r\n") => end + 2,
            Some(end) => end + 1,
        };
        let line = start..start + len;
        start = line.end;
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_end_ends_a_line() {
        let found: Vec<_> = lines("a\r\nb\rc\n\nd", 0).collect();
        assert_eq!(found, [0..3, 3..5, 5..7, 7..8, 8..9]);
        assert_eq!(lines("", 0).count(), 0);
        assert_eq!(lines("ab", 9).count(), 0);
    }
}
