//! How the search was asked for, who wrote the nets, and what it took.
use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::numbers::{count, duration, one_line};
use crate::llm::Usage;
use crate::report::escape::Escaped;
use crate::store::{SearchRecord, TrialRecord};

/// Characters of a value that are shown.
const MAX_VALUE: usize = 300;

/// What a search has used up so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Used {
    models: BTreeSet<String>,
    requests: usize,
    usage: Usage,
    llm_seconds: f64,
    training_seconds: f64,
    epochs: usize,
    span_ms: i64,
}

impl Used {
    pub(super) fn of(search: &SearchRecord, trials: &[TrialRecord]) -> Self {
        let mut used = Self::default();
        for trial in trials {
            for exchange in &trial.exchanges {
                let reply = &exchange.reply;
                used.models.insert(one_line(&reply.model, 80));
                used.requests += 1;
                let (sum, more) = (&mut used.usage, reply.usage);
                sum.prompt_tokens = sum.prompt_tokens.saturating_add(more.prompt_tokens);
                sum.completion_tokens =
                    sum.completion_tokens.saturating_add(more.completion_tokens);
                used.llm_seconds += reply.seconds;
            }
            used.training_seconds += trial.rungs.iter().map(|rung| rung.seconds).sum::<f64>();
            used.epochs += trial.best().map_or(0, |best| best.epochs);
        }
        let last = trials.iter().map(|trial| trial.changed).max();
        used.span_ms = last.map_or(0, |last| last.saturating_sub(search.began).max(0));
        used
    }

    /// Read and written; how fast, where a language model took its time.
    fn tokens(&self) -> String {
        let Usage {
            prompt_tokens: read,
            completion_tokens: written,
        } = self.usage;
        let a_second = written as f64 / self.llm_seconds;
        if self.llm_seconds < 0.1 {
            return format!("{read} read, {written} written");
        }
        format!("{read} read, {written} written ({a_second:.1} a second)")
    }

    fn rows(&self) -> Vec<(&'static str, String)> {
        let models: Vec<&str> = self.models.iter().map(String::as_str).collect();
        vec![
            ("language model", models.join(", ")),
            ("replies", self.requests.to_string()),
            ("tokens", self.tokens()),
            ("time of the language model", duration(self.llm_seconds)),
            (
                "time of training and scoring",
                format!(
                    "{} for {}",
                    duration(self.training_seconds),
                    count(self.epochs, "epoch")
                ),
            ),
            (
                "from the first step to the last",
                duration(self.span_ms as f64 / 1000.0),
            ),
        ]
    }
}

/// Both lists.
pub(super) fn lists(search: &SearchRecord, trials: &[TrialRecord]) -> String {
    let used = Used::of(search, trials).rows();
    let versions: BTreeSet<String> = trials
        .iter()
        .map(|trial| one_line(&trial.brief.version, 40))
        .collect();
    let versions: Vec<String> = versions.into_iter().collect();
    let mut plan = vec![
        ("nn-caption".to_owned(), search.version.clone()),
        ("prompts".to_owned(), versions.join(", ")),
    ];
    for (name, value) in &search.plan {
        options(name, value, &mut plan);
    }
    format!(
        "<div class=\"pair\"><div><h3>What it took</h3>\n{}</div><div><h3>What was asked for</h3>\n{}</div></div>\n",
        list(used.iter().map(|(name, text)| (*name, text.as_str()))),
        list(
            plan.iter()
                .map(|(name, text)| (name.as_str(), text.as_str()))
        )
    )
}

/// An option in words; one that holds others, as `limits` does, is a row for each.
fn options(name: &str, value: &Value, rows: &mut Vec<(String, String)>) {
    let text = match value {
        Value::Object(parts) if !parts.is_empty() => {
            for (part, value) in parts {
                options(&format!("{name}, {part}"), value, rows);
            }
            return;
        }
        Value::Null | Value::Object(_) => "not set".to_owned(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join(", "),
        value => plain(value),
    };
    rows.push((name.replace('_', " "), one_line(&text, MAX_VALUE)));
}

/// A value without the quotes of JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Names and values.
pub(super) fn list<'a>(rows: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut list = String::from("<dl>\n");
    for (name, text) in rows {
        let text = if text.is_empty() { "-" } else { text };
        let _ = writeln!(list, "<dt>{}</dt><dd>{}</dd>", Escaped(name), Escaped(text));
    }
    list.push_str("</dl>\n");
    list
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::search::fixtures::exchange;
    use crate::search::fixtures::trial;

    #[test]
    fn an_option_of_options_is_a_row_for_each() {
        let mut rows = Vec::new();
        let limits = serde_json::json!({ "cpu_seconds": null, "file_mb": 8192 });
        options("limits", &limits, &mut rows);
        options("image", &serde_json::json!([3, 64, 64]), &mut rows);
        options("prm", &serde_json::json!({}), &mut rows);
        let rows: Vec<_> = rows
            .iter()
            .map(|(name, text)| format!("{name}: {text}"))
            .collect();
        let wanted = [
            "limits, cpu seconds: not set",
            "limits, file mb: 8192",
            "image: 3, 64, 64",
            "prm: not set",
        ];
        assert_eq!(rows, wanted);
    }

    #[test]
    fn what_was_used_is_added_up() {
        let mut trials = [trial(1, &[0.1, 0.2]), trial(2, &[])];
        trials[0].exchanges = vec![exchange(0, "", ""), exchange(1, "", "")];
        trials[1].changed = 90_000;
        let search = SearchRecord {
            version: "0.1.0".to_owned(),
            began: 30_000,
            plan: [("trials".to_owned(), 2.into())].into(),
        };
        let lists = lists(&search, &trials);
        for said in [
            "<dd>tiny</dd>",
            "2000 read, 1000 written (41.7 a second)",
            "24 s",
            "2.0 s for 2 epochs",
            "1 min 0 s",
            "<dt>trials</dt><dd>2</dd>",
        ] {
            assert!(lists.contains(said), "{said}: {lists}");
        }
    }
}
