//! The paper's pipeline: a language model writes nets, those that pass are trained, scored and ranked.
//!
//! The loop. What it does next follows from the [store](crate::store) alone, so it can be killed at any
//! moment, and several processes can share one search.
mod archive;
mod event;
mod facts;
#[cfg(test)]
pub(crate) mod fixtures;
mod halving;
pub mod prompt;

pub use archive::{Archive, Cell};
pub use event::SearchEvent;
pub use facts::lemur_name;
pub use halving::Halving;
