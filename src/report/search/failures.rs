//! Where trials ended, by stage and by K, and what sending diagnostics back came to.
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use codegen::Outcome;

use super::Ending;
use super::page::percent;
use crate::store::TrialRecord;

/// The table of endings and that of rejected replies.
pub(super) fn tables(trials: &[TrialRecord]) -> String {
    if trials.is_empty() {
        return "<p class=\"quiet\">No trial has begun yet.</p>\n".to_owned();
    }
    endings(trials) + &repairs(trials)
}

/// One row an ending in the order of the stages, one column a K.
fn endings(trials: &[TrialRecord]) -> String {
    let mut counts: BTreeMap<Ending, BTreeMap<usize, usize>> = BTreeMap::new();
    for trial in trials {
        let by_k = counts.entry(Ending::of(trial)).or_default();
        *by_k.entry(trial.brief.snippets.len()).or_insert(0) += 1;
    }
    let ks: BTreeSet<usize> = trials
        .iter()
        .map(|trial| trial.brief.snippets.len())
        .collect();
    let mut table = String::from(
        "<div class=\"scroll\"><table class=\"names\"><caption>How trials ended, in the order of the stages; K is the \
         number of classification nets in the prompt.</caption><thead><tr><th scope=\"col\">Ending</th>",
    );
    for k in &ks {
        let _ = write!(table, "<th scope=\"col\">K = {k}</th>");
    }
    table.push_str(
        "<th scope=\"col\">All</th><th scope=\"col\">Share</th><th></th></tr></thead><tbody>\n",
    );
    for (ending, by_k) in &counts {
        let all: usize = by_k.values().sum();
        let share = all as f64 / trials.len() as f64;
        let _ = write!(table, "<tr><th scope=\"row\">{ending}</th>");
        for k in &ks {
            let count = by_k.get(k).copied().unwrap_or(0);
            let shown = if count == 0 {
                String::new()
            } else {
                count.to_string()
            };
            let _ = write!(table, "<td>{shown}</td>");
        }
        let _ = writeln!(
            table,
            "<td>{all}</td><td>{}</td><td class=\"bar\"><span class=\"{}\" style=\"width:{:.1}%\"></span></td></tr>",
            percent(share),
            class(*ending),
            100.0 * share
        );
    }
    table.push_str("</tbody></table></div>\n");
    table
}

fn class(ending: Ending) -> &'static str {
    match ending {
        Ending::Outcome(Outcome::Trained) => "good-bar",
        Ending::NoReply | Ending::Open | Ending::Duplicate => "quiet-bar",
        Ending::Outcome(_) => "bad-bar",
    }
}

/// What became of the replies that were rejected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Sent {
    /// Replies rejected so.
    rejected: usize,
    /// Of these, followed by another reply.
    returned: usize,
    /// Of these, by one that was accepted at once.
    repaired: usize,
}

fn sent(trials: &[TrialRecord]) -> BTreeMap<Outcome, Sent> {
    let mut all: BTreeMap<Outcome, Sent> = BTreeMap::new();
    for trial in trials {
        let next = trial.exchanges.iter().skip(1).map(Some).chain([None]);
        for (exchange, next) in trial.exchanges.iter().zip(next) {
            let Some(outcome) = exchange.rejected else {
                continue;
            };
            let sent = all.entry(outcome).or_default();
            sent.rejected += 1;
            sent.returned += usize::from(next.is_some());
            sent.repaired += usize::from(next.is_some_and(|next| next.rejected.is_none()));
        }
    }
    all
}

fn repairs(trials: &[TrialRecord]) -> String {
    let sent = sent(trials);
    let n_replies: usize = trials.iter().map(|trial| trial.exchanges.len()).sum();
    if sent.is_empty() {
        return format!("<p class=\"quiet\">None of {n_replies} replies was rejected.</p>\n");
    }
    let rows = sent.iter().map(|(outcome, sent)| {
        format!(
            "<tr><th scope=\"row\">{outcome}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
            sent.rejected, sent.returned, sent.repaired
        )
    });
    format!(
        "<div class=\"scroll\"><table class=\"names\"><caption>Rejected replies, of {n_replies}: how many were sent back \
         with their diagnostics, and how many of those came back good.</caption><thead><tr><th scope=\"col\">Rejected by</th>\
         <th scope=\"col\">Replies</th><th scope=\"col\">Sent back</th><th scope=\"col\">Good at the next try</th></tr></thead>\
         <tbody>\n{}</tbody></table></div>\n",
        rows.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::search::fixtures::exchange;
    use crate::search::fixtures::trial;

    #[test]
    fn a_reply_that_came_back_good_is_counted_where_it_failed_before() {
        let mut first = trial(1, &[0.1]);
        let rejected = |attempt, outcome| {
            let mut exchange = exchange(attempt, "", "");
            exchange.rejected = Some(outcome);
            exchange
        };
        first.exchanges = vec![
            rejected(0, Outcome::Shape),
            rejected(1, Outcome::Name),
            exchange(2, "", ""),
        ];
        let mut second = trial(2, &[]);
        second.exchanges = vec![rejected(0, Outcome::Shape)];
        let sent = sent(&[first, second]);
        let counts = |outcome| {
            let sent: Sent = sent[&outcome];
            (sent.rejected, sent.returned, sent.repaired)
        };
        assert_eq!(counts(Outcome::Shape), (2, 1, 0));
        assert_eq!(counts(Outcome::Name), (1, 1, 1));
    }

    #[test]
    fn endings_stand_in_the_columns_of_their_k() {
        let mut failed = trial(1, &[]);
        failed.outcome = Some(Outcome::Shape);
        failed.brief.snippets = vec!["A".to_owned(); 5];
        let table = tables(&[failed, trial(2, &[0.1])]);
        assert!(
            table.contains("K = 1") && table.contains("K = 5"),
            "{table}"
        );
        let shape = "<th scope=\"row\">shape</th><td></td><td>1</td><td>1</td><td>50 %</td>";
        assert!(table.contains(shape), "{table}");
    }
}
