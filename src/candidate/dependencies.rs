//! The dependencies of a candidate, so chosen that cargo finds all of the registry's compiled already.
//!
//! cargo unifies features over the packages of a workspace. A candidate alone would ask less of them than the checkout
//! does (no parser of Python, no command line), and Burn, which shares packages with those, would be built anew. So the
//! candidate names every registry package that the checkout's members name, with the same features, and of the
//! checkout's own crates only the two it links.
use std::collections::BTreeMap;
use std::path::Path;
use std::{fs, io};

use toml::{Table, Value};

use super::baked;

/// The crates a generated net links: name in code, package, folder.
const LINKED: [(&str, &str, &str); 2] = [
    ("nn-core", "nn-caption-core", "nn-core"),
    ("caption-models", "nn-caption-models", "caption-models"),
];

/// The table `dependencies` of a candidate linked from the checkout at `source`.
pub(super) fn of_checkout(source: &Path) -> io::Result<BTreeMap<String, Value>> {
    let root = read(&source.join("Cargo.toml"))?;
    let shared = root
        .get("workspace")
        .and_then(|workspace| workspace.get("dependencies"));
    let members = root
        .get("workspace")
        .and_then(|workspace| workspace.get("members")?.as_array());
    let mut manifests = Vec::new();
    for member in members.into_iter().flatten().filter_map(Value::as_str) {
        manifests.push(read(&source.join(member).join("Cargo.toml"))?);
    }
    manifests.push(root.clone());
    let mut dependencies = BTreeMap::new();
    for manifest in &manifests {
        add_registry(&mut dependencies, manifest, shared);
    }
    for (name, package, folder) in LINKED {
        dependencies.insert(name.to_owned(), linked(package, &source.join(folder)));
    }
    Ok(dependencies)
}

fn read(path: &Path) -> io::Result<Table> {
    fs::read_to_string(path)?.parse().map_err(io::Error::other)
}

/// One of our own crates, with the backends of this build.
fn linked(package: &str, path: &Path) -> Value {
    let backends = baked::features()
        .into_iter()
        .filter(|feature| baked::BACKENDS.contains(feature))
        .map(Value::from);
    Value::Table(Table::from_iter([
        ("package".to_owned(), Value::from(package)),
        (
            "path".to_owned(),
            Value::from(path.to_string_lossy().into_owned()),
        ),
        ("default-features".to_owned(), Value::from(false)),
        ("features".to_owned(), backends.collect::<Vec<_>>().into()),
    ]))
}

/// Adds what one manifest takes from the registry.
fn add_registry(
    dependencies: &mut BTreeMap<String, Value>,
    manifest: &Table,
    shared: Option<&Value>,
) {
    let wanted = manifest.get("dependencies").and_then(Value::as_table);
    for (name, own) in wanted
        .into_iter()
        .flatten()
        .filter(|(name, own)| is_on(manifest, name, own))
    {
        let inherits = own.get("workspace").and_then(Value::as_bool) == Some(true);
        let inherited = shared
            .and_then(|shared| shared.get(name))
            .filter(|_| inherits);
        let mut dependency = as_table(inherited.unwrap_or(own));
        if dependency.contains_key("path") {
            continue;
        }
        dependency.remove("optional");
        let mut features = features_of(&dependency);
        features.extend(
            own.get("features")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .cloned(),
        );
        if let Some(known) = dependencies.get(name).and_then(Value::as_table) {
            features.extend(features_of(known));
        }
        dependency.insert("features".to_owned(), Value::Array(features));
        dependencies.insert(name.clone(), Value::Table(dependency));
    }
}

fn as_table(dependency: &Value) -> Table {
    match dependency {
        Value::Table(table) => table.clone(),
        version => Table::from_iter([("version".to_owned(), version.clone())]),
    }
}

fn features_of(dependency: &Table) -> Vec<Value> {
    dependency
        .get("features")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default()
}

/// Whether a dependency is not optional, or switched on by a feature of this build.
fn is_on(manifest: &Table, name: &str, dependency: &Value) -> bool {
    let switch = Value::from(format!("dep:{name}"));
    let switched_by = |feature: &str| {
        let switches = manifest
            .get("features")
            .and_then(|features| features.get(feature)?.as_array());
        switches.is_some_and(|switches| switches.contains(&switch))
    };
    dependency.get("optional").and_then(Value::as_bool) != Some(true)
        || baked::features().into_iter().any(switched_by)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_registry_package_of_the_members_is_named_and_no_path_but_the_two() {
        let dependencies = of_checkout(Path::new(baked::SOURCE)).unwrap();
        assert_eq!(dependencies["burn"]["version"].as_str(), Some("=0.22.1"));
        assert!(
            dependencies.contains_key("ruff_python_parser"),
            "codegen's, not linked"
        );
        let is_path = |name: &&String| dependencies[*name].get("path").is_some();
        let paths: Vec<_> = dependencies.keys().filter(is_path).collect();
        assert_eq!(paths, ["caption-models", "nn-core"]);
    }

    #[test]
    fn features_of_members_and_workspace_are_joined() {
        let manifest: Table =
            "[dependencies]\na = { workspace = true, features = [\"x\"] }\nb = \"1\"\n\
             c = { version = \"1\", optional = true }\nd.workspace = true"
                .parse()
                .unwrap();
        let shared: Table = "a = { version = \"2\", features = [\"y\"] }\nd = { path = \"d\" }"
            .parse()
            .unwrap();
        let mut dependencies = BTreeMap::new();
        add_registry(&mut dependencies, &manifest, Some(&Value::Table(shared)));
        let names: Vec<_> = dependencies.keys().map(String::as_str).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!(dependencies["a"]["features"].as_array().unwrap().len(), 2);
        assert_eq!(dependencies["b"]["version"].as_str(), Some("1"));
    }
}
