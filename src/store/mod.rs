//! What a search did, kept so that a killed process loses nothing that was finished.
//!
//! One `SQLite` file, `search.db`, in the search's folder. Several processes may work on one search: each claims a trial in
//! a transaction of its own, and what a process leaves behind when it dies is claimed by the next one.
mod claim;
mod database;
mod error;
mod in_vain;
mod record;
mod rows;
#[cfg(test)]
mod tests;
mod writer;

pub use claim::Claim;
pub(crate) use database::now;
pub use database::{Store, TrialEnd};
pub use error::StoreError;
pub use record::{
    Brief, Exchange, Form, InVain, NetFacts, RungResult, SearchRecord, TrialRecord, TrialState,
};
