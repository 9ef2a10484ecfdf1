//! The rules a reply can break. Each is one entry of the table in [`table`]: adding a rule is adding an entry.

mod table;

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use table::Rule;

/// A rule's documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RuleDoc {
    /// What the rule finds.
    pub what: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// Python that breaks it.
    pub example: &'static str,
    /// What to write instead.
    pub fix: &'static str,
}

impl fmt::Display for RuleDoc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            why,
            example,
            fix,
        } = self;
        writeln!(f, "What it does: {what}")?;
        writeln!(f, "Why: {why}")?;
        writeln!(f, "Example: {example}")?;
        write!(f, "Fix: {fix}")
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Rule::from_code(&code)
            .ok_or_else(|| serde::de::Error::custom(format_args!("`{code}` is not a rule")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_count_up_and_names_are_kebab_case() {
        for (idx, rule) in Rule::ALL.iter().enumerate() {
            assert_eq!(rule.code(), format!("N{:03}", idx + 1));
            assert_eq!(Rule::from_code(rule.code()), Some(*rule));
            let kebab = |c: char| c.is_ascii_lowercase() || c == '-';
            assert!(rule.name().chars().all(kebab), "{}", rule.name());
        }
    }

    #[test]
    fn names_are_unique() {
        let names: std::collections::BTreeSet<_> =
            Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert_eq!(names.len(), Rule::ALL.len());
    }

    #[test]
    fn every_rule_is_documented() {
        for rule in Rule::ALL {
            let RuleDoc {
                what,
                why,
                example,
                fix,
            } = rule.doc();
            for text in [what, why, example, fix] {
                assert!(text.len() > 10, "{rule}: `{text}` is too short");
            }
        }
    }

    #[test]
    fn serde_speaks_codes() {
        assert_eq!(serde_json::to_string(&Rule::NoPython).unwrap(), "\"N001\"");
        assert_eq!(
            serde_json::from_str::<Rule>("\"N001\"").unwrap(),
            Rule::NoPython
        );
        assert!(serde_json::from_str::<Rule>("\"N999\"").is_err());
    }
}
