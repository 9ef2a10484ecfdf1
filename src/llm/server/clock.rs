//! Deadlines of one request.
use std::future::Future;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use super::fault::{Awaited, Fault};
use super::options::TimeOuts;

/// Runs from the moment a request is sent.
#[derive(Debug)]
pub(super) struct Clock {
    time_outs: TimeOuts,
    began: Instant,
    last_token: Option<Instant>,
}

impl Clock {
    pub(super) fn new(time_outs: TimeOuts) -> Self {
        Self {
            time_outs,
            began: Instant::now(),
            last_token: None,
        }
    }

    /// A token came.
    pub(super) fn token(&mut self) {
        self.last_token = Some(Instant::now());
    }

    /// Waits for what the next token needs.
    pub(super) async fn until_token<T>(&self, future: impl Future<Output = T>) -> Result<T, Fault> {
        let awaited = match self.last_token {
            None => Awaited::FirstToken,
            Some(_) => Awaited::NextToken,
        };
        self.within(awaited, future).await
    }

    /// Waits for the beginning of an answer, or what follows.
    pub(super) async fn within<T>(
        &self,
        awaited: Awaited,
        future: impl Future<Output = T>,
    ) -> Result<T, Fault> {
        let (since, limit) = match self.last_token {
            None => (self.began, self.time_outs.first_token),
            Some(last) => (last, self.time_outs.idle),
        };
        let whole = self.time_outs.whole;
        let (next, end) = (after(since, limit), after(self.began, whole));
        let (deadline, awaited, limit) = if end < next {
            (end, Awaited::WholeReply, whole)
        } else {
            (next, awaited, limit)
        };
        let waited = timeout_at(deadline, future).await;
        waited.map_err(|_| Fault::Slow { awaited, limit })
    }
}

/// A moment that is always one.
fn after(moment: Instant, duration: Duration) -> Instant {
    /// Longer than any search.
    const FAR: Duration = Duration::from_hours(24 * 365);
    moment + duration.min(FAR)
}
