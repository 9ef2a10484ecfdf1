//! The job `caption`: pictures through a trained net.

use std::path::PathBuf;

use super::process::{Build, Stop, open_net, started};
use super::{CaptionJob, CaptionLine, CaptionNet, Event, Events};
use crate::checkpoint;
use crate::data::{image_tensor, load_image};
use crate::decode::greedy;
use crate::vocab::Vocab;

/// Pictures decoded at once.
const BATCH: usize = 16;

pub(super) fn caption(build: Build<'_>, job: &CaptionJob, events: &mut Events) -> Result<(), Stop> {
    let vocab = Vocab::load(&job.run.join("vocab.json"))?;
    let mut net = open_net(build, &job.device, 0)?;
    check_vocab(net.as_ref(), &vocab)?;
    checkpoint::load(net.as_mut(), &job.run.join("checkpoint"))?;
    events.emit(&started(net.as_ref(), "caption", &job.device));
    let mut captions = Vec::with_capacity(job.images.len());
    for paths in job.images.chunks(BATCH) {
        captions.extend(caption_batch(net.as_ref(), &vocab, paths, job.max_length)?);
    }
    events.emit(&Event::Captions {
        file: None,
        captions,
    });
    Ok(())
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

fn caption_batch(
    net: &dyn CaptionNet,
    vocab: &Vocab,
    paths: &[PathBuf],
    max_length: usize,
) -> Result<Vec<CaptionLine>, Stop> {
    let [channels, height, width] = net.spec().image;
    let mut images = Vec::new();
    for path in paths {
        images.extend(load_image(path, net.spec().image)?);
    }
    let images = image_tensor(images, [paths.len(), channels, height, width], net.device());
    let rows = greedy(net, images, max_length);
    let line = |(path, row): (&PathBuf, Vec<i64>)| CaptionLine {
        image: path.display().to_string(),
        caption: vocab.decode(&row),
    };
    Ok(paths.iter().zip(rows).map(line).collect())
}
