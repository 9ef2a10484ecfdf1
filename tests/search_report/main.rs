//! The page of a search, in a browser and against hostile replies; the commands that show a search.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

mod browser;
mod commands;
mod hostile;
mod made;
