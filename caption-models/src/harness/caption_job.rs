//! The job `caption`: pictures through a trained net, a batch at a time. One that cannot be read is left out with a
//! warning; none at all is an error.

use std::path::{Path, PathBuf};

use super::process::{Build, Stop, open_net, started};
use super::train_job::{BEST, LAST};
use super::{AttentionMaps, CaptionJob, CaptionLine, CaptionNet, Event, Events, Regions};
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
    let captioner = Captions {
        net: net.as_ref(),
        vocab: &vocab,
        options: &job.decode,
        regions: job.attention.then(|| regions(net.as_ref())).transpose()?,
    };
    events.emit(&started(net.as_ref(), "caption", &job.device));
    let (mut n_captions, mut first_problem) = (0, None);
    for paths in job.images.chunks(BATCH) {
        let (paths, images) = readable(paths, net.spec().image, |problem| {
            events.emit(&Event::Warning {
                message: problem.to_string(),
            });
            first_problem.get_or_insert(problem);
        });
        let captions = captioner.of_batch(&paths, images, n_captions)?;
        n_captions += captions.len();
        events.emit(&Event::Captions {
            file: None,
            captions,
        });
    }
    match first_problem {
        Some(problem) if n_captions == 0 => Err(problem.into()),
        _ => Ok(()),
    }
}

/// How the regions lie that the net attends to.
fn regions(net: &dyn CaptionNet) -> Result<Regions, Stop> {
    net.regions().ok_or_else(|| {
        Stop::input(
            "this net does not tell where it looks, so there are no attention maps: ready systems that attend to the \
             regions of a picture do, such as `show-attend-and-tell` and `resnet-transformer`; generated nets do not",
        )
    })
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

/// What makes captions of pictures.
struct Captions<'a> {
    net: &'a dyn CaptionNet,
    vocab: &'a Vocab,
    options: &'a DecodeOptions,
    /// How the regions lie, if attention is asked for.
    regions: Option<Regions>,
}

impl Captions<'_> {
    /// Captions of a batch, whose first picture is number `first`.
    fn of_batch(
        &self,
        paths: &[&PathBuf],
        images: Vec<f32>,
        first: usize,
    ) -> Result<Vec<CaptionLine>, Stop> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let [channels, height, width] = self.net.spec().image;
        let shape = [paths.len(), channels, height, width];
        let images = image_tensor(images, shape, self.net.device());
        let captions = decode(self.net, images, self.options, first)
            .map_err(|error| Stop::input(error.to_string()))?;
        let lines = paths.iter().zip(&captions);
        Ok(lines
            .map(|(path, caption)| self.line(path, caption))
            .collect())
    }

    fn line(&self, path: &Path, caption: &Caption) -> CaptionLine {
        let [_, height, width] = self.net.spec().image;
        let maps = |regions| AttentionMaps::of(caption, self.vocab, regions, [height, width]);
        CaptionLine {
            image: path.display().to_string(),
            caption: self.vocab.decode(&caption.ids),
            attention: self.regions.clone().map(maps),
        }
    }
}
