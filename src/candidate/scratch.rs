//! The scratch workspace of one candidate: a package of two files.
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::{fs, io};

use serde::Serialize;
use toml::{Table, Value};

use super::{baked, dependencies};

const MAIN: &str = "\
//! The program of one candidate.
mod net;

fn main() -> std::process::ExitCode {
    caption_models::harness::main::<net::Net>()
}
";

/// The start of the program of many candidates.
const MANY: &str = "\
//! The program of many candidates, of which the second argument names one.
use std::process::ExitCode;

";

/// A written scratch workspace.
#[derive(Debug)]
pub(super) struct Scratch {
    /// The folder, the same for the same net.
    pub(super) folder: PathBuf,
    /// Name of the package and of its program.
    pub(super) package: String,
}

#[derive(Serialize)]
struct Manifest<'a> {
    package: Package<'a>,
    workspace: BTreeMap<&'a str, &'a str>,
    dependencies: BTreeMap<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Value>,
}

#[derive(Serialize)]
struct Package<'a> {
    name: &'a str,
    version: &'a str,
    edition: &'a str,
    publish: bool,
}

impl Scratch {
    /// Writes the workspace of the net with this `hash` under `target`; `source` is the checkout it links.
    pub(super) fn write(source: &Path, target: &Path, hash: &str, net: &str) -> io::Result<Self> {
        let short = hash.get(..12).unwrap_or(hash);
        let scratch = Self {
            folder: target.join("candidates").join(short),
            package: format!("cand-{short}"),
        };
        let src = scratch.folder.join("src");
        fs::create_dir_all(&src)?;
        fs::write(scratch.manifest(), manifest(&scratch.package, source)?)?;
        fs::copy(source.join("Cargo.lock"), scratch.folder.join("Cargo.lock"))?;
        fs::write(src.join("net.rs"), net)?;
        fs::write(src.join("main.rs"), MAIN)?;
        Ok(scratch)
    }

    /// Writes the workspace of many nets in one program. Without `runnable` the program does nothing, and the nets are
    /// only checked by the compiler. Optimised or not, their numbers are the same: the layers are in other packages.
    pub(super) fn write_many(
        source: &Path,
        target: &Path,
        nets: &[(usize, &str)],
        runnable: bool,
    ) -> io::Result<Self> {
        let scratch = Self {
            folder: target.join("candidates").join("corpus"),
            package: "cand-corpus".to_owned(),
        };
        if scratch.folder.exists() {
            fs::remove_dir_all(&scratch.folder)?;
        }
        let src = scratch.folder.join("src");
        fs::create_dir_all(&src)?;
        let unoptimised = "opt-level = 0\ncodegen-units = 16\n";
        let manifest = manifest(&scratch.package, source)?;
        let profile = format!(
            "{manifest}\n[profile.{}.package.{}]\n{unoptimised}",
            baked::PROFILE,
            scratch.package
        );
        fs::write(scratch.manifest(), profile)?;
        fs::copy(source.join("Cargo.lock"), scratch.folder.join("Cargo.lock"))?;
        for (number, net) in nets {
            fs::write(src.join(format!("net_{number}.rs")), net)?;
        }
        fs::write(src.join("main.rs"), main_of_many(nets, runnable))?;
        Ok(scratch)
    }

    /// The package's manifest.
    pub(super) fn manifest(&self) -> PathBuf {
        self.folder.join("Cargo.toml")
    }

    /// Removes the workspace and what cargo keeps of it beside the program at `executable`.
    pub(super) fn remove(&self, executable: &Path) -> io::Result<()> {
        fs::remove_dir_all(&self.folder)?;
        let Some(profile) = executable.parent() else {
            return Ok(());
        };
        let library = self.package.replace('-', "_");
        for folder in [
            profile.to_path_buf(),
            profile.join("deps"),
            profile.join(".fingerprint"),
        ] {
            remove_named(&folder, &[&self.package, &library])?;
        }
        Ok(())
    }
}

fn main_of_many(nets: &[(usize, &str)], runnable: bool) -> String {
    let mut text = MANY.to_owned();
    for (number, _) in nets {
        let _ = write!(text, "#[allow(dead_code)]\nmod net_{number};\n");
    }
    text.push_str("\nfn main() -> ExitCode {\n    match std::env::args().nth(2).as_deref() {\n");
    for (number, _) in nets.iter().filter(|_| runnable) {
        let _ = writeln!(
            text,
            "        Some(\"{number}\") => caption_models::harness::main::<net_{number}::Net>(),"
        );
    }
    text.push_str("        _ => ExitCode::from(2),\n    }\n}\n");
    text
}

/// The manifest of a package with a net, linked from the checkout at `source`.
pub(super) fn manifest(package: &str, source: &Path) -> io::Result<String> {
    let mut root: Table = baked::MANIFEST.parse().map_err(io::Error::other)?;
    let manifest = Manifest {
        package: Package {
            name: package,
            version: "0.0.0",
            edition: "2024",
            publish: false,
        },
        workspace: BTreeMap::new(),
        dependencies: dependencies::of_checkout(source)?,
        profile: root.remove("profile"),
    };
    toml::to_string(&manifest).map_err(io::Error::other)
}

/// Removes the entries of a folder whose names start with one of `names`.
fn remove_named(folder: &Path, names: &[&str]) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if !names
            .iter()
            .any(|start| name.to_string_lossy().starts_with(start))
        {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::remove_dir_all(entry.path())?;
        } else {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scratch_package_is_a_workspace_of_its_own() {
        let text = manifest("cand-0123", Path::new(baked::SOURCE)).unwrap();
        let parsed: Table = text.parse().unwrap();
        assert_eq!(parsed["package"]["name"].as_str(), Some("cand-0123"));
        assert!(parsed["workspace"].is_table());
    }

    #[test]
    fn removal_leaves_other_candidates_alone() {
        let target = tempfile::tempdir().unwrap();
        let release = target.path().join("release");
        for folder in ["deps", ".fingerprint/cand-0123456789ab-77"] {
            fs::create_dir_all(release.join(folder)).unwrap();
        }
        let other = release.join("deps/cand_ba9876543210-1");
        for file in ["cand-0123456789ab", "deps/cand_0123456789ab-77"] {
            fs::write(release.join(file), "").unwrap();
        }
        fs::write(&other, "").unwrap();
        let source = Path::new(baked::SOURCE);
        let scratch = Scratch::write(source, target.path(), "0123456789abcdef", "").unwrap();
        scratch.remove(&release.join("cand-0123456789ab")).unwrap();
        assert!(other.exists());
        assert!(!release.join("deps/cand_0123456789ab-77").exists());
        assert!(!release.join(".fingerprint/cand-0123456789ab-77").exists());
        assert!(!scratch.folder.exists());
    }
}
