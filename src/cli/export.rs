//! `export`: a trained net, or the nets of a search, to be used elsewhere.
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use nn_caption::candidate::Builder;
use nn_caption::caption_models::system::SystemFile;
use nn_caption::caption_models::trained::{self, About, Written};
use nn_caption::caption_models::vocab::Vocab;
use nn_caption::run::{RunFolder, RunInfo};
use serde_json::json;

use super::exit::{Answer, Exit, Failure};
use super::export_lemur;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption export runs/demo --format safetensors --out demo.safetensors
  nn-caption export runs/demo --format crate --out captioner     then: cd captioner && cargo run --release -- cat.jpg
  nn-caption export runs/demo --best --out best.safetensors      the weights of the best BLEU-4
  nn-caption export runs/demo --out demo.safetensors --json      {\"out\": .., \"tensors\": .., \"values\": .., \"bytes\": ..}
  nn-caption export runs/search --lemur                          nets and results of a search into runs/search/lemur
  nn-caption export runs/search --lemur -o ab/nn                 into a copy of LEMUR, beside its own
  nn-caption search --nets ab/nn/nn                              such a folder of nets as anchors and snippets

A safetensors file has PyTorch's names, shapes and layouts, so `load_state_dict` takes it; its metadata hold `config`,
`vocabulary`, `preprocessing`. A crate holds such a file and a program that captions pictures with it. It is compiled
offline against the checkout that this command was built from; its README says what to change elsewhere.
In LEMUR's layout a net becomes nn/C{K}C-{ANCHOR}-{md5}.py, its results
stat/train/img-captioning_{data}_bleu_{net}/{epoch}.json.";

/// Write a trained net as safetensors or as a Rust crate that captions pictures, or a search in LEMUR's layout
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A run folder, as `train` and `demo` make it; with --lemur a search's folder
    #[arg(value_name = "DIR")]
    run: PathBuf,
    /// What to write
    #[arg(long, value_enum, default_value_t = Format::Safetensors)]
    format: Format,
    /// The nets and results of a search in LEMUR's layout: PyTorch files and JSON rows
    #[arg(long, conflicts_with_all = ["format", "best"])]
    lemur: bool,
    /// The file, or the folder of the crate, which must not be there yet; with --lemur a folder, by default lemur in DIR
    #[arg(
        long,
        short,
        value_name = "FILE|DIR",
        required_unless_present = "lemur"
    )]
    out: Option<PathBuf>,
    /// The weights after the epoch of the best BLEU-4, not the last ones
    #[arg(long)]
    best: bool,
}

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One file
    Safetensors,
    /// A folder with a crate
    Crate,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        match &self.out {
            Some(out) if !self.lemur => self.write(terminal, out),
            out => export_lemur::export(terminal, &self.run, out.clone()),
        }
    }

    fn write(&self, terminal: &Terminal, out: &Path) -> Answer {
        let folder = RunFolder::open(&self.run)?;
        let about = about(&folder)?;
        check_free(out)?;
        let weights = self.weights(&folder)?;
        let file = match self.format {
            Format::Safetensors => out.to_path_buf(),
            Format::Crate => {
                write_crate(&folder, out)?;
                out.join("model.safetensors")
            }
        };
        let written = trained::write(&weights, &about, &file).map_err(Failure::usage)?;
        self.answer(terminal, out, written);
        Ok(Exit::Done)
    }

    /// The checkpoint's file, which is there.
    fn weights(&self, folder: &RunFolder) -> Result<PathBuf, Failure> {
        let weights = if self.best {
            folder.best_weights()
        } else {
            folder.weights()
        };
        if weights.is_file() {
            return Ok(weights);
        }
        Err(Failure::usage(anyhow!("there is no {}", weights.display())))
    }

    fn answer(&self, terminal: &Terminal, out: &Path, written: Written) {
        let Written {
            n_tensors,
            n_values,
            n_bytes,
        } = written;
        if terminal.json {
            return terminal.answer_json(&json!({
                "out": out,
                "tensors": n_tensors,
                "values": n_values,
                "bytes": n_bytes,
            }));
        }
        let out = out.display();
        let megabytes = n_bytes as f64 / 1e6;
        terminal.answer(&format!(
            "wrote {out}: {n_tensors} tensors, {n_values} numbers, {megabytes:.1} MB"
        ));
        if self.format == Format::Crate {
            terminal.say(&format!("cd {out} && cargo run --release -- picture.jpg"));
        }
    }
}

/// What the file says beside its weights. Where training started from is no part of it: the weights are all there.
fn about(folder: &RunFolder) -> Result<About, Failure> {
    let vocab = Vocab::load(&folder.vocab()).map_err(Failure::usage)?;
    let config = if folder.system().is_file() {
        let mut system: SystemFile = folder.read_json(&folder.system())?;
        system.config.training.weights = None;
        json!(system)
    } else {
        json!(folder.read_json::<RunInfo>(&folder.info())?)
    };
    Ok(About { config, vocab })
}

fn write_crate(folder: &RunFolder, out: &Path) -> Result<(), Failure> {
    let path = folder.net();
    let net = if folder.system().is_file() {
        None
    } else {
        let net = fs::read_to_string(&path);
        Some(
            net.with_context(|| format!("cannot read {}", path.display()))
                .map_err(Failure::usage)?,
        )
    };
    let builder = Builder::find().map_err(Failure::usage)?;
    builder
        .export_trained(out, net.as_deref())
        .map_err(Failure::usage)
}

/// Refuses a file that is there, and a folder that holds something.
fn check_free(out: &Path) -> Result<(), Failure> {
    let is_empty =
        |folder: &Path| fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none());
    if !out.exists() || is_empty(out) {
        return Ok(());
    }
    Err(Failure::usage(anyhow!(
        "{} is there already; choose another --out, or remove it",
        out.display()
    )))
}
