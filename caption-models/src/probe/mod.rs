//! The probe: a deterministic experiment on a net, and its comparison with PyTorch's numbers.
//!
//! Parameters and inputs are filled from their names, so that a PyTorch net and its translation
//! start equal without exchanging a file. What is measured and how exactly it must agree is in the
//! design note `probe.md`; a golden file holds PyTorch's side.

mod compare;
mod experiment;
mod failure;
pub mod fill;
mod golden;
mod numbers;

pub use compare::{compare, not_compared};
pub use experiment::run;
pub use failure::{Check, Failure};
pub use golden::{Golden, GoldenError};
pub use numbers::{FreeRunning, Numbers, ParamShape, Sampled};
