//! Who works on a search. A process shows that it lives by holding the lock on a file of its own: the kernel lets go of it
//! however the process ends, so no clock and no heartbeat is needed.
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::process;
use std::time::{SystemTime, UNIX_EPOCH};

/// This process as a writer of one search.
#[derive(Debug)]
pub(super) struct Writer {
    name: String,
    path: PathBuf,
    #[expect(dead_code, reason = "the open file is the lock")]
    file: File,
}

impl Writer {
    /// Enters the search in `folder`.
    pub(super) fn enter(folder: &Path) -> io::Result<Self> {
        let writers = folder.join("writers");
        fs::create_dir_all(&writers)?;
        let name = format!("{}-{}", process::id(), nanoseconds());
        let path = writers.join(&name);
        let file = File::create(&path)?;
        file.lock()?;
        Ok(Self { name, path, file })
    }

    /// Its name in the store.
    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // A file that stays costs a few bytes; nobody holds its lock.
        let _ = fs::remove_file(&self.path);
    }
}

/// Whether the writer of that name still runs.
pub(super) fn lives(folder: &Path, name: &str) -> bool {
    File::open(folder.join("writers").join(name))
        .is_ok_and(|file| matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

fn nanoseconds() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_nanos())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_writer_lives_until_it_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let writer = Writer::enter(folder.path()).unwrap();
        let name = writer.name().to_owned();
        assert!(lives(folder.path(), &name));
        drop(writer);
        assert!(!lives(folder.path(), &name));
    }

    #[test]
    fn a_file_that_nobody_locks_is_what_a_killed_process_leaves() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("writers")).unwrap();
        fs::write(folder.path().join("writers/7-1"), "").unwrap();
        assert!(!lives(folder.path(), "7-1"));
    }
}
