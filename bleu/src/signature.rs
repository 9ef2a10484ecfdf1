//! What makes a score reproducible, in one line (Post 2018, section 4).

use std::fmt;

/// How many references the segments of a corpus have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum References {
    /// The same number for each.
    Same(usize),
    /// Some have more than others.
    Varying,
}

impl References {
    /// Counts those of a corpus; none of an empty one.
    pub fn of<S: AsRef<[R]>, R>(refs: &[S]) -> Self {
        let mut counts = refs.iter().map(|refs| refs.as_ref().len());
        let first = counts.next().unwrap_or(0);
        if counts.all(|count| count == first) {
            Self::Same(first)
        } else {
            Self::Varying
        }
    }
}

impl fmt::Display for References {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Same(count) => write!(f, "{count}"),
            Self::Varying => f.write_str("var"),
        }
    }
}

/// The settings of a score as sacrebleu 2.6 writes them: `nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0`.
///
/// The version is that of the sacrebleu whose scores these are.
///
/// # Examples
///
/// ```
/// use bleu::{References, SacreBleu};
///
/// let signature = SacreBleu::default().signature(References::Same(1));
/// assert_eq!(signature.to_string(), "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0");
/// assert_eq!(signature.short(), "#:1|c:mixed|e:no|tok:13a|s:exp|v:2.6.0");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signature(Vec<Field>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Field {
    name: &'static str,
    short: &'static str,
    value: String,
}

impl Signature {
    /// The version of sacrebleu that this crate equals.
    const VERSION: &str = "2.6.0";

    pub(crate) fn new(references: References) -> Self {
        Self(Vec::new()).with("nrefs", "#", &references)
    }

    pub(crate) fn with(
        mut self,
        name: &'static str,
        short: &'static str,
        value: &impl ToString,
    ) -> Self {
        let value = value.to_string();
        self.0.push(Field { name, short, value });
        self
    }

    pub(crate) fn with_flag(self, name: &'static str, short: &'static str, value: bool) -> Self {
        self.with(name, short, &if value { "yes" } else { "no" })
    }

    /// With the version at the end.
    pub(crate) fn finish(self) -> Self {
        self.with("version", "v", &Self::VERSION)
    }

    /// With the number of bootstrap resamples that an interval was computed from, and their seed.
    #[must_use]
    pub fn resampled(self, n_resamples: usize, seed: u64) -> Self {
        self.with_test("bs", n_resamples, seed)
    }

    /// With the number of trials of a test by approximate randomization, and their seed.
    #[must_use]
    pub fn randomized(self, n_trials: usize, seed: u64) -> Self {
        self.with_test("ar", n_trials, seed)
    }

    fn with_test(mut self, name: &'static str, n_trials: usize, seed: u64) -> Self {
        let field = |name, short, value| Field { name, short, value };
        let fields = [
            field(name, name, n_trials.to_string()),
            field("seed", "rs", seed.to_string()),
        ];
        let behind_references = self.0.len().min(1);
        self.0.splice(behind_references..behind_references, fields);
        self
    }

    /// With sacrebleu's abbreviations of the names.
    pub fn short(&self) -> String {
        self.joined(|field| field.short)
    }

    fn joined(&self, name: impl Fn(&Field) -> &'static str) -> String {
        let pair = |field| format!("{}:{}", name(field), field.value);
        let pairs: Vec<String> = self.0.iter().map(pair).collect();
        pairs.join("|")
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.joined(|field| field.name))
    }
}
