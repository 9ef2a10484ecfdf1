//! The view, line by line.
use crate::report::search::{duration, short};
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Position, Rect};
use ratatui::style::{Style, Stylize};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Clear, LineGauge};

use super::state::{Live, Now};

/// Lines of the view; the cursor stands on the last one.
pub(super) const HEIGHT: u16 = 6;
/// Width of what each line is about.
const LABEL: usize = 8;

/// Draws the view.
pub(super) fn view(live: &Live, frame: &mut Frame<'_>) {
    let rows = Layout::vertical([Constraint::Length(1); HEIGHT as usize]).split(frame.area());
    let lines = [trials(live), best(live), endings(live), now(live)];
    for (line, row) in lines.into_iter().zip(rows.iter()) {
        frame.render_widget(line, *row);
    }
    if let (
        Now::Training {
            epoch,
            step,
            steps,
            loss,
        },
        Some(row),
    ) = (&live.now, rows.get(4))
    {
        progress(frame, *row, (*epoch, *step, *steps), *loss);
    }
    let area = frame.area();
    frame.set_cursor_position(Position::new(area.x, area.bottom().saturating_sub(1)));
}

/// Takes the view away.
pub(super) fn nothing(frame: &mut Frame<'_>) {
    let area = frame.area();
    frame.render_widget(Clear, area);
    frame.set_cursor_position(Position::new(area.x, area.y));
}

fn labelled(label: &str, text: String) -> Line<'static> {
    Line::from(vec![
        Span::raw(format!("{label:<LABEL$}")).bold(),
        Span::raw(text),
    ])
}

fn trials(live: &Live) -> Line<'static> {
    let text = format!(
        "{} of {} trials in {}; {} tokens read, {} written in {}",
        live.n_ended(),
        live.n_trials,
        duration(live.began.elapsed().as_secs_f64()),
        short(live.usage.prompt_tokens),
        short(live.usage.completion_tokens),
        duration(live.llm_seconds)
    );
    labelled("search", text)
}

fn best(live: &Live) -> Line<'static> {
    let text = match &live.best {
        Some(best) => format!(
            "#{} {}: BLEU-4 {:.3} after {} epochs",
            best.trial, best.name, best.score, best.epochs
        ),
        None => "no score yet".to_owned(),
    };
    labelled("best", text)
}

fn endings(live: &Live) -> Line<'static> {
    let counts = live.counts().into_iter();
    let counts: Vec<String> = counts.map(|(ending, n)| format!("{n} {ending}")).collect();
    let text = if counts.is_empty() {
        "none yet".to_owned()
    } else {
        counts.join(", ")
    };
    labelled("ended", text)
}

fn now(live: &Live) -> Line<'static> {
    let Some(trial) = live.trial else {
        return labelled("now", "starting".to_owned());
    };
    let text = match &live.now {
        Now::Idle => "getting ready".to_owned(),
        Now::Asking {
            attempt,
            tokens,
            seconds,
            reasoning,
        } => format!(
            "request {}, the language model {}: {tokens} tokens in {}",
            attempt + 1,
            if *reasoning { "thinks" } else { "writes" },
            duration(*seconds)
        ),
        Now::Checking => "checking the reply".to_owned(),
        Now::Building => format!("compiling {}", live.name(trial)),
        Now::Training { .. } => format!("training {}", live.name(trial)),
    };
    labelled("now", format!("#{trial} {text}"))
}

fn progress(
    frame: &mut Frame<'_>,
    row: Rect,
    (epoch, step, steps): (usize, usize, usize),
    loss: f64,
) {
    let done = step as f64 / steps.max(1) as f64;
    let gauge = LineGauge::default()
        .ratio(done.clamp(0.0, 1.0))
        .label(format!(
            "        epoch {epoch}, step {step} of {steps}, loss {loss:.3}"
        ))
        .filled_style(Style::new().green());
    frame.render_widget(gauge, row);
}

#[cfg(test)]
mod tests;
