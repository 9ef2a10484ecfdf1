//! HTTP: one request, and its answer as it streams in.
use std::error::Error;
use std::time::{Duration, SystemTime};

use eventsource_stream::{EventStreamError, Eventsource};
use futures_util::StreamExt;
use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde_json::Value;

use super::answer::{Answer, error_message, shown};
use super::clock::Clock;
use super::fault::{Awaited, Fault};
use super::options::TimeOuts;
use crate::llm::MAX_REPLY_BYTES;

/// Redirects that are followed, on the same host.
const REDIRECTS: usize = 3;
/// Bytes of an error that are read.
const MAX_ERROR: usize = 64 * 1024;
/// How a stream of events ends.
const DONE: &str = "[DONE]";

/// Speaks with one server.
#[derive(Debug)]
pub(super) struct Wire {
    client: Client,
    base: Url,
    key: Option<String>,
    key_env: String,
    time_outs: TimeOuts,
}

/// A request that was sent in vain.
#[derive(Debug)]
pub(super) struct Vain {
    pub(super) fault: Fault,
    /// How long the server asks to wait.
    pub(super) wait: Option<Duration>,
    /// What came nevertheless.
    pub(super) answer: Box<Answer>,
}

impl From<Fault> for Vain {
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            wait: None,
            answer: Box::default(),
        }
    }
}

impl Wire {
    pub(super) fn new(
        base: Url,
        key: Option<String>,
        key_env: &str,
        time_outs: TimeOuts,
    ) -> Result<Self, Fault> {
        // An error says that another part of the process has chosen already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = Client::builder()
            .user_agent(concat!("nn-caption/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(time_outs.connect)
            .redirect(Policy::custom(|attempt| {
                let from = attempt.previous().last();
                let is_same = from.is_some_and(|from| from.origin() == attempt.url().origin());
                if is_same && attempt.previous().len() <= REDIRECTS {
                    attempt.follow()
                } else {
                    attempt.stop()
                }
            }));
        if base.scheme() == "http" {
            client = client.tls_certs_only([]);
        }
        if is_this_machine(&base) {
            client = client.no_proxy();
        }
        let client = client.build().map_err(|error| Fault::Unreachable {
            cause: cause(&error),
        })?;
        Ok(Self {
            client,
            base,
            key,
            key_env: key_env.to_owned(),
            time_outs,
        })
    }

    /// The language models that the server lists; none where it keeps no list.
    pub(super) async fn models(&self) -> Result<Vec<String>, Vain> {
        // A list is there at once.
        let mut clock = Clock::new(TimeOuts {
            first_token: self.time_outs.connect,
            ..self.time_outs
        });
        let request = self.with_key(self.client.get(self.url("models")));
        let response = self.send(request, &clock, Awaited::Answer).await?;
        let status = response.status();
        if status == StatusCode::NOT_FOUND || status == StatusCode::METHOD_NOT_ALLOWED {
            return Ok(Vec::new());
        }
        let response = self.accepted(response).await?;
        let text = whole(response, &mut clock).await?;
        let list: Value = serde_json::from_str(&text).unwrap_or_default();
        let models = list["data"].as_array().into_iter().flatten();
        let names = models.filter_map(|model| model["id"].as_str());
        Ok(names.map(str::to_owned).collect())
    }

    /// Sends a chat, and takes the answer in. `heard` learns of each token.
    pub(super) async fn chat(
        &self,
        body: &Value,
        heard: &mut dyn FnMut(&Answer),
    ) -> Result<Answer, Vain> {
        let mut clock = Clock::new(self.time_outs);
        let request = self.with_key(self.client.post(self.url("chat/completions")));
        let response = self
            .send(request.json(body), &clock, Awaited::FirstToken)
            .await?;
        let response = self.accepted(response).await?;
        let mut answer = Answer::default();
        let taken = if is_stream(response.headers()) {
            stream(response, &mut clock, &mut answer, heard).await
        } else {
            at_once(response, &mut clock, &mut answer, heard).await
        };
        match taken {
            Ok(()) => Ok(answer),
            Err(fault) => Err(Vain {
                fault: self.redacted(fault),
                wait: None,
                answer: Box::new(answer),
            }),
        }
    }

    async fn send(
        &self,
        request: RequestBuilder,
        clock: &Clock,
        awaited: Awaited,
    ) -> Result<Response, Fault> {
        let sent = clock.within(awaited, request.send()).await?;
        sent.map_err(|error| {
            let (limit, cause) = (self.time_outs.connect, cause(&error));
            match (error.is_connect(), error.is_timeout()) {
                (_, true) => Fault::Slow {
                    awaited: Awaited::Connection,
                    limit,
                },
                (true, false) => Fault::Unreachable { cause },
                (false, false) => Fault::Cut { pieces: 0, cause },
            }
        })
    }

    /// The response, if the server says yes.
    async fn accepted(&self, response: Response) -> Result<Response, Vain> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let headers = response.headers().clone();
        if let Some(to) = headers.get(LOCATION).filter(|_| status.is_redirection()) {
            let to = shown(&String::from_utf8_lossy(to.as_bytes()));
            return Err(self.redacted(Fault::Redirect { to }).into());
        }
        let message = self.complaint(response).await;
        let wait = retry_after(&headers, SystemTime::now());
        let status = status.as_u16();
        let fault = Fault::Status {
            status,
            help: self.help(status),
            message,
        };
        Err(Vain {
            wait,
            ..self.redacted(fault).into()
        })
    }

    /// What the server says beside its status.
    async fn complaint(&self, response: Response) -> String {
        let mut clock = Clock::new(TimeOuts {
            first_token: self.time_outs.connect,
            ..self.time_outs
        });
        let text = read(response, &mut clock, MAX_ERROR).await;
        let text = String::from_utf8_lossy(&text.unwrap_or_default()).into_owned();
        match serde_json::from_str::<Value>(&text) {
            Ok(error) => error_message(&error),
            Err(_) => shown(&text),
        }
    }

    /// What to do about a status.
    fn help(&self, status: u16) -> String {
        let env = &self.key_env;
        match status {
            401 | 403 if self.key.is_some() => format!("the key in {env} is not accepted"),
            401 | 403 => format!("put the key into the environment variable {env}, or name another with --key-env"),
            404 => format!(
                "check the URL ({}), which most often ends in /v1, and --model",
                self.url("chat/completions")
            ),
            429 => "it allows no more for now; --requests-per-minute and --tokens-per-minute keep within its rates".to_owned(),
            _ => String::new(),
        }
    }

    fn with_key(&self, request: RequestBuilder) -> RequestBuilder {
        let Some(key) = &self.key else {
            return request;
        };
        match HeaderValue::from_str(&format!("Bearer {key}")) {
            Ok(mut value) => {
                value.set_sensitive(true);
                request.header(AUTHORIZATION, value)
            }
            // Opening the server has checked it.
            Err(_) => request,
        }
    }

    /// The address of a part of the server; what follows a `?` is kept.
    fn url(&self, part: &str) -> Url {
        let mut url = self.base.clone();
        let path = format!("{}/{part}", self.base.path().trim_end_matches('/'));
        url.set_path(&path);
        url
    }

    /// A fault that does not show the key, should the server have repeated it.
    fn redacted(&self, fault: Fault) -> Fault {
        let Some(key) = &self.key else {
            return fault;
        };
        let hide = |text: String| text.replace(key, "[key]");
        match fault {
            Fault::Status {
                status,
                message,
                help,
            } => Fault::Status {
                status,
                message: hide(message),
                help,
            },
            Fault::Redirect { to } => Fault::Redirect { to: hide(to) },
            Fault::NotChat { found } => Fault::NotChat { found: hide(found) },
            Fault::Failed { message } => Fault::Failed {
                message: hide(message),
            },
            fault => fault,
        }
    }
}

/// Whether a server runs on this machine, so that no proxy can lie between.
fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn is_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    kind.is_some_and(|kind| kind.starts_with(b"text/event-stream"))
}

