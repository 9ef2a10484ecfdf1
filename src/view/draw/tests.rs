use crate::llm::{Progress, Usage};
use crate::search::SearchEvent;
use crate::store::{Brief, Form, NetFacts};
use codegen::Outcome;
use ratatui::backend::TestBackend;
use ratatui::{Terminal, TerminalOptions, Viewport};

use super::*;

fn began(trial: u64) -> SearchEvent {
    SearchEvent::Began {
        trial,
        trials: 5,
        brief: Brief {
            version: "v1".to_owned(),
            form: Form::Python,
            anchor: "A".to_owned(),
            snippets: Vec::new(),
            decoder: None,
            parents: Vec::new(),
        },
    }
}

fn accepted(trial: u64) -> SearchEvent {
    let net = NetFacts {
        name: format!("C1C-A-{trial:032x}"),
        hash: String::new(),
        structure: String::new(),
        encoder: "residual".to_owned(),
        decoder: "lstm".to_owned(),
        blocks: Vec::new(),
        n_params: 1000,
        flops: 2000,
        activation_bytes: 3000,
    };
    SearchEvent::Accepted { trial, net }
}

fn ended(trial: u64, outcome: Outcome) -> SearchEvent {
    SearchEvent::Ended {
        trial,
        outcome: Some(outcome),
        message: "it ended".to_owned(),
    }
}

fn screen(events: &[SearchEvent]) -> Terminal<TestBackend> {
    let mut live = Live::new(&[], 5);
    for event in events {
        live.see(event);
    }
    let options = TerminalOptions {
        viewport: Viewport::Inline(HEIGHT),
    };
    let mut screen = Terminal::with_options(TestBackend::new(80, 12), options).unwrap();
    screen.draw(|frame| view(&live, frame)).unwrap();
    screen
}

fn shown(events: &[SearchEvent]) -> String {
    screen(events).backend().to_string()
}

/// The end of a trial without an outcome, whatever it says.
fn silent(trial: u64) -> SearchEvent {
    SearchEvent::Ended {
        trial,
        outcome: None,
        message: "the same as ever: the server is gone".to_owned(),
    }
}

#[test]
fn a_duplicate_is_told_from_a_trial_without_a_reply() {
    let shown = shown(&[
        began(1),
        SearchEvent::Duplicate { trial: 1, of: 7 },
        silent(1),
        began(2),
        silent(2),
    ]);
    assert!(shown.contains("1 duplicate, 1 no reply"), "{shown}");
}

#[test]
fn the_view_follows_a_search() {
    let scored = |trial, epochs, score| SearchEvent::Scored {
        trial,
        rung: 0,
        epochs,
        score,
    };
    let shown = shown(&[
        began(1),
        ended(1, Outcome::Shape),
        began(2),
        SearchEvent::Answered {
            trial: 2,
            attempt: 0,
            usage: Usage {
                prompt_tokens: 1500,
                completion_tokens: 20,
            },
            seconds: 12.0,
        },
        accepted(2),
        scored(2, 1, 0.25),
        ended(2, Outcome::Trained),
        began(3),
        accepted(3),
        scored(3, 1, 0.125),
        SearchEvent::Step {
            trial: 3,
            epoch: 2,
            step: 3,
            steps: 4,
            loss: 1.5,
        },
    ]);
    for said in [
        "search  2 of 5 trials in",
        "1.50 K tokens read, 20 written in 12 s",
        "best    #2 C1C-A-00000000: BLEU-4 0.250 after 1 epoch",
        "ended   1 shape, 1 trained",
        "now     #3 training C1C-A-00000000",
        "epoch 2, step 3 of 4, loss 1.500",
    ] {
        assert!(shown.contains(said), "{said}\n{shown}");
    }
}

#[test]
fn tokens_are_counted_while_they_come() {
    let asking = SearchEvent::Asking {
        trial: 1,
        attempt: 1,
        progress: Progress {
            tokens: 312,
            reasoning: true,
            seconds: 24.0,
        },
    };
    let shown = shown(&[began(1), asking]);
    assert!(
        shown.contains("#1 request 2, the language model thinks: 312 tokens in 24 s"),
        "{shown}"
    );
}

#[test]
fn longer_training_is_better_than_a_higher_score() {
    let scored = |trial, epochs, score| SearchEvent::Scored {
        trial,
        rung: 0,
        epochs,
        score,
    };
    let shown = shown(&[
        began(1),
        accepted(1),
        scored(1, 4, 0.1),
        accepted(2),
        scored(2, 1, 0.9),
    ]);
    assert!(shown.contains("best    #1"), "{shown}");
}

#[test]
fn a_promoted_trial_is_counted_once() {
    let promoted = SearchEvent::Promoted {
        trial: 1,
        rung: 1,
        epochs: 4,
    };
    let shown = shown(&[
        began(1),
        ended(1, Outcome::Trained),
        promoted,
        ended(1, Outcome::Nan),
    ]);
    assert!(shown.contains("ended   1 nan"), "{shown}");
}

#[test]
fn the_cursor_stands_below_the_view_and_where_it_was_at_the_end() {
    let mut screen = screen(&[began(1)]);
    let area = screen.get_frame().area();
    screen
        .backend_mut()
        .assert_cursor_position(Position::new(0, area.bottom() - 1));
    screen.draw(nothing).unwrap();
    screen
        .backend_mut()
        .assert_cursor_position(Position::new(0, area.y));
    assert!(!screen.backend().to_string().contains("search"));
}
