use std::collections::BTreeSet;

use codegen::{Options, generate};
use serde_json::json;

use super::*;
use crate::llm::{Sampling, Turn};

fn message(role: Role, content: &str) -> Message {
    Message {
        role,
        content: content.to_owned(),
    }
}

fn request(seed: u64, trial: u64, content: &str) -> Request {
    Request {
        turn: Turn { trial, attempt: 0 },
        messages: vec![message(Role::User, content)],
        sampling: Sampling {
            temperature: 1.0,
            top_p: 1.0,
            top_k: None,
            seed,
            max_tokens: 100,
        },
        schema: None,
    }
}

fn ask(request: &Request) -> Reply {
    Offline.ask(request, &mut |_| ()).unwrap()
}

fn small() -> Options {
    Options {
        vocab: 200,
        image: [3, 64, 64],
        ..Options::default()
    }
}

#[test]
fn a_reply_follows_from_its_request() {
    let first = ask(&request(1, 1, "a net"));
    assert_eq!(first, ask(&request(1, 1, "a net")));
    for other in [
        request(2, 1, "a net"),
        request(1, 2, "a net"),
        request(1, 1, "a good net"),
    ] {
        assert_ne!(first.text, ask(&other).text);
    }
}

#[test]
fn two_of_three_replies_are_nets() {
    let accepted = (0..60)
        .filter(|trial| generate(&ask(&request(0, *trial, "a net")).text, &small()).is_ok())
        .count();
    assert!((36..=56).contains(&accepted), "{accepted} of 60");
}

#[test]
fn every_net_that_is_drawn_is_accepted() {
    let mut random = Random::of(5, &[]);
    for decoder in [Decoder::Lstm, Decoder::Gru, Decoder::Transformer] {
        for _ in 0..12 {
            let spec = draw::net(Some(decoder), &mut random);
            assert_eq!(spec.check(), Ok(()));
            assert_eq!(Decoder::of_spec(&spec.decoder), decoder);
            let generated = generate(&spec.python(), &small());
            assert!(generated.is_ok(), "{:?}", generated.unwrap_err());
        }
    }
}

#[test]
fn the_decoder_is_the_one_that_is_asked_for() {
    let asked = format!("Write a net.\n{DECODER_ASKED}`gru`.\nBegin.");
    for trial in 0..20 {
        let text = ask(&request(0, trial, &asked)).text;
        for spec in marked(&text) {
            assert_eq!(Decoder::of_spec(&spec.decoder), Decoder::Gru);
        }
    }
}

#[test]
fn a_schema_is_answered_with_data() {
    let mut accepted = 0;
    for trial in 0..24 {
        let mut request = request(0, trial, "a net");
        request.schema = Some(json!({}));
        let reply = ask(&request);
        assert!(reply.text.starts_with('{'), "{}", reply.text);
        accepted += usize::from(NetSpec::read(&reply.text).is_ok());
    }
    assert!((16..=24).contains(&accepted), "{accepted} of 24");
}

#[test]
fn diagnostics_are_mostly_answered_with_the_mended_net() {
    let mut mended = 0;
    let mut random = Random::of(1, &[]);
    let spec = draw::net(None, &mut random);
    let whole = as_python_unspoiled(&spec);
    for trial in 0..24 {
        let mut request = request(0, trial, "a net");
        let spoiled = whole.text().replace("loss.backward()", "loss.forward()");
        request.messages.push(message(Role::Assistant, &spoiled));
        request.messages.push(message(Role::User, "N029"));
        request.turn.attempt = 1;
        mended += usize::from(ask(&request).text.contains(&whole.code));
    }
    assert!((15..24).contains(&mended), "{mended} of 24");
}

fn as_python_unspoiled(spec: &NetSpec) -> Draft {
    let mark = json(spec).replace('"', "'");
    Draft {
        words: words::about(spec, false),
        language: "python",
        code: format!("{MARK}{mark}\n{}", spec.python()),
        is_cut: false,
    }
}

#[test]
fn a_net_that_is_shown_is_varied() {
    let parent = draw::net(Some(Decoder::Gru), &mut Random::of(3, &[]));
    let shown = as_python_unspoiled(&parent).code;
    let mut shares = 0;
    for trial in 0..20 {
        let request = request(0, trial, &shown);
        let spec = net(&request.messages, &mut random(&request));
        assert_eq!(Decoder::of_spec(&spec.decoder), Decoder::Gru);
        shares += usize::from(spec.memory == parent.memory || spec.recipe == parent.recipe);
    }
    assert_eq!(shares, 20);
}

#[test]
fn every_spoiled_reply_is_spoiled_and_names_are_unique() {
    let mut random = Random::of(9, &[]);
    let names: BTreeSet<_> = SPOILS.iter().map(|spoil| spoil.name).collect();
    assert_eq!(names.len(), SPOILS.len());
    for decoder in [Decoder::Lstm, Decoder::Gru, Decoder::Transformer] {
        let draft = as_python_unspoiled(&draw::net(Some(decoder), &mut random));
        for spoil in SPOILS {
            let mut spoiled = draft.clone();
            (spoil.apply)(&mut spoiled, &mut random);
            let ending = match generate(&spoiled.text(), &small()) {
                Ok(generated) if generated.repairs.is_some() => "repaired".to_owned(),
                Ok(_) => "accepted".to_owned(),
                Err(rejected) => rejected.outcome().to_string(),
            };
            assert_ne!(ending, "accepted", "{}", spoil.name);
        }
    }
}
