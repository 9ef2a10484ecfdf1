//! [`Pool`]: the nets that prompts are drawn from.
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::nets;
use super::{DrawOptions, Prompt, PromptError, draw};
use crate::lemur::{self, BestRow};

/// LEMUR's captioning nets that people wrote.
const LEMUR_ANCHORS: [&str; 3] = ["RESNETLSTM", "ResNetTransformer", "ConvNeXtTransformer"];
/// Where the Python files of a folder may be: in it, in a copy of LEMUR's nets, in an export of ours, in the package.
const PLACES: [&str; 4] = ["", "nets", "nn", "ab/nn/nn"];

/// Captioning nets to start from, and classifiers to borrow from.
#[derive(Clone, Debug)]
pub struct Pool {
    pub(super) anchors: Vec<Net>,
    pub(super) snippets: Vec<Net>,
    /// The best results known of captioning nets, by name.
    pub(super) results: BTreeMap<String, BestRow>,
}

/// A net of a pool.
#[derive(Clone, Debug)]
pub(super) struct Net {
    pub(super) name: String,
    code: Code,
}

#[derive(Clone, Debug)]
enum Code {
    /// Built in; known to be what it should be.
    Text(String),
    /// To be read, and to be looked at.
    File(PathBuf),
}

impl Pool {
    /// The nets that are built in.
    pub fn embedded() -> Self {
        let anchors = nets::anchors().map(|(name, spec)| Net::of_text(name, spec.python()));
        let snippets = nets::SNIPPETS.map(|(name, code)| Net::of_text(name, code.to_owned()));
        Self {
            anchors: anchors.into(),
            snippets: snippets.into(),
            results: BTreeMap::new(),
        }
    }

    /// The nets of a folder of Python files that are called as LEMUR calls them: captioning nets are `RESNETLSTM.py`,
    /// `ResNetTransformer.py`, `ConvNeXtTransformer.py` and `C*C-*.py`, all others may be classifiers. LEMUR's package, a copy
    /// of its nets, and what [`lemur::export`] wrote will do, too; results beside the nets are read. Where the folder has no
    /// captioning net, or no other, the built-in ones stand in.
    ///
    /// # Errors
    ///
    /// When the folder cannot be read, or holds no Python file.
    pub fn folder(path: &Path) -> Result<Self, PromptError> {
        let (nets, root) = found(path)?;
        let (anchors, snippets): (Vec<_>, Vec<_>) = nets.into_iter().partition(Net::is_captioner);
        let embedded = Self::embedded();
        let or = |nets: Vec<Net>, others| if nets.is_empty() { others } else { nets };
        Ok(Self {
            anchors: or(anchors, embedded.anchors),
            snippets: or(snippets, embedded.snippets),
            results: lemur::rows(root)?,
        })
    }

    /// The names of the captioning nets.
    pub fn anchors(&self) -> impl Iterator<Item = &str> {
        self.anchors.iter().map(|net| net.name.as_str())
    }

    /// A prompt; equal options give equal prompts.
    ///
    /// # Errors
    ///
    /// When the pool does not have what is wanted, or a file of it cannot be read.
    pub fn draw(&self, options: &DrawOptions) -> Result<Prompt, PromptError> {
        draw::prompt(self, options)
    }
}

impl Net {
    fn of_text(name: &str, code: String) -> Self {
        Self {
            name: name.to_owned(),
            code: Code::Text(code),
        }
    }

    fn is_captioner(&self) -> bool {
        let generated = self.name.strip_prefix('C').and_then(|rest| {
            let digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
            (digits.len() < rest.len()).then_some(digits)
        });
        LEMUR_ANCHORS.contains(&self.name.as_str())
            || generated.is_some_and(|rest| rest.starts_with("C-"))
    }

    /// What nets of one kind are called: the name up to its first dash.
    pub(super) fn family(&self) -> &str {
        self.name.split('-').next().unwrap_or(&self.name)
    }

    /// Whether it is built in.
    pub(super) fn is_embedded(&self) -> bool {
        matches!(self.code, Code::Text(_))
    }

    pub(super) fn read(&self) -> Result<String, PromptError> {
        match &self.code {
            Code::Text(code) => Ok(code.clone()),
            Code::File(path) => match fs::read(path) {
                Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
                Err(source) => Err(unreadable(path, source)),
            },
        }
    }
}

/// The nets of a folder, wherever in it they lie, and the folder that may hold results.
fn found(path: &Path) -> Result<(Vec<Net>, &Path), PromptError> {
    let places = PLACES.map(|place| path.join(place));
    for place in places.iter().filter(|place| place.is_dir()) {
        let nets = python_files(place)?;
        if !nets.is_empty() {
            // Beside a folder of nets alone lie its results.
            let root = if place == path { path.parent() } else { None };
            return Ok((nets, root.unwrap_or(path)));
        }
    }
    // A folder that is none says why.
    python_files(path)?;
    Err(PromptError::NoNets {
        path: path.to_owned(),
    })
}

fn python_files(folder: &Path) -> Result<Vec<Net>, PromptError> {
    let mut nets = Vec::new();
    for entry in fs::read_dir(folder).map_err(|source| unreadable(folder, source))? {
        let path = entry.map_err(|source| unreadable(folder, source))?.path();
        let is_python = path.extension().is_some_and(|extension| extension == "py");
        let name = path.file_stem().and_then(|stem| stem.to_str());
        if let Some(name) = name.filter(|name| is_python && !name.starts_with(['_', '.'])) {
            nets.push(Net {
                name: name.to_owned(),
                code: Code::File(path),
            });
        }
    }
    nets.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(nets)
}

fn unreadable(path: &Path, source: std::io::Error) -> PromptError {
    PromptError::Unreadable {
        path: path.to_owned(),
        source,
    }
}
