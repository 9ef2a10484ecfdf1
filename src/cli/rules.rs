//! `rules`: what each rule of codegen finds, why it matters, an example and the way out.
use nn_caption::codegen::Rule;
use serde_json::{Value, json};

use super::exit::{Answer, Exit, Failure};
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption rules                  all rules, one a line
  nn-caption rules N010             one rule with its reasons, an example and a way out
  nn-caption rules shape-mismatch   the same by name
  nn-caption rules --json           all of it for machines";

/// Explain the rules a reply can break
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A rule's code or name
    rule: Option<String>,
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        let rules = match &self.rule {
            None => Rule::ALL.to_vec(),
            Some(wanted) => vec![find(wanted)?],
        };
        if terminal.json {
            terminal.answer_json(&rules.iter().copied().map(row).collect::<Vec<_>>());
        } else if self.rule.is_none() {
            let lines: Vec<String> = rules.iter().copied().map(line).collect();
            terminal.answer(&lines.join("\n"));
        } else {
            for rule in rules {
                let outcome = rule.outcome();
                terminal.answer(&format!(
                    "{rule} {}\n\n{}\nOutcome: {outcome}",
                    rule.name(),
                    rule.doc()
                ));
            }
        }
        Ok(Exit::Done)
    }
}

fn find(wanted: &str) -> Result<Rule, Failure> {
    let is_it = |rule: &&Rule| rule.code().eq_ignore_ascii_case(wanted) || rule.name() == wanted;
    Rule::ALL
        .iter()
        .copied()
        .find(|rule| is_it(&rule))
        .ok_or_else(|| {
            Failure::usage(anyhow::anyhow!(
                "no rule `{wanted}`; `nn-caption rules` lists all {}",
                Rule::ALL.len()
            ))
        })
}

fn line(rule: Rule) -> String {
    format!("{rule} {:34} {}", rule.name(), rule.doc().what)
}

fn row(rule: Rule) -> Value {
    let doc = rule.doc();
    json!({
        "code": rule.code(),
        "name": rule.name(),
        "outcome": rule.outcome(),
        "what": doc.what,
        "why": doc.why,
        "example": doc.example,
        "fix": doc.fix,
    })
}
