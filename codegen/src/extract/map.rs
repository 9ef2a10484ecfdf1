//! From offsets in a text that was made out of another one back to that other one.

use std::ops::Range;

/// One run of the made text. Equal lengths: copied byte by byte. Otherwise one unit, such as an escape.
#[derive(Debug, Clone, Copy)]
struct Segment {
    made: u32,
    made_len: u32,
    source: u32,
    source_len: u32,
}

impl Segment {
    fn is_copy(self) -> bool {
        self.made_len == self.source_len
    }

    fn source_at(self, offset: u32) -> u32 {
        self.source + offset.saturating_sub(self.made).min(self.source_len)
    }
}

/// Where each byte of a made text comes from. Segments are in order on both sides.
#[derive(Debug, Default, Clone)]
pub(super) struct OffsetMap {
    segments: Vec<Segment>,
}

impl OffsetMap {
    /// The next `made_len` bytes come from `source`.
    pub(super) fn push(&mut self, source: Range<usize>, made_len: usize) {
        let next = Segment {
            made: self
                .segments
                .last()
                .map_or(0, |last| last.made + last.made_len),
            made_len: narrow(made_len),
            source: narrow(source.start),
            source_len: narrow(source.len()),
        };
        match self.segments.last_mut() {
            Some(last) if continues(*last, next) => {
                last.made_len += next.made_len;
                last.source_len += next.source_len;
            }
            _ if next.made_len == 0 => {}
            _ => self.segments.push(next),
        }
    }

    /// The next `made_len` bytes come from `source` as a whole.
    pub(super) fn push_whole(&mut self, source: Range<usize>, made_len: usize) {
        // Two halves of unlike lengths: neither is a copy.
        let (first, rest) = (usize::from(made_len == source.len()), source.len());
        if first == 1 && rest > 1 {
            self.push(source.clone(), 1);
            self.push(source.start..source.end, made_len - 1);
        } else {
            self.push(source, made_len);
        }
    }

    /// The source of a range of the made text. Offsets past the end count as the end.
    pub(super) fn source_of(&self, made: Range<u32>) -> Range<u32> {
        let start = self.start(made.start);
        if made.end <= made.start {
            return start..start;
        }
        start..self.end(made.end).max(start)
    }

    /// Source offset of a made byte.
    fn start(&self, offset: u32) -> u32 {
        let n_before = self
            .segments
            .partition_point(|segment| segment.made <= offset);
        let Some(segment) = n_before
            .checked_sub(1)
            .and_then(|idx| self.segments.get(idx))
        else {
            return self.segments.first().map_or(0, |first| first.source);
        };
        let is_past = offset >= segment.made + segment.made_len;
        match (segment.is_copy(), is_past) {
            (true, _) => segment.source_at(offset),
            (false, false) => segment.source,
            (false, true) => segment.source + segment.source_len,
        }
    }

    /// Source offset of the end of the made byte before `offset`.
    fn end(&self, offset: u32) -> u32 {
        let n_before = self
            .segments
            .partition_point(|segment| segment.made < offset);
        match n_before
            .checked_sub(1)
            .and_then(|idx| self.segments.get(idx))
        {
            None => self.segments.first().map_or(0, |first| first.source),
            Some(segment) if segment.is_copy() => segment.source_at(offset),
            Some(segment) => segment.source + segment.source_len,
        }
    }
}

fn continues(last: Segment, next: Segment) -> bool {
    last.is_copy() && next.is_copy() && last.source + last.source_len == next.source
}

/// Replies are far smaller than 4 GB: the limit is checked before any map is made.
pub(super) fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copies_escapes_and_gaps_map_back() {
        let mut map = OffsetMap::default();
        map.push(10..13, 3); // "abc"
        map.push(13..15, 1); // `\n` becomes one byte
        map.push(20..22, 2); // after a gap
        assert_eq!(map.source_of(0..3), 10..13);
        assert_eq!(map.source_of(3..4), 13..15);
        assert_eq!(map.source_of(2..5), 12..21);
        assert_eq!(map.source_of(4..4), 20..20);
        assert_eq!(map.source_of(6..6), 22..22);
        assert_eq!(map.source_of(5..99), 21..22);
    }

    #[test]
    fn contiguous_copies_are_one_segment() {
        let mut map = OffsetMap::default();
        map.push(0..4, 4);
        map.push(4..9, 5);
        assert_eq!(map.segments.len(), 1);
        assert_eq!(OffsetMap::default().source_of(3..7), 0..0);
    }
}
