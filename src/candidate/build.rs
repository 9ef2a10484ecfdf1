//! Building a candidate with cargo: offline, in the checkout's own target directory.
use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, BufReader, Read};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Instant;

use rustix::process::Pid;

use super::baked;
use super::interrupt::{self, Group};
use super::lock::Lock;
use super::messages::Tally;
use super::scratch::Scratch;

/// Builds generated nets into programs.
#[derive(Clone, Debug)]
pub struct Builder {
    source: PathBuf,
    target: PathBuf,
}

/// A built candidate.
#[derive(Clone, Debug)]
pub struct Built {
    /// The program, outside cargo's target directory.
    pub executable: PathBuf,
    /// Seconds of the build, without the wait for other builders.
    pub seconds: f64,
    /// What cargo compiled and the compiler said.
    pub tally: Tally,
}

/// Why a candidate could not be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The checkout has gone.
    #[error("no checkout of nn-caption at {}: a candidate is linked from its sources; set NN_CAPTION_SOURCE", path.display())]
    NoSource {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// The target directory has gone.
    #[error("no target directory at {}: it holds the compiled dependencies; set NN_CAPTION_TARGET", path.display())]
    NoTarget {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// cargo could not be started.
    #[error("cannot start {cargo}: {cause}; a candidate is compiled with the Rust toolchain")]
    NoCargo {
        /// What was started.
        cargo: String,
        /// Why not.
        cause: io::Error,
    },
    /// The scratch workspace or the program could not be written.
    #[error("cannot write the candidate's files under {}: {cause}", path.display())]
    Files {
        /// The folder.
        path: PathBuf,
        /// Why not.
        cause: io::Error,
    },
    /// cargo failed before the compiler had anything against the net.
    #[error("cargo cannot build the candidate at {}:\n{text}", folder.display())]
    Cargo {
        /// The scratch workspace, left for a look.
        folder: PathBuf,
        /// What was said.
        text: String,
    },
    /// The compiler refused.
    #[error("the candidate at {} does not compile:\n{text}", folder.display())]
    Refused {
        /// The scratch workspace, left for a look.
        folder: PathBuf,
        /// What was said.
        text: String,
    },
}

impl Builder {
    /// The builder of this installation: `NN_CAPTION_SOURCE` and `NN_CAPTION_TARGET`, else the checkout and target
    /// directory this library was built from.
    ///
    /// # Errors
    ///
    /// When one of the two folders is missing.
    pub fn find() -> Result<Self, BuildError> {
        let place = |variable, baked: &str| {
            env::var_os(variable)
                .filter(|value| !value.is_empty())
                .map_or_else(|| baked.into(), PathBuf::from)
        };
        let source: PathBuf = place("NN_CAPTION_SOURCE", baked::SOURCE);
        if !source.join("caption-models").join("Cargo.toml").is_file() {
            return Err(BuildError::NoSource { path: source });
        }
        let target: PathBuf = place("NN_CAPTION_TARGET", baked::TARGET);
        if !target.is_dir() {
            return Err(BuildError::NoTarget { path: target });
        }
        Ok(Self { source, target })
    }

    /// The checkout that candidates are linked from.
    pub fn source(&self) -> &Path {
        &self.source
    }

    /// The target directory with the compiled dependencies.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Whether Burn is compiled there in this build's profile.
    pub fn has_dependencies(&self) -> bool {
        let profile = match baked::PROFILE {
            "dev" => "debug",
            name => name,
        };
        let entries = fs::read_dir(self.target.join(profile).join("deps"));
        let mut names = entries.into_iter().flatten().flatten();
        names.any(|entry| entry.file_name().to_string_lossy().starts_with("libburn-"))
    }

    /// What cargo calls its version.
    ///
    /// # Errors
    ///
    /// When it cannot be started, or fails.
    pub fn cargo_version() -> Result<String, BuildError> {
        let no_cargo = |cause| BuildError::NoCargo {
            cargo: baked::cargo().to_owned(),
            cause,
        };
        let mut command = Command::new(baked::cargo());
        let output = command.arg("--version").output().map_err(no_cargo)?;
        if !output.status.success() {
            return Err(no_cargo(io::Error::other(format!(
                "it ends with {}",
                output.status
            ))));
        }
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Builds the generated file `net`, named by its Program's `hash`, and puts the program at `executable`.
    ///
    /// # Errors
    ///
    /// When cargo cannot be run, the files cannot be written, or the net does not compile.
    pub fn build(&self, hash: &str, net: &str, executable: &Path) -> Result<Built, BuildError> {
        let files = |cause| BuildError::Files {
            path: self.target.clone(),
            cause,
        };
        let _lock = Lock::wait(&self.target).map_err(files)?;
        let started = Instant::now();
        let scratch = Scratch::write(&self.source, &self.target, hash, net).map_err(files)?;
        let (tally, stderr) = self.cargo(&scratch)?;
        let folder = scratch.folder.clone();
        if !tally.errors.is_empty() {
            let text = tally.errors.concat();
            return Err(BuildError::Refused { folder, text });
        }
        let Some(artefact) = tally.executable.clone() else {
            let text = stderr;
            return Err(BuildError::Cargo { folder, text });
        };
        install(&artefact, executable).map_err(|cause| BuildError::Files {
            path: executable.to_path_buf(),
            cause,
        })?;
        scratch.remove(&artefact).map_err(files)?;
        Ok(Built {
            executable: executable.to_path_buf(),
            seconds: started.elapsed().as_secs_f64(),
            tally,
        })
    }

    /// Compiles many nets in one build and tells which the compiler refuses, with its words; with `executable`, the
    /// others become one program, which [`Program::one_of_many`](super::Program::one_of_many) starts.
    ///
    /// # Errors
    ///
    /// When cargo cannot be run, or the files cannot be written.
    pub fn build_many(
        &self,
        nets: &[&str],
        executable: Option<&Path>,
    ) -> Result<BTreeMap<usize, String>, BuildError> {
        let files = |cause| BuildError::Files {
            path: self.target.clone(),
            cause,
        };
        let _lock = Lock::wait(&self.target).map_err(files)?;
        let mut refused = BTreeMap::new();
        loop {
            let numbered = nets.iter().copied().enumerate();
            let kept: Vec<(usize, &str)> = numbered
                .filter(|(number, _)| !refused.contains_key(number))
                .collect();
            let scratch =
                Scratch::write_many(&self.source, &self.target, &kept, executable.is_some())
                    .map_err(files)?;
            let (tally, stderr) = self.cargo(&scratch)?;
            let n_refused = refused.len();
            for error in &tally.errors {
                if let Some(net) = net_of(error) {
                    refused.entry(net).or_insert_with(|| error.clone());
                }
            }
            match tally.executable {
                Some(artefact) => {
                    if let Some(executable) = executable {
                        install(&artefact, executable).map_err(files)?;
                    }
                    scratch.remove(&artefact).map_err(files)?;
                    return Ok(refused);
                }
                None if refused.len() > n_refused => {}
                None => {
                    let folder = scratch.folder.clone();
                    let text = tally.errors.concat() + &stderr;
                    return Err(BuildError::Cargo { folder, text });
                }
            }
        }
    }

    /// Runs cargo on the scratch workspace; also returns what it wrote on stderr.
    fn cargo(&self, scratch: &Scratch) -> Result<(Tally, String), BuildError> {
        let failed = |cause: io::Error| BuildError::Cargo {
            folder: scratch.folder.clone(),
            text: format!("cargo's messages cannot be read: {cause}"),
        };
        let mut child = self
            .command(scratch)
            .spawn()
            .map_err(|cause| BuildError::NoCargo {
                cargo: baked::cargo().to_owned(),
                cause,
            })?;
        let _group = Group::of(Pid::from_child(&child));
        let log = read_aside(&mut child);
        let tally = match child.stdout.take() {
            Some(messages) => {
                Tally::read(&scratch.package, BufReader::new(messages)).map_err(failed)?
            }
            None => Tally::default(),
        };
        child.wait().map_err(failed)?;
        interrupt::yield_to_signal();
        Ok((tally, log.join().unwrap_or_default()))
    }

    fn command(&self, scratch: &Scratch) -> Command {
        let mut command = Command::new(baked::cargo());
        command
            .args([
                "build",
                "--offline",
                "--message-format=json",
                "--profile",
                baked::PROFILE,
            ])
            .arg("--manifest-path")
            .arg(scratch.manifest())
            .arg("--target-dir")
            .arg(&self.target)
            .current_dir(&scratch.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0);
        for name in env::vars_os().map(|(name, _)| name).filter(is_foreign) {
            command.env_remove(name);
        }
        if !baked::RUSTFLAGS.is_empty() {
            command.env("CARGO_ENCODED_RUSTFLAGS", baked::RUSTFLAGS);
        }
        if !baked::TOOLCHAIN.is_empty() {
            command.env("RUSTUP_TOOLCHAIN", baked::TOOLCHAIN);
        }
        command
    }
}

/// The number of the net that an error of the compiler is about.
fn net_of(error: &str) -> Option<usize> {
    let (_, rest) = error.split_once("src/net_")?;
    let (number, _) = rest.split_once(".rs")?;
    number.parse().ok()
}

/// Variables that `cargo run` sets for the program it runs, and flags of a build that is not this one: with them cargo
/// would take compiled packages for stale.
fn is_foreign(name: &OsString) -> bool {
    const NAMES: [&str; 5] = [
        "OUT_DIR", // which ring's build script watches
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_BUILD_RUSTFLAGS",
        "CARGO_BUILD_TARGET",
    ];
    const STARTS: [&str; 4] = [
        "CARGO_PKG_",
        "CARGO_MANIFEST_",
        "CARGO_BIN_",
        "CARGO_PROFILE_",
    ];
    let name = name.to_string_lossy();
    NAMES.contains(&name.as_ref()) || STARTS.iter().any(|start| name.starts_with(start))
}

/// Reads stderr on a thread of its own, so that neither pipe fills up.
fn read_aside(child: &mut Child) -> thread::JoinHandle<String> {
    let stderr = child.stderr.take();
    thread::spawn(move || {
        let mut text = String::new();
        if let Some(mut stderr) = stderr {
            // What is not UTF-8 is lost together with the rest: the text only explains a failure.
            let _ = stderr.read_to_string(&mut text);
        }
        text
    })
}

/// The program appears whole or not at all: a part of one would be taken for it later.
fn install(artefact: &Path, executable: &Path) -> io::Result<()> {
    if let Some(folder) = executable.parent() {
        fs::create_dir_all(folder)?;
    }
    let partial = executable.with_added_extension("partial");
    let installed = fs::copy(artefact, &partial).and_then(|_| fs::rename(&partial, executable));
    if installed.is_err() {
        // The error that counts is the first one.
        let _ = fs::remove_file(&partial);
    }
    installed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_under_cargo_run_forgets_cargos_variables() {
        assert!(is_foreign(&"CARGO_PKG_NAME".into()));
        assert!(is_foreign(&"OUT_DIR".into()));
        assert!(is_foreign(&"RUSTFLAGS".into()));
        assert!(!is_foreign(&"CARGO_HOME".into()));
        assert!(!is_foreign(&"PATH".into()));
    }

    #[test]
    fn a_missing_folder_names_the_variable_that_sets_it() {
        let error = BuildError::NoTarget {
            path: PathBuf::from("/gone"),
        };
        assert!(
            error.to_string().contains("/gone") && error.to_string().contains("NN_CAPTION_TARGET")
        );
    }
}
