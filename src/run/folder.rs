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
const SIGNS: [&str; 7] = [
    "scratch",
    "run.json",
    "net.rs",
    "system.json",
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
    /// The Python taken from it, repaired.
    python: "net.py";
    /// What repairs changed in the Python; absent where nothing was repaired.
    repairs: "repairs.diff";
    /// The ready system, where the net is one.
    system: "system.json";
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
    /// How the run ended.
    outcome: "outcome.json";
    /// One row for each epoch.
    history: "history.jsonl";
    /// Scores with their baselines.
    scores: "scores.json";
    /// Generated and reference captions.
    captions: "captions.json";
    /// Where `eval` puts its scores and captions by default.
    evaluation: "eval";
    /// The page that shows them.
    page: "captions.html";
    /// The weights, under PyTorch's names.
    weights: "checkpoint/model.safetensors";
    /// Those after the epoch of the best BLEU-4.
    best_weights: "checkpoint/best/model.safetensors";
    /// The candidate's job, program and log; may be deleted.
    scratch: "scratch";
    /// The candidate's program.
    executable: "scratch/candidate";
    /// The candidate's job.
    job: "scratch/job.json";
    /// The ready system without the weights it started from.
    trained_system: "scratch/system.json";
    /// What the candidate wrote on stderr.
    log: "scratch/candidate.log";
}

