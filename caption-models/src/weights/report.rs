//! [`LoadReport`]: how the tensors of a file fit a module.

use std::collections::BTreeMap;
use std::fmt;

use nn_core::StateDictEntry;
use serde::Serialize;

use super::file::Stored;

/// Names that a text shows of each kind.
const SHOWN: usize = 3;

/// How the tensors of a file fit a module. All names are the module's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LoadReport {
    /// In both, with the same shape.
    pub loaded: Vec<String>,
    /// In the module only.
    pub missing: Vec<String>,
    /// In the file only.
    pub unexpected: Vec<String>,
    /// In both, with other shapes.
    pub wrong_shape: Vec<WrongShape>,
}

/// A tensor that has another shape in the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WrongShape {
    /// PyTorch's name.
    pub name: String,
    /// The shape in the file.
    pub found: Vec<usize>,
    /// The shape in the module, in PyTorch's layout.
    pub expected: Vec<usize>,
}

impl LoadReport {
    /// Whether the file holds the module's parameters and nothing else.
    pub fn fits(&self) -> bool {
        self.missing.is_empty() && self.unexpected.is_empty() && self.wrong_shape.is_empty()
    }

    pub(super) fn compare(
        entries: &[StateDictEntry],
        stored: &BTreeMap<String, Stored<'_>>,
    ) -> Self {
        let mut report = Self::default();
        for entry in entries {
            match stored.get(&entry.name) {
                None => report.missing.push(entry.name.clone()),
                Some(found) if found.shape == entry.shape => {
                    report.loaded.push(entry.name.clone());
                }
                Some(found) => report.wrong_shape.push(WrongShape {
                    name: entry.name.clone(),
                    found: found.shape.to_vec(),
                    expected: entry.shape.clone(),
                }),
            }
        }
        let known = |name: &String| entries.iter().any(|entry| entry.name == *name);
        let unexpected = stored.keys().filter(|name| !known(name));
        report.unexpected = unexpected.cloned().collect();
        report
    }
}

impl fmt::Display for LoadReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total = self.loaded.len() + self.missing.len() + self.wrong_shape.len();
        write!(f, "{} of {total} tensors fit", self.loaded.len())?;
        listed(f, "missing", &self.missing)?;
        listed(f, "unexpected", &self.unexpected)?;
        let shapes = self.wrong_shape.iter().map(|wrong| {
            let (name, found, expected) = (&wrong.name, &wrong.found, &wrong.expected);
            format!("{name} {found:?}, not {expected:?}")
        });
        listed(f, "of another shape", &shapes.collect::<Vec<_>>())
    }
}

fn listed(f: &mut fmt::Formatter<'_>, kind: &str, names: &[String]) -> fmt::Result {
    if names.is_empty() {
        return Ok(());
    }
    let shown = names[..names.len().min(SHOWN)].join(", ");
    let rest = if names.len() > SHOWN { ", .." } else { "" };
    write!(f, "; {} {kind}: {shown}{rest}", names.len())
}
