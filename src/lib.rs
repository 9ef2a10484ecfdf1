//! A language model's captioning network in, a checked, trained and scored Burn module out.
//!
//! This crate ties the others together: [`codegen`] turns the reply into Rust, [`candidate`] compiles and runs it,
//! [`run`] keeps everything a run came from and came to, [`report`] shows it. [`search`] asks a language model ([`llm`]) for
//! nets, again and again, and keeps what came of them ([`store`]); [`view`] shows it as it happens, [`lemur`] hands the
//! nets on. The program `nn-caption` is a thin command over them.
//!
//! # Examples
//!
//! ```no_run
//! use std::path::Path;
//!
//! use nn_caption::run::{Plan, RunFolder};
//!
//! let reply = std::fs::read_to_string("reply.md")?;
//! let prepared = Plan::new(reply, "scenes:200".parse()?).prepare()?;
//! let folder = RunFolder::create(Path::new("runs/first"))?;
//! let mut process = prepared.launch(&folder)?.process;
//! while let Some(event) = process.next_event() {
//!     println!("{}", serde_json::to_string(&event)?);
//! }
//! process.finish()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
pub mod candidate;
pub mod demo;
pub mod doctor;
#[cfg(feature = "search")]
pub mod lemur;
#[cfg(feature = "search")]
pub mod llm;
pub mod report;
pub mod run;
#[cfg(feature = "search")]
pub mod search;
#[cfg(feature = "search")]
pub mod store;
#[cfg(feature = "cli")]
pub mod view;

pub use {bleu, caption_models, codegen, nn_core};