impl RunFolder {
    /// Makes the folder for a new run. Of several processes that try at once, one succeeds.
    ///
    /// # Errors
    ///
    /// When it holds a run already or cannot be made.
    pub fn create(path: &Path) -> Result<Self, RunError> {
        Self::check_free(path)?;
        let folder = Self::at(path)?;
        let no_folder = |cause| RunError::NoFolder {
            path: folder.path.clone(),
            cause,
        };
        fs::create_dir_all(&folder.path).map_err(no_folder)?;
        match fs::create_dir(folder.scratch()) {
            Ok(()) => Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                let path = path.to_path_buf();
                Err(RunError::FolderTaken { path })
            }
            Err(cause) => Err(no_folder(cause)),
        }
    }

    /// Makes the first of `stem`, `stem-2`, `stem-3`, .. that holds no run.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn create_next(stem: &Path) -> Result<Self, RunError> {
        let mut n = 1;
        loop {
            let path = match n {
                1 => stem.to_path_buf(),
                n => PathBuf::from(format!("{}-{n}", stem.display())),
            };
            match Self::create(&path) {
                Err(RunError::FolderTaken { .. }) => n += 1,
                made => return made,
            }
        }
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
        let folder = Self::open_begun(path)?;
        folder.needs(folder.weights())?;
        Ok(folder)
    }

    /// Opens the folder of a run whose training began.
    ///
    /// # Errors
    ///
    /// When a file is missing that training needs.
    pub fn open_begun(path: &Path) -> Result<Self, RunError> {
        let folder = Self::at(path)?;
        let net = if folder.system().is_file() {
            folder.system()
        } else {
            folder.net()
        };
        for file in [folder.info(), net, folder.vocab()] {
            folder.needs(file)?;
        }
        Ok(folder)
    }

    fn needs(&self, file: PathBuf) -> Result<(), RunError> {
        if file.is_file() {
            return Ok(());
        }
        Err(RunError::NoRun {
            path: self.path.clone(),
            missing: file,
        })
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Epochs whose row stands in the history. A last row without its line end was cut by a full disk or a kill.
    pub fn n_epochs(&self) -> usize {
        fs::read_to_string(self.history()).map_or(0, |rows| rows.matches('\n').count())
    }

    /// Removes what a process that was killed had half written; all else is whole.
    pub fn sweep(&self) {
        let checkpoint = self.weights().parent().map(fs::read_dir);
        for entry in checkpoint.into_iter().flatten().flatten().flatten() {
            if entry.file_name().to_string_lossy().contains(".partial") {
                // A file that cannot be removed costs room only.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Writes text; the file appears whole or not at all.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write(&self, path: &Path, text: &str) -> Result<(), RunError> {
        write_whole(path, text).map_err(|cause| RunError::Write {
            path: path.to_path_buf(),
            cause,
        })
    }

    /// Writes a value as JSON; the file appears whole or not at all.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn write_json(&self, path: &Path, value: &impl Serialize) -> Result<(), RunError> {
        let json = serde_json::to_string_pretty(value).map_err(|error| RunError::Write {
            path: path.to_path_buf(),
            cause: io::Error::other(error),
        })?;
        self.write(path, &json)
    }

    /// Reads a value from JSON.
    ///
    /// # Errors
    ///
    /// When the file cannot be read or holds something else.
    pub fn read_json<T: DeserializeOwned>(&self, path: &Path) -> Result<T, RunError> {
        let path = path.to_path_buf();
        match fs::read(&path) {
            Ok(bytes) => {
                serde_json::from_slice(&bytes).map_err(|cause| RunError::Damaged { path, cause })
            }
            Err(cause) => Err(RunError::Read { path, cause }),
        }
    }

    /// Absolute, because the candidate's process may look from elsewhere.
    fn at(path: &Path) -> Result<Self, RunError> {
        match std::path::absolute(path) {
            Ok(path) => Ok(Self { path }),
            Err(cause) => Err(RunError::NoFolder {
                path: path.to_path_buf(),
                cause,
            }),
        }
    }
}

fn is_taken(path: &Path) -> bool {
    SIGNS.iter().any(|sign| path.join(sign).exists())
}

fn write_whole(path: &Path, text: &str) -> io::Result<()> {
    let partial = path.with_added_extension("partial");
    let written = fs::write(&partial, text).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        // The error that counts is the first one.
        let _ = fs::remove_file(&partial);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_with_a_run_is_refused_and_the_next_number_is_free() {
        let folder = tempfile::tempdir().unwrap();
        let stem = folder.path().join("demo");
        RunFolder::create(&stem).unwrap();
        assert!(matches!(
            RunFolder::create(&stem),
            Err(RunError::FolderTaken { .. })
        ));
        let next = RunFolder::create_next(&stem).unwrap();
        assert_eq!(next.path(), folder.path().join("demo-2"));
    }

    #[test]
    fn a_run_is_known_by_any_of_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path();
        fs::write(path.join("notes.txt"), "mine").unwrap();
        RunFolder::check_free(path).unwrap();
        fs::write(path.join("reply.md"), "mine").unwrap();
        assert!(RunFolder::create(path).is_err());
    }

    #[test]
    fn of_two_runs_at_once_one_has_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let made = std::thread::scope(|scope| {
            let runs: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| RunFolder::create(&path).is_ok()))
                .collect();
            let made = runs.into_iter().map(|run| run.join().unwrap());
            made.filter(|made| *made).count()
        });
        assert_eq!(made, 1);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let path = file.path().join("run");
        let error = RunFolder::create(&path).unwrap_err().to_string();
        assert!(error.contains(path.to_str().unwrap()), "{error}");
        assert!(error.contains("choose one that can be written"), "{error}");
    }

    #[test]
    fn a_folder_without_a_trained_net_names_the_missing_file() {
        let folder = tempfile::tempdir().unwrap();
        let error = RunFolder::open(folder.path()).unwrap_err().to_string();
        assert!(error.contains("run.json"), "{error}");
    }

    #[test]
    fn what_was_half_written_is_swept_away() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::create(folder.path()).unwrap();
        run.sweep();
        let checkpoint = folder.path().join("checkpoint");
        fs::create_dir(&checkpoint).unwrap();
        fs::write(run.weights(), "whole").unwrap();
        fs::write(checkpoint.join("model.safetensors.partial-7"), "ha").unwrap();
        run.sweep();
        assert_eq!(fs::read_dir(checkpoint).unwrap().count(), 1);
        assert!(run.weights().is_file());
    }

    #[test]
    fn a_damaged_file_is_named_with_the_place() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::create(folder.path()).unwrap();
        run.write(&run.info(), "{\"version\": 3").unwrap();
        let error = run.read_json::<serde_json::Value>(&run.info()).unwrap_err();
        let error = error.to_string();
        assert!(error.contains("run.json is damaged"), "{error}");
        assert!(error.contains("line 1"), "{error}");
    }
}
