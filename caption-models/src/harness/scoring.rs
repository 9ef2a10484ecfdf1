//! [`Scoring`]: captions and scores of a data set, and the two files that hold them.

use std::path::Path;

use super::process::Stop;
use super::{CaptionLine, CaptionNet, Event, Events, ScoreOptions};
use crate::checkpoint::write_json;
use crate::data::{Input, Loader, Split};
use crate::evaluate::{self, CaptionedImage, Generated, References, Scores, SplitScores};
use crate::train::EpochBleu;
use crate::vocab::Vocab;

/// Captions that the event shows of the file.
const SHOWN: usize = 8;

/// The net's captions of a split's first pictures, and what people wrote about the same ones.
pub(super) struct Captions {
    split: Split,
    generated: Generated,
    references: References,
}

impl Captions {
    /// BLEU-4 for the row of an epoch.
    pub(super) fn epoch_bleu(&self) -> Result<EpochBleu, Stop> {
        evaluate::epoch_bleu(&self.generated, &self.references)
            .map_err(|error| Stop::input(error.to_string()))
    }

    /// CIDEr-D for the row of an epoch.
    pub(super) fn epoch_cider_d(&self) -> Option<f64> {
        evaluate::epoch_cider_d(&self.generated, &self.references)
    }

    fn images(&self) -> Vec<CaptionedImage> {
        CaptionedImage::all(self.split, &self.generated, &self.references)
    }
}

/// A net, and the data set it is scored on.
pub(super) struct Scoring<'a> {
    pub(super) net: &'a dyn CaptionNet,
    pub(super) vocab: &'a Vocab,
    pub(super) train: &'a Loader,
    pub(super) validation: &'a Loader,
    pub(super) options: &'a ScoreOptions,
    /// Folder of the two files.
    pub(super) out: &'a Path,
}

impl Scoring<'_> {
    /// Captions the validation pictures that are scored, at least one.
    pub(super) fn validation_captions(&self) -> Result<Captions, Stop> {
        self.captions(self.validation, self.options.images.max(1))
    }

    /// The mean loss in eval mode over the batches of the validation pictures that are scored.
    pub(super) fn validation_loss(&self) -> Result<f64, Stop> {
        let (mut sum, mut n_batches, mut n_images) = (0.0, 0.0, 0);
        let device = self.net.device();
        for batch in self.validation.epoch(0) {
            let batch = batch?;
            let captions = batch.captions(device);
            let loss = match batch.input(device) {
                Input::Images(images) => self.net.loss(images, captions),
                Input::Features(features) => self.net.loss_from(features, captions),
            };
            sum += loss.into_scalar::<f64>();
            n_batches += 1.0;
            n_images += batch.indices.len();
            if n_images >= self.options.images.max(1) {
                break;
            }
        }
        Ok(sum / n_batches)
    }

    /// Writes `scores.json` and `captions.json`, and says what is in them.
    pub(super) fn score(&self, validation: &Captions, events: &mut Events) -> Result<(), Stop> {
        let train = self.train_captions()?;
        let scores = SplitScores {
            validation: self.scores(validation, events)?,
            train: train
                .as_ref()
                .map(|train| self.scores(train, events))
                .transpose()?,
        };
        let mut captions = validation.images();
        captions.extend(train.iter().flat_map(Captions::images));
        let file = self.out.join("captions.json");
        write_json(&self.out.join("scores.json"), &scores).map_err(|error| Stop::output(&error))?;
        write_json(&file, &captions).map_err(|error| Stop::output(&error))?;
        events.emit(&Event::Scored {
            scores: Box::new(scores),
            latency_ms: validation.generated.latency_ms(),
        });
        let line = |image: CaptionedImage| CaptionLine {
            image: image.image,
            caption: image.caption,
            attention: None,
        };
        events.emit(&Event::Captions {
            file: Some(file),
            captions: captions.into_iter().take(SHOWN).map(line).collect(),
        });
        Ok(())
    }

    /// Captions the training pictures that are scored. The loader of the training shuffles, so they come from another
    /// one: which pictures are scored must not hang on the seed.
    fn train_captions(&self) -> Result<Option<Captions>, Stop> {
        let n_images = self.options.train_images;
        if n_images == 0 {
            return Ok(None);
        }
        self.captions(&self.train.as_listed(), n_images).map(Some)
    }

    fn captions(&self, loader: &Loader, n_images: usize) -> Result<Captions, Stop> {
        let decode = &self.options.decode;
        let generated = evaluate::generate(self.net, loader, self.vocab, n_images, decode)?;
        let references = generated.references(loader, self.vocab);
        Ok(Captions {
            split: loader.data().split(),
            generated,
            references,
        })
    }

    /// Both protocols with their baselines. The constant caption is a training caption for either split: what a net
    /// that sees no picture can have learned.
    fn scores(&self, captions: &Captions, events: &mut Events) -> Result<Scores, Stop> {
        for message in captions.generated.skipped.iter().cloned() {
            events.emit(&Event::Warning { message });
        }
        evaluate::score(
            &captions.generated,
            &captions.references,
            self.train.data().as_ref(),
            self.vocab,
            self.options,
        )
        .map_err(|error| Stop::input(error.to_string()))
    }
}
