//! [`SystemFile`]: a system in a run's folder.

use std::path::Path;

use burn::tensor::Device;
use serde::{Deserialize, Serialize};

use super::{SystemConfig, SystemError};
use crate::harness::CaptionNet;

/// `system.json`: which system a run trains, and all its sizes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SystemFile {
    /// Its name in the registry.
    pub name: String,
    /// Channels, height, width of its pictures.
    pub image: [usize; 3],
    /// Its networks and its training.
    pub config: SystemConfig,
}

impl SystemFile {
    /// Reads the file.
    ///
    /// # Errors
    ///
    /// When it cannot be read or holds something else.
    pub fn read(path: &Path) -> Result<Self, SystemError> {
        let damaged = |reason: String| SystemError::File {
            path: path.to_owned(),
            reason,
        };
        let json = std::fs::read(path).map_err(|error| damaged(error.to_string()))?;
        serde_json::from_slice(&json).map_err(|error| damaged(error.to_string()))
    }

    /// See [`SystemConfig::build`].
    ///
    /// # Errors
    ///
    /// When a network breaks a rule, or the weights do not fit.
    pub fn build(&self, device: &Device, seed: u64) -> Result<Box<dyn CaptionNet>, SystemError> {
        self.config.build(self.image, device, seed)
    }
}
