//! Events worth a line that stays.
use crate::report::search::{count, duration, one_line, short, short_name};
use crate::search::SearchEvent;

/// Characters of a message.
const MAX_MESSAGE: usize = 160;

/// The line of an event, if it is worth one.
#[expect(clippy::too_many_lines, reason = "one arm an event")]
pub(super) fn line(event: &SearchEvent) -> Option<String> {
    Some(match event {
        SearchEvent::Began {
            trial,
            trials,
            brief,
        } => format!(
            "#{trial} of {trials}: from {} with K = {}",
            one_line(&brief.anchor, 60),
            brief.snippets.len()
        ),
        SearchEvent::TakenOver { trial } => format!("#{trial} is taken over"),
        SearchEvent::Promoted { trial, epochs, .. } => {
            format!("#{trial} goes on to {}", count(*epochs, "epoch"))
        }
        SearchEvent::Answered {
            trial,
            usage,
            seconds,
            ..
        } => format!(
            "#{trial} reply of {} tokens after {}",
            usage.completion_tokens,
            duration(*seconds)
        ),
        SearchEvent::Rejected {
            trial,
            outcome,
            message,
            ..
        } => {
            format!(
                "#{trial} rejected by {outcome}: {}",
                one_line(message, MAX_MESSAGE)
            )
        }
        SearchEvent::Accepted { trial, net } => format!(
            "#{trial} is {}: {} encoder, {} decoder, {} parameters",
            short_name(&net.name),
            one_line(&net.encoder, 20),
            one_line(&net.decoder, 20),
            short(net.n_params)
        ),
        SearchEvent::Scored {
            trial,
            epochs,
            score,
            ..
        } => {
            format!(
                "#{trial} BLEU-4 {score:.3} after {}",
                count(*epochs, "epoch")
            )
        }
        SearchEvent::Ended {
            trial,
            outcome,
            message,
        } => {
            let outcome = outcome.map_or("no result", |outcome| outcome.name());
            format!(
                "#{trial} ended, {outcome}: {}",
                one_line(message, MAX_MESSAGE)
            )
        }
        SearchEvent::Note { message } => one_line(message, MAX_MESSAGE),
        SearchEvent::Asking { .. }
        | SearchEvent::Duplicate { .. }
        | SearchEvent::Building { .. }
        | SearchEvent::Step { .. }
        | SearchEvent::Epoch { .. } => return None,
    })
}
