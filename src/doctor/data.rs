//! Data sets in the usual places, and what is kept for later.
use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use caption_models::data::DataSpec;
use serde_json::json;

use super::{Finding, Section};

/// Entries of a folder that are looked at.
const MOST_ENTRIES: usize = 500;

/// Data sets that are found.
pub(super) fn sets() -> Section {
    let places = places();
    let found: BTreeSet<String> = places.iter().flat_map(|place| sets_at(place)).collect();
    let mut findings = vec![Finding::good("scenes", "drawn, always there")];
    findings.extend(found.into_iter().map(|set| {
        let kind = set.split(':').next().unwrap_or_default().to_owned();
        Finding::good(kind, set.clone()).with(set)
    }));
    if findings.len() == 1 {
        let places: Vec<String> = places
            .iter()
            .map(|place| place.display().to_string())
            .collect();
        findings.push(Finding::absent(
            "photographs",
            format!("none in {}", places.join(", ")),
            "name yours with --data, such as coco:DIR; `nn-caption data check DIR` looks at it",
        ));
    }
    Section {
        title: "data sets",
        findings,
    }
}

/// Where people keep data sets, as far as it is there.
fn places() -> Vec<PathBuf> {
    let home = env::home_dir();
    let in_home = |name: &str| home.as_ref().map(|home| home.join(name));
    let places = [
        env::current_dir().ok(),
        Some(PathBuf::from("data")),
        Some(PathBuf::from("../data")),
        in_home("data"),
        in_home("datasets"),
        cache(),
        Some(PathBuf::from("/data")),
        Some(PathBuf::from("/datasets")),
    ];
    let places = places.into_iter().flatten();
    places.filter(|place| place.is_dir()).collect()
}

/// The data sets at a place and directly below it.
fn sets_at(place: &Path) -> Vec<String> {
    let entries = fs::read_dir(place).into_iter().flatten().flatten();
    let below = entries.take(MOST_ENTRIES).map(|entry| entry.path());
    let below =
        below.filter(|path| path.is_dir() || path.extension().is_some_and(|end| end == "jsonl"));
    let all = std::iter::once(place.to_path_buf()).chain(below);
    let sets = all.filter_map(|path| DataSpec::at(&path).ok());
    sets.map(|set| set.to_string()).collect()
}

/// What is kept for later.
pub(super) fn caches() -> Section {
    Section {
        title: "caches",
        findings: match cache() {
            Some(cache) if cache.is_dir() => kept(&cache),
            Some(cache) => vec![Finding::good(
                "cache",
                format!("nothing in {}", cache.display()),
            )],
            None => vec![Finding::absent(
                "cache",
                "no folder for it",
                "set HOME or XDG_CACHE_HOME",
            )],
        },
    }
}

/// The user's cache of nn-caption.
fn cache() -> Option<PathBuf> {
    let named = env::var_os("XDG_CACHE_HOME").filter(|name| !name.is_empty());
    let caches = named
        .map(PathBuf::from)
        .or_else(|| Some(env::home_dir()?.join(".cache")));
    Some(caches?.join("nn-caption"))
}

fn kept(cache: &Path) -> Vec<Finding> {
    let entries = fs::read_dir(cache).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    let finding = |path: PathBuf| {
        let n_bytes = size(&path);
        let megabytes = n_bytes as f64 / 1e6;
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let value = json!({ "path": path, "bytes": n_bytes });
        Finding::good(name, format!("{megabytes:.0} MB in {}", path.display())).with(value)
    };
    paths.into_iter().map(finding).collect()
}

/// Bytes in a file, or in all files of a folder. Links are not followed.
fn size(path: &Path) -> u64 {
    let Ok(about) = fs::symlink_metadata(path) else {
        return 0;
    };
    if !about.is_dir() {
        return about.len();
    }
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| size(&entry.path())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_found_at_a_place_and_below_it() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("coco/annotations")).unwrap();
        fs::write(root.join("mine.jsonl"), "").unwrap();
        let mut found = sets_at(root);
        found.sort();
        let expected = ["coco:coco", "jsonl:mine.jsonl"].map(|set| {
            let (kind, name) = set.split_once(':').unwrap();
            format!("{kind}:{}", root.join(name).display())
        });
        assert_eq!(found, expected);
        assert_eq!(sets_at(&root.join("coco")).len(), 1);
    }

    #[test]
    fn a_folder_is_as_large_as_its_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        fs::write(folder.path().join("a/b"), [0; 10]).unwrap();
        fs::write(folder.path().join("c"), [0; 5]).unwrap();
        assert_eq!(size(folder.path()), 15);
    }
}
