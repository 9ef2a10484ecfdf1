//! Cuts a text into regions at fences and tags.

use std::ops::Range;

use super::fence::{Fence, Language, Tag, TagMark, next_tag};
use super::lines::lines;
use super::scan::Scanner;

/// A stretch of text with no fence or tag in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Region {
    /// Its bytes in the text.
    pub(super) range: Range<usize>,
    /// What the fence around it says; `None` outside fences.
    pub(super) language: Option<Language>,
    /// The last tag before it, if that opened.
    pub(super) tag: Option<Tag>,
    /// What the model says to itself.
    pub(super) in_think: bool,
    /// The text ends before the fence does.
    pub(super) is_cut_off: bool,
}

/// The regions of a text, in order, without empty ones. Time is linear in the text.
pub(super) fn split(text: &str) -> Vec<Region> {
    let mut splitter = Splitter {
        text,
        ..Splitter::default()
    };
    let mut doubts = Doubts {
        is_trusting: true,
        first: None,
    };
    let mut at = 0;
    loop {
        for line in lines(text, at) {
            doubts.see(&splitter, text, &line);
            splitter.line(line);
        }
        match doubts.first.take().filter(|_| splitter.scanner.in_string()) {
            // The string never ends: its quotes were no string. Once is enough to stop believing in strings.
            Some(first) => {
                (at, doubts.is_trusting) = (first, false);
                splitter.scanner = Scanner::default();
            }
            None => return splitter.finish(),
        }
    }
}

/// Fences in triple-quoted strings are text, unless the string turns out to have no end.
struct Doubts {
    is_trusting: bool,
    first: Option<usize>,
}

impl Doubts {
    fn see(&mut self, splitter: &Splitter<'_>, text: &str, line: &Range<usize>) {
        if !splitter.scanner.in_string() {
            self.first = None;
        } else if self.is_trusting && self.first.is_none() {
            let is_fence = text.get(line.clone()).and_then(Fence::read).is_some();
            self.first = is_fence.then_some(line.start);
        }
    }
}

#[derive(Default)]
struct Splitter<'a> {
    text: &'a str,
    regions: Vec<Region>,
    /// Where the region that is being read began.
    start: usize,
    /// Mark, length and language of the open fence.
    fence: Option<(u8, usize, Language)>,
    tag: Option<Tag>,
    in_think: bool,
    scanner: Scanner,
}

impl Splitter<'_> {
    fn line(&mut self, range: Range<usize>) {
        let line = self.text.get(range.clone()).unwrap_or_default();
        if self.scanner.in_string() && !is_lone_closing_tag(line) {
            self.scanner.read(line);
            return;
        }
        match Fence::read(line) {
            Some(fence) if self.fence_line(&fence, line, &range) => {}
            _ => self.plain_line(line, range.start),
        }
    }

    /// Opens or closes a fence, and says whether it did.
    fn fence_line(&mut self, fence: &Fence<'_>, line: &str, range: &Range<usize>) -> bool {
        let language = Language::read(fence.info);
        let (opens, closes) = match self.fence {
            None => (true, false),
            Some((mark, count, _)) if mark == fence.mark && fence.count >= count => {
                (fence.has_language(), !fence.has_language())
            }
            Some((.., outer)) => (
                language == Language::Python && outer != Language::Python,
                false,
            ),
        };
        if !(opens || closes) {
            return false;
        }
        let keeps_text = closes || fence.is_glued(line);
        self.end_region(
            range.start + if keeps_text { fence.start } else { 0 },
            range.end,
        );
        self.fence = opens.then_some((fence.mark, fence.count, language));
        true
    }

    /// A line without a fence: cut at its tags, read the rest.
    fn plain_line(&mut self, line: &str, start: usize) {
        let mut at = 0;
        while let Some(mark) = next_tag(line, at) {
            at = mark.range.end;
            let rest = line.get(at..).unwrap_or_default();
            let next = if rest.trim().is_empty() {
                line.len()
            } else {
                at
            };
            self.end_region(start + mark.range.start, start + next);
            self.enter(&mark);
        }
        self.scanner.read(line.get(at..).unwrap_or_default());
    }

    fn enter(&mut self, mark: &TagMark) {
        if mark.tag == Tag::Think {
            if mark.is_closing && !self.in_think {
                self.regions
                    .iter_mut()
                    .for_each(|region| region.in_think = true);
            }
            self.in_think = !mark.is_closing;
            self.fence = None;
        }
        self.tag = (!mark.is_closing).then_some(mark.tag);
    }

    /// Ends the region at `end`; the next one starts at `next`.
    fn end_region(&mut self, end: usize, next: usize) {
        let range = self.start..end.max(self.start);
        self.start = next;
        self.scanner = Scanner::default();
        if self
            .text
            .get(range.clone())
            .is_some_and(|text| !text.trim().is_empty())
        {
            self.regions.push(Region {
                range,
                language: self.fence.map(|(.., language)| language),
                tag: self.tag,
                in_think: self.in_think,
                is_cut_off: false,
            });
        }
    }

    fn finish(mut self) -> Vec<Region> {
        let n_whole = self.regions.len();
        self.end_region(self.text.len(), self.text.len());
        let is_cut_off = self.fence.is_some();
        self.regions
            .iter_mut()
            .skip(n_whole)
            .for_each(|region| region.is_cut_off = is_cut_off);
        self.regions
    }
}

