//! Makes Python out of regions: without prose, byte order mark and common indentation, with `\n` line ends.

use std::ops::Range;

use super::lines::lines;
use super::map::OffsetMap;
use super::scan::Scanner;

/// What regions become.
#[derive(Debug, Default)]
pub(super) struct Cleaned {
    pub(super) code: String,
    /// From offsets in the code to offsets in the text.
    pub(super) map: OffsetMap,
    /// Lines of prose that were left out, in the text.
    pub(super) prose: Vec<Range<usize>>,
    /// A string or a bracket is open at the end.
    pub(super) is_open: bool,
}

/// Cleans these ranges of a text, one after the other.
pub(super) fn clean(text: &str, ranges: &[Range<usize>]) -> Cleaned {
    let mut cleaned = Cleaned::default();
    for range in ranges {
        if !cleaned.code.is_empty() && !cleaned.code.ends_with('\n') {
            cleaned.push("\n", range.start..range.start);
        }
        cleaned.piece(text, range);
    }
    cleaned
}

impl Cleaned {
    fn piece(&mut self, text: &str, range: &Range<usize>) {
        let (start, source) = without_mark(text, range);
        let indent = indent_of(source);
        let mut scanner = Scanner::default();
        let mut in_prose = false;
        for line in lines(source, 0) {
            let with_indent = source.get(line.clone()).unwrap_or_default();
            let content = dedent(with_indent, indent);
            let place = start + line.end - content.len()..start + line.end;
            let before = scanner;
            if is_prose(content, &mut scanner, &mut in_prose) {
                scanner = before;
                self.prose.push(place);
            } else {
                self.line(content, place.start);
            }
        }
        self.is_open = scanner.is_open();
    }

    fn line(&mut self, content: &str, start: usize) {
        let body = content.trim_end_matches(['\r', '\n']);
        let middle = start + body.len();
        self.push(body, start..middle);
        if body.len() < content.len() {
            self.push("\n", middle..start + content.len());
        }
    }

    fn push(&mut self, code: &str, source: Range<usize>) {
        self.map.push(source, code.len());
        self.code.push_str(code);
    }
}

fn without_mark<'a>(text: &'a str, range: &Range<usize>) -> (usize, &'a str) {
    let source = text.get(range.clone()).unwrap_or_default();
    let content = source.trim_start_matches('\u{feff}');
    (range.start + source.len() - content.len(), content)
}

/// The white space before the first statement, which belongs at the margin.
fn indent_of(source: &str) -> &str {
    let mut scanner = Scanner::default();
    for line in lines(source, 0) {
        let line = source.get(line).unwrap_or_default();
        let facts = scanner.read(line);
        if !facts.is_blank && !facts.is_prose {
            return line
                .get(..line.len() - line.trim_start().len())
                .unwrap_or_default();
        }
    }
    ""
}

/// The line without what it shares with the indent.
fn dedent<'a>(line: &'a str, indent: &str) -> &'a str {
    let shared = line
        .bytes()
        .zip(indent.bytes())
        .take_while(|(a, b)| a == b && (*a == b' ' || *a == b'\t'))
        .count();
    line.get(shared..).unwrap_or_default()
}

/// Prose begins at the margin, where Python could not begin like this. It goes on in blank lines, lists and indented
/// sentences, up to the next statement.
fn is_prose(line: &str, scanner: &mut Scanner, in_prose: &mut bool) -> bool {
    let facts = scanner.read(line);
    if !facts.begins {
        return false;
    }
    let is_at_margin = !line.starts_with([' ', '\t']);
    let is_found = (is_at_margin && (facts.is_prose || is_rule(line)))
        || (*in_prose && (facts.is_prose || is_rule(line) || is_bullet(line)));
    *in_prose = is_found || (*in_prose && facts.is_blank);
    is_found
}

/// `---` and the like.
fn is_rule(line: &str) -> bool {
    let text = line.trim();
    text.len() >= 3 && text.bytes().all(|byte| b"-*=~`".contains(&byte))
}

fn is_bullet(line: &str) -> bool {
    let text = line
        .trim_start()
        .trim_start_matches(|c: char| c.is_ascii_digit());
    ["- ", "* ", "+ ", ". ", ") "]
        .iter()
        .any(|bullet| text.starts_with(bullet))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cleaned(text: &str) -> Cleaned {
        clean(text, std::slice::from_ref(&(0..text.len())))
    }

    #[test]
    fn python_passes_unchanged() {
        let text = "# net\nimport torch\n\n\nclass Net:\n\tx = '''\nthis is not prose\n'''  \n";
        assert_eq!(cleaned(text).code, text);
        assert!(cleaned(text).prose.is_empty());
    }

    #[test]
    fn line_ends_mark_and_indent_are_taken_off() {
        let text = "\u{feff}   # head\r\n    import torch\r\n    x = '''\r\n  y'''\r    z = 1";
        let found = cleaned(text);
        assert_eq!(found.code, "# head\nimport torch\nx = '''\ny'''\nz = 1");
        let at = u32::try_from(found.code.find("torch").unwrap()).unwrap();
        let source = found.map.source_of(at..at + 6);
        assert_eq!(
            &text[source.start as usize..source.end as usize],
            "torch\r\n"
        );
    }

    #[test]
    fn prose_is_left_out() {
        let text = "Here's the network:\n\nimport torch\nThe class follows.\nclass Net:\n    pass\n\nNotes:\n- one\n  - it's two of them\n---\n";
        let found = cleaned(text);
        assert_eq!(found.code, "\nimport torch\nclass Net:\n    pass\n\n");
        assert_eq!(found.prose.len(), 6);
    }

    #[test]
    fn indented_lines_after_inner_prose_stay() {
        let text = "class Net:\n    def a(self):\n        pass\nNow the second one:\n    def b(self):\n        pass\n";
        assert_eq!(
            cleaned(text).code,
            text.replace("Now the second one:\n", "")
        );
    }
}
