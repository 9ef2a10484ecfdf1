//! Invariants of the workspace that a machine can check.
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// Which of our crates and of Burn's each member may depend on. `nn-caption` may depend on all.
const MAY_KNOW: [(&str, &[&str]); 4] = [
    ("bleu", &[]),
    ("codegen", &[]),
    ("nn-core", &["burn"]),
    ("caption-models", &["bleu", "burn", "nn-core"]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn manifest(folder: &Path) -> Table {
    let text = fs::read_to_string(folder.join("Cargo.toml")).expect("every member has a manifest");
    text.parse().expect("cargo reads it too")
}

/// Every dependency of a manifest, those for tests, builds and single targets included.
fn dependencies(manifest: &Table) -> BTreeSet<String> {
    let mut tables = vec![manifest];
    tables.extend(
        manifest
            .get("target")
            .and_then(Value::as_table)
            .into_iter()
            .flatten()
            .filter_map(|(_, t)| t.as_table()),
    );
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    let named = |table: &Table| -> Vec<String> {
        kinds
            .iter()
            .filter_map(|kind| table.get(*kind)?.as_table())
            .flat_map(|t| t.keys().cloned())
            .collect()
    };
    tables.into_iter().flat_map(named).collect()
}

/// Rust files under a folder, build results left out.
fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn sources() -> Vec<PathBuf> {
    let mut files = Vec::new();
    for member in ["", "nn-core", "caption-models", "codegen", "bleu"] {
        for folder in ["src", "tests", "examples", "benches"] {
            rust_files(&root().join(member).join(folder), &mut files);
        }
    }
    files
}

#[test]
fn crates_know_only_whom_they_may() {
    let crates: BTreeSet<&str> = MAY_KNOW
        .iter()
        .map(|(name, _)| *name)
        .chain(["nn-caption"])
        .collect();
    for (member, allowed) in MAY_KNOW {
        for name in dependencies(&manifest(&root().join(member))) {
            let watched = crates.contains(name.as_str())
                || name.starts_with("burn")
                || name.starts_with("nn-caption");
            assert!(
                !watched || allowed.contains(&name.as_str()),
                "{member} must not depend on {name}"
            );
        }
    }
}

#[test]
fn the_list_of_crates_is_the_workspace() {
    let workspace = &manifest(root())["workspace"];
    let members: BTreeSet<&str> = workspace["members"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(Value::as_str)
        .collect();
    let listed: BTreeSet<&str> = MAY_KNOW.iter().map(|(name, _)| *name).collect();
    assert_eq!(members, listed);
}

#[test]
fn versions_stand_in_the_workspace_only() {
    for (member, _) in MAY_KNOW.iter().chain(&[("", &[] as &[&str])]) {
        let manifest = manifest(&root().join(member));
        for kind in ["dependencies", "dev-dependencies"] {
            for (name, dependency) in manifest
                .get(kind)
                .and_then(Value::as_table)
                .into_iter()
                .flatten()
            {
                let inherits = dependency.get("workspace").and_then(Value::as_bool) == Some(true);
                assert!(inherits, "{member}: {name} must be `workspace = true`");
            }
        }
    }
}

#[test]
fn cuda_is_on_by_default_nowhere() {
    for (member, _) in MAY_KNOW.iter().chain(&[("", &[] as &[&str])]) {
        let manifest = manifest(&root().join(member));
        let Some(features) = manifest.get("features") else {
            continue;
        };
        let default = features
            .get("default")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default();
        for backend in ["cuda", "wgpu"] {
            assert!(
                !default.contains(&Value::from(backend)),
                "{member} has {backend} on by default"
            );
        }
    }
}

#[test]
fn missing_work_is_an_issue_and_no_test_is_skipped() {
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("#[ign", "ore"),
        concat!("to", "do!("),
        concat!("unimpl", "emented!("),
    ];
    for path in sources() {
        let text = fs::read_to_string(&path).unwrap();
        for mark in marks {
            assert!(!text.contains(mark), "{} has {mark}", path.display());
        }
    }
}

#[test]
fn files_stay_below_500_lines() {
    let written_by_us = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        (!text.starts_with("// @generated")).then(|| text.lines().count())
    };
    let lengths: BTreeMap<PathBuf, usize> = sources()
        .into_iter()
        .filter_map(|path| Some((path.clone(), written_by_us(&path)?)))
        .collect();
    let long: Vec<_> = lengths.iter().filter(|(_, lines)| **lines > 500).collect();
    assert!(long.is_empty(), "split by idea: {long:?}");
}
