//! Servers that speak `OpenAI`'s protocol: vLLM, llama.cpp, Ollama, and what is rented.
//!
//! A request is sent until an answer is of use, as often as [`ServerOptions`] allow; each one sent in vain is told, and what
//! a server refuses that a request can do without is left out from then on.
mod answer;
mod body;
mod clock;
mod fault;
mod options;
mod pace;
mod wire;

use std::env;
use std::fmt::Display;
use std::thread;
use std::time::{Duration, Instant};

use reqwest::Url;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use self::answer::Answer;
use self::body::Parts;
use self::fault::Kind;
use self::pace::{Pace, backoff};
use self::wire::{Vain, Wire};
use super::preset::Preset;
use super::{Finish, Heard, LlmError, Progress, Provider, Reply, Request, SentInVain, Usage};

pub use fault::{Awaited, Fault};
pub use options::{KEY_ENV, Rates, ServerOptions, TimeOuts};

/// The longest wait that a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_mins(10);
/// Bytes that make up one token, where the server counts none.
const BYTES_PER_TOKEN: u64 = 4;
/// Bytes of a prompt that one token never stands for: a server that counts fewer tokens has not read all of it.
const MOST_BYTES_PER_TOKEN: u64 = 9;

/// A language model on a server.
#[derive(Debug)]
pub(super) struct Server {
    url: String,
    options: ServerOptions,
    /// `None` until the server has listed its language models.
    model: Option<String>,
    runtime: Runtime,
    wire: Wire,
    parts: Parts,
    pace: Pace,
}

impl Server {
    /// The server at a URL, if it answers.
    pub(super) fn open(
        url: &str,
        preset: Option<&Preset>,
        options: &ServerOptions,
    ) -> Result<Self, LlmError> {
        let preset_model = preset.and_then(|preset| preset.model).map(str::to_owned);
        let key = key(&options.key_env)?;
        let cannot = |fault| no_reply(url, 1, fault);
        let base = Url::parse(url).map_err(|error| cannot(unreachable(&error)))?;
        let runtime = Builder::new_current_thread().enable_all().build();
        let mut server = Self {
            url: url.to_owned(),
            options: options.clone(),
            model: options.model.clone().or(preset_model),
            wire: Wire::new(base, key, &options.key_env, options.time_outs).map_err(cannot)?,
            runtime: runtime.map_err(|error| cannot(unreachable(&error)))?,
            parts: Parts::default(),
            pace: Pace::default(),
        };
        match server.greet() {
            Ok(()) => Ok(server),
            // It is there, and loads or has other work: the first request will wait for it.
            Err(fault) if fault.is_of_a_busy_server() => Ok(server),
            Err(fault) => Err(no_reply(url, 1, fault)),
        }
    }

    /// Asks which language models there are, and takes the first one where none is named.
    fn greet(&mut self) -> Result<(), Fault> {
        let listed = self.runtime.block_on(self.wire.models());
        let listed = listed.map_err(|vain| vain.fault)?;
        if self.model.is_none() {
            self.model = Some(listed.into_iter().next().ok_or(Fault::NoModel)?);
        }
        Ok(())
    }

    /// Sends a request once. Also the body that was sent.
    fn send(
        &mut self,
        request: &Request,
        began: Instant,
        heard: &mut dyn FnMut(Heard),
    ) -> (Value, Result<Answer, Vain>) {
        if self.model.is_none()
            && let Err(fault) = self.greet()
        {
            return (Value::Null, Err(fault.into()));
        }
        let model = self.model.as_deref().unwrap_or_default();
        let body = self.parts.body(request, model);
        let mut progress = |answer: &Answer| {
            heard(Heard::Progress(Progress {
                tokens: answer.pieces,
                reasoning: answer.is_thinking(),
                seconds: began.elapsed().as_secs_f64(),
            }));
        };
        let sent = Instant::now();
        let answer = self.runtime.block_on(self.wire.chat(&body, &mut progress));
        let answer = answer.and_then(|answer| answer.finished().map_err(Vain::from));
        let usage = match &answer {
            Ok(answer) => usage(answer, request),
            Err(vain) => usage(&vain.answer, request),
        };
        self.pace
            .note(sent, usage.prompt_tokens + usage.completion_tokens);
        (body, answer)
    }

    /// Waits until the server's rates allow a request.
    fn keep_pace(&mut self, heard: &mut dyn FnMut(Heard)) {
        let wait = self.pace.wait(&self.options.rates, Instant::now());
        if !wait.is_zero() {
            let seconds = wait.as_secs_f64();
            heard(Heard::Warning(format!(
                "waiting {seconds:.0} s to keep within the server's rates"
            )));
            thread::sleep(wait);
        }
    }

    /// What a request that was sent in vain does without, or how long it waits, before it is sent again.
    fn again(&mut self, request: &Request, body: &Value, vain: &Vain, tries: &mut Tries) -> Again {
        let kind = vain.fault.kind();
        if let (Kind::Refused, Fault::Status { message, .. }) = (kind, &vain.fault)
            && let Some(left_out) = self.parts.leave_out(body, message)
        {
            return Again::Without(left_out);
        }
        let earlier = match kind {
            Kind::Away => &mut tries.away,
            _ => &mut tries.useless,
        };
        if *earlier >= vain.fault.retries(self.options.retries) {
            return Again::Not;
        }
        *earlier += 1;
        let wait = vain.wait.unwrap_or_else(|| {
            let seed = request.sampling.seed;
            backoff(self.options.backoff, *earlier - 1, seed, request.turn)
        });
        if wait > LONGEST_WAIT {
            return Again::Not;
        }
        Again::After(wait)
    }

