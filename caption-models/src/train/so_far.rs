//! [`EpochSoFar`]: what an epoch has come to after some of its batches.

use serde::{Deserialize, Serialize};

use super::{EpochReward, EpochRow, TrainError};

/// What an epoch has come to after some of its batches. Survives JSON to the last bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochSoFar {
    /// Batches behind it.
    pub n_batches: usize,
    n_steps: usize,
    n_images: usize,
    pub(super) n_skipped: usize,
    #[serde(with = "bits")]
    loss: f64,
    #[serde(with = "bits")]
    norm: f64,
    #[serde(with = "bits")]
    drawn: f64,
    #[serde(with = "bits")]
    greedy: f64,
    /// Wall time behind it.
    #[serde(with = "bits")]
    pub(super) seconds: f64,
}

impl EpochSoFar {
    pub(super) fn add(&mut self, loss: f64, n_images: usize) {
        self.n_batches += 1;
        self.n_images += n_images;
        self.loss += loss;
    }

    pub(super) fn add_step(&mut self, norm: f64) {
        self.n_steps += 1;
        self.norm += norm;
    }

    pub(super) fn add_reward(&mut self, reward: EpochReward) {
        self.drawn += reward.drawn;
        self.greedy += reward.greedy;
    }

    pub(super) fn reward(&self) -> EpochReward {
        let n_batches = self.n_batches.max(1) as f64;
        EpochReward {
            drawn: self.drawn / n_batches,
            greedy: self.greedy / n_batches,
        }
    }

    /// The row of an epoch that ends here.
    pub(super) fn row(&self, epoch: usize, rate: f64) -> Result<EpochRow, TrainError> {
        if self.n_batches == 0 {
            return Err(TrainError::NoBatch);
        }
        Ok(EpochRow {
            epoch,
            steps: self.n_steps,
            skipped: self.n_skipped,
            loss: self.loss / self.n_batches as f64,
            rate,
            grad_norm: self.norm / self.n_steps as f64,
            seconds: self.seconds,
            images_per_second: self.n_images as f64 / self.seconds.max(1e-9),
            reward: None,
            bleu4: None,
            cider_d: None,
            validation_loss: None,
        })
    }
}

/// A number as its bits: decimal text is read back to the nearest number, not always to the same.
mod bits {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
    pub(super) fn serialize<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(number.to_bits())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        u64::deserialize(from).map(f64::from_bits)
    }
}
