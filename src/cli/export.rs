//! `export`: what was made here, in other layouts.
use std::path::PathBuf;

use super::exit::Answer;
use super::export_lemur;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption export runs/search --lemur                 nets and results of a search into runs/search/lemur
  nn-caption export runs/search --lemur -o ab/nn        into a copy of LEMUR, beside its own
  nn-caption search --nets ab/nn/nn                     such a folder of nets as anchors and snippets

A net becomes nn/C{K}C-{ANCHOR}-{md5}.py, its results stat/train/img-captioning_{data}_bleu_{net}/{epoch}.json.";

/// Write the nets and results of a search in LEMUR's layout
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The search's folder
    dir: PathBuf,
    /// In LEMUR's layout: PyTorch files and JSON rows
    #[arg(long, required = true)]
    lemur: bool,
    /// The folder to write to; by default lemur in the search's folder
    #[arg(long, short, value_name = "FOLDER")]
    out: Option<PathBuf>,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        export_lemur::export(terminal, &self.dir, self.out)
    }
}
