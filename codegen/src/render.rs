//! Diagnostics as text for people, in the looks of rustc.
//!
//! The reply is hostile: no control character, escape sequence or direction mark of it reaches the terminal, and no
//! line of it is longer than a screen.

mod cut;

use std::ops::Range;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use self::cut::{Cut, neutral};
use crate::diagnostic::{Diagnostic, Severity, Span};

/// How the text looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// Text only.
    #[default]
    Plain,
    /// With ANSI colours.
    Color,
}

/// Characters of a message that are shown.
const MAX_MESSAGE: usize = 400;

/// Two places this many lines apart are shown in one snippet.
const NEAR_LINES: usize = 6;

/// Renders diagnostics with the lines of the reply that they point at.
pub fn render(diagnostics: &[Diagnostic], reply: &str, style: Style) -> String {
    let renderer = match style {
        Style::Plain => Renderer::plain(),
        Style::Color => Renderer::styled(),
    };
    let source = Source::new(reply);
    let shown: Vec<_> = diagnostics
        .iter()
        .map(|diagnostic| one(diagnostic, &source, &renderer))
        .collect();
    shown.join("\n\n")
}

/// Lines of a reply as they may be shown: without control characters, and none longer than a message.
pub fn plain_text(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| neutral(line, MAX_MESSAGE))
        .collect();
    lines.join("\n")
}

fn one(diagnostic: &Diagnostic, source: &Source<'_>, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level
        .primary_title(neutral(&diagnostic.message, MAX_MESSAGE))
        .id(diagnostic.rule.code());
    let mut group = Group::with_title(title);
    if !diagnostic.primary.is_whole() {
        for view in views(diagnostic, source) {
            group = group.element(view.into_snippet());
        }
    }
    if let Some(repair) = diagnostic
        .repair
        .as_ref()
        .filter(|_| diagnostic.severity != Severity::Note)
    {
        let asks = if repair.safe {
            "`--repair safe` does: "
        } else {
            "`--repair all` does: "
        };
        group = group
            .element(Level::HELP.message(neutral(&format!("{asks}{}", repair.title), MAX_MESSAGE)));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(neutral(help, MAX_MESSAGE)));
    }
    renderer.render(&[group])
}

/// The lines of a reply.
struct Source<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

/// A place in one line.
struct Mark {
    line: usize,
    /// Bytes of the line, on character boundaries.
    bytes: Range<usize>,
    label: Option<String>,
    is_primary: bool,
}

impl<'a> Source<'a> {
    fn new(text: &'a str) -> Self {
        let ends = crate::extract::lines(text, 0).map(|line| line.end);
        Self {
            text,
            starts: std::iter::once(0).chain(ends).collect(),
        }
    }

    /// The line without its end.
    fn line(&self, line: usize) -> &'a str {
        let start = self.starts.get(line).copied().unwrap_or(self.text.len());
        let end = self
            .starts
            .get(line + 1)
            .copied()
            .unwrap_or(self.text.len());
        self.text
            .get(start..end)
            .unwrap_or_default()
            .trim_end_matches(['\r', '\n'])
    }

    /// Any span as a place in the line where it starts.
    fn mark(&self, span: Span, label: Option<&str>, is_primary: bool) -> Mark {
        let start = self.text.floor_char_boundary(span.start as usize);
        let line = self
            .starts
            .partition_point(|first| *first <= start)
            .saturating_sub(1);
        let first = self.starts.get(line).copied().unwrap_or_default();
        let text = self.line(line);
        let end = self
            .text
            .floor_char_boundary(span.end as usize)
            .saturating_sub(first)
            .min(text.len());
        let start = (start - first).min(text.len());
        Mark {
            line,
            bytes: start..end.max(start),
            label: label.map(|label| neutral(label, MAX_MESSAGE)),
            is_primary,
        }
    }
}

/// Lines that are shown together.
struct View {
    /// Counted from 1.
    first_line: usize,
    text: String,
    marks: Vec<(Range<usize>, Option<String>, bool)>,
}

impl View {
    /// The lines from the first to the last mark, which are in order.
    fn new(source: &Source<'_>, marks: Vec<Mark>) -> Self {
        let first = marks.first().map_or(0, |mark| mark.line);
        let last = marks.last().map_or(0, |mark| mark.line);
        let mut view = Self {
            first_line: first + 1,
            text: String::new(),
            marks: Vec::new(),
        };
        let mut marks = marks.into_iter().peekable();
        for line in first..=last {
            let mut here = Vec::new();
            while let Some(mark) = marks.next_if(|mark| mark.line == line) {
                here.push(mark);
            }
            view.line(source.line(line), here);
        }
        view
    }

    fn line(&mut self, text: &str, marks: Vec<Mark>) {
        let focus = marks.iter().find(|mark| mark.is_primary).or(marks.first());
        let cut = Cut::around(text, focus.map_or(0, |mark| mark.bytes.start));
        let start = self.text.len();
        let shown = |at| start + cut.column(at);
        self.marks.extend(marks.into_iter().map(|mark| {
            (
                shown(mark.bytes.start)..shown(mark.bytes.end),
                mark.label,
                mark.is_primary,
            )
        }));
        self.text.push_str(&cut.shown);
        self.text.push('\n');
    }

    fn into_snippet(self) -> Snippet<'static, Annotation<'static>> {
        let annotations = self.marks.into_iter().map(|(span, label, is_primary)| {
            let kind = if is_primary {
                AnnotationKind::Primary
            } else {
                AnnotationKind::Context
            };
            kind.span(span).label(label)
        });
        Snippet::source(self.text)
            .line_start(self.first_line)
            .path("reply")
            .annotations(annotations)
    }
}

fn views(diagnostic: &Diagnostic, source: &Source<'_>) -> Vec<View> {
    let secondary = diagnostic
        .secondary
        .iter()
        .filter(|label| !label.span.is_whole());
    let mut marks: Vec<_> = secondary
        .map(|label| source.mark(label.span, Some(&label.message), false))
        .collect();
    let primary = source.mark(diagnostic.primary, None, true);
    let home = primary.line;
    marks.push(primary);
    marks.sort_by_key(|mark| mark.line);
    let mut groups: Vec<Vec<Mark>> = Vec::new();
    for mark in marks {
        match groups.last_mut() {
            Some(group)
                if group
                    .last()
                    .is_some_and(|last| mark.line - last.line <= NEAR_LINES) =>
            {
                group.push(mark);
            }
            _ => groups.push(vec![mark]),
        }
    }
    // The primary place comes first.
    groups.sort_by_key(|group| {
        !group
            .iter()
            .any(|mark| mark.line == home && mark.is_primary)
    });
    groups
        .into_iter()
        .map(|group| View::new(source, group))
        .collect()
}
