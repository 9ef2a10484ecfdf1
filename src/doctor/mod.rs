//! What this machine offers a training, and what is missing, with what to do about it.
mod candidate;
mod data;
mod device;
mod finding;
mod kernel;
mod machine;
mod trial;

pub use finding::{Finding, Section, State};
pub use trial::{TRIAL_COMMAND, run_trial};

/// Everything that was looked at.
///
/// The main job is to compile the net of a reply and to train it. What stops that is [`State::Bad`]; what only some jobs
/// need is [`State::Absent`].
#[derive(Clone, Debug, serde::Serialize)]
pub struct Examination {
    /// One part of the machine after the other.
    pub sections: Vec<Section>,
}

impl Examination {
    /// Looks at the machine. Devices and limits are tried in processes of this program, which must be the command
    /// `nn-caption`: a driver that crashes takes only one of those along.
    pub fn of_this_machine() -> Self {
        Self {
            sections: vec![
                device::section(),
                machine::section(),
                candidate::section(),
                kernel::section(),
                data::sets(),
                data::caches(),
            ],
        }
    }

    /// Whether the main job can run.
    pub fn is_able(&self) -> bool {
        let mut findings = self.sections.iter().flat_map(|section| &section.findings);
        findings.all(|finding| finding.state != State::Bad)
    }
}
