//! The job `verify`, and the same checks before training.

use super::process::{Build, Stop, open_net, started};
use super::{CaptionNet, Event, Events, VerifyJob};
use crate::verify::{self, Check, Sample};

pub(super) fn verify(build: Build<'_>, job: &VerifyJob, events: &mut Events) -> Result<(), Stop> {
    let mut net = open_net(build, &job.device, job.seed)?;
    events.emit(&started(net.as_ref(), "verify", &job.device));
    let sample = Sample::made_up(net.as_ref(), job.n_captions.max(1));
    check(net.as_mut(), &sample, job.seed, events)
}

/// Checks the net and says what was found; a failed check that is not fatal is a warning.
pub(super) fn check(
    net: &mut dyn CaptionNet,
    sample: &Sample,
    seed: u64,
    events: &mut Events,
) -> Result<(), Stop> {
    let checks = verify::run(net, sample, seed);
    let (fatal, warnings): (Vec<&Check>, Vec<&Check>) = checks
        .iter()
        .filter(|check| !check.passed)
        .partition(|check| check.fatal);
    let message = fatal.first().map(ToString::to_string);
    let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    events.emit(&Event::Verified { checks });
    for message in warnings {
        events.emit(&Event::Warning { message });
    }
    message.map_or(Ok(()), |message| Err(Stop::verify(message)))
}
