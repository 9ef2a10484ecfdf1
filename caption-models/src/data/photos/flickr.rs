//! The text files of Flickr8k and Flickr30k.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use super::listed::{Listed, first_present, split_of};
use crate::data::{DataError, Split};

const CAPTIONS: [&str; 3] = [
    "Flickr8k.token.txt",
    "results_20130124.token",
    "captions.txt",
];
const PICTURES: [&str; 5] = [
    "Flicker8k_Dataset",
    "Images",
    "images",
    "flickr30k-images",
    "flickr30k_images",
];

/// The caption file, the folder of pictures, and the pictures of the split.
pub(super) fn read(dir: &Path, split: Split) -> Result<(PathBuf, PathBuf, Listed), DataError> {
    let file = find(dir, &CAPTIONS)?;
    let pictures = find(dir, &PICTURES)?;
    let text = std::fs::read_to_string(&file).map_err(|cause| DataError::read(&file, cause))?;
    let chosen = names_of(dir, split)?;
    let mut captions = IndexMap::<&str, Vec<String>>::new();
    let mut problems = Vec::new();
    for (idx, line) in text.lines().enumerate() {
        match parse(line) {
            Some((name, caption)) => captions.entry(name).or_default().push(caption.to_owned()),
            None if idx == 0 || line.trim().is_empty() => {} // a header
            None => problems.push(DataError::CaptionLine {
                path: file.clone(),
                line: idx + 1,
            }),
        }
    }
    let mut listed = Listed {
        problems,
        ..Listed::default()
    };
    for (name, captions) in captions {
        let is_chosen = match &chosen {
            Some(names) => names.contains(name),
            None => split_of(name) == split,
        };
        if is_chosen {
            listed.add(name.to_owned(), captions);
        }
    }
    Ok((file, pictures, listed))
}

pub(super) fn has_captions(dir: &Path) -> bool {
    first_present(dir, &CAPTIONS).is_some()
}

fn find(dir: &Path, names: &[&str]) -> Result<PathBuf, DataError> {
    if !dir.is_dir() {
        let path = dir.to_owned();
        return Err(DataError::FolderMissing { path });
    }
    first_present(dir, names).ok_or_else(|| DataError::NothingNamed {
        dir: dir.to_owned(),
        wanted: names.iter().map(|name| (*name).to_owned()).collect(),
    })
}

/// `name.jpg#0<TAB>caption`, or `name.jpg,caption` with the caption in quotes where it holds a comma.
fn parse(line: &str) -> Option<(&str, &str)> {
    if let Some((name, caption)) = line.split_once('\t') {
        let (name, number) = name.rsplit_once('#')?;
        return number.parse::<u32>().is_ok().then_some((name, caption));
    }
    let (name, caption) = line.split_once(',')?;
    let is_picture = Path::new(name).extension().is_some();
    let caption = caption.strip_prefix('"').unwrap_or(caption);
    let caption = caption.strip_suffix('"').unwrap_or(caption);
    is_picture.then_some((name, caption))
}

/// The names in the file of a split, if there is one.
fn names_of(dir: &Path, split: Split) -> Result<Option<BTreeSet<String>>, DataError> {
    let path = dir.join(match split {
        Split::Train => "Flickr_8k.trainImages.txt",
        Split::Validation => "Flickr_8k.devImages.txt",
    });
    if !path.is_file() {
        return Ok(None);
    }
    let text = std::fs::read_to_string(&path).map_err(|cause| DataError::read(&path, cause))?;
    let names = text.lines().map(str::trim).filter(|name| !name.is_empty());
    Ok(Some(names.map(str::to_owned).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_kinds_of_lines_are_read() {
        assert_eq!(parse("a#b.jpg#3\tA dog .").unwrap(), ("a#b.jpg", "A dog ."));
        assert_eq!(parse("a.jpg,A dog").unwrap(), ("a.jpg", "A dog"));
        assert_eq!(
            parse("a.jpg,\"A dog, a cat\"").unwrap(),
            ("a.jpg", "A dog, a cat")
        );
    }

    #[test]
    fn a_header_is_no_caption() {
        for line in ["image,caption", "", "a.jpg", "a.jpg#x\tA dog"] {
            assert_eq!(parse(line), None, "{line}");
        }
    }
}
