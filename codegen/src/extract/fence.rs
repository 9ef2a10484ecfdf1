//! Markdown fences and the tags that language models put around code.

use std::ops::Range;

/// A line that opens or closes a fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fence<'a> {
    /// A backtick or a tilde.
    pub(super) mark: u8,
    /// How many of them.
    pub(super) count: usize,
    /// What follows them.
    pub(super) info: &'a str,
    /// Where in the line the marks begin.
    pub(super) start: usize,
}

/// What a fence says it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Language {
    Python,
    Json,
    /// Nothing is said.
    #[default]
    Unsaid,
    Other,
}

impl<'a> Fence<'a> {
    /// Reads a line that is a fence, or that ends with one: `Here it is: ```python`, `return x```` `.
    pub(super) fn read(line: &'a str) -> Option<Self> {
        let text = line.trim_end();
        let indent = text.len() - text.trim_start().len();
        Self::at(text, indent).or_else(|| {
            let fence = Self::at(text, text.rfind("```")?)?;
            let first = fence.first_of(text);
            let says_python = Language::read(fence.info) == Language::Python;
            (fence.info.is_empty() || says_python).then_some(Self {
                start: first,
                ..fence
            })
        })
    }

    fn at(text: &'a str, start: usize) -> Option<Self> {
        let rest = text.get(start..)?;
        let mark = *rest
            .as_bytes()
            .first()
            .filter(|mark| matches!(mark, b'`' | b'~'))?;
        let count = rest.bytes().take_while(|byte| *byte == mark).count();
        let info = rest.get(count..)?.trim();
        (count >= 3 && !info.contains('`')).then_some(Self {
            mark,
            count,
            info,
            start,
        })
    }

    /// The first of the marks that end here, of which `rfind` found the last three.
    fn first_of(&self, text: &str) -> usize {
        let before = text.get(..self.start).unwrap_or_default();
        before.trim_end_matches('`').len()
    }

    /// Whether text stands before the marks.
    pub(super) fn is_glued(&self, line: &str) -> bool {
        line.get(..self.start)
            .is_some_and(|before| !before.trim().is_empty())
    }

    /// Whether the info is one word, as that of an opening fence is.
    pub(super) fn has_language(&self) -> bool {
        !self.info.is_empty() && !self.info.contains(char::is_whitespace)
    }
}

impl Language {
    /// From the info of a fence.
    pub(super) fn read(info: &str) -> Self {
        let word = info.trim_start_matches(['{', '.', ' ']);
        let end = word
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(word.len());
        match word
            .get(..end)
            .unwrap_or_default()
            .to_ascii_lowercase()
            .as_str()
        {
            "python" | "py" | "python3" | "pytorch" | "torch" => Self::Python,
            "json" | "jsonc" | "json5" => Self::Json,
            "" => Self::Unsaid,
            _ => Self::Other,
        }
    }
}

/// The tags that mean something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    /// `<nn>`: the network.
    Network,
    /// `<hp>`: the hyper-parameters.
    Hyperparameters,
    /// `<tr>`: the image transform.
    Transform,
    /// `<think>`: what the model says to itself.
    Think,
    /// Around an answer, or a marker such as `<|im_end|>`.
    Wrapper,
}

/// A tag in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TagMark {
    pub(super) tag: Tag,
    pub(super) is_closing: bool,
    /// Its bytes in the line.
    pub(super) range: Range<usize>,
}

/// How long a tag can be.
const MAX_TAG: usize = 24;

/// The first tag at or after `from` that is not in a string, a comment or backticks.
pub(super) fn next_tag(line: &str, from: usize) -> Option<TagMark> {
    let bytes = line.as_bytes();
    let mut quote = None;
    for (at, byte) in bytes.iter().copied().enumerate().skip(from) {
        match byte {
            b'#' if quote.is_none() => return closing_tag_at_end(line, at),
            b'"' | b'\'' | b'`' if quote.is_none() => quote = Some(byte),
            _ if quote == Some(byte) => quote = None,
            b'<' if quote.is_none() => {
                let window = bytes.iter().skip(at).take(MAX_TAG);
                let len = window
                    .copied()
                    .position(|byte| byte == b'>')
                    .map_or(0, |len| len + 1);
                if let Some((tag, is_closing)) = line.get(at..at + len).and_then(read_tag) {
                    return Some(TagMark {
                        tag,
                        is_closing,
                        range: at..at + len,
                    });
                }
            }
            _ => {}
        }
    }
    None
}

/// A comment hides tags, but for a closing one right at the end of the line.
fn closing_tag_at_end(line: &str, from: usize) -> Option<TagMark> {
    let text = line.trim_end();
    let start = text.rfind("</").filter(|start| *start >= from)?;
    let (tag, is_closing) = read_tag(text.get(start..)?)?;
    Some(TagMark {
        tag,
        is_closing,
        range: start..text.len(),
    })
}

fn read_tag(text: &str) -> Option<(Tag, bool)> {
    let text = text.strip_prefix('<')?.strip_suffix('>')?;
    if text.starts_with('|') && text.ends_with('|') {
        return Some((Tag::Wrapper, true));
    }
    let (name, is_closing) = text
        .strip_prefix('/')
        .map_or((text, false), |name| (name, true));
    let tag = match name.trim().to_ascii_lowercase().as_str() {
        "nn" => Tag::Network,
        "hp" => Tag::Hyperparameters,
        "tr" => Tag::Transform,
        "think" | "thinking" | "thought" | "reasoning" => Tag::Think,
        "code" | "python" | "answer" | "output" | "s" => Tag::Wrapper,
        _ => return None,
    };
    Some((tag, is_closing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fences_of_any_length_and_language_are_read() {
        let fence = Fence::read("  ~~~~~ Python3 title=x\r\n").unwrap();
        assert_eq!((fence.mark, fence.count, fence.start), (b'~', 5, 2));
        assert_eq!(Language::read(fence.info), Language::Python);
        assert_eq!(Language::read("{.python}"), Language::Python);
        assert_eq!(Language::read("json"), Language::Json);
        assert_eq!(Fence::read("a `` b"), None);
        assert_eq!(Fence::read("use ```x``` inline"), None);
    }

    #[test]
    fn glued_fences_are_read() {
        let open = Fence::read("Here it is: ```python").unwrap();
        assert!(open.is_glued("Here it is: ```python"));
        let close = Fence::read("    return x````\n").unwrap();
        assert_eq!((close.start, close.info), (12, ""));
    }

    #[test]
    fn tags_in_strings_and_comments_are_text() {
        assert_eq!(next_tag("x = '<nn>'", 0), None);
        assert_eq!(next_tag("# <nn> </nn> x", 0), None);
        assert_eq!(next_tag("# net</nn>\n", 0).unwrap().range, 5..10);
        assert_eq!(next_tag("the `<nn>` tag", 0), None);
        let mark = next_tag("print('x')</NN>", 0).unwrap();
        assert_eq!(
            (mark.tag, mark.is_closing, mark.range),
            (Tag::Network, true, 10..15)
        );
        assert_eq!(next_tag("x<|im_end|>", 0).unwrap().tag, Tag::Wrapper);
    }
}
