//! One builder at a time, over all processes that share a target directory.
use std::fs::{self, File};
use std::io;
use std::path::Path;

/// Held while a candidate is built; released on drop.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "the open file is the lock")] File);

impl Lock {
    /// Waits for the other builders of this target directory.
    pub(super) fn wait(target: &Path) -> io::Result<Self> {
        let folder = target.join("candidates");
        fs::create_dir_all(&folder)?;
        let file = File::create(folder.join(".lock"))?;
        file.lock()?;
        Ok(Self(file))
    }
}
