//! What is wrong with a reply, and where: plain data, printed for people and sent back to the language model.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::rules::Rule;

/// How many diagnostics a list shows before it closes with a count of the rest.
pub const MAX_SHOWN: usize = 50;

/// How many are held before repeated and surplus ones are let go.
const MAX_HELD: usize = 4096;

/// A range of bytes of the reply. The default, `0..0`, stands for the reply as a whole.
#[derive(
    Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte, not below `start`.
    pub end: u32,
}

impl Span {
    /// The bytes `start..end`; an `end` below `start` counts as `start`.
    #[must_use]
    pub fn new(start: u32, end: u32) -> Self {
        Self {
            start,
            end: end.max(start),
        }
    }

    /// From this one's start to the other's end, in either order.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }

    /// Whether it stands for the reply as a whole.
    #[must_use]
    pub fn is_whole(self) -> bool {
        self == Self::default()
    }

    /// The bytes, for slicing with `get`.
    #[must_use]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// How much a diagnostic matters. Errors reject the reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The reply is rejected.
    Error,
    /// It is accepted, but likely not what its author meant.
    Warning,
    /// It is accepted; something worth knowing was decided on the way.
    Note,
}

/// A second place that a diagnostic points at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// Where in the reply.
    pub span: Span,
    /// What is there, in a few words.
    pub message: String,
}

/// A piece of the reply that is to be replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// Where in the reply; empty where something is inserted.
    pub span: Span,
    /// What takes its place.
    pub replacement: String,
}

/// A change of the reply that removes a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// What it does, an imperative.
    pub title: String,
    /// Whether it says what the reply can only have meant. Others are applied on request.
    pub safe: bool,
    /// The pieces, in order of their places.
    pub edits: Vec<Edit>,
}

/// What a repair has to know of a finding beyond its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A torch name that does not exist.
    UnknownName {
        /// The dotted name.
        path: String,
        /// The name in the table that is spelt most like it.
        near: Option<&'static str>,
    },
    /// A keyword that a function of torch does not take.
    UnknownArgument {
        /// The dotted name of the function.
        callee: String,
        /// The keyword.
        argument: String,
        /// The keywords it takes.
        known: Vec<String>,
    },
    /// A hyper-parameter that is read and that nobody gave.
    NoHyperparameter {
        /// Its name.
        name: String,
    },
    /// Hyper-parameters that are used; the declared ones differ.
    Declared {
        /// Those that are to be declared.
        wanted: Vec<String>,
    },
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Which rule found it.
    pub rule: Rule,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence, lower case, no full stop, names in backticks, found value and required one.
    pub message: String,
    /// The place.
    pub primary: Span,
    /// Other places that explain it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub secondary: Vec<Label>,
    /// What to do about it, an imperative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// A change of the reply that removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<Repair>,
    /// For repairs.
    #[serde(skip)]
    pub(crate) cause: Option<Cause>,
}

impl Diagnostic {
    /// Says what to do about it.
    pub fn help(&mut self, help: impl Into<String>) -> &mut Self {
        self.help = Some(help.into());
        self
    }

    /// Points at a second place.
    pub fn label(&mut self, span: Span, message: impl Into<String>) -> &mut Self {
        self.secondary.push(Label {
            span,
            message: message.into(),
        });
        self
    }

    /// Says why, to repairs.
    pub(crate) fn because(&mut self, cause: Cause) -> &mut Self {
        self.cause = Some(cause);
        self
    }

    fn place(&self) -> (Span, Severity, Rule) {
        (self.primary, self.severity, self.rule)
    }

    /// Whether the other says the same of the same place.
    pub(crate) fn repeats(&self, other: &Self) -> bool {
        self.place() == other.place() && self.message == other.message
    }
}

/// Collects diagnostics while a reply goes through the passes.
#[derive(Debug, Default, Clone)]
pub struct Diagnostics {
    held: Vec<Diagnostic>,
    n_errors: usize,
    n_let_go: usize,
}

impl Diagnostics {
    /// Reports a reason to reject the reply.
    pub fn error(&mut self, rule: Rule, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.n_errors += 1;
        self.report(Severity::Error, rule, span, message.into())
    }

    /// Reports something that is accepted but likely wrong.
    pub fn warn(&mut self, rule: Rule, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.report(Severity::Warning, rule, span, message.into())
    }

    /// Reports a decision worth knowing.
    pub fn note(&mut self, rule: Rule, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.report(Severity::Note, rule, span, message.into())
    }

