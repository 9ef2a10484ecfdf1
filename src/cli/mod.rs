//! The command line: one file a subcommand, one list of exit codes.
mod asking;
mod caption;
mod corpus;
mod data;
mod decode;
mod demo;
mod doctor;
mod dry_run;
mod eval;
mod exit;
mod export;
mod export_lemur;
mod generate;
mod input;
mod leaderboard;
mod limits;
mod models;
mod pace;
mod probe;
mod progress;
mod report;
mod resume;
mod rules;
mod score;
mod scores;
mod search;
mod search_end;
mod server;
mod spec;
mod system;
mod task;
mod terminal;
mod tokenizer;
mod train;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use nn_caption::candidate::SYSTEM_COMMAND;
use nn_caption::caption_models::harness::run_system;
use nn_caption::doctor::{TRIAL_COMMAND, run_trial};

use self::exit::Failure;
use self::terminal::Terminal;

const ABOUT: &str = "A language model's captioning network in, a checked, trained and scored Burn module out.

A reply (prose with a PyTorch file in it) becomes Rust source, is compiled, trained on captioned pictures, captions \
pictures, and is scored beside baselines.";

const EXAMPLES: &str = "\
Examples:
  nn-caption demo                                      the whole way on embedded defaults, a few minutes
  nn-caption generate reply.md --out net.rs            the Rust source of a reply's net
  nn-caption train reply.md --data scenes --epochs 8   train it on drawn scenes
  nn-caption train net.py --data coco:~/coco           a bare PyTorch file, real photographs
  nn-caption train resnet-lstm --data scenes           a ready system, which needs no compiling
  nn-caption resume runs/scenes-resnet-lstm            go on after an interruption
  nn-caption caption runs/scenes-2fd41c9a03be cat.jpg  caption a picture
  nn-caption eval runs/demo --beam 5                   its scores by beam search
  nn-caption export runs/demo --format crate --out captioner     a Rust crate that captions pictures
  nn-caption data check coco:~/coco                    what is in a data set, and what is wrong with it
  nn-caption doctor                                    what this machine offers, and what is missing
  nn-caption probe net.py --golden golden.json         compare with PyTorch's numbers
  nn-caption score --hyps results.json --refs captions.json      BLEU, ROUGE-L, CIDEr-D of any captions
  nn-caption corpus nets --task classify               how many nets of a folder go through
  nn-caption search                                    let a language model write nets, train and rank them
  nn-caption leaderboard runs/search                   the ranked nets of a search
  nn-caption report runs/search                        a whole search on one page
  nn-caption export runs/search --lemur                its nets and results in LEMUR's layout
  nn-caption models                                    the ready systems and encoders
  nn-caption rules N010                                what a rule wants, and why
  nn-caption spec --schema                             the JSON Schema of nets described in data

Exit codes:
  0  done
  1  the answer is no: the reply was rejected, numbers differ, a check failed
  2  wrong usage or unreadable input
  3  stopped by a limit or a device";

#[derive(Debug, Parser)]
#[command(name = "nn-caption", version, about = ABOUT, after_help = EXAMPLES)]
struct Cli {
    /// Print one JSON object on stdout instead of text
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Generate(generate::Args),
    Train(train::Args),
    Resume(resume::Args),
    Caption(caption::Args),
    Eval(eval::Args),
    Data(data::Args),
    Doctor(doctor::Args),
    Probe(probe::Args),
    Demo(demo::Args),
    Leaderboard(leaderboard::Args),
    Report(report::Args),
    Export(export::Args),
    Score(score::Args),
    Models(models::Args),
    Rules(rules::Args),
    Spec(spec::Args),
    Corpus(corpus::Args),
    Search(search::Args),
    /// Do the job of a ready system: `train` and `caption` start this
    #[command(name = SYSTEM_COMMAND, hide = true)]
    SystemProcess {
        /// The job's file
        job: PathBuf,
        /// The system's file
        system: PathBuf,
    },
    /// Try a device, or the limits of a candidate: `doctor` starts this
    #[command(name = TRIAL_COMMAND, hide = true)]
    DoctorTrial {
        /// A device's name, or `limits`
        what: String,
    },
}

/// Runs the command that this process was started with.
pub(crate) fn main() -> ExitCode {
    let cli = Cli::parse();
    let terminal = Terminal::new(cli.json);
    let answer = match cli.command {
        Command::Generate(args) => args.run(&terminal),
        Command::Train(args) => args.run(&terminal),
        Command::Resume(args) => args.run(&terminal),
        Command::Caption(args) => args.run(&terminal),
        Command::Eval(args) => args.run(&terminal),
        Command::Data(args) => args.run(&terminal),
        Command::Doctor(doctor::Args {}) => Ok(doctor::run(&terminal)),
        Command::Probe(args) => args.run(&terminal),
        Command::Demo(args) => args.run(&terminal),
        Command::Leaderboard(args) => args.run(&terminal),
        Command::Report(args) => args.run(&terminal),
        Command::Export(args) => args.run(&terminal),
        Command::Score(args) => args.run(&terminal),
        Command::Models(args) => args.run(&terminal),
        Command::Rules(args) => args.run(&terminal),
        Command::Spec(args) => args.run(&terminal),
        Command::Corpus(args) => args.run(&terminal),
        Command::Search(args) => args.run(&terminal),
        Command::SystemProcess { job, system } => return run_system(&job, &system),
        Command::DoctorTrial { what } => return run_trial(&what),
    };
    let exit = answer.unwrap_or_else(|failure: Failure| {
        terminal.fail(&failure);
        failure.exit
    });
    ExitCode::from(exit as u8)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// What clap itself finds in unoptimised builds only, where the command would then panic.
    #[test]
    fn no_two_groups_of_a_subcommand_share_a_name() {
        for command in Cli::command().get_subcommands() {
            let groups = || command.get_groups().map(|group| group.get_id().as_str());
            let distinct: BTreeSet<&str> = groups().collect();
            assert_eq!(distinct.len(), groups().count(), "{}", command.get_name());
        }
    }

    #[test]
    fn every_subcommand_teaches_by_example() {
        let command = Cli::command();
        let shown = command
            .get_subcommands()
            .filter(|command| !command.is_hide_set());
        for mut command in shown.cloned() {
            let help = command.render_long_help().to_string();
            assert!(help.contains("Examples:"), "{}", command.get_name());
        }
    }
}
