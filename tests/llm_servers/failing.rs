//! Servers that fail: what is retried, what is kept, and what it means for a search.
use std::net::TcpListener;
use std::time::{Duration, Instant};

use nn_caption::llm::{Consequence, Heard, LlmError, LlmSpec, SentInVain, ServerOptions, open};
use serde_json::json;

use super::fake::{Fake, STREAM, Say, answer, event, good, json_of, piece, refusal, stream};
use super::{ask, ask_with, hasty, options, reply, request};

/// Asks a server that never gives a reply of use: how often, what was kept each time, and the error.
#[track_caller]
fn fails(fake: &Fake, words: &str, consequence: Consequence, sent: u32) -> Vec<SentInVain> {
    fails_with(&options(), fake, words, consequence, sent)
}

#[track_caller]
fn fails_with(
    options: &ServerOptions,
    fake: &Fake,
    words: &str,
    consequence: Consequence,
    sent: u32,
) -> Vec<SentInVain> {
    let (answer, heard) = ask_with(fake, options, &request());
    let error = answer.unwrap_err();
    assert!(error.to_string().contains(words), "{error}");
    assert_eq!(error.consequence(), consequence, "{error}");
    assert!(
        matches!(error, LlmError::Server { sent: found, .. } if found == sent),
        "{error}"
    );
    let in_vain = in_vain(&heard);
    assert_eq!(in_vain.len(), sent as usize);
    in_vain
}

fn in_vain(heard: &[Heard]) -> Vec<SentInVain> {
    heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::InVain(sent) => Some(sent.clone()),
            _ => None,
        })
        .collect()
}

#[test]
fn a_server_that_stalls_is_left_and_what_it_wrote_is_kept() {
    let begun = format!("{STREAM}{}{}", piece("A "), piece("net"));
    let fake = Fake::new(vec![Say::Stall(begun.into_bytes())]);
    let kept = fails_with(&hasty(), &fake, "--idle-timeout", Consequence::TrialEnds, 3);
    assert!(kept.iter().all(|sent| sent.text == "A net"));
    assert!(
        kept[0].fault.contains("no further token came within 80ms"),
        "{kept:?}"
    );
    assert_eq!(fake.chats().len(), 3);
}

#[test]
fn a_server_that_says_nothing_is_left() {
    for silence in [String::new(), STREAM.to_owned()] {
        let fake = Fake::new(vec![Say::Stall(silence.into_bytes())]);
        fails_with(
            &hasty(),
            &fake,
            "--first-token-timeout",
            Consequence::TrialEnds,
            3,
        );
    }
}

#[test]
fn keeping_the_line_open_is_no_token() {
    let mut pieces = vec![STREAM.as_bytes().to_vec(), piece("A ").into_bytes()];
    pieces.extend(std::iter::repeat_n(b": still there\n\n".to_vec(), 100));
    let fake = Fake::new(vec![Say::Slowly(pieces), good(&["ok"])]);
    let (answer, heard) = ask_with(&fake, &hasty(), &request());
    assert_eq!(answer.unwrap().text, "ok");
    assert!(in_vain(&heard)[0].fault.contains("no further token"));
}

#[test]
fn a_reply_without_end_is_left_in_the_end() {
    let mut pieces = vec![STREAM.as_bytes().to_vec()];
    pieces.extend(std::iter::repeat_n(piece("and so on ").into_bytes(), 200));
    let fake = Fake::new(vec![Say::Slowly(pieces)]);
    let mut options = options();
    options.time_outs.whole = Duration::from_millis(100);
    options.retries = 0;
    let (answer, heard) = ask_with(&fake, &options, &request());
    let error = answer.unwrap_err().to_string();
    assert!(error.contains("--reply-timeout"), "{error}");
    assert!(in_vain(&heard)[0].text.starts_with("and so on and so on"));
}

