//! Landlock: only the job's files, and no TCP where the kernel knows how to refuse it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, RulesetStatus, path_beneath_rules,
};

use super::{Applied, Limits, Needs};

/// The newest rules asked for; an older kernel applies what it knows of them.
const RULES: ABI = ABI::V5;
/// What every process reads: its threads' and CPUs' numbers.
const ALWAYS_READ: [&str; 4] = [
    "/proc",
    "/sys/devices/system",
    "/sys/fs/cgroup",
    "/dev/urandom",
];
/// What every process may write.
const ALWAYS_WRITTEN: [&str; 1] = ["/dev/null"];
/// Folders below a data folder in which links are followed.
const LINK_DEPTH: usize = 2;

pub(super) fn apply(limits: &Limits, needs: &Needs, applied: &mut Applied) {
    if limits.files {
        return;
    }
    let outcome = restrict(limits, needs);
    if let Ok(RulesetStatus::PartiallyEnforced) = outcome {
        let newer = "the newest rules of Landlock".to_owned();
        applied.note(newer, Err("the kernel is older"));
    }
    applied.note("only the job's files".to_owned(), outcome.map(|_| ()));
}

/// Why Landlock is not in force.
#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("the kernel has no Landlock")]
    Absent,
    #[error(transparent)]
    Ruleset(#[from] RulesetError),
}

fn restrict(limits: &Limits, needs: &Needs) -> Result<RulesetStatus, Refused> {
    let all = AccessFs::from_all(RULES);
    let writing = all & !BitFlags::from(AccessFs::Execute);
    let mut ruleset = Ruleset::default().handle_access(all)?;
    if !limits.network {
        ruleset = ruleset.handle_access(AccessNet::from_all(RULES))?;
    }
    let status = ruleset
        .create()?
        .add_rules(path_beneath_rules(read_paths(needs), reading()))?
        .add_rules(path_beneath_rules(written_paths(needs), writing))?
        .restrict_self()?;
    match status.ruleset {
        RulesetStatus::NotEnforced => Err(Refused::Absent),
        enforced => Ok(enforced),
    }
}

/// Reading without running.
fn reading() -> BitFlags<AccessFs> {
    AccessFs::ReadFile | AccessFs::ReadDir
}

fn read_paths(needs: &Needs) -> BTreeSet<PathBuf> {
    let mut paths: BTreeSet<PathBuf> = ALWAYS_READ.iter().map(PathBuf::from).collect();
    if needs.gpu {
        paths.insert(PathBuf::from("/"));
    }
    for path in &needs.read {
        paths.insert(path.clone());
        follow_links(path, LINK_DEPTH, &mut paths);
    }
    paths
}

fn written_paths(needs: &Needs) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = ALWAYS_WRITTEN.iter().map(PathBuf::from).collect();
    paths.extend(needs.write.iter().cloned());
    if needs.gpu {
        paths.push(PathBuf::from("/dev"));
        let home = std::env::var_os("HOME").map(|home| Path::new(&home).join(".cache"));
        paths.extend(
            std::env::var_os("XDG_CACHE_HOME")
                .map(PathBuf::from)
                .or(home),
        );
    }
    paths
}

/// Adds where links in a data folder lead: Landlock looks at the file, not at the path to it. Folders of linked
/// pictures are added whole.
fn follow_links(folder: &Path, depth: usize, paths: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_symlink() {
            let target = fs::canonicalize(entry.path()).ok();
            paths.extend(target.and_then(|target| folder_of(&target)));
        } else if kind.is_dir() && depth > 1 {
            follow_links(&entry.path(), depth - 1, paths);
        }
    }
}

fn folder_of(target: &Path) -> Option<PathBuf> {
    if target.is_dir() {
        Some(target.to_path_buf())
    } else {
        target.parent().map(Path::to_path_buf)
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_in_a_data_folder_may_be_followed() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let (data, elsewhere) = (root.join("data"), root.join("elsewhere"));
        fs::create_dir_all(data.join("train")).unwrap();
        fs::create_dir_all(elsewhere.join("val")).unwrap();
        fs::write(elsewhere.join("a.jpg"), []).unwrap();
        symlink(elsewhere.join("val"), data.join("val")).unwrap();
        symlink(elsewhere.join("a.jpg"), data.join("train/a.jpg")).unwrap();
        let needs = Needs {
            read: vec![data.clone()],
            ..Needs::default()
        };
        let paths = read_paths(&needs);
        for path in [data, elsewhere.join("val"), elsewhere] {
            assert!(paths.contains(&path), "{} in {paths:?}", path.display());
        }
    }

    #[test]
    fn only_a_gpu_opens_the_root() {
        let root = |gpu| {
            let needs = Needs {
                gpu,
                ..Needs::default()
            };
            read_paths(&needs).contains(Path::new("/"))
        };
        assert_eq!((root(false), root(true)), (false, true));
    }
}
