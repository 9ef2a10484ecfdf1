//! The repair history of a trial: what was asked, what came back, what was wrong with it.
use codegen::{Diagnostic, Severity, Style};

use super::folded::{MAX_TEXT, details, folded, folded_diff, pre};
use super::numbers::{duration, one_line};
use crate::llm::{Finish, Message, Role};
use crate::report::escape::Escaped;
use crate::store::Exchange;

/// Requests of a trial that are shown.
const MAX_EXCHANGES: usize = 12;

/// All requests of a trial, in order.
pub(super) fn history(exchanges: &[Exchange]) -> String {
    if exchanges.is_empty() {
        return "<p class=\"quiet\">There was no reply.</p>\n".to_owned();
    }
    let mut sent_before = 0;
    let mut html = String::from("<ol class=\"history\">\n");
    for (idx, exchange) in exchanges.iter().take(MAX_EXCHANGES).enumerate() {
        let title = if idx == 0 { "Prompt" } else { "Sent back" };
        // A conversation repeats itself: only what is new since the last request is shown.
        let messages = &exchange.request.messages;
        let fresh = messages.get(sent_before..).unwrap_or(messages);
        sent_before = messages.len();
        html.push_str(&item(title, fresh, exchange));
    }
    html.push_str("</ol>\n");
    match exchanges.len().saturating_sub(MAX_EXCHANGES) {
        0 => html,
        n => html + &format!("<p class=\"quiet\">{n} more requests are in the store.</p>\n"),
    }
}

fn item(title: &str, fresh: &[Message], exchange: &Exchange) -> String {
    let reply = &exchange.reply;
    let (class, end) = match exchange.rejected {
        Some(outcome) => ("bad", format!("rejected: {outcome}")),
        None => ("good", "accepted".to_owned()),
    };
    let finish = match &reply.finish {
        Finish::Stop => String::new(),
        Finish::Length => ", cut at the longest length".to_owned(),
        Finish::Other(word) => format!(", ended by {}", one_line(word, 40)),
    };
    let about = format!(
        "{}: {} tokens read, {} written in {}{finish}",
        one_line(&reply.model, 80),
        reply.usage.prompt_tokens,
        reply.usage.completion_tokens,
        duration(reply.seconds)
    );
    let mut html = format!(
        "<li><p><strong class=\"{class}\">{}</strong> <span class=\"quiet\">{}</span></p>\n{}",
        Escaped(&end),
        Escaped(&about),
        asked(title, fresh)
    );
    if !reply.reasoning.is_empty() {
        html.push_str(&folded("Reasoning", &reply.reasoning));
    }
    html.push_str(&folded("Reply", &reply.text));
    html.push_str(&findings(&exchange.diagnostics, &reply.text));
    if let Some(diff) = &exchange.repairs {
        html.push_str(&folded_diff("Repaired mechanically", diff));
    }
    html.push_str("</li>\n");
    html
}

fn asked(title: &str, messages: &[Message]) -> String {
    let text = messages
        .iter()
        .filter(|message| message.role != Role::Assistant);
    let text: Vec<&str> = text.map(|message| message.content.as_str()).collect();
    folded(title, &text.join("\n\n"))
}

/// The findings with the lines of the reply they are about; errors stand open.
fn findings(diagnostics: &[Diagnostic], reply: &str) -> String {
    if diagnostics.is_empty() {
        return String::new();
    }
    let n_errors = diagnostics
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .count();
    let text = if reply.len() <= MAX_TEXT {
        codegen::render(diagnostics, reply, Style::Plain)
    } else {
        let lines = diagnostics
            .iter()
            .map(|finding| format!("{} {}", finding.rule, finding.message));
        lines.collect::<Vec<_>>().join("\n")
    };
    let note = match (n_errors, diagnostics.len() - n_errors) {
        (0, n) => format!("{n} warnings and notes"),
        (errors, 0) => format!("{errors} errors"),
        (errors, n) => format!("{errors} errors, {n} warnings and notes"),
    };
    let folded = details("Diagnostics", &note, &pre(&text));
    if n_errors == 0 {
        return folded;
    }
    folded.replacen("<details>", "<details open>", 1)
}

#[cfg(test)]
mod tests {
    use codegen::Outcome;

    use super::*;
    use crate::report::search::fixtures::exchange;

    #[test]
    fn the_second_request_shows_only_what_is_new() {
        let first = exchange(0, "write a net", "import torch");
        let mut second = exchange(1, "write a net", "class Net: pass");
        let message = |role, content: &str| Message {
            role,
            content: content.to_owned(),
        };
        second.request.messages.extend([
            message(Role::Assistant, "import torch"),
            message(Role::User, "N001 there is no class"),
        ]);
        let shown = history(&[first, second]);
        assert_eq!(shown.matches("write a net").count(), 1);
        assert_eq!(shown.matches("import torch").count(), 1);
        assert!(shown.contains("N001 there is no class"));
    }

    #[test]
    fn errors_stand_open_beside_their_lines() {
        let reply = "Sorry, I can only describe it.";
        let rejected = codegen::generate(reply, &codegen::Options::default()).unwrap_err();
        let mut first = exchange(0, "write", reply);
        first.rejected = Some(Outcome::Extract);
        first.diagnostics = rejected.diagnostics;
        let shown = history(&[first]);
        assert!(shown.contains("rejected: extract"), "{shown}");
        assert!(
            shown.contains("<details open><summary>Diagnostics"),
            "{shown}"
        );
        assert!(shown.contains("N001"), "{shown}");
    }

    #[test]
    fn a_server_that_lies_in_every_field_is_only_text() {
        let attack = "</pre><script>alert(1)</script>";
        let mut first = exchange(0, attack, attack);
        first.reply.model = attack.to_owned();
        first.reply.reasoning = attack.to_owned();
        first.reply.finish = Finish::Other(attack.to_owned());
        first.repairs = Some(attack.to_owned());
        let shown = history(&[first]);
        assert!(!shown.contains("<script"), "{shown}");
        assert_eq!(shown.matches("&lt;script&gt;").count(), 6, "{shown}");
    }
}
