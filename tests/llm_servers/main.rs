//! Servers of language models, good and bad, against a fake on this machine.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

mod asking;
mod failing;
mod fake;
mod search;

use std::time::Duration;

use nn_caption::llm::{
    Heard, LlmError, LlmSpec, Message, Provider, Reply, Request, Role, ServerOptions, Turn, open,
};

use fake::Fake;

/// Options that know no key, and wait for milliseconds only before a request is sent again.
fn options() -> ServerOptions {
    ServerOptions {
        key_env: "NN_CAPTION_NO_KEY".to_owned(),
        backoff: Duration::from_millis(2),
        retries: 4,
        ..ServerOptions::default()
    }
}

/// Options that wait for milliseconds only, whatever for.
fn hasty() -> ServerOptions {
    let mut options = options();
    options.time_outs.connect = Duration::from_millis(500);
    options.time_outs.first_token = Duration::from_millis(200);
    options.time_outs.idle = Duration::from_millis(80);
    options
}

fn request() -> Request {
    Request {
        turn: Turn {
            trial: 1,
            attempt: 0,
        },
        messages: vec![Message {
            role: Role::User,
            content: "A net, please.".to_owned(),
        }],
        sampling: LlmSpec::Offline.sampling(7),
        schema: None,
    }
}

fn ask(provider: &mut dyn Provider, request: &Request) -> (Result<Reply, LlmError>, Vec<Heard>) {
    let mut heard = Vec::new();
    let answer = provider.ask(request, &mut |news| heard.push(news));
    (answer, heard)
}

fn ask_with(
    fake: &Fake,
    options: &ServerOptions,
    request: &Request,
) -> (Result<Reply, LlmError>, Vec<Heard>) {
    let spec: LlmSpec = fake.url().parse().unwrap();
    let mut provider = open(&spec, options).unwrap();
    ask(&mut *provider, request)
}

/// The reply to a plain question.
#[track_caller]
fn reply(fake: &Fake) -> (Reply, Vec<Heard>) {
    let (answer, heard) = ask_with(fake, &options(), &request());
    (answer.unwrap(), heard)
}
