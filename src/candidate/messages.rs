//! cargo's JSON messages: which packages were compiled, what the compiler said, where the program is.
use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What one run of cargo did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Packages that were up to date.
    pub fresh: usize,
    /// Packages of the registry that were compiled. 0 when the candidate resolves as the root's build does.
    pub compiled_registry: usize,
    /// Packages of a path that were compiled: the candidate, and our crates when they changed.
    pub compiled_path: usize,
    /// Warnings about the generated file, as the compiler prints them.
    pub warnings: Vec<String>,
    /// Errors, as the compiler prints them.
    pub errors: Vec<String>,
    /// The program.
    pub executable: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(tag = "reason")]
enum Message {
    #[serde(rename = "compiler-artifact")]
    Built {
        package_id: String,
        fresh: bool,
        executable: Option<PathBuf>,
    },
    #[serde(rename = "compiler-message")]
    Diagnosed { package_id: String, message: Said },
    #[serde(other)]
    Other,
}

#[derive(Deserialize)]
struct Said {
    level: String,
    rendered: Option<String>,
    message: String,
}

impl Tally {
    /// Reads the messages of a build of `package`.
    ///
    /// # Errors
    ///
    /// When the stream ends in an error. A line that is no message of cargo is passed over.
    pub(super) fn read(package: &str, lines: impl BufRead) -> io::Result<Self> {
        let own = format!("#{package}@");
        let mut tally = Self::default();
        let mut compiled = BTreeMap::new(); // a package is several artefacts: build script, library, program
        for line in lines.lines() {
            match serde_json::from_str(&line?) {
                Ok(Message::Built {
                    package_id,
                    fresh,
                    executable,
                }) => {
                    if package_id.contains(&own) {
                        tally.executable = executable.or(tally.executable);
                    }
                    *compiled.entry(package_id).or_insert(false) |= !fresh;
                }
                Ok(Message::Diagnosed {
                    package_id,
                    message,
                }) => {
                    tally.hear(package_id.contains(&own), message);
                }
                Ok(Message::Other) | Err(_) => {}
            }
        }
        tally.count(&compiled);
        Ok(tally)
    }

    fn hear(&mut self, own: bool, said: Said) {
        let text = said.rendered.unwrap_or(said.message);
        match said.level.as_str() {
            "error" => self.errors.push(text),
            "warning" if own => self.warnings.push(text),
            _ => {}
        }
    }

    fn count(&mut self, compiled: &BTreeMap<String, bool>) {
        for (package, &compiled) in compiled {
            match (
                compiled,
                package.starts_with("registry+") || package.starts_with("sparse+"),
            ) {
                (false, _) => self.fresh += 1,
                (true, true) => self.compiled_registry += 1,
                (true, false) => self.compiled_path += 1,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINES: &str = r#"
{"reason":"compiler-artifact","package_id":"registry+https://x#serde@1.0.0","fresh":true,"executable":null}
{"reason":"compiler-artifact","package_id":"registry+https://x#serde@1.0.0","fresh":false,"executable":null}
{"reason":"compiler-artifact","package_id":"registry+https://x#libm@1.0.0","fresh":true,"executable":null}
{"reason":"build-script-executed","package_id":"registry+https://x#serde@1.0.0"}
{"reason":"compiler-message","package_id":"path+file:///t#cand-0@0.0.0","message":{"level":"warning","message":"m","rendered":"unused"}}
{"reason":"compiler-message","package_id":"path+file:///c#nn-caption@0.1.0","message":{"level":"warning","message":"m","rendered":"other"}}
{"reason":"compiler-artifact","package_id":"path+file:///t#cand-0@0.0.0","fresh":false,"executable":"/t/release/cand-0"}
{"reason":"build-finished","success":true}
"#;

    #[test]
    fn counts_packages_once_and_only_the_candidates_warnings() {
        let tally = Tally::read("cand-0", LINES.as_bytes()).unwrap();
        assert_eq!(
            (tally.fresh, tally.compiled_registry, tally.compiled_path),
            (1, 1, 1)
        );
        assert_eq!(tally.warnings, ["unused"]);
        assert!(tally.errors.is_empty());
        assert_eq!(tally.executable, Some(PathBuf::from("/t/release/cand-0")));
    }

    #[test]
    fn noise_between_messages_is_passed_over() {
        assert_eq!(
            Tally::read("cand-0", "hello\n{\"reason\":1}\n".as_bytes()).unwrap(),
            Tally::default()
        );
    }
}