    /// Whether the reply is to be rejected.
    #[must_use]
    pub fn has_errors(&self) -> bool {
        self.n_errors > 0
    }

    /// How many errors were reported so far, repeated ones included.
    #[must_use]
    pub fn n_errors(&self) -> usize {
        self.n_errors
    }

    /// The findings so far, as they came.
    pub(crate) fn found(&self) -> &[Diagnostic] {
        &self.held
    }

    /// The findings so far, to attach repairs to.
    pub(crate) fn found_mut(&mut self) -> &mut [Diagnostic] {
        &mut self.held
    }

    /// Adds a finding that was made elsewhere.
    pub(crate) fn add(&mut self, finding: Diagnostic) {
        self.n_errors += usize::from(finding.severity == Severity::Error);
        self.held.push(finding);
    }

    /// The findings in the order of their places, without repeats. Of more than [`MAX_SHOWN`] the errors stay
    /// first, and a closing note counts the rest.
    #[must_use]
    pub fn into_list(mut self) -> Vec<Diagnostic> {
        self.compact();
        let mut list = self.held;
        if self.n_let_go > 0 {
            list.push(closing_note(self.n_let_go));
        }
        list
    }

    fn report(
        &mut self,
        severity: Severity,
        rule: Rule,
        primary: Span,
        message: String,
    ) -> &mut Diagnostic {
        if self.held.len() >= MAX_HELD {
            self.compact();
        }
        let finding = Diagnostic {
            rule,
            severity,
            message,
            primary,
            secondary: Vec::new(),
            help: None,
            repair: None,
            cause: None,
        };
        self.held.push_mut(finding)
    }

    /// Drops repeats, then the least important beyond [`MAX_SHOWN`], and leaves the rest in order of place.
    fn compact(&mut self) {
        self.held.sort_by(|a, b| {
            a.place()
                .cmp(&b.place())
                .then_with(|| a.message.cmp(&b.message))
        });
        self.held.dedup_by(|next, kept| next.repeats(kept));
        if self.held.len() > MAX_SHOWN {
            self.held.sort_by_key(|finding| finding.severity);
            self.n_let_go += self.held.len() - MAX_SHOWN;
            self.held.truncate(MAX_SHOWN);
            self.held.sort_by_key(Diagnostic::place);
        }
    }
}

fn closing_note(n_let_go: usize) -> Diagnostic {
    Diagnostic {
        rule: Rule::MoreDiagnostics,
        severity: Severity::Note,
        message: format!("{n_let_go} more diagnostics are not shown"),
        primary: Span::default(),
        secondary: Vec::new(),
        help: None,
        repair: None,
        cause: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: u32) -> Span {
        Span::new(start, start + 1)
    }

    #[test]
    fn list_is_sorted_by_place_and_has_no_repeats() {
        let mut diags = Diagnostics::default();
        diags.warn(Rule::DeadModule, span(9), "`b` is never called");
        diags
            .error(Rule::UndefinedName, span(3), "`x` is not defined")
            .help("define `x`");
        diags.warn(Rule::DeadModule, span(9), "`b` is never called");
        assert!(diags.has_errors());
        let places: Vec<u32> = diags.into_list().iter().map(|d| d.primary.start).collect();
        assert_eq!(places, [3, 9]);
    }

    #[test]
    fn long_list_keeps_its_errors_and_counts_the_rest() {
        let mut diags = Diagnostics::default();
        for at in 0..10_000 {
            diags.note(Rule::DroppedStatement, span(at), "`print` is dropped");
        }
        diags.error(Rule::SyntaxError, span(20_000), "expected `:`");
        let list = diags.into_list();
        assert_eq!(list.len(), MAX_SHOWN + 1);
        let tail: Vec<_> = list
            .iter()
            .skip(MAX_SHOWN - 1)
            .map(|d| (d.rule, d.message.as_str()))
            .collect();
        let note = (Rule::MoreDiagnostics, "9951 more diagnostics are not shown");
        assert_eq!(tail, [(Rule::SyntaxError, "expected `:`"), note]);
    }

    #[test]
    fn diagnostic_is_plain_data() {
        let mut diags = Diagnostics::default();
        diags
            .error(Rule::ShapeMismatch, span(4), "found 3, need 4")
            .label(span(1), "built here");
        let list = diags.into_list();
        let text = serde_json::to_string(&list).unwrap();
        assert!(
            text.contains(r#""rule":"N010","severity":"error""#),
            "{text}"
        );
        assert_eq!(
            serde_json::from_str::<Vec<Diagnostic>>(&text).unwrap(),
            list
        );
    }
}
