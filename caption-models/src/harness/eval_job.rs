//! The job `eval`: a trained net's captions and scores on a data set.

use super::caption_job::{check_vocab, weights_folder};
use super::process::{Build, Stop, open_net, started};
use super::scoring::Scoring;
use super::{EvalJob, Events};
use crate::checkpoint;
use crate::data::{Loader, LoaderConfig, Split};
use crate::vocab::Vocab;

pub(super) fn eval(build: Build<'_>, job: &EvalJob, events: &mut Events) -> Result<(), Stop> {
    if job.batch == 0 {
        return Err(Stop::input("a batch needs a picture"));
    }
    let vocab = Vocab::load(&job.run.join("vocab.json"))?;
    let mut net = open_net(build, &job.device, 0)?;
    check_vocab(net.as_ref(), &vocab)?;
    checkpoint::load(net.as_mut(), &job.run.join(weights_folder(job.best)))?;
    let loader = |split| -> Result<Loader, Stop> {
        let config = LoaderConfig::new(job.batch, net.spec().image);
        Ok(Loader::new(job.data.open(split)?, &vocab, config)?)
    };
    let scoring = Scoring {
        net: net.as_ref(),
        vocab: &vocab,
        train: &loader(Split::Train)?,
        validation: &loader(Split::Validation)?,
        options: &job.score,
        out: &job.out,
    };
    events.emit(&started(net.as_ref(), "eval", &job.device));
    let captions = scoring.validation_captions()?;
    scoring.score(&captions, events)
}
