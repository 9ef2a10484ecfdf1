//! `doctor`: what this machine offers, and what is missing.
use nn_caption::doctor::{Examination, Finding, State};
use serde_json::json;

use super::exit::Exit;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption doctor            everything, with what to do about what is missing
  nn-caption doctor --json     {\"able\": true, \"sections\": [{\"title\": .., \"findings\": [..]}]}

Devices and limits are tried in processes of their own, so a driver that crashes is an answer too.
Exit code 3 when the main job, to compile the net of a reply and to train it, cannot run here.";

/// Show what this machine offers a training, and what is missing
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {}

/// Looks, and shows what there is.
pub(crate) fn run(terminal: &Terminal) -> Exit {
    let examination = Examination::of_this_machine();
    let able = examination.is_able();
    if terminal.json {
        terminal.answer_json(&json!({ "able": able, "sections": examination.sections }));
    } else {
        terminal.answer(&text(&examination, able));
    }
    if able { Exit::Done } else { Exit::Stopped }
}

fn text(examination: &Examination, able: bool) -> String {
    let sections = examination.sections.iter().map(|section| {
        let findings: String = section.findings.iter().map(line).collect();
        format!("{}\n{findings}\n", section.title)
    });
    let verdict = if able {
        "nets of replies can be compiled and trained here"
    } else {
        "nets of replies cannot be compiled and trained here; what is marked `bad` stands in the way"
    };
    sections.chain([verdict.to_owned()]).collect()
}

fn line(finding: &Finding) -> String {
    let state = match finding.state {
        State::Good => "ok",
        State::Absent => "-",
        State::Bad => "bad",
    };
    let advice = finding
        .advice
        .iter()
        .map(|advice| format!("{:33}{advice}\n", ""));
    let advice: String = advice.collect();
    format!(
        "  {state:4} {:24}  {}\n{advice}",
        finding.what, finding.found
    )
}
