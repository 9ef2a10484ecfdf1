//! Which pictures are captioned: files, folders, and what stdin brings.
use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow, bail};
use tempfile::NamedTempFile;

use crate::cli::exit::Failure;

/// Stdin is read up to so many bytes.
const MAX_STDIN: u64 = 256 << 20;
/// How JPEG and PNG files begin.
const PICTURES: [&[u8]; 2] = [&[0xff, 0xd8, 0xff], &[0x89, b'P', b'N', b'G']];
const EXTENSIONS: [&str; 3] = ["jpg", "jpeg", "png"];

/// The pictures to caption, in the order in which they were named.
#[derive(Debug, Default)]
pub(super) struct Pictures {
    /// Absolute, because the net's process may look from elsewhere.
    pub(super) paths: Vec<PathBuf>,
    /// How the user calls each of them.
    names: HashMap<String, String>,
    /// A picture from stdin, which is removed in the end.
    stdin: Option<NamedTempFile>,
}

impl Pictures {
    /// All pictures that the arguments name.
    pub(super) fn find(arguments: &[PathBuf]) -> Result<Self, Failure> {
        let mut pictures = Self::default();
        let found = arguments
            .iter()
            .try_for_each(|argument| pictures.add(argument));
        found.map(|()| pictures).map_err(Failure::usage)
    }

    /// The user's name of a picture that the net's process names.
    pub(super) fn name(&self, image: &str) -> String {
        let name = self.names.get(image);
        name.map_or_else(|| image.to_owned(), Clone::clone)
    }

    fn add(&mut self, argument: &Path) -> anyhow::Result<()> {
        if argument == Path::new("-") {
            return self.add_stdin();
        }
        if !argument.is_dir() {
            return self.add_file(argument);
        }
        let n_before = self.paths.len();
        self.add_folder(argument)?;
        if self.paths.len() == n_before {
            bail!(
                "{} holds no picture: wanted files that end in .jpg, .jpeg or .png",
                argument.display()
            );
        }
        Ok(())
    }

    fn add_file(&mut self, file: &Path) -> anyhow::Result<()> {
        if !file.is_file() {
            bail!("there is no picture {}", file.display());
        }
        self.push(file, file.display().to_string())
    }

    fn push(&mut self, file: &Path, name: String) -> anyhow::Result<()> {
        let path = std::path::absolute(file).with_context(|| file.display().to_string())?;
        self.names.insert(path.display().to_string(), name);
        self.paths.push(path);
        Ok(())
    }

    /// The pictures in a folder and those below it, by name. Links to folders are not followed: they may lead in a circle.
    fn add_folder(&mut self, folder: &Path) -> anyhow::Result<()> {
        let entries = fs::read_dir(folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = entries.with_context(|| format!("cannot read {}", folder.display()))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if entry.file_name().to_string_lossy().starts_with('.') {
                continue;
            }
            if is_folder {
                self.add_folder(&path)?;
            } else if is_picture(&path) && path.is_file() {
                self.push(&path, path.display().to_string())?;
            }
        }
        Ok(())
    }

    /// One picture, or a list of paths.
    fn add_stdin(&mut self) -> anyhow::Result<()> {
        if self.stdin.is_some() {
            bail!("`-` stands for one picture, or one list of paths");
        }
        let mut bytes = Vec::new();
        let read = io::stdin()
            .lock()
            .take(MAX_STDIN + 1)
            .read_to_end(&mut bytes);
        read.context("cannot read stdin")?;
        if bytes.len() as u64 > MAX_STDIN {
            bail!("what stdin brings is longer than {} MB", MAX_STDIN >> 20);
        }
        if PICTURES.iter().any(|start| bytes.starts_with(start)) {
            return self.keep(&bytes);
        }
        let list = String::from_utf8(bytes).map_err(|_| {
            anyhow!("stdin brings neither a JPEG or PNG picture nor a list of paths")
        })?;
        let lines = list.lines().filter(|line| !line.trim().is_empty());
        let n_before = self.paths.len();
        for line in lines {
            self.add_file(Path::new(line))?;
        }
        if self.paths.len() == n_before {
            bail!("stdin is empty: wanted a picture, or a list of paths, one a line");
        }
        Ok(())
    }

    /// Keeps a picture in a file while the net's process reads it.
    fn keep(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        let mut file = NamedTempFile::new().context("cannot keep the picture from stdin")?;
        file.write_all(bytes)
            .context("cannot keep the picture from stdin")?;
        self.push(file.path(), "-".to_owned())?;
        self.stdin = Some(file);
        Ok(())
    }
}

fn is_picture(path: &Path) -> bool {
    let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
    EXTENSIONS
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_brings_its_pictures_in_order_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("b/c")).unwrap();
        for file in ["z.JPG", "b/c/2.png", "b/1.jpeg", "notes.txt", ".hidden.png"] {
            fs::write(root.join(file), []).unwrap();
        }
        std::os::unix::fs::symlink(root, root.join("b/circle")).unwrap();
        let pictures = Pictures::find(&[root.to_owned()]).unwrap();
        let expected = ["b/1.jpeg", "b/c/2.png", "z.JPG"].map(|file| root.join(file));
        assert_eq!(pictures.paths, expected);
    }

    #[test]
    fn a_folder_without_pictures_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let error = Pictures::find(&[folder.path().to_owned()])
            .unwrap_err()
            .error;
        assert!(error.to_string().contains("holds no picture"), "{error}");
    }
}