fn is_lone_closing_tag(line: &str) -> bool {
    let text = line.trim();
    text.starts_with("</") && next_tag(text, 0).is_some_and(|mark| mark.range == (0..text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let show = |region: &Region| {
            let think = if region.in_think { "think " } else { "" };
            let cut_off = if region.is_cut_off { " cut off" } else { "" };
            format!(
                "{think}{:?} {:?}{cut_off}",
                region.language,
                text[region.range.clone()].trim()
            )
        };
        split(text).iter().map(show).collect()
    }

    #[test]
    fn prose_and_fences_alternate() {
        let text = "Here:\n```python\nx = 1\n```\nthen\n~~~\ny\n```\nz\n~~~~\nend";
        let expected = [
            "None \"Here:\"",
            "Some(Python) \"x = 1\"",
            "None \"then\"",
            "Some(Unsaid) \"y\\n```\\nz\"",
            "None \"end\"",
        ];
        assert_eq!(shown(text), expected);
    }

    #[test]
    fn fence_in_a_docstring_is_text() {
        let text = "```python\n\"\"\"\n```\nnet()\n```\n\"\"\"\nx = 1\n```\nend";
        assert_eq!(
            shown(text),
            [
                "Some(Python) \"\\\"\\\"\\\"\\n```\\nnet()\\n```\\n\\\"\\\"\\\"\\nx = 1\"",
                "None \"end\""
            ]
        );
    }

    #[test]
    fn docstring_without_an_end_hides_no_fence() {
        let text = "```python\n\"\"\"\nx = 1\n```\nend";
        assert_eq!(
            shown(text),
            ["Some(Python) \"\\\"\\\"\\\"\\nx = 1\"", "None \"end\""]
        );
    }

    #[test]
    fn open_fences_end_at_the_next_one_and_at_the_end() {
        let text = "```markdown\nHere\n```python\nx = 1\n```py\ny = 2";
        let expected = [
            "Some(Other) \"Here\"",
            "Some(Python) \"x = 1\"",
            "Some(Python) \"y = 2\" cut off",
        ];
        assert_eq!(shown(text), expected);
    }

    #[test]
    fn thoughts_are_marked_even_without_a_start() {
        assert_eq!(
            shown("a\n<think>\n```py\nb\n</think>\nc"),
            ["None \"a\"", "think Some(Python) \"b\"", "None \"c\""]
        );
        assert_eq!(shown("a\n</think>\nc"), ["think None \"a\"", "None \"c\""]);
        assert_eq!(shown("<think>\na"), ["think None \"a\""]);
    }

    #[test]
    fn tags_cut_inside_and_outside_fences() {
        let regions = split("```xml\n<hp>{\"lr\": 1}</hp><nn>import torch\n</nn>\n```");
        let tags: Vec<_> = regions.iter().map(|region| region.tag).collect();
        assert_eq!(tags, [Some(Tag::Hyperparameters), Some(Tag::Network)]);
    }
}
