//! Whether two systems differ by more than chance, on the same segments.
//!
//! As sacrebleu 2.6 tests, with its random numbers: what a test resamples are counts, so a trial costs a sum.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use crate::bootstrap::{Bootstrap, Interval, total};
use crate::error::Error;
use crate::random::Pcg64;

/// How two systems compare by one metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The score of the baseline.
    pub baseline: f64,
    /// The score of the system.
    pub system: f64,
    /// How likely a difference this large would be if neither were better: below .05 is called significant.
    pub p_value: f64,
}

/// A paired approximate randomization test (Riezler and Maxwell 2005). Default: 10,000 trials, seed 12345.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Randomization {
    /// How often segments are swapped by the toss of a coin. At least 1.
    pub n_trials: usize,
    /// The same seed swaps the same segments, on every machine.
    pub seed: u64,
}

impl Default for Randomization {
    fn default() -> Self {
        Self {
            n_trials: 10_000,
            seed: 12345,
        }
    }
}

impl Bootstrap {
    /// Paired bootstrap resampling (Koehn 2004, section 4) of each of the `K` numbers that `score` gives for the sum
    /// of some segments: the comparison, and the interval of the system.
    ///
    /// # Errors
    ///
    /// [`Error::UnpairedSystems`], [`Error::EmptyCorpus`] or [`Error::InvalidBootstrap`].
    ///
    /// # Examples
    ///
    /// ```
    /// use bleu::{Bootstrap, Mean};
    ///
    /// let baseline = [0.1, 0.2, 0.3, 0.4, 0.5].map(|score| Mean::of([score]));
    /// let system = [0.3, 0.4, 0.5, 0.6, 0.8].map(|score| Mean::of([score]));
    /// let [(difference, _)] = Bootstrap::default().compare(&baseline, &system, Mean::value)?;
    /// assert!(difference.p_value < 0.05);
    /// # Ok::<(), bleu::Error>(())
    /// ```
    pub fn compare<S, const K: usize>(
        &self,
        baseline: &[S],
        system: &[S],
        score: impl Fn(&S) -> [f64; K],
    ) -> Result<[(Difference, Interval); K], Error>
    where
        S: Copy + Default + AddAssign,
    {
        check_pairs(baseline, system)?;
        self.check(system.len())?;
        let scores = (score(&total(baseline.iter())), score(&total(system.iter())));
        let resampled = (
            self.resample(baseline, &score),
            self.resample(system, &score),
        );
        Ok(std::array::from_fn(|idx| {
            let (baseline, system) = (scores.0[idx], scores.1[idx]);
            let pairs = resampled.0.iter().zip(&resampled.1);
            let apart: Vec<f64> = pairs
                .map(|(ours, theirs)| (theirs[idx] - ours[idx]).abs())
                .collect();
            let mean = apart.iter().sum::<f64>() / apart.len() as f64;
            let observed = (system - baseline).abs();
            let p_value = p_value(apart.iter().map(|apart| apart - mean), observed);
            let column = resampled.1.iter().map(|scores| scores[idx]).collect();
            let difference = Difference {
                baseline,
                system,
                p_value,
            };
            (difference, self.interval(system, column))
        }))
    }
}

impl Randomization {
    /// Compares each of the `K` numbers that `score` gives for the sum of some segments.
    ///
    /// # Errors
    ///
    /// [`Error::UnpairedSystems`], [`Error::EmptyCorpus`] or [`Error::InvalidTrials`].
    ///
    /// # Examples
    ///
    /// ```
    /// use bleu::{Mean, Randomization};
    ///
    /// let scores = [0.1, 0.2, 0.3, 0.4, 0.5].map(|score| Mean::of([score]));
    /// let [difference] = Randomization::default().compare(&scores, &scores, Mean::value)?;
    /// assert!(difference.p_value < 1e-3, "no difference is not one of chance: {difference:?}");
    /// # Ok::<(), bleu::Error>(())
    /// ```
    pub fn compare<S, const K: usize>(
        &self,
        baseline: &[S],
        system: &[S],
        score: impl Fn(&S) -> [f64; K],
    ) -> Result<[Difference; K], Error>
    where
        S: Copy + Default + AddAssign,
    {
        check_pairs(baseline, system)?;
        if self.n_trials == 0 {
            return Err(Error::InvalidTrials);
        }
        let scores = (score(&total(baseline.iter())), score(&total(system.iter())));
        let observed: [f64; K] = std::array::from_fn(|idx| (scores.0[idx] - scores.1[idx]).abs());
        let mut more = [0_usize; K];
        let mut coins = Coins::new(self.seed);
        for _ in 0..self.n_trials {
            let (mut first, mut second) = (S::default(), S::default());
            for (&ours, &theirs) in baseline.iter().zip(system) {
                let (to_first, to_second) = if coins.toss() {
                    (ours, theirs)
                } else {
                    (theirs, ours)
                };
                first += to_first;
                second += to_second;
            }
            let (first, second) = (score(&first), score(&second));
            for (idx, more) in more.iter_mut().enumerate() {
                *more += usize::from((first[idx] - second[idx]).abs() > observed[idx]);
            }
        }
        Ok(std::array::from_fn(|idx| Difference {
            baseline: scores.0[idx],
            system: scores.1[idx],
            p_value: share(more[idx], self.n_trials),
        }))
    }
}

/// 32 tosses for each random number.
struct Coins {
    random: Pcg64,
    tosses: u32,
    n_left: u32,
}

impl Coins {
    fn new(seed: u64) -> Self {
        Self {
            random: Pcg64::new(seed),
            tosses: 0,
            n_left: 0,
        }
    }

    #[inline]
    fn toss(&mut self) -> bool {
        if self.n_left == 0 {
            self.tosses = self.random.coins();
            self.n_left = 32;
        }
        let heads = self.tosses & 1 == 1;
        self.tosses >>= 1;
        self.n_left -= 1;
        heads
    }
}

fn check_pairs<S>(baseline: &[S], system: &[S]) -> Result<(), Error> {
    if baseline.len() != system.len() {
        return Err(Error::UnpairedSystems {
            baseline: baseline.len(),
            system: system.len(),
        });
    }
    if baseline.is_empty() {
        return Err(Error::EmptyCorpus);
    }
    Ok(())
}

fn p_value(trials: impl ExactSizeIterator<Item = f64>, observed: f64) -> f64 {
    let n_trials = trials.len();
    share(trials.filter(|apart| *apart > observed).count(), n_trials)
}

/// One is added to either, so that no test rejects more often than it says.
fn share(n_more: usize, n_trials: usize) -> f64 {
    (n_more + 1) as f64 / (n_trials + 1) as f64
}
