//! LEMUR's layout (the data set of nets and results in the Python package `nn-dataset`): nets as `PyTorch` files, results as JSON.
//!
//! A net is a file `nn/C{K}C-{ANCHOR}-{md5}.py`. Its results are `stat/train/{task}_{data set}_{metric}_{net}/{epoch}.json`, each
//! a list of trials with other hyper-parameters, best first. Both folders lie in the package's `ab/nn`.
mod error;
mod export;
mod python;
mod row;
mod rows;
#[cfg(test)]
mod tests;

pub use error::LemurError;
pub use export::{Exported, export};
pub use row::StatRow;
pub use rows::{BestRow, rows};

/// What LEMUR calls captioning.
const TASK: &str = "img-captioning";
/// What LEMUR calls its BLEU-4.
const METRIC: &str = "bleu";
/// Parts the names in a folder's name; no name holds it.
const SPLITTER: char = '_';
/// Where the results are, below the folder that `nn` is in.
const STAT: &str = "stat/train";
