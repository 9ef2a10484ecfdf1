//! Which data set lies at a path, for people who do not say.

use std::path::{Path, PathBuf};

use super::photos::is_flickr;
use super::{DataError, DataSpec};

impl DataSpec {
    /// The data set at `path`: COCO's where the folder holds `annotations`, Flickr's where it holds one of Flickr's
    /// caption files, Karpathy's for `.json`, or for a folder with a `dataset_*.json`, and JSON lines for `.jsonl`.
    ///
    /// # Errors
    ///
    /// When none of these lies there.
    pub fn at(path: &Path) -> Result<Self, DataError> {
        let (dir, file) = (path.to_owned(), path.to_owned());
        let extension = path.extension().unwrap_or_default();
        if path.join("annotations").is_dir() {
            Ok(Self::Coco { dir })
        } else if is_flickr(path) {
            Ok(Self::Flickr { dir })
        } else if path.is_file() && extension == "json" {
            Ok(Self::Karpathy { file })
        } else if path.is_file() && extension == "jsonl" {
            Ok(Self::Jsonl { file })
        } else if let Some(file) = split_file(path) {
            Ok(Self::Karpathy { file })
        } else {
            Err(DataError::NoSet { path: dir })
        }
    }
}

/// The first file of Karpathy's splits in a folder, by name.
fn split_file(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("dataset_") && name.ends_with(".json")
    });
    names.min()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn each_format_is_known_by_its_files() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        let at = |place: &str| DataSpec::at(&root.join(place)).map(|spec| spec.kind());
        fs::create_dir_all(root.join("a/annotations")).unwrap();
        fs::create_dir_all(root.join("b")).unwrap();
        fs::create_dir_all(root.join("c")).unwrap();
        for file in ["b/captions.txt", "c/dataset_flickr8k.json", "c/d.jsonl"] {
            fs::write(root.join(file), "").unwrap();
        }
        assert_eq!(at("a").unwrap(), "coco");
        assert_eq!(at("b").unwrap(), "flickr");
        assert_eq!(at("c").unwrap(), "karpathy");
        assert_eq!(at("c/dataset_flickr8k.json").unwrap(), "karpathy");
        assert_eq!(at("c/d.jsonl").unwrap(), "jsonl");
        let error = at("b/captions.txt").unwrap_err().to_string();
        assert!(error.contains("captions.txt is no data set"), "{error}");
    }
}
