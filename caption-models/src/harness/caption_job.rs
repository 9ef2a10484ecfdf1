//! The job `caption`: pictures through a trained net. One that cannot be read is left out with a warning; none at all is
//! an error.

use std::path::PathBuf;

use super::process::{Build, Stop, open_net, started};
use super::train_job::{BEST, LAST};
use super::{CaptionJob, CaptionLine, CaptionNet, Event, Events};
use crate::checkpoint;
use crate::data::{DataError, image_tensor, load_image};
use crate::decode::{Caption, DecodeOptions, decode};
use crate::vocab::Vocab;

/// Pictures decoded at once.
const BATCH: usize = 16;

pub(super) fn caption(build: Build<'_>, job: &CaptionJob, events: &mut Events) -> Result<(), Stop> {
    let vocab = Vocab::load(&job.run.join("vocab.json"))?;
    let mut net = open_net(build, &job.device, 0)?;
    check_vocab(net.as_ref(), &vocab)?;
    checkpoint::load(net.as_mut(), &job.run.join(weights_folder(job.best)))?;
    events.emit(&started(net.as_ref(), "caption", &job.device));
    let mut captions = Vec::with_capacity(job.images.len());
    let mut first_problem = None;
    for paths in job.images.chunks(BATCH) {
        let (paths, images) = readable(paths, net.spec().image, |problem| {
            events.emit(&Event::Warning {
                message: problem.to_string(),
            });
            first_problem.get_or_insert(problem);
        });
        captions.extend(caption_batch(
            net.as_ref(),
            &vocab,
            &paths,
            images,
            &job.decode,
            captions.len(),
        )?);
    }
    if let Some(problem) = first_problem.filter(|_| captions.is_empty()) {
        return Err(problem.into());
    }
    events.emit(&Event::Captions {
        file: None,
        captions,
    });
    Ok(())
}

/// Which weights of a run.
pub(super) const fn weights_folder(best: bool) -> &'static str {
    if best { BEST } else { LAST }
}

/// The net's vocabulary is a size; the words must be as many.
pub(super) fn check_vocab(net: &dyn CaptionNet, vocab: &Vocab) -> Result<(), Stop> {
    let (expected, found) = (net.spec().vocab, vocab.len());
    if found == expected {
        return Ok(());
    }
    Err(Stop::input(format!(
        "the vocabulary has {found} words, the net was made for {expected}"
    )))
}

/// The pictures that can be read, and their values one after the other.
fn readable(
    paths: &[PathBuf],
    shape: [usize; 3],
    mut tell: impl FnMut(DataError),
) -> (Vec<&PathBuf>, Vec<f32>) {
    let (mut read, mut images) = (Vec::new(), Vec::new());
    for path in paths {
        match load_image(path, shape) {
            Ok(values) => {
                read.push(path);
                images.extend(values);
            }
            Err(problem) => tell(problem),
        }
    }
    (read, images)
}

fn caption_batch(
    net: &dyn CaptionNet,
    vocab: &Vocab,
    paths: &[&PathBuf],
    images: Vec<f32>,
    options: &DecodeOptions,
    first: usize,
) -> Result<Vec<CaptionLine>, Stop> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let [channels, height, width] = net.spec().image;
    let images = image_tensor(images, [paths.len(), channels, height, width], net.device());
    let captions =
        decode(net, images, options, first).map_err(|error| Stop::input(error.to_string()))?;
    let line = |(path, caption): (&&PathBuf, Caption)| CaptionLine {
        image: path.display().to_string(),
        caption: vocab.decode(&caption.ids),
    };
    Ok(paths.iter().zip(captions).map(line).collect())
}
