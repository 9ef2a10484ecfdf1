//! How a candidate ended.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! outcomes {
    ($($(#[doc = $doc:literal])* $variant:ident $name:literal;)*) => {
        /// How a candidate ended. Search, report and ledger use this one list.
        ///
        /// Wrong usage, unreadable input and a device that cannot be had say nothing about the net: they are errors of the
        /// run and have no word here.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum Outcome {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Outcome {
            /// All of them, in the order in which a candidate can come to them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word for it, in JSON too.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }
        }
    };
}

outcomes! {
    /// No Python source could be taken from the reply.
    Extract "extract";
    /// The source is not Python.
    Syntax "syntax";
    /// It uses a name that nothing defines.
    Name "name";
    /// It uses torch or Python in a way that does not exist, or that is not translated.
    Api "api";
    /// Tensor shapes disagree.
    Shape "shape";
    /// It breaks the Net API.
    Contract "contract";
    /// It does something that cannot be given a meaning, or the wrong one.
    Semantic "semantic";
    /// The emitted Rust did not build.
    Build "build";
    /// A check in the candidate's process failed.
    Verify "verify";
    /// It ran out of memory.
    Oom "oom";
    /// It ran out of CPU time or of wall-clock time.
    Timeout "timeout";
    /// A file grew too large, or its results could not be written.
    Disk "disk";
    /// Its program ended by itself without a result: a panic, an abort, a disagreement with its own table of parameters.
    Crash "crash";
    /// Its program was ended from outside, by a person or another program.
    Killed "killed";
    /// Its loss or weights became NaN or infinite.
    Nan "nan";
    /// It trained, and says the same about every image.
    Collapse "collapse";
    /// It trained.
    Trained "trained";
}

impl Outcome {
    /// Whether the net went through all of its training.
    pub fn is_trained(self) -> bool {
        matches!(self, Self::Trained | Self::Collapse)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_speaks_the_same_words() {
        for outcome in Outcome::ALL {
            let json = serde_json::to_string(outcome).unwrap();
            assert_eq!(json, format!("\"{outcome}\""));
        }
    }
}
