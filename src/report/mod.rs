//! What a run came to, for people: a verdict, a table of scores, a page of captioned pictures.
mod escape;
mod page;
mod pictures;
mod rows;
mod verdict;

pub use page::{Page, PageError, captions_page};
pub use rows::{ScoreRow, score_rows};
pub use verdict::Verdict;
