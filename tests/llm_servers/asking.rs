//! One request to servers that answer as they should.
use serde_json::{Value, json};

use super::fake::{
    Fake, STREAM, Say, answer, event, finish, good, json_of, piece, refusal, stream,
};
use super::{ask, ask_with, hasty, options, reply, request};
use nn_caption::llm::{Finish, Heard, LlmSpec, open};

#[test]
fn a_reply_streams_in_and_is_counted() {
    let fake = Fake::new(vec![good(&["A ", "net", "."])]);
    let (reply, heard) = reply(&fake);
    assert_eq!(reply.text, "A net.");
    assert_eq!((reply.model.as_str(), reply.sent), ("fake-1", 1));
    assert_eq!(reply.finish, Finish::Stop);
    assert_eq!(reply.usage.prompt_tokens, 11);
    assert_eq!(reply.usage.completion_tokens, 7);
    let counts: Vec<u64> = heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::Progress(progress) => Some(progress.tokens),
            _ => None,
        })
        .collect();
    assert_eq!(counts, [1, 2, 3]);
}

#[test]
fn a_request_holds_the_conversation_and_how_to_draw() {
    let fake = Fake::new(vec![good(&["ok"])]);
    let mut request = request();
    request.sampling.top_k = Some(20);
    request.schema = Some(json!({ "type": "object" }));
    ask_with(&fake, &options(), &request).0.unwrap();
    let body = &fake.chats()[0].body;
    assert_eq!(body["model"], "fake");
    assert_eq!(
        body["messages"],
        json!([{ "role": "user", "content": "A net, please." }])
    );
    assert_eq!(
        (&body["stream"], &body["top_k"]),
        (&json!(true), &json!(20))
    );
    assert_eq!(body["seed"], json!(request.sampling.seed));
    assert_eq!(
        body["response_format"]["json_schema"]["schema"]["type"],
        "object"
    );
}

#[test]
fn the_model_is_the_one_that_is_named_or_the_presets_or_the_servers_first() {
    for (preset, named, asked) in [
        ("", None, "fake"),
        ("", Some("mine"), "mine"),
        (
            "deepseek-r1:",
            None,
            "deepseek-ai/DeepSeek-R1-0528-Qwen3-8B",
        ),
        ("deepseek-r1:", Some("mine"), "mine"),
    ] {
        let fake = Fake::new(vec![good(&["ok"])]);
        let spec: LlmSpec = format!("{preset}{}", fake.url()).parse().unwrap();
        let mut options = options();
        options.model = named.map(str::to_owned);
        let mut provider = open(&spec, &options).unwrap();
        assert!(provider.name().starts_with(asked), "{}", provider.name());
        provider.ask(&request(), &mut |_| ()).unwrap();
        assert_eq!(fake.chats()[0].body["model"], asked);
    }
}

#[test]
fn tokens_are_counted_where_the_server_does_not() {
    let events = [piece("A "), piece("net."), finish("stop")].concat();
    let fake = Fake::new(vec![stream(&events)]);
    let (reply, _) = reply(&fake);
    assert_eq!(reply.usage.completion_tokens, 2);
    // "A net, please." has 14 bytes.
    assert_eq!(reply.usage.prompt_tokens, 4);
}

#[test]
fn a_server_that_does_not_stream_is_understood() {
    let message = json!({ "role": "assistant", "content": "<think>hmm</think>A net." });
    let whole = json!({
        "model": "whole",
        "choices": [{ "index": 0, "message": message, "finish_reason": "length" }],
        "usage": { "prompt_tokens": 5, "completion_tokens": 6 },
    });
    let (reply, _) = reply(&Fake::new(vec![json_of(200, &whole)]));
    assert_eq!(
        (reply.text.as_str(), reply.reasoning.as_str()),
        ("A net.", "hmm")
    );
    assert_eq!(
        (reply.model.as_str(), reply.finish),
        ("whole", Finish::Length)
    );
    assert_eq!(reply.usage.completion_tokens, 6);
}

#[test]
fn reasoning_is_told_while_it_streams_and_kept_apart() {
    let thought = |name: &str| event(&json!({ "choices": [{ "delta": { name: "hmm " } }] }));
    for name in ["reasoning_content", "reasoning"] {
        let events = [
            thought(name),
            thought(name),
            piece("A net."),
            finish("stop"),
        ]
        .concat();
        let (reply, heard) = reply(&Fake::new(vec![stream(&events)]));
        assert_eq!(
            (reply.text.as_str(), reply.reasoning.as_str()),
            ("A net.", "hmm hmm ")
        );
        let thinking = heard.iter().map(|heard| match heard {
            Heard::Progress(progress) => progress.reasoning,
            other => panic!("{other:?}"),
        });
        assert_eq!(thinking.collect::<Vec<_>>(), [true, true, false]);
    }
}