#[test]
fn a_server_that_asks_to_wait_is_waited_for() {
    let busy = answer(
        429,
        "Retry-After: 0.125\r\n",
        r#"{"error":{"message":"slow down"}}"#,
    );
    let fake = Fake::new(vec![busy.clone(), busy, good(&["ok"])]);
    let began = Instant::now();
    let (reply, heard) = reply(&fake);
    assert_eq!((reply.text.as_str(), reply.sent), ("ok", 3));
    assert!(began.elapsed() >= Duration::from_millis(250));
    let kept = in_vain(&heard);
    assert!(kept.iter().all(|sent| sent.wait == Some(0.125)));
    assert!(kept[0].fault.contains("429: slow down"), "{kept:?}");
}

#[test]
fn nobody_waits_for_an_hour() {
    let busy = answer(429, "Retry-After: 3600\r\n", "quota");
    fails(
        &Fake::new(vec![busy]),
        "answered 429: quota",
        Consequence::SearchStops,
        1,
    );
}

#[test]
fn a_server_that_fails_once_is_asked_again() {
    for status in [500, 502, 503, 408] {
        let fake = Fake::new(vec![answer(status, "", "<h1>oops</h1>"), good(&["ok"])]);
        let (reply, heard) = reply(&fake);
        assert_eq!((reply.text.as_str(), reply.sent), ("ok", 2));
        assert!(in_vain(&heard)[0].fault.contains("oops"));
    }
}

#[test]
fn a_server_that_fails_for_ever_stops_the_search() {
    let fake = Fake::new(vec![refusal(500, "out of memory")]);
    let kept = fails(&fake, "out of memory", Consequence::SearchStops, 5);
    assert!(kept[..4].iter().all(|sent| sent.wait.is_some()));
    assert_eq!(kept[4].wait, None);
}

#[test]
fn a_reply_that_is_cut_is_asked_for_again() {
    let closed = stream(&[piece("A "), piece("net")].concat());
    let begun = STREAM.replace("Connection: close", "Transfer-Encoding: chunked");
    let whole = piece("A net");
    let chunked = format!("{begun}{:x}\r\n{whole}\r\n40\r\ndata: {{", whole.len());
    for cut in [closed, Say::All(chunked.into_bytes())] {
        let fake = Fake::new(vec![cut.clone(), good(&["ok"])]);
        let (reply, heard) = reply(&fake);
        assert_eq!((reply.text.as_str(), reply.sent), ("ok", 2));
        assert_eq!(in_vain(&heard)[0].text, "A net");
        fails(
            &Fake::new(vec![cut]),
            "was cut after",
            Consequence::TrialEnds,
            3,
        );
    }
}

#[test]
fn a_connection_that_closes_at_once_is_asked_again() {
    let fake = Fake::new(vec![Say::All(Vec::new()), good(&["ok"])]);
    assert_eq!(reply(&fake).0.sent, 2);
}

#[test]
fn an_answer_of_another_protocol_is_shown() {
    for (wrong, shown) in [
        (stream("data: {\"choices\": [\n\n"), "`{\"choices\": [`"),
        (stream("data: {\"tokens\": 3}\n\n"), "`{\"tokens\": 3}`"),
        (stream("data: {\"choices\": 3}\n\n"), "`{\"choices\": 3}`"),
        (
            json_of(200, &json!({ "hello": "world" })),
            "`{\"hello\":\"world\"}`",
        ),
        (
            answer(200, "", "<html>login</html>"),
            "`<html>login</html>`",
        ),
        (answer(200, "", ""), "nothing"),
    ] {
        let kept = fails(
            &Fake::new(vec![wrong]),
            "OpenAI's protocol",
            Consequence::TrialEnds,
            3,
        );
        assert!(kept[0].fault.contains(shown), "{kept:?}");
    }
}

