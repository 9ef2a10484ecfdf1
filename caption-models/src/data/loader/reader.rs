//! The thread that reads ahead.

use std::any::Any;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

use super::{Batch, Source};
use crate::data::{DataError, normalise};

/// Batches that wait for the consumer.
const AHEAD: usize = 2;

/// The batches of one epoch. Pictures are decoded on all cores while earlier batches are used.
///
/// Yields an error, and then nothing more, when not one picture of the set can be read.
#[derive(Debug)]
pub struct Batches {
    receiver: Option<Receiver<Result<Batch, DataError>>>,
    reader: Option<JoinHandle<()>>,
}

impl Batches {
    pub(super) fn start(source: Arc<Source>, order: Vec<usize>, epoch: usize) -> Self {
        let (sender, receiver) = sync_channel(AHEAD);
        Self {
            receiver: Some(receiver),
            reader: Some(thread::spawn(move || {
                read_all(&source, &order, epoch, &sender);
            })),
        }
    }

    /// Waits for the reader and says how it died, if it did.
    fn end(&mut self) -> Option<DataError> {
        self.receiver = None;
        let died = self.reader.take()?.join().err()?;
        let cause = last_words(died.as_ref());
        Some(DataError::ReaderDied { cause })
    }
}

impl Iterator for Batches {
    type Item = Result<Batch, DataError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.receiver.as_ref()?.recv() {
            Ok(batch) => Some(batch),
            Err(_) => self.end().map(Err),
        }
    }
}

impl Drop for Batches {
    fn drop(&mut self) {
        self.end();
    }
}

/// Sends an epoch's batches. One is held back, so that pictures that fail after it are reported with it.
fn read_all(
    source: &Source,
    order: &[usize],
    epoch: usize,
    sender: &SyncSender<Result<Batch, DataError>>,
) {
    let mut skipped = Vec::new();
    let mut held: Option<Batch> = None;
    for chunk in order.chunks(source.config.batch) {
        let batch = match read(source, chunk, epoch, &mut skipped) {
            Ok(Some(batch)) => batch,
            Ok(None) => continue,
            Err(error) => {
                let _ = sender.send(Err(error));
                return;
            }
        };
        if let Some(ready) = held.replace(batch)
            && sender.send(Ok(ready)).is_err()
        {
            return; // nobody listens any more
        }
    }
    let last = match held {
        Some(mut batch) => {
            batch.skipped.append(&mut skipped);
            Ok(batch)
        }
        None => Err(no_picture(source, skipped)),
    };
    // An error says that nobody listens any more.
    let _ = sender.send(last);
}

/// Reads some pictures; those that fail are added to `skipped`. Features must not: others would train otherwise.
fn read(
    source: &Source,
    chunk: &[usize],
    epoch: usize,
    skipped: &mut Vec<DataError>,
) -> Result<Option<Batch>, DataError> {
    let (mut indices, mut images) = (Vec::new(), Vec::new());
    for (idx, values) in chunk.iter().zip(decode(source, chunk, epoch)) {
        match values {
            Ok(values) => {
                indices.push(*idx);
                images.extend(values);
            }
            Err(error) if error.is_of_features() => return Err(error),
            Err(error) => skipped.push(error),
        }
    }
    Ok(Batch::of(source, indices, images, skipped))
}

/// Decodes pictures, or reads their features, in the order asked for.
fn decode(source: &Source, chunk: &[usize], epoch: usize) -> Vec<Result<Vec<f32>, DataError>> {
    on_all_cores(chunk, |idx| match &source.features {
        Some(features) => features.read(*idx, || source.picture(*idx, epoch)),
        None => source.picture(*idx, epoch),
    })
}

impl Source {
    /// Values of a picture as the net reads them.
    fn picture(&self, idx: usize, epoch: usize) -> Result<Vec<f32>, DataError> {
        let Some((augment, seed)) = self.config.augment else {
            return Ok(normalise(&self.data.picture(idx, self.size)?));
        };
        let captions = &self.data.items()[idx].captions;
        let change = augment.change(seed, epoch, idx, captions);
        let picture = match change.crop() {
            Some(crop) => self.data.part(idx, crop, self.size)?,
            None => self.data.picture(idx, self.size)?,
        };
        Ok(normalise(&change.apply(picture)))
    }
}

/// What comes of each item, computed on all cores.
pub(crate) fn on_all_cores<I: Sync, T: Send>(items: &[I], each: impl Fn(&I) -> T + Sync) -> Vec<T> {
    let each_of = |part: &[I]| part.iter().map(&each).collect::<Vec<_>>();
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    let parts = items.chunks(items.len().div_ceil(n_threads).max(1));
    thread::scope(|scope| {
        let workers: Vec<_> = parts.map(|part| scope.spawn(|| each_of(part))).collect();
        let done = workers.into_iter().map(thread::ScopedJoinHandle::join);
        done.flat_map(|part| part.unwrap_or_else(|died| std::panic::resume_unwind(died)))
            .collect()
    })
}

fn no_picture(source: &Source, skipped: Vec<DataError>) -> DataError {
    let name = source.data.name();
    let n_pictures = skipped.len();
    match skipped.into_iter().next() {
        Some(first) => DataError::NoPicture {
            name,
            n_pictures,
            first: Box::new(first),
        },
        None => DataError::Empty { name },
    }
}

fn last_words(died: &(dyn Any + Send)) -> String {
    let text = died.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| died.downcast_ref::<&str>().copied());
    text.unwrap_or("no reason given").to_owned()
}
