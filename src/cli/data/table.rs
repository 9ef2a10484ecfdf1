//! A check's report for people.
use std::fmt::Write;

use nn_caption::caption_models::data::check::{
    DataReport, Lengths, Problem, ProblemKind, SplitReport,
};

/// Problems of a kind that are shown.
const SHOWN: usize = 10;
const KINDS: [ProblemKind; 7] = [
    ProblemKind::MissingPicture,
    ProblemKind::BrokenPicture,
    ProblemKind::NoCaption,
    ProblemKind::NoPicture,
    ProblemKind::ListedTwice,
    ProblemKind::BadName,
    ProblemKind::BadLine,
];

/// The report; with `all`, every problem.
pub(super) fn text(report: &DataReport, all: bool) -> String {
    let mut text = format!("{}\n\n", report.data);
    counts(report, &mut text);
    vocabulary(report, &mut text);
    let n_shown = if all { usize::MAX } else { SHOWN };
    text.push('\n');
    problems(report, n_shown, &mut text);
    text.push_str(if report.is_wrong() {
        "something is wrong"
    } else {
        "nothing is wrong"
    });
    text
}

fn counts(report: &DataReport, text: &mut String) {
    let mut row = |name: &str, of: &dyn Fn(&SplitReport) -> String| {
        let _ = write!(text, "{name:30}");
        for split in &report.splits {
            let _ = write!(text, "{:>14}", of(split));
        }
        text.push('\n');
    };
    row("", &|split| split.split.to_string());
    row("pictures listed", &|split| split.listed.to_string());
    row("pictures that can be used", &|split| {
        split.usable.to_string()
    });
    for kind in KINDS {
        if report.splits.iter().any(|split| split.count(kind) > 0) {
            row(&kind.to_string(), &|split| split.count(kind).to_string());
        }
    }
    if report.splits.iter().any(|split| split.repeated > 0) {
        row("pictures with equal files", &|split| {
            split.repeated.to_string()
        });
    }
    row("captions", &|split| split.captions.to_string());
    row("captions of a picture", &|split| {
        let [fewest, most] = split.captions_of_picture;
        format!("{fewest} to {most}")
    });
    let mut length = |name: &str, of: &dyn Fn(&Lengths) -> String| {
        row(name, &|split| of(&split.lengths));
    };
    length("words of a caption", &|lengths| {
        format!("{} to {}", lengths.min, lengths.max)
    });
    length("  mean", &|lengths| format!("{:.1}", lengths.mean));
    length("  median", &|lengths| lengths.median.to_string());
    length("  95 % have at most", &|lengths| {
        lengths.percentile_95.to_string()
    });
    length("captions of more than 20 words", &|lengths| {
        lengths.cut.to_string()
    });
}

fn vocabulary(report: &DataReport, text: &mut String) {
    text.push_str(
        "\nvocabulary of the training captions, and how many words to score on it lacks\n",
    );
    for row in &report.vocabulary {
        let _ = writeln!(
            text,
            "  at least {:>2} times {:>8} words {:>8.2} % unknown",
            row.threshold,
            row.words,
            row.unknown * 100.0
        );
    }
}

fn problems(report: &DataReport, n_shown: usize, text: &mut String) {
    for split in &report.splits {
        for problems in by_kind(&split.problems) {
            for problem in problems.iter().take(n_shown) {
                let _ = writeln!(text, "{}: {}", split.split, problem.message);
            }
            let n_more = problems.len().saturating_sub(n_shown);
            if let (Some(first), 1..) = (problems.first(), n_more) {
                let _ = writeln!(
                    text,
                    "{}: {n_more} more {}; --all shows them",
                    split.split, first.kind
                );
            }
        }
    }
    for shared in report.shared.iter().take(n_shown) {
        let what = if shared.same_content {
            "the file"
        } else {
            "the name"
        };
        let _ = writeln!(
            text,
            "both splits: {} to score on has {what} of {} to learn from",
            shared.validation, shared.train
        );
    }
    let n_more = report.shared.len().saturating_sub(n_shown);
    if n_more > 0 {
        let _ = writeln!(
            text,
            "both splits: {n_more} more pictures; --all shows them"
        );
    }
}

/// Problems of one kind after the other.
fn by_kind(problems: &[Problem]) -> Vec<Vec<&Problem>> {
    let kinds = [ProblemKind::Unopened].into_iter().chain(KINDS);
    kinds
        .map(|kind| {
            problems
                .iter()
                .filter(|problem| problem.kind == kind)
                .collect()
        })
        .collect()
}
