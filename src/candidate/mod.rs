//! A candidate: one generated net, built as a program of its own and run in a process of its own.
//!
//! [`Builder`] writes a scratch workspace whose dependency graph, features, profile and flags are those of the build
//! that made this library, so that cargo finds every registry package already compiled. [`Process`] runs the program
//! on a job file and turns whatever happens to it into a value.
mod baked;
mod build;
mod dependencies;
mod export;
mod interrupt;
mod lock;
mod messages;
mod process;
mod program;
mod scratch;

pub use build::{BuildError, Builder, Built};
pub use interrupt::LastWill;
pub use messages::Tally;
pub use process::{Process, ProcessError};
pub use program::{Program, SYSTEM_COMMAND};
