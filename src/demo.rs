//! What `nn-caption demo` runs: a reply written by us, on the embedded scenes.

/// A reply as a language model would give it: prose, and a PyTorch captioning net in a fence.
pub const REPLY: &str = include_str!("demo/reply.md");

/// Training pictures of the demo.
pub const SCENES: usize = 2048;

/// Passes over them.
pub const EPOCHS: usize = 10;
