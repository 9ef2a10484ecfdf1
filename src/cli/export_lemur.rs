//! `export DIR --lemur`: the nets and results of a search in LEMUR's layout.
use std::path::{Path, PathBuf};

use nn_caption::lemur;
use nn_caption::store::Store;
use serde_json::json;

use super::exit::{Answer, Exit, Failure};
use super::terminal::Terminal;

/// Writes the search in `dir` to `out`, by default `lemur` in that folder. A search without a score is the answer "no".
pub(super) fn export(terminal: &Terminal, dir: &Path, out: Option<PathBuf>) -> Answer {
    let mut store = Store::open(dir).map_err(Failure::usage)?;
    let trials = store.trials().map_err(Failure::usage)?;
    let out = out.unwrap_or_else(|| dir.join("lemur"));
    let exported = lemur::export(dir, &trials, &out).map_err(Failure::usage)?;
    if terminal.json {
        terminal.answer_json(&json!({ "out": out, "exported": exported }));
    } else {
        for name in &exported.nets {
            terminal.answer(name);
        }
        let (nets, results) = (exported.nets.len(), exported.results);
        terminal.say(&format!(
            "{nets} nets and {results} results in {}",
            out.display()
        ));
    }
    Ok(if exported.nets.is_empty() {
        Exit::No
    } else {
        Exit::Done
    })
}
