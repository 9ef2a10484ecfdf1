//! What a search came to, for people: a leaderboard, and one page with everything behind it.
mod curves;
mod diagram;
mod exchanges;
mod facts;
mod failures;
mod family_tree;
#[cfg(test)]
pub(crate) mod fixtures;
mod folded;
mod leaderboard;
mod net;
mod numbers;
mod page;
mod pareto;
mod svg;
mod table;
mod tally;

pub use leaderboard::{Leaderboard, Row};
pub use numbers::{duration, one_line, short, short_name};
pub use page::page;
pub use tally::Ending;
