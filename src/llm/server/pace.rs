//! Waiting: within a server's rates, and before a request is sent again.
use std::collections::VecDeque;
use std::time::{Duration, Instant};

use super::options::Rates;
use crate::llm::Turn;
use crate::llm::random::Random;

const MINUTE: Duration = Duration::from_mins(1);
/// The longest wait before a retry that the server did not ask for.
const LONGEST: Duration = MINUTE;

/// What was sent within the last minute.
#[derive(Debug, Default)]
pub(super) struct Pace {
    sent: VecDeque<(Instant, u64)>,
}

impl Pace {
    /// Keeps that a request was sent which cost so many tokens.
    pub(super) fn note(&mut self, now: Instant, tokens: u64) {
        self.sent.push_back((now, tokens));
    }

    /// How long the next request must wait.
    pub(super) fn wait(&mut self, rates: &Rates, now: Instant) -> Duration {
        while let Some((at, _)) = self.sent.front()
            && now.duration_since(*at) >= MINUTE
        {
            self.sent.pop_front();
        }
        let mut requests = self.sent.len() as u64;
        let mut tokens: u64 = self.sent.iter().map(|(_, tokens)| tokens).sum();
        let exceeds = |requests: u64, tokens: u64| {
            rates
                .requests
                .is_some_and(|most| requests >= u64::from(most))
                || rates.tokens.is_some_and(|most| tokens >= most)
        };
        let mut wait = Duration::ZERO;
        for (at, spent) in &self.sent {
            if !exceeds(requests, tokens) {
                break;
            }
            wait = (*at + MINUTE).saturating_duration_since(now);
            requests -= 1;
            tokens -= spent;
        }
        wait
    }
}

/// The wait before a retry, from 0: twice as long each time, and of that a part between one half and all, which follows
/// from the seed, so that processes which were turned away together do not come back together (Brooker 2015, "equal
/// jitter").
pub(super) fn backoff(first: Duration, retry: u32, seed: u64, turn: Turn) -> Duration {
    let doubled = first.saturating_mul(2_u32.saturating_pow(retry));
    let whole = doubled.min(LONGEST.max(first));
    let part = format!("{} {} {retry}", turn.trial, turn.attempt);
    let thousandths = Random::of(seed, &["retry", &part]).below(501);
    whole.mul_f64(0.5 + thousandths as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_minute_has_more_than_the_rates_allow() {
        let rates = Rates {
            requests: Some(3),
            tokens: Some(1000),
        };
        let mut pace = Pace::default();
        let mut now = Instant::now();
        let mut sent: Vec<(Instant, u64)> = Vec::new();
        for tokens in [100, 100, 100, 900, 100, 2000, 1, 1, 1, 1] {
            now += pace.wait(&rates, now);
            let minute = sent
                .iter()
                .filter(|(at, _)| now.duration_since(*at) < MINUTE);
            let (requests, used) =
                minute.fold((0, 0), |(n, sum), (_, tokens)| (n + 1, sum + tokens));
            assert!(requests < 3 && used < 1000, "{requests} {used}");
            pace.note(now, tokens);
            sent.push((now, tokens));
            now += Duration::from_secs(1);
        }
    }

    #[test]
    fn without_rates_nothing_waits() {
        let mut pace = Pace::default();
        let now = Instant::now();
        pace.note(now, u64::MAX);
        assert_eq!(pace.wait(&Rates::default(), now), Duration::ZERO);
    }

    #[test]
    fn waits_double_within_bounds_and_follow_from_the_seed() {
        let second = Duration::from_secs(1);
        let turn = Turn {
            trial: 1,
            attempt: 0,
        };
        for (retry, most) in [(0, 1), (1, 2), (3, 8), (6, 60), (40, 60)] {
            let waits: Vec<Duration> = (0..20)
                .map(|seed| backoff(second, retry, seed, turn))
                .collect();
            let most = Duration::from_secs(most);
            assert!(waits.iter().all(|wait| *wait <= most && *wait >= most / 2));
            assert!(waits.iter().any(|wait| *wait != waits[0]));
            assert_eq!(backoff(second, retry, 3, turn), waits[3]);
        }
    }
}