/// Takes in an answer that comes in pieces.
async fn stream(
    response: Response,
    clock: &mut Clock,
    answer: &mut Answer,
    heard: &mut dyn FnMut(&Answer),
) -> Result<(), Fault> {
    let mut lines = Lines::default();
    let bytes = response.bytes_stream().map(move |bytes| {
        let bytes = bytes.map_err(|error| Fault::Cut {
            pieces: 0,
            cause: cause(&error),
        })?;
        lines.whole(&bytes)
    });
    let mut events = std::pin::pin!(bytes.eventsource());
    loop {
        let event = match clock.until_token(events.next()).await? {
            None => break,
            Some(Ok(event)) => event,
            Some(Err(EventStreamError::Utf8(_))) => return Err(Fault::NotText),
            Some(Err(EventStreamError::Transport(Fault::Cut { cause, .. }))) => {
                let pieces = answer.pieces;
                return Err(Fault::Cut { pieces, cause });
            }
            Some(Err(EventStreamError::Transport(fault))) => return Err(fault),
            Some(Err(EventStreamError::Parser(error))) => {
                let found = shown(&error.input);
                return Err(Fault::NotChat { found });
            }
        };
        if event.data.trim() == DONE {
            return Ok(());
        }
        if answer.take(&event.data)? {
            clock.token();
            let is_cut = answer.cut();
            heard(answer);
            if is_cut {
                return Ok(());
            }
        }
    }
    match answer.finish {
        Some(_) => Ok(()),
        None => Err(Fault::Cut {
            pieces: answer.pieces,
            cause: "the stream ended before the reply did".to_owned(),
        }),
    }
}

