//! What is trained: the net of a reply, or a ready system.
use caption_models::system::{self, SystemError, SystemFile, Training};
use codegen::Generated;

/// What to train.
#[derive(Clone, Debug)]
pub enum Source {
    /// The net in a language model's reply, or in bare Python.
    Reply(String),
    /// A ready system.
    System(SystemPlan),
}

/// A ready system by name.
#[derive(Clone, Debug)]
pub struct SystemPlan {
    /// Its name in [`SYSTEMS`](caption_models::system::SYSTEMS).
    pub name: String,
    /// Another encoder than its own.
    pub encoder: Option<String>,
    /// How it is trained.
    pub training: Training,
}

/// A net of the right sizes.
#[derive(Clone, Debug)]
pub enum Net {
    /// Generated from a reply: to be compiled.
    Generated {
        /// The reply.
        reply: String,
        /// What codegen made of it.
        generated: Box<Generated>,
    },
    /// A ready system: runs in a process of this program.
    System(Box<SystemFile>),
}

impl From<String> for Source {
    fn from(reply: String) -> Self {
        Self::Reply(reply)
    }
}

impl SystemPlan {
    /// The system for so many words and such pictures.
    pub(super) fn file(self, vocab: usize, image: [usize; 3]) -> Result<SystemFile, SystemError> {
        let Some(entry) = system::find(&self.name) else {
            return Err(SystemError::NoSystem { name: self.name });
        };
        let mut config = match &self.encoder {
            Some(encoder) => entry.config_on(encoder, vocab)?,
            None => entry.config(vocab),
        };
        config.training = self.training;
        config.check()?;
        Ok(SystemFile {
            name: self.name,
            image,
            config,
        })
    }
}
