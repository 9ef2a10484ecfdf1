//! Tests of the layers: laws that hold for all numbers, numbers against naive loops, and numbers
//! against PyTorch.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

mod goldens;
mod laws;
mod reference;
mod wave;
