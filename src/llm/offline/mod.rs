//! The embedded generator: what a search asks when there is no language model.
//!
//! It draws a net as data, prints it as a PyTorch file among a few words, and spoils about one reply in three as language
//! models do, so that every stage of a search has something to do without a server. A reply follows from the request alone.
mod draw;
mod mutate;
mod spoil;
mod words;

use codegen::spec::NetSpec;

use self::draw::Decoder;
use self::spoil::{Draft, SPEC_SPOILS, SPOILS, Spoil};
use super::random::Random;
use super::{Finish, Heard, LlmError, Message, Progress, Provider, Reply, Request, Role, Usage};

/// How a prompt words the decoder that it asks for; the decoder's name follows, on the same line.
pub(crate) const DECODER_ASKED: &str = "The decoder must be: ";

/// How the generator's own nets say what they were printed from, as JSON with single quotes: the first line of the file.
const MARK: &str = "# drawn: ";

/// Replies of so many that are spoiled: (spoiled, of).
const SPOILED: (usize, usize) = (1, 3);
/// The same of data, which a server constrains.
const SPOILED_SPEC: (usize, usize) = (1, 8);
/// The same of replies that mend an earlier one.
const SPOILED_AGAIN: (usize, usize) = (1, 6);
/// Characters that count as one token.
const CHARS_PER_TOKEN: usize = 4;

/// Draws nets.
#[derive(Debug)]
pub(super) struct Offline;

impl Provider for Offline {
    fn name(&self) -> String {
        "offline generator".to_owned()
    }

    fn ask(&mut self, request: &Request, heard: &mut dyn FnMut(Heard)) -> Result<Reply, LlmError> {
        let mut random = random(request);
        let spec = net(&request.messages, &mut random);
        let draft = if request.schema.is_some() {
            as_data(&spec, &request.messages, &mut random)
        } else {
            as_python(&spec, &request.messages, &mut random)
        };
        let reply = reply(&draft, &request.messages);
        heard(Heard::Progress(Progress {
            tokens: reply.usage.completion_tokens,
            reasoning: false,
            seconds: 0.0,
        }));
        Ok(reply)
    }
}

fn random(request: &Request) -> Random {
    let turn = format!("{} {}", request.turn.trial, request.turn.attempt);
    let mut parts = vec![turn.as_str()];
    parts.extend(
        request
            .messages
            .iter()
            .map(|message| message.content.as_str()),
    );
    Random::of(request.sampling.seed, &parts)
}

/// The net that was asked about before, one like those that are shown, or a new one.
fn net(messages: &[Message], random: &mut Random) -> NetSpec {
    let earlier = messages
        .iter()
        .rev()
        .find(|message| message.role == Role::Assistant);
    if let Some(spec) = earlier.and_then(|message| marked(&message.content).pop()) {
        return spec;
    }
    let decoder = decoder(messages);
    let mut shown: Vec<NetSpec> = messages
        .iter()
        .flat_map(|message| marked(&message.content))
        .collect();
    if shown.is_empty() {
        return draw::net(decoder, random);
    }
    let at = random.below(shown.len());
    mutate::net(shown.swap_remove(at), decoder, random)
}

/// The decoder that is asked for.
fn decoder(messages: &[Message]) -> Option<Decoder> {
    messages.iter().rev().find_map(|message| {
        let (_, rest) = message.content.split_once(DECODER_ASKED)?;
        Decoder::of(rest.lines().next()?)
    })
}

/// The nets of a text that say what they were printed from.
fn marked(text: &str) -> Vec<NetSpec> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix(MARK))
        .filter_map(|data| NetSpec::read(&data.replace('\'', "\"")).ok())
        .collect()
}

fn as_python(spec: &NetSpec, messages: &[Message], random: &mut Random) -> Draft {
    let mark = json(spec).replace('"', "'");
    let mut draft = Draft {
        words: words::about(spec, is_again(messages)),
        language: "python",
        code: format!("{MARK}{mark}\n{}", spec.python()),
        is_cut: false,
    };
    spoil(&mut draft, SPOILS, SPOILED, messages, random);
    draft
}

fn as_data(spec: &NetSpec, messages: &[Message], random: &mut Random) -> Draft {
    let mut draft = Draft {
        words: String::new(),
        language: "",
        code: json(spec),
        is_cut: false,
    };
    spoil(&mut draft, SPEC_SPOILS, SPOILED_SPEC, messages, random);
    draft
}

fn json(spec: &NetSpec) -> String {
    serde_json::to_string(spec).expect("a spec has no map whose keys are no text")
}

fn is_again(messages: &[Message]) -> bool {
    messages
        .iter()
        .any(|message| message.role == Role::Assistant)
}

fn spoil(
    draft: &mut Draft,
    spoils: &[Spoil],
    (spoiled, of): (usize, usize),
    messages: &[Message],
    random: &mut Random,
) {
    let (spoiled, of) = if is_again(messages) {
        SPOILED_AGAIN
    } else {
        (spoiled, of)
    };
    if random.chance(spoiled, of)
        && let Some(spoil) = random.pick(spoils)
    {
        (spoil.apply)(draft, random);
    }
}

fn reply(draft: &Draft, messages: &[Message]) -> Reply {
    let text = draft.text();
    let read: usize = messages.iter().map(|message| message.content.len()).sum();
    Reply {
        usage: Usage {
            prompt_tokens: tokens(read),
            completion_tokens: tokens(text.len()),
        },
        text,
        reasoning: String::new(),
        model: "offline".to_owned(),
        finish: if draft.is_cut {
            Finish::Length
        } else {
            Finish::Stop
        },
        seconds: 0.0,
        sent: 1,
    }
}

fn tokens(chars: usize) -> u64 {
    chars.div_ceil(CHARS_PER_TOKEN) as u64
}

#[cfg(test)]
mod tests;
