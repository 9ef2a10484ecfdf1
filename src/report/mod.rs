//! What a run came to, for people: a verdict, a table of scores, a page of captioned pictures.
mod album;
mod escape;
mod page;
mod pictures;
mod rows;
#[cfg(feature = "search")]
pub mod search;
mod section;
mod template;
mod verdict;

pub use album::{AlbumError, AttentionAlbum};
pub use page::{Page, PageError, captions_page};
pub use rows::{ScoreRow, ScoreTable, score_tables};
pub use verdict::Verdict;
