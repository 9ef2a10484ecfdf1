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
    pub(super) fn start(source: Arc<Source>, order: Vec<usize>) -> Self {
        let (sender, receiver) = sync_channel(AHEAD);
        Self {
            receiver: Some(receiver),
            reader: Some(thread::spawn(move || read_all(&source, &order, &sender))),
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
fn read_all(source: &Source, order: &[usize], sender: &SyncSender<Result<Batch, DataError>>) {
    let mut skipped = Vec::new();
    let mut held: Option<Batch> = None;
    for chunk in order.chunks(source.config.batch) {
        let Some(batch) = read(source, chunk, &mut skipped) else {
            continue;
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

/// Reads some pictures; those that fail are added to `skipped`.
fn read(source: &Source, chunk: &[usize], skipped: &mut Vec<DataError>) -> Option<Batch> {
    let (mut indices, mut images) = (Vec::new(), Vec::new());
    for (idx, values) in chunk.iter().zip(decode(source, chunk)) {
        match values {
            Ok(values) => {
                indices.push(*idx);
                images.extend(values);
            }
            Err(error) => skipped.push(error),
        }
    }
    Batch::of(source, indices, images, skipped)
}

/// Decodes pictures on all cores, in the order asked for.
fn decode(source: &Source, chunk: &[usize]) -> Vec<Result<Vec<f32>, DataError>> {
    let decode_one = |idx: &usize| {
        let picture = source.data.picture(*idx, source.size)?;
        Ok(normalise(&picture))
    };
    let decode_part = |part: &[usize]| part.iter().map(decode_one).collect::<Vec<_>>();
    let n_threads = thread::available_parallelism().map_or(1, usize::from);
    let parts = chunk.chunks(chunk.len().div_ceil(n_threads).max(1));
    thread::scope(|scope| {
        let workers: Vec<_> = parts
            .map(|part| scope.spawn(move || decode_part(part)))
            .collect();
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