/// Gathers bytes to whole lines: the parser of events looks at a line that is not whole again with each byte that comes.
#[derive(Debug, Default)]
struct Lines {
    begun: Vec<u8>,
}

impl Lines {
    /// The lines that these bytes end.
    fn whole(&mut self, bytes: &[u8]) -> Result<Vec<u8>, Fault> {
        let end = bytes.iter().rposition(|byte| *byte == b'\n');
        let (ended, begun) = bytes.split_at(end.map_or(0, |end| end + 1));
        let mut lines = Vec::new();
        if !ended.is_empty() {
            lines = std::mem::take(&mut self.begun);
            lines.extend_from_slice(ended);
        }
        self.begun.extend_from_slice(begun);
        if self.begun.len() as u64 > MAX_REPLY_BYTES {
            let most = MAX_REPLY_BYTES;
            return Err(Fault::TooLarge { most });
        }
        Ok(lines)
    }
}

/// Takes in an answer that comes whole, from a server that does not stream.
async fn at_once(
    response: Response,
    clock: &mut Clock,
    answer: &mut Answer,
    heard: &mut dyn FnMut(&Answer),
) -> Result<(), Fault> {
    let text = whole(response, clock).await?;
    answer.take(&text)?;
    heard(answer);
    Ok(())
}

async fn whole(response: Response, clock: &mut Clock) -> Result<String, Fault> {
    let most = usize::try_from(MAX_REPLY_BYTES).unwrap_or(usize::MAX);
    let bytes = read(response, clock, most + 1).await?;
    if bytes.len() > most {
        return Err(Fault::TooLarge {
            most: MAX_REPLY_BYTES,
        });
    }
    String::from_utf8(bytes).map_err(|_| Fault::NotText)
}

/// A body, or its beginning.
async fn read(mut response: Response, clock: &mut Clock, most: usize) -> Result<Vec<u8>, Fault> {
    let mut body = Vec::new();
    while body.len() < most {
        let read = clock.until_token(response.chunk()).await?;
        let Some(bytes) = read.map_err(|error| Fault::Cut {
            pieces: 0,
            cause: cause(&error),
        })?
        else {
            break;
        };
        body.extend_from_slice(&bytes);
    }
    body.truncate(most);
    Ok(body)
}

/// How long the server asks to wait, in seconds or until a date.
fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

/// The innermost cause of an error, without the URL.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    shown(&cause.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_ask_to_wait_in_seconds_or_until_a_date() {
        let asked = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, HeaderValue::from_static(value));
            let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
            retry_after(&headers, now)
        };
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(asked("0.25"), Some(Duration::from_millis(250)));
        let minute = asked("Sun, 06 Nov 1994 08:50:37 GMT");
        assert_eq!(minute, Some(Duration::from_mins(1)));
        let past = asked("Sun, 06 Nov 1994 08:00:00 GMT");
        assert_eq!(past, Some(Duration::ZERO));
        for nothing in ["-1", "soon", "1e300", "NaN"] {
            assert_eq!(asked(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn lines_come_whole_and_nothing_is_lost() {
        let text = "data: one\n\ndata: two\r\n\r\n: note\ndata: three\n\n";
        for size in 1..=text.len() {
            let mut lines = Lines::default();
            let mut seen = Vec::new();
            for bytes in text.as_bytes().chunks(size) {
                let whole = lines.whole(bytes).unwrap();
                assert!(whole.is_empty() || whole.ends_with(b"\n"));
                seen.extend(whole);
            }
            assert_eq!(seen, text.as_bytes());
        }
    }

    #[test]
    fn the_parts_of_a_server_lie_below_its_base() {
        let key = Some("secret".to_owned());
        for (base, chat) in [
            ("http://h:1/v1", "http://h:1/v1/chat/completions"),
            ("http://h/v1/", "http://h/v1/chat/completions"),
            (
                "https://h/a?version=2",
                "https://h/a/chat/completions?version=2",
            ),
        ] {
            let base = Url::parse(base).unwrap();
            let wire = Wire::new(base, key.clone(), "KEY", TimeOuts::default()).unwrap();
            assert_eq!(wire.url("chat/completions").as_str(), chat);
            let message = "no such key: secret".to_owned();
            let fault = wire.redacted(Fault::Failed { message });
            assert!(!fault.to_string().contains("secret"));
        }
    }

    #[test]
    fn no_proxy_lies_before_this_machine() {
        for (url, is_here) in [
            ("http://127.0.0.1:80/v1", true),
            ("http://[::1]:80/v1", true),
            ("http://localhost/v1", true),
            ("https://api.example/v1", false),
        ] {
            assert_eq!(is_this_machine(&Url::parse(url).unwrap()), is_here, "{url}");
        }
    }
}
