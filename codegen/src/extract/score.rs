//! How much a region looks like the network that was asked for.

use super::fence::{Language, Tag};
use super::lines::lines;
use super::regions::Region;
use super::scan::Scanner;

/// What the statements of a text say about it.
#[derive(Debug, Default, Clone)]
pub(super) struct Features<'a> {
    /// How much it looks like the network.
    pub(super) points: i32,
    /// It has a `class Net`.
    pub(super) has_net: bool,
    /// It has a `def forward`.
    pub(super) has_forward: bool,
    /// What its unindented statements define and import.
    pub(super) defined: Vec<&'a str>,
}

/// Starts of statements and what they are worth. Each counts once.
const WORTH: [(&str, i32); 8] = [
    ("class Net", 5),
    ("def forward", 3),
    ("def supported_hyperparameters", 2),
    ("import torch", 2),
    ("from torch", 1),
    ("def __init__", 1),
    ("def train_setup", 1),
    ("def learn", 1),
];

/// A draft loses against an answer of the same quality, and wins against one without the network.
const THINK_PENALTY: i32 = 6;

impl<'a> Features<'a> {
    /// Reads a region of a text.
    pub(super) fn of(text: &'a str, region: &Region) -> Self {
        let source = text.get(region.range.clone()).unwrap_or_default();
        let mut features = Self::default();
        let mut seen = [false; WORTH.len()];
        let mut scanner = Scanner::default();
        let mut base = None;
        for line in lines(source, 0) {
            let line = source.get(line).unwrap_or_default();
            let facts = scanner.read(line);
            if !facts.begins || facts.is_blank || facts.is_prose {
                continue;
            }
            let statement = line.trim();
            let indent = line.len() - line.trim_start().len();
            features.count(statement, &mut seen);
            if *base.get_or_insert(indent) == indent {
                features.define(statement);
            }
        }
        features.points += features.bonus(region);
        features
    }

    fn count(&mut self, statement: &str, seen: &mut [bool; WORTH.len()]) {
        for ((start, worth), seen) in WORTH.iter().zip(seen) {
            if !*seen && starts_with_word(statement, start) {
                *seen = true;
                self.points += worth;
                self.has_net |= *start == "class Net";
                self.has_forward |= *start == "def forward";
            }
        }
    }

    fn define(&mut self, statement: &'a str) {
        match statement.split_once(' ') {
            Some(("class" | "def", rest)) => self.defined.extend(first_word(rest)),
            Some(("import", rest)) => self.defined.extend(rest.split(',').filter_map(bound_name)),
            Some(("from", rest)) => {
                let names = rest.split_once(" import ").map_or("", |(_, names)| names);
                self.defined.extend(names.split(',').filter_map(bound_name));
            }
            _ => {}
        }
    }

    fn bonus(&self, region: &Region) -> i32 {
        let language = match region.language {
            Some(Language::Python) => 1,
            Some(Language::Json) => -20,
            Some(Language::Unsaid | Language::Other) | None => 0,
        };
        let tag = match region.tag {
            Some(Tag::Network) => 1,
            Some(Tag::Hyperparameters) => -20,
            Some(Tag::Transform) => -4,
            Some(Tag::Think | Tag::Wrapper) | None => 0,
        };
        let think = if region.in_think { -THINK_PENALTY } else { 0 };
        // A network in a thought is still better than no network.
        let floor = if self.has_net {
            1 - self.points
        } else {
            i32::MIN
        };
        let classes = i32::from(!self.defined.is_empty());
        (language + tag + think + classes).max(floor)
    }
}

/// The words of a text that can be names.
pub(super) fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
        .filter(|word| !word.is_empty())
}

fn starts_with_word(statement: &str, start: &str) -> bool {
    statement
        .strip_prefix(start)
        .is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
}

fn first_word(text: &str) -> Option<&str> {
    words(text).next()
}

/// What `torch.nn as nn`, `torch.nn` or `List` binds.
fn bound_name(import: &str) -> Option<&str> {
    match import.split_once(" as ") {
        Some((_, name)) => first_word(name),
        None => first_word(import),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::regions::split;

    fn features(text: &str) -> Features<'_> {
        Features::of(text, split(text).first().unwrap())
    }

    #[test]
    fn statements_count_and_strings_do_not() {
        let net = features("class Net(nn.Module):\n    def forward(self): pass\n");
        assert_eq!((net.points, net.has_net, net.has_forward), (9, true, true));
        let text = features("x = '''\nclass Net(nn.Module):\n'''\nclass Network: pass\n");
        assert!(!text.has_net);
    }

    #[test]
    fn definitions_and_imports_are_names() {
        let text = "import torch.nn as nn, math\nfrom a.b import C as D, E\nclass F(nn.Module):\n    def g(self): pass\n";
        assert_eq!(features(text).defined, ["nn", "math", "D", "E", "F"]);
    }

    #[test]
    fn prose_is_worth_nothing() {
        assert_eq!(
            features("I would import torch and write a class Net of layers.\n").points,
            0
        );
    }
}
