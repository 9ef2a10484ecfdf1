//! The run folder: all provenance of a run, by fixed names.
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::RunError;

/// A folder that holds a run.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

/// Files whose presence says that a folder holds a run already.
const SIGNS: [&str; 5] = [
    "run.json",
    "net.rs",
    "reply.md",
    "history.jsonl",
    "checkpoint",
];

/// The files of a run folder by what they hold.
macro_rules! files {
    ($($(#[$doc:meta])* $name:ident: $file:literal;)*) => {
        impl RunFolder {
            $($(#[$doc])* pub fn $name(&self) -> PathBuf { self.path.join($file) })*
        }
    };
}

files! {
    /// How the run was asked for.
    info: "run.json";
    /// The reply as it came.
    reply: "reply.md";
    /// The Python taken from it.
    python: "net.py";
    /// The generated Rust.
    net: "net.rs";
    /// The Program between the two.
    program: "program.json";
    /// What codegen had to say.
    diagnostics: "diagnostics.json";
    /// How the net trains itself.
    recipe: "recipe.json";
    /// The words and their ids.
    vocab: "vocab.json";
    /// What the checks before training found.
    checks: "checks.json";
    /// One row for each epoch.
    history: "history.jsonl";
    /// Scores with their baselines.
    scores: "scores.json";
    /// Generated and reference captions.
    captions: "captions.json";
    /// The page that shows them.
    page: "captions.html";
    /// The weights, under PyTorch's names.
    weights: "checkpoint/model.safetensors";
    /// The candidate's job, program and log; may be deleted.
    scratch: "scratch";
    /// The candidate's program.
    executable: "scratch/candidate";
    /// The candidate's job.
    job: "scratch/job.json";
    /// What the candidate wrote on stderr.
    log: "scratch/candidate.log";
}

impl RunFolder {
    /// Makes the folder for a new run.
    ///
    /// # Errors
    ///
    /// When it holds a run already or cannot be made.
    pub fn create(path: &Path) -> Result<Self, RunError> {
        Self::check_free(path)?;
        let folder = Self::at(path)?;
        fs::create_dir_all(folder.scratch())
            .map_err(|source| folder.failed(&folder.scratch(), source))?;
        Ok(folder)
    }

    /// Refuses a folder that holds a run already.
    ///
    /// # Errors
    ///
    /// When it does.
    pub fn check_free(path: &Path) -> Result<(), RunError> {
        if is_taken(path) {
            return Err(RunError::FolderTaken {
                path: path.to_path_buf(),
            });
        }
        Ok(())
    }

    /// Opens the folder of a run that has a trained net.
    ///
    /// # Errors
    ///
    /// When a file is missing that captioning needs.
    pub fn open(path: &Path) -> Result<Self, RunError> {
        let folder = Self::at(path)?;
        for missing in [
            folder.info(),
            folder.net(),
            folder.vocab(),
            folder.weights(),
        ] {
            if !missing.is_file() {
                return Err(RunError::NoRun {
                    path: path.to_path_buf(),
                    missing,
                });
            }
        }
        Ok(folder)
    }

    /// The first of `stem`, `stem-2`, `stem-3`, .. that holds no run.
    pub fn free(stem: &Path) -> PathBuf {
        let numbered = |n: usize| PathBuf::from(format!("{}-{n}", stem.display()));
        let mut paths = std::iter::once(stem.to_path_buf()).chain((2..).map(numbered));
        paths
            .find(|path| !is_taken(path))
            .unwrap_or_else(|| stem.to_path_buf())
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes text.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, text: &str) -> Result<(), RunError> {
        fs::write(path, text).map_err(|source| self.failed(path, source))
    }

    /// Writes a value as JSON.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write_json(&self, path: &Path, value: &impl Serialize) -> Result<(), RunError> {
        let json = serde_json::to_string_pretty(value)
            .map_err(|error| self.failed(path, io::Error::other(error)))?;
        self.write(path, &json)
    }

    /// Reads a value from JSON.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or holds something else.
    pub fn read_json<T: DeserializeOwned>(&self, path: &Path) -> Result<T, RunError> {
        let text = fs::read_to_string(path).map_err(|source| self.failed(path, source))?;
        serde_json::from_str(&text).map_err(|error| self.failed(path, io::Error::other(error)))
    }

    /// Absolute, because the candidate's process may look from elsewhere.
    fn at(path: &Path) -> Result<Self, RunError> {
        let path = std::path::absolute(path).map_err(|source| RunError::File {
            path: path.to_path_buf(),
            source,
        })?;
        Ok(Self { path })
    }

    #[expect(clippy::unused_self, reason = "reads as a question to the folder")]
    fn failed(&self, path: &Path, source: io::Error) -> RunError {
        RunError::File {
            path: path.to_path_buf(),
            source,
        }
    }
}

fn is_taken(path: &Path) -> bool {
    SIGNS.iter().any(|sign| path.join(sign).exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_a_run_is_refused_and_the_next_number_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let stem = folder.path().join("demo");
        let run = RunFolder::create(&stem).unwrap();
        assert_eq!(
            RunFolder::free(&stem),
            stem,
            "an empty folder holds no run yet"
        );
        run.write(&run.reply(), "hello").unwrap();
        assert!(matches!(
            RunFolder::create(&stem),
            Err(RunError::FolderTaken { .. })
        ));
        assert_eq!(RunFolder::free(&stem), folder.path().join("demo-2"));
    }

    #[test]
    fn a_folder_without_a_trained_net_names_the_missing_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = RunFolder::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("run.json"), "{error}");
    }
}