    fn reply(&self, answer: Answer, request: &Request, sent: u32, began: Instant) -> Reply {
        let usage = usage(&answer, request);
        Reply {
            model: answer.model.or(self.model.clone()).unwrap_or_default(),
            finish: answer.finish.unwrap_or(Finish::Stop),
            text: answer.text,
            reasoning: answer.reasoning,
            usage,
            seconds: began.elapsed().as_secs_f64(),
            sent,
        }
    }
}

impl Provider for Server {
    fn name(&self) -> String {
        let model = self.model.as_deref().unwrap_or("its first model");
        format!("{model} at {}", self.url)
    }

    fn ask(&mut self, request: &Request, heard: &mut dyn FnMut(Heard)) -> Result<Reply, LlmError> {
        let began = Instant::now();
        let mut tries = Tries::default();
        loop {
            self.keep_pace(heard);
            let this_began = Instant::now();
            let (body, answer) = self.send(request, began, heard);
            tries.sent += 1;
            let vain = match answer {
                Ok(answer) => {
                    warn_of_cut_prompt(&answer, request, heard);
                    return Ok(self.reply(answer, request, tries.sent, began));
                }
                Err(vain) => vain,
            };
            let again = self.again(request, &body, &vain, &mut tries);
            let seconds = this_began.elapsed().as_secs_f64();
            heard(Heard::InVain(sent_in_vain(&vain, &again, &tries, seconds)));
            match again {
                Again::Without(_) => {}
                Again::After(wait) => thread::sleep(wait),
                Again::Not => return Err(no_reply(&self.url, tries.sent, vain.fault)),
            }
        }
    }
}

/// How often a request was sent, and in vain for want of a server, or of a reply of use.
#[derive(Debug, Default)]
struct Tries {
    sent: u32,
    away: u32,
    useless: u32,
}

/// Whether a request is sent again.
#[derive(Debug, PartialEq)]
enum Again {
    Without(String),
    After(Duration),
    Not,
}

fn sent_in_vain(vain: &Vain, again: &Again, tries: &Tries, seconds: f64) -> SentInVain {
    let (left_out, wait) = match again {
        Again::Without(what) => (Some(what.clone()), None),
        Again::After(wait) => (None, Some(wait.as_secs_f64())),
        Again::Not => (None, None),
    };
    SentInVain {
        sent: tries.sent,
        fault: vain.fault.to_string(),
        left_out,
        text: vain.answer.text.clone(),
        reasoning: vain.answer.reasoning.clone(),
        seconds,
        wait,
    }
}

fn unreachable(error: &impl Display) -> Fault {
    let cause = error.to_string();
    Fault::Unreachable { cause }
}

fn no_reply(url: &str, sent: u32, fault: Fault) -> LlmError {
    LlmError::Server {
        url: url.to_owned(),
        sent,
        fault,
    }
}

/// The key, where the environment has one.
fn key(name: &str) -> Result<Option<String>, LlmError> {
    let Some(key) = env::var_os(name).filter(|key| !key.is_empty()) else {
        return Ok(None);
    };
    let key = key.into_string().ok().map(|key| key.trim().to_owned());
    let is_plain = |key: &String| key.bytes().all(|byte| byte.is_ascii_graphic());
    key.filter(is_plain).map(Some).ok_or_else(|| LlmError::Key {
        name: name.to_owned(),
    })
}

/// What an answer cost, as the server counts; else a token a piece, and the prompt by its length.
fn usage(answer: &Answer, request: &Request) -> Usage {
    let counted = answer.usage.unwrap_or_default();
    let read = prompt_bytes(request).div_ceil(BYTES_PER_TOKEN);
    let or = |counted: u64, else_: u64| if counted > 0 { counted } else { else_ };
    Usage {
        prompt_tokens: or(counted.prompt_tokens, read),
        completion_tokens: or(counted.completion_tokens, answer.pieces),
    }
}

fn prompt_bytes(request: &Request) -> u64 {
    let messages = request.messages.iter();
    messages.map(|message| message.content.len() as u64).sum()
}

/// Ollama and others silently cut a prompt that is longer than their context.
fn warn_of_cut_prompt(answer: &Answer, request: &Request, heard: &mut dyn FnMut(Heard)) {
    let bytes = prompt_bytes(request);
    let read = answer.usage.map_or(0, |usage| usage.prompt_tokens);
    if read > 0 && read * MOST_BYTES_PER_TOKEN < bytes {
        heard(Heard::Warning(format!(
            "the server read {read} tokens of a prompt of {bytes} bytes: it seems to cut prompts; give it a longer context \
             (llama.cpp: --ctx-size, vLLM: --max-model-len, Ollama: OLLAMA_CONTEXT_LENGTH)"
        )));
    }
}
