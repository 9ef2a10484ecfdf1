//! [`Training`]: a net and its data as the epoch under way needs them.

use std::collections::BTreeMap;

use super::caption_job::check_vocab;
use super::process::{Build, Stop, open_net};
use super::{CaptionNet, Event, Events, TrainJob};
use crate::data::{Loader, LoaderConfig, Order, Split};
use crate::features::FeatureCache;
use crate::system::Freeze;
use crate::train::Phase;
use crate::vocab::Vocab;

/// A net and the loaders of its data.
pub(super) struct Training<'a> {
    build: Build<'a>,
    job: &'a TrainJob,
    pub(super) net: Box<dyn CaptionNet>,
    pub(super) vocab: Vocab,
    /// Which stages are frozen, where it is not the net itself that says so.
    freeze: Option<Freeze>,
    /// Training and validation pictures.
    pictures: [Loader; 2],
    /// The same, or the features that stand for them; none before the first epoch with this net.
    inputs: Option<[Loader; 2]>,
}

impl<'a> Training<'a> {
    pub(super) fn open(build: Build<'a>, job: &'a TrainJob) -> Result<Self, Stop> {
        if job.batch == 0 {
            return Err(Stop::input("a batch needs a picture"));
        }
        let vocab = Vocab::load(&job.vocab)?;
        let net = open_net(build, &job.device, job.seed)?;
        check_vocab(net.as_ref(), &vocab)?;
        let config = || {
            LoaderConfig::new(job.batch, net.spec().image)
                .with_n_captions(job.n_captions)
                .with_max_length(job.max_length)
        };
        let seed = job.seed;
        let trained = config()
            .with_order(Order::Shuffled { seed })
            .with_augment(job.course.augment, seed);
        let train = Loader::new(job.data.open(Split::Train)?, &vocab, trained)?;
        let validation = Loader::new(job.data.open(Split::Validation)?, &vocab, config())?;
        let training = Self {
            build,
            job,
            net,
            vocab,
            freeze: None,
            pictures: [train, validation],
            inputs: None,
        };
        training.check_course()?;
        Ok(training)
    }

    /// Finds out now what would fail in a later epoch.
    fn check_course(&self) -> Result<(), Stop> {
        let course = &self.job.course;
        if course.features.is_some() && !course.augment.is_none() {
            return Err(Stop::input(
                "features are kept of pictures that do not change: train without a cache or without augmentation",
            ));
        }
        let critical = course.self_critical.map(|_| Freeze::ALL);
        let unfrozen = course
            .unfreeze
            .iter()
            .map(|unfreeze| Freeze::AllBut(unfreeze.stages));
        for freeze in unfrozen.chain(critical) {
            (self.build)(self.net.device(), self.job.seed, Some(freeze))?;
        }
        Ok(())
    }

    /// Training and validation pictures.
    pub(super) fn pictures(&self) -> &[Loader; 2] {
        &self.pictures
    }

    /// What the net reads: pictures, or the features that stand for them.
    pub(super) fn inputs(&self) -> &[Loader; 2] {
        self.inputs.as_ref().unwrap_or(&self.pictures)
    }

    /// Freezes what is frozen in an epoch, and computes the features that are missing.
    pub(super) fn enter(
        &mut self,
        phase: Phase,
        epoch: usize,
        events: &mut Events,
    ) -> Result<(), Stop> {
        let freeze = self.job.course.freeze(phase, epoch);
        if freeze != self.freeze {
            self.refreeze(freeze)?;
        }
        if self.inputs.is_none() {
            let [train, validation] = &self.pictures;
            self.inputs = Some([self.input(train, events)?, self.input(validation, events)?]);
            self.net.set_dropout(phase == Phase::CrossEntropy);
        }
        Ok(())
    }

    fn refreeze(&mut self, freeze: Option<Freeze>) -> Result<(), Stop> {
        let mut net = (self.build)(self.net.device(), self.job.seed, freeze)?;
        let mut values = BTreeMap::new();
        self.net.for_each_param(&mut |param| {
            values.insert(param.entry.name, param.value);
        });
        net.set_params(&mut |entry, _| values.remove(entry.name));
        self.net = net;
        self.freeze = freeze;
        self.inputs = None;
        Ok(())
    }

    fn input(&self, pictures: &Loader, events: &mut Events) -> Result<Loader, Stop> {
        let folder = self.job.course.features.as_deref();
        let net = self.net.as_ref();
        let cache = folder.and_then(|folder| FeatureCache::of(net, folder, &self.job.device));
        let Some(cache) = cache else {
            return Ok(pictures.clone());
        };
        let mut damaged = 0;
        let features = cache.fill(net, pictures, &mut |filling| {
            damaged = filling.damaged;
            let (done, all) = (filling.done, filling.all);
            events.emit(&Event::Features { done, all });
        })?;
        if damaged > 0 {
            let message =
                format!("{damaged} damaged entries of the feature cache were computed again");
            events.emit(&Event::Warning { message });
        }
        Ok(pictures.with_features(features))
    }
}