#[test]
fn comments_and_empty_events_between_tokens_do_no_harm() {
    let role =
        event(&json!({ "choices": [{ "delta": { "role": "assistant", "content": null } }] }));
    let events = [
        ": waiting\n\n",
        &role,
        &piece("A net."),
        ":\n\n",
        &finish("stop"),
        "data: [DONE]\n\n",
    ];
    let (reply, _) = reply(&Fake::new(vec![stream(&events.concat())]));
    assert_eq!(reply.text, "A net.");
}

#[test]
fn a_schema_that_the_server_refuses_is_left_out_with_a_warning_and_stays_out() {
    let refused = || refusal(400, "JSON schema error at #: unrecognized type");
    let fake = Fake::new(vec![refused(), refused(), good(&["{}"])]);
    let mut request = request();
    request.schema = Some(json!({ "type": "flux" }));
    let spec: LlmSpec = fake.url().parse().unwrap();
    let mut provider = open(&spec, &options()).unwrap();
    let (first, heard) = ask(&mut *provider, &request);
    assert_eq!(first.unwrap().sent, 3);
    let left_out: Vec<&str> = heard
        .iter()
        .filter_map(|heard| match heard {
            Heard::InVain(sent) => sent.left_out.as_deref(),
            _ => None,
        })
        .collect();
    assert!(left_out[1].contains("the JSON Schema"), "{left_out:?}");
    ask(&mut *provider, &request).0.unwrap();
    let sent: Vec<Value> = fake
        .chats()
        .iter()
        .map(|chat| chat.body["response_format"]["type"].clone())
        .collect();
    assert_eq!(
        sent,
        [
            json!("json_schema"),
            json!("json_object"),
            Value::Null,
            Value::Null
        ]
    );
}

#[test]
fn a_server_that_still_loads_is_waited_for() {
    let loading = || refusal(503, "Loading model");
    let list = json_of(200, &json!({ "data": [{ "id": "late" }] }));
    let fake = Fake::script(
        vec![Say::Stall(Vec::new()), loading(), list],
        vec![loading(), good(&["ok"])],
    );
    let mut options = options();
    options.time_outs.connect = hasty().time_outs.connect;
    let (reply, heard) = ask_with(&fake, &options, &request());
    assert_eq!(reply.unwrap().sent, 3);
    assert_eq!(fake.chats()[1].body["model"], "late");
    assert!(matches!(&heard[0], Heard::InVain(sent) if sent.fault.contains("Loading model")));
}

#[test]
fn a_server_without_a_list_of_models_is_asked_for_the_named_one() {
    let fake = Fake::listing(answer(404, "", ""), vec![good(&["ok"])]);
    let spec: LlmSpec = fake.url().parse().unwrap();
    let error = open(&spec, &options()).err().unwrap().to_string();
    assert!(error.contains("--model"), "{error}");
    let mut options = options();
    options.model = Some("mine".to_owned());
    let (reply, _) = ask_with(&fake, &options, &request());
    assert_eq!(reply.unwrap().text, "ok");
}

#[test]
fn a_redirect_on_the_same_host_is_followed_and_to_another_it_is_not() {
    let other = Fake::new(vec![good(&["stolen"])]);
    let to = |url: &str| answer(307, &format!("Location: {url}\r\n"), "");
    let here = Fake::new(vec![to("/v1/moved"), good(&["ok"])]);
    assert_eq!(reply(&here).0.text, "ok");
    assert_eq!(here.chats()[1].body["model"], "fake");

    let away = Fake::new(vec![to(&format!("{}/chat/completions", other.url()))]);
    let error = ask_with(&away, &options(), &request())
        .0
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("redirects to") && error.contains(&other.url()),
        "{error}"
    );
    assert!(other.seen().is_empty());
    assert_eq!(away.chats().len(), 1);
}

#[test]
fn a_prompt_that_the_server_cuts_is_told() {
    let fake = Fake::new(vec![good(&["ok"])]);
    let mut request = request();
    request.messages[0].content = "words ".repeat(1000);
    let (_, heard) = ask_with(&fake, &options(), &request);
    let warned = heard
        .iter()
        .any(|heard| matches!(heard, Heard::Warning(text) if text.contains("cut prompts")));
    assert!(warned, "{heard:?}");
}

#[test]
fn a_long_reply_is_cut_where_replies_end() {
    let mut events = piece(&"x".repeat(1024 * 1024)).repeat(10);
    events += &finish("stop");
    let fake = Fake::new(vec![Say::All(format!("{STREAM}{events}").into_bytes())]);
    let (reply, _) = reply(&fake);
    assert_eq!(reply.text.len() as u64, nn_caption::llm::MAX_REPLY_BYTES);
    assert_eq!((reply.finish, reply.sent), (Finish::Length, 1));
}
