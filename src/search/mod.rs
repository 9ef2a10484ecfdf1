//! The paper's pipeline: a language model writes nets, those that pass are trained, scored and ranked.
//!
//! [`Search`] is the loop. What it does next follows from the [store](crate::store) alone, so it can be killed at any
//! moment, and several processes can share one search.
mod archive;
mod decide;
mod engine;
mod error;
mod event;
mod exchange;
mod facts;
#[cfg(test)]
pub(crate) mod fixtures;
mod halving;
mod plan;
pub mod prompt;
mod training;

pub use archive::{Archive, Cell};
pub use decide::preview;
pub use engine::{Search, SearchEnd, Tell};
pub use error::SearchError;
pub use event::SearchEvent;
pub use facts::lemur_name;
pub use halving::Halving;
pub use plan::{Budget, SearchPlan, Strategy};
