//! A server of the test's own: it answers each request with the next of some prepared answers, right or wrong.
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What is answered, byte for byte.
#[derive(Clone)]
pub(crate) enum Say {
    /// These bytes, and then the connection is closed.
    All(Vec<u8>),
    /// These bytes, and then nothing more until the client goes away.
    Stall(Vec<u8>),
    /// These, a few milliseconds apart.
    Slowly(Vec<Vec<u8>>),
}

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) head: String,
    pub(crate) body: Value,
}

pub(crate) struct Fake {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Fake {
    /// Answers chats so, the last one again and again, and lists the model `fake`.
    pub(crate) fn new(chats: Vec<Say>) -> Self {
        Self::listing(json_of(200, &json!({ "data": [{ "id": "fake" }] })), chats)
    }

    /// Answers the question for models so.
    pub(crate) fn listing(models: Say, chats: Vec<Say>) -> Self {
        Self::script(vec![models], chats)
    }

    pub(crate) fn script(models: Vec<Say>, chats: Vec<Say>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        Self::on(listener, models, chats)
    }

    pub(crate) fn on(listener: TcpListener, models: Vec<Say>, chats: Vec<Say>) -> Self {
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&seen);
        thread::spawn(move || {
            let (mut models, mut chats) = (Next::of(models), Next::of(chats));
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let Some(request) = read(&stream) else {
                    continue;
                };
                let is_list = request.head.starts_with("GET /v1/models ");
                kept.lock().unwrap().push(request);
                let answer = if is_list { models.next() } else { chats.next() };
                say(&mut stream, &answer);
            }
        });
        Self { address, seen }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/v1", self.address)
    }

    /// The chats that were asked for.
    pub(crate) fn chats(&self) -> Vec<Seen> {
        let seen = self.seen.lock().unwrap();
        let is_chat = |seen: &&Seen| seen.head.starts_with("POST ");
        seen.iter().filter(is_chat).cloned().collect()
    }

    /// All that was asked for.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

/// Answers in order, the last one for ever.
struct Next {
    answers: Vec<Say>,
    at: usize,
}

impl Next {
    fn of(answers: Vec<Say>) -> Self {
        Self { answers, at: 0 }
    }

    fn next(&mut self) -> Say {
        let answer = self.answers[self.at.min(self.answers.len() - 1)].clone();
        self.at += 1;
        answer
    }
}

fn read(stream: &TcpStream) -> Option<Seen> {
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        let is_length = name.eq_ignore_ascii_case("content-length");
        is_length.then(|| value.trim().parse().ok()).flatten()
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    let body = serde_json::from_slice(&body).unwrap_or(Value::Null);
    Some(Seen { head, body })
}

/// A client that goes away is no error here.
fn say(stream: &mut TcpStream, answer: &Say) {
    match answer {
        Say::All(bytes) => {
            let _ = stream.write_all(bytes);
        }
        Say::Stall(bytes) => {
            let _ = stream.write_all(bytes);
            let _ = stream.read(&mut [0]);
        }
        Say::Slowly(pieces) => {
            for piece in pieces {
                let gone = stream.write_all(piece).is_err();
                if gone {
                    return;
                }
                thread::sleep(Duration::from_millis(5));
            }
        }
    }
}

/// The head of a stream of events that ends when the connection does.
pub(crate) const STREAM: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";

/// An event with a piece of text.
pub(crate) fn piece(text: &str) -> String {
    event(&json!({ "model": "fake-1", "choices": [{ "index": 0, "delta": { "content": text } }] }))
}

/// An event.
pub(crate) fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// How a reply ends.
pub(crate) fn finish(reason: &str) -> String {
    event(&json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": reason }] }))
}

/// A good reply in these pieces, with its tokens counted.
pub(crate) fn good(pieces: &[&str]) -> Say {
    let pieces: String = pieces.iter().map(|text| piece(text)).collect();
    let usage = json!({ "choices": [], "usage": { "prompt_tokens": 11, "completion_tokens": 7 } });
    let (stop, usage) = (finish("stop"), event(&usage));
    stream(&format!("{pieces}{stop}{usage}data: [DONE]\n\n"))
}

/// These events.
pub(crate) fn stream(events: &str) -> Say {
    Say::All(format!("{STREAM}{events}").into_bytes())
}

/// A status with JSON.
pub(crate) fn json_of(status: u16, body: &Value) -> Say {
    answer(
        status,
        "Content-Type: application/json\r\n",
        &body.to_string(),
    )
}

/// A status with lines of the head and a body.
pub(crate) fn answer(status: u16, head: &str, body: &str) -> Say {
    let length = body.len();
    let head =
        format!("HTTP/1.1 {status} Said\r\n{head}Content-Length: {length}\r\nConnection: close");
    Say::All(format!("{head}\r\n\r\n{body}").into_bytes())
}

/// A refusal as `OpenAI` words it.
pub(crate) fn refusal(status: u16, message: &str) -> Say {
    json_of(
        status,
        &json!({ "error": { "message": message, "code": status } }),
    )
}

/// Lists the model `fake` to one client.
pub(crate) fn greet_once(listener: &TcpListener) {
    let (mut stream, _) = listener.accept().unwrap();
    read(&stream).unwrap();
    let list = json!({ "data": [{ "id": "fake" }] });
    say(&mut stream, &json_of(200, &list));
}
