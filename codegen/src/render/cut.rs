//! Text of the reply as it may be shown: on one line, short, and without harm.

/// Characters of a line that are shown.
const MAX_COLUMNS: usize = 120;

/// A line with harmless characters, cut to a screen, and where its bytes went.
pub(super) struct Cut {
    pub(super) shown: String,
    /// Byte in the line and in what is shown, per character and at the end.
    columns: Vec<(usize, usize)>,
}

impl Cut {
    pub(super) fn around(line: &str, focus: usize) -> Self {
        let n_before = MAX_COLUMNS / 3;
        let back = line
            .get(..focus)
            .unwrap_or_default()
            .char_indices()
            .rev()
            .nth(n_before);
        let is_long = line.chars().nth(MAX_COLUMNS).is_some();
        let start = back.filter(|_| is_long).map_or(0, |(at, _)| at);
        let mut cut = Self {
            shown: String::new(),
            columns: Vec::new(),
        };
        if start > 0 {
            cut.shown.push('…');
        }
        let mut chars = line.get(start..).unwrap_or_default().char_indices();
        for (at, character) in chars.by_ref().take(MAX_COLUMNS) {
            cut.columns.push((start + at, cut.shown.len()));
            match character {
                '\t' => cut.shown.push('\t'), // the renderer makes room for it
                _ => cut.shown.push(picture(character)),
            }
        }
        cut.columns.push((start + chars.offset(), cut.shown.len()));
        if chars.next().is_some() {
            cut.shown.push('…');
        }
        cut
    }

    pub(super) fn column(&self, byte: usize) -> usize {
        let idx = self
            .columns
            .partition_point(|(at, _)| *at < byte)
            .min(self.columns.len().saturating_sub(1));
        self.columns.get(idx).map_or(0, |(_, column)| *column)
    }
}

/// The text on one line, without harm, and not longer than `max` characters.
pub(super) fn neutral(text: &str, max: usize) -> String {
    let mut shown: String = text.chars().take(max).map(picture).collect();
    if text.chars().nth(max).is_some() {
        shown.push('…');
    }
    shown
}

/// What is shown for a character.
fn picture(character: char) -> char {
    match character {
        '\t' => ' ',
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + u32::from(character)).unwrap_or('\u{fffd}'),
        // Controls, marks of direction, line and paragraph separators, invisible characters.
        '\u{7f}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => '\u{fffd}',
        _ => character,
    }
}