#[test]
fn a_reply_of_one_huge_piece_is_refused_before_it_fills_the_memory() {
    let huge = "x".repeat(10 * 1024 * 1024);
    let whole = json!({ "choices": [{ "message": { "content": huge } }] });
    for large in [stream(&piece(&huge)), json_of(200, &whole)] {
        let mut options = options();
        options.retries = 0;
        let (answer, _) = ask_with(&Fake::new(vec![large]), &options, &request());
        let error = answer.unwrap_err().to_string();
        assert!(error.contains("more than 4194304 bytes"), "{error}");
    }
}

#[test]
fn an_empty_choice_is_no_reply() {
    let done = "data: [DONE]\n\n";
    let none = event(&json!({ "choices": [] }));
    let blank = event(&json!({ "choices": [{ "delta": { "content": " \n" } }] }));
    for empty in [done.to_owned(), none + done, blank + done] {
        fails(
            &Fake::new(vec![stream(&empty)]),
            "is empty",
            Consequence::TrialEnds,
            3,
        );
    }
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    let mut bytes =
        format!("{STREAM}data: {{\"choices\":[{{\"delta\":{{\"content\":\"").into_bytes();
    bytes.extend(b"\xff\xfe\"}}]}\n\n");
    fails(
        &Fake::new(vec![Say::All(bytes)]),
        "not UTF-8",
        Consequence::TrialEnds,
        3,
    );
}

#[test]
fn a_failure_in_mid_reply_is_told_in_the_servers_words() {
    let failed = event(&json!({ "error": { "message": "CUDA out of memory" } }));
    let fake = Fake::new(vec![stream(&(piece("A ") + &failed))]);
    let kept = fails(&fake, "CUDA out of memory", Consequence::TrialEnds, 3);
    assert_eq!(kept[0].text, "A ");
}

#[test]
fn a_prompt_that_is_too_long_ends_its_trial_and_another_refusal_the_search() {
    let long = refusal(400, "the request exceeds the available context size");
    fails(
        &Fake::new(vec![long]),
        "context size",
        Consequence::TrialEnds,
        1,
    );
    let unknown = refusal(404, "The model `fake` does not exist.");
    fails(
        &Fake::new(vec![unknown]),
        "--model",
        Consequence::SearchStops,
        1,
    );
    let refused = refusal(400, "I do not like it");
    fails(
        &Fake::new(vec![refused]),
        "do not like",
        Consequence::SearchStops,
        1,
    );
}

#[test]
fn a_missing_key_is_asked_for_by_the_name_of_its_variable() {
    let fake = Fake::listing(refusal(401, "no key"), vec![good(&["ok"])]);
    let spec: LlmSpec = fake.url().parse().unwrap();
    let error = open(&spec, &options()).err().unwrap();
    assert_eq!(error.consequence(), Consequence::SearchStops);
    let said = error.to_string();
    assert!(
        said.contains("401: no key") && said.contains("NN_CAPTION_NO_KEY"),
        "{said}"
    );
}

#[test]
fn where_nobody_listens_nothing_begins() {
    let spec: LlmSpec = nowhere().parse().unwrap();
    let error = open(&spec, &options()).err().unwrap();
    assert_eq!(error.consequence(), Consequence::SearchStops);
    let said = error.to_string();
    assert!(
        said.contains("Connection refused") && said.contains("--llm"),
        "{said}"
    );
}

/// A URL where nobody listens.
fn nowhere() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/v1", listener.local_addr().unwrap())
}

#[test]
fn a_server_that_goes_away_is_asked_as_often_as_allowed() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let spec: LlmSpec = format!("http://{}/v1", listener.local_addr().unwrap())
        .parse()
        .unwrap();
    let last = listener.try_clone().unwrap();
    let greeted = std::thread::spawn(move || super::fake::greet_once(&last));
    let mut provider = open(&spec, &options()).unwrap();
    greeted.join().unwrap();
    drop(listener);
    let (answer, heard) = ask(&mut *provider, &request());
    let error = answer.unwrap_err();
    assert_eq!(error.consequence(), Consequence::SearchStops);
    assert!(error.to_string().contains("5 requests"), "{error}");
    assert_eq!(in_vain(&heard).len(), 5);
}
