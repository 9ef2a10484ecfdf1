//! Captions beside their references.
use std::collections::HashMap;
use std::path::PathBuf;

use anyhow::{Context, bail};

use super::read::Captions;

/// What is scored.
#[derive(Clone, Debug)]
pub(super) struct Corpus {
    /// The file of each system.
    pub(super) files: Vec<String>,
    /// The captions of each system.
    pub(super) systems: Vec<Vec<String>>,
    pub(super) refs: Vec<Vec<String>>,
    /// What a reader of the scores should know.
    pub(super) notes: Vec<String>,
}

impl Corpus {
    pub(super) fn read(hyps: &[PathBuf], refs: &[PathBuf]) -> anyhow::Result<Self> {
        let files: Vec<String> = hyps.iter().map(|path| path.display().to_string()).collect();
        let read = |paths: &[PathBuf]| -> anyhow::Result<Vec<Captions>> {
            paths.iter().map(|path| Captions::read(path)).collect()
        };
        let (hyps, refs) = (read(hyps)?, read(refs)?);
        let mut corpus = match all_lines(&refs) {
            Some(streams) => Self::of_lines(&files, &hyps, &streams)?,
            None => Self::of_images(&files, &hyps, &refs)?,
        };
        for (file, hyps) in files.iter().zip(&corpus.systems) {
            let n_empty = hyps.iter().filter(|hyp| hyp.trim().is_empty()).count();
            if n_empty > 0 {
                corpus.notes.push(format!(
                    "{n_empty} captions of {file} are empty and score 0"
                ));
            }
        }
        corpus.files = files;
        Ok(corpus)
    }

    /// Line by line.
    fn of_lines(
        files: &[String],
        hyps: &[Captions],
        streams: &[&[Vec<String>]],
    ) -> anyhow::Result<Self> {
        let n_lines = streams.first().map_or(0, |stream| stream.len());
        if let Some(stream) = streams.iter().find(|stream| stream.len() != n_lines) {
            bail!(
                "the files of --refs have {n_lines} and {} lines; each must have a reference for every caption",
                stream.len()
            );
        }
        let mut systems = Vec::new();
        for (file, hyps) in files.iter().zip(hyps) {
            let Captions::OfLines(lines) = hyps else {
                bail!(
                    "{file} holds {}, and --refs captions of lines; give both by image or both by line",
                    hyps.kind()
                );
            };
            if lines.len() != n_lines {
                bail!(
                    "{file} has {} captions, and --refs has references for {n_lines}; one line each is wanted",
                    lines.len()
                );
            }
            systems.push(single(file, lines)?);
        }
        let refs = (0..n_lines).map(|line| {
            let of_line = streams.iter().flat_map(|stream| &stream[line]);
            of_line.cloned().collect()
        });
        Ok(Self {
            files: Vec::new(),
            systems,
            refs: refs.collect(),
            notes: Vec::new(),
        })
    }

    /// Image by image, in the order of the first system.
    fn of_images(files: &[String], hyps: &[Captions], refs: &[Captions]) -> anyhow::Result<Self> {
        let mut of_image: HashMap<&str, Vec<String>> = HashMap::new();
        for captions in refs {
            let Captions::OfImages(images) = captions else {
                bail!(
                    "some files of --refs hold captions of images, others of lines; give one kind"
                );
            };
            for (image, captions) in images {
                of_image
                    .entry(image)
                    .or_default()
                    .extend(captions.iter().cloned());
            }
        }
        let mut systems = Vec::new();
        for (file, hyps) in files.iter().zip(hyps) {
            systems.push(by_image(file, hyps)?);
        }
        let Some((first, others)) = systems.split_first() else {
            bail!("there is no system");
        };
        let mut refs = Vec::new();
        for (image, _) in first {
            let found = of_image.get(image).with_context(|| {
                format!(
                    "image {image} of {} is not among the {} of --refs",
                    files[0],
                    of_image.len()
                )
            })?;
            refs.push(found.clone());
        }
        let mut notes = Vec::new();
        if first.len() < of_image.len() {
            let n_left = of_image.len() - first.len();
            notes.push(format!(
                "{n_left} of {} images have no caption and are left out",
                of_image.len()
            ));
        }
        let mut aligned = vec![
            first
                .iter()
                .map(|(_, caption)| (*caption).to_owned())
                .collect(),
        ];
        for (file, system) in files[1..].iter().zip(others) {
            aligned.push(in_order(&files[0], first, file, system)?);
        }
        Ok(Self {
            files: Vec::new(),
            systems: aligned,
            refs,
            notes,
        })
    }
}

/// `None` unless all references are lines.
fn all_lines(refs: &[Captions]) -> Option<Vec<&[Vec<String>]>> {
    let mut all = Vec::with_capacity(refs.len());
    for captions in refs {
        let Captions::OfLines(lines) = captions else {
            return None;
        };
        all.push(lines.as_slice());
    }
    Some(all)
}

fn single(file: &str, lines: &[Vec<String>]) -> anyhow::Result<Vec<String>> {
    let caption = |(idx, captions): (usize, &Vec<String>)| match captions.as_slice() {
        [caption] => Ok(caption.clone()),
        captions => bail!(
            "line {} of {file} holds {} captions; one is scored, and a tab ends it",
            idx + 1,
            captions.len()
        ),
    };
    lines.iter().enumerate().map(caption).collect()
}

fn by_image<'a>(file: &str, hyps: &'a Captions) -> anyhow::Result<Vec<(&'a str, &'a str)>> {
    let Captions::OfImages(images) = hyps else {
        bail!(
            "{file} holds {}, and --refs captions of images; give both by image or both by line",
            hyps.kind()
        );
    };
    let mut seen = HashMap::new();
    let mut captions = Vec::new();
    for (idx, (image, texts)) in images.iter().enumerate() {
        if let Some(first) = seen.insert(image, idx + 1) {
            bail!(
                "image {image} has captions {first} and {} in {file}; one is scored",
                idx + 1
            );
        }
        let [caption] = texts.as_slice() else {
            bail!(
                "image {image} has {} captions in {file}; one is scored",
                texts.len()
            );
        };
        captions.push((image.as_str(), caption.as_str()));
    }
    Ok(captions)
}

/// The captions of `system` in the order of `first`, which must have the same images.
fn in_order(
    first_file: &str,
    first: &[(&str, &str)],
    file: &str,
    system: &[(&str, &str)],
) -> anyhow::Result<Vec<String>> {
    if first.len() != system.len() {
        bail!(
            "{first_file} has captions of {} images and {file} of {}; systems are compared on the same ones",
            first.len(),
            system.len()
        );
    }
    let of_image: HashMap<&str, &str> = system.iter().copied().collect();
    let caption = |(image, _): &(&str, &str)| {
        let caption = of_image.get(image).map(|caption| (*caption).to_owned());
        caption.with_context(|| format!("image {image} of {first_file} has no caption in {file}"))
    };
    first.iter().map(caption).collect()
}
