//! A prompt, drawn from a pool.
use std::collections::BTreeMap;

use codegen::spec::{NetSpec, schema};
use codegen::{Options, Task, corpus};
use serde_json::Value;

use super::pool::{Net, Pool};
use super::shorten::{architecture, fitting};
use super::template::{self, fill};
use super::{DECODERS, DrawOptions, Prompt, PromptError, Shown, VERSION, rules};
use crate::lemur::BestRow;
use crate::llm::random::Random;
use crate::llm::{DECODER_ASKED, Message, Role};
use crate::store::{Brief, Form};

/// Tokens of the longest prompt. With 16,384 of context, 4,384 are left for the reply.
pub(super) const MAX_TOKENS: usize = 12_000;
/// Characters that make up one token, or more: Python has 3.3 to 3.8 with the tokenisers of today.
pub(super) const CHARS_PER_TOKEN: usize = 3;
/// Characters of the longest net to start from.
const MAX_ANCHOR: usize = 16_000;
/// Characters of the longest file that a snippet is taken from.
const MAX_FILE: usize = 40_000;
/// Files of a folder that are looked at for one snippet.
const MAX_TRIES: usize = 30;
/// What the best nets so far may take of the room that the anchor leaves: (parts, of).
const ROOM_OF_BEST: (usize, usize) = (2, 3);

pub(super) fn prompt(pool: &Pool, options: &DrawOptions) -> Result<Prompt, PromptError> {
    if let Some(found) = &options.decoder
        && !DECODERS.contains(&found.as_str())
    {
        let found = found.clone();
        return Err(PromptError::UnknownDecoder { found });
    }
    let mut random = Random::of(options.seed, &["prompt"]);
    let anchor = anchor(pool, options.anchor.as_deref(), &mut random)?;
    let schema = (options.form == Form::Spec).then(|| schema_for(options.decoder.as_deref()));
    let before = before(options.form, schema.as_ref(), &anchor);
    let after = answer(options);
    let taken = template::SYSTEM.len() + before.len() + after.len();
    let room = (MAX_TOKENS * CHARS_PER_TOKEN).saturating_sub(taken);
    let (parents, best) = best(&options.best, room * ROOM_OF_BEST.0 / ROOM_OF_BEST.1);
    let room = room.saturating_sub(best.len());
    let snippets = Snippets {
        pool,
        anchor: &anchor.name,
        wanted: options.snippets,
        room,
    };
    let (names, shown) = snippets.draw(&mut random)?;
    Ok(Prompt {
        brief: Brief {
            version: VERSION.to_owned(),
            form: options.form,
            anchor: anchor.name,
            snippets: names,
            decoder: options.decoder.clone(),
            parents,
        },
        messages: vec![
            message(Role::System, template::SYSTEM.trim_end()),
            message(Role::User, &format!("{before}{best}{shown}{after}")),
        ],
        schema,
    })
}

fn message(role: Role, content: &str) -> Message {
    Message {
        role,
        content: content.to_owned(),
    }
}

/// A net that is shown in full.
struct Anchor {
    name: String,
    code: String,
    /// What is known of it, in one sentence.
    result: Option<String>,
}

/// The best result of a net in LEMUR, in one sentence. It is of another protocol and other pictures than the search's.
fn result(best: &BestRow) -> String {
    let BestRow { data, epoch, row } = best;
    format!(
        " Its best result elsewhere, on {data}, was a mean sentence BLEU-4 of {:.4} after epoch {epoch}.",
        row.accuracy
    )
}

/// The captioning net of that name, or one that is drawn; one too long to be shown is not drawn.
fn anchor(pool: &Pool, named: Option<&str>, random: &mut Random) -> Result<Anchor, PromptError> {
    if let Some(name) = named {
        let net = pool.anchors.iter().find(|net| net.name == name);
        let net = net.ok_or_else(|| PromptError::UnknownAnchor {
            found: name.to_owned(),
            known: pool.anchors().map(str::to_owned).collect(),
        })?;
        return shown_whole(pool, net);
    }
    let mut nets: Vec<&Net> = pool.anchors.iter().collect();
    random.shuffle(&mut nets);
    let mut left_out = None;
    for net in nets {
        match shown_whole(pool, net) {
            Err(too_long @ PromptError::AnchorTooLong { .. }) => left_out = Some(too_long),
            drawn => return drawn,
        }
    }
    Err(left_out.expect("a pool has a captioning net, the built-in ones if no other"))
}

fn shown_whole(pool: &Pool, net: &Net) -> Result<Anchor, PromptError> {
    let code = net.read()?;
    if code.len() > MAX_ANCHOR {
        return Err(PromptError::AnchorTooLong {
            anchor: net.name.clone(),
            found: code.len(),
            most: MAX_ANCHOR,
        });
    }
    Ok(Anchor {
        name: net.name.clone(),
        code,
        result: pool.results.get(&net.name).map(result),
    })
}

/// The schema, with no other decoder than the one asked for.
fn schema_for(decoder: Option<&str>) -> Value {
    let mut schema = schema();
    let choices = schema.pointer_mut("/properties/decoder/oneOf");
    if let (Some(decoder), Some(Value::Array(choices))) = (decoder, choices) {
        choices.retain(|choice| {
            choice
                .pointer("/properties/kind/const")
                .and_then(Value::as_str)
                == Some(decoder)
        });
    }
    schema
}

/// What comes before the nets that differ from prompt to prompt, so that a server can keep it.
fn before(form: Form, schema: Option<&Value>, anchor: &Anchor) -> String {
    let described = match schema {
        None => template::API.to_owned(),
        Some(schema) => {
            let example = serde_json::to_string(&NetSpec::example()).unwrap_or_default();
            let values = [
                ("example", example.as_str()),
                ("schema", &schema.to_string()),
            ];
            fill(template::DATA, &values)
        }
    };
    let rules = fill(template::RULES, &[("rules", &rules::text(form))]);
    let values = [
        ("name", anchor.name.as_str()),
        ("result", anchor.result.as_deref().unwrap_or_default()),
        ("code", anchor.code.trim_end()),
    ];
    let anchor = fill(template::ANCHOR, &values);
    [template::TASK, &described, &rules, &anchor]
        .map(|section| format!("{section}\n"))
        .concat()
}

/// The form of the answer, and the decoder where one is asked for.
fn answer(options: &DrawOptions) -> String {
    let template = match options.form {
        Form::Python => template::ANSWER_PYTHON,
        Form::Spec => template::ANSWER_SPEC,
    };
    let decoder = options.decoder.as_ref();
    let decoder = decoder.map(|decoder| format!("{DECODER_ASKED}{decoder}.\n\n"));
    let values = [("decoder", decoder.as_deref().unwrap_or_default())];
    fill(template, &values).trim_end().to_owned()
}

/// The best nets that there is room for, and the section that shows them.
fn best(nets: &[Shown], room: usize) -> (Vec<u64>, String) {
    let mut parents = Vec::new();
    let mut networks = String::new();
    for net in nets {
        let shown = shown(net);
        if networks.len() + shown.len() + template::BEST.len() > room {
            continue;
        }
        networks += &shown;
        parents.push(net.trial);
    }
    if parents.is_empty() {
        return (parents, String::new());
    }
    let section = fill(template::BEST, &[("networks", networks.trim_end())]);
    (parents, format!("{section}\n"))
}

fn shown(net: &Shown) -> String {
    let number = |value: f64| format!("{value:.4}");
    let language = match net.form {
        Form::Python => "python",
        Form::Spec => "json",
    };
    fill(
        template::SHOWN,
        &[
            ("trial", &net.trial.to_string()),
            ("score", &number(net.score.score)),
            ("low", &number(net.score.low)),
            ("high", &number(net.score.high)),
            ("parameters", &grouped(net.n_params)),
            ("language", language),
            ("code", net.code.trim_end()),
        ],
    )
}

/// A number with commas between thousands.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// What snippets are drawn for.
struct Snippets<'a> {
    pool: &'a Pool,
    /// Whose own encoder is left out.
    anchor: &'a str,
    wanted: usize,
    /// Characters for all of them.
    room: usize,
}

impl Snippets<'_> {
    /// Their names, and the section that shows them. Kinds of nets take turns, so that a kind of which a folder has
    /// thousands is not all that is shown.
    fn draw(&self, random: &mut Random) -> Result<(Vec<String>, String), PromptError> {
        if self.wanted == 0 {
            return Ok((Vec::new(), String::new()));
        }
        let heading = template::SNIPPETS.len() + template::SNIPPET.len() * self.wanted;
        let most = self.room.saturating_sub(heading) / self.wanted;
        let mut families = self.families(random);
        let (mut names, mut networks, mut tries) = (Vec::new(), String::new(), 0);
        while names.len() < self.wanted && !families.is_empty() && tries < MAX_TRIES * self.wanted {
            for nets in &mut families {
                let Some(net) = nets.pop().filter(|_| names.len() < self.wanted) else {
                    continue;
                };
                tries += 1;
                if let Some(code) = snippet(net, most)? {
                    let values = [("name", net.name.as_str()), ("code", code.trim_end())];
                    networks += &fill(template::SNIPPET, &values);
                    names.push(net.name.clone());
                }
            }
            families.retain(|nets| !nets.is_empty());
        }
        if names.len() < self.wanted {
            return Err(PromptError::TooFewSnippets {
                wanted: self.wanted,
                found: names.len(),
                anchor: self.anchor.to_owned(),
            });
        }
        let section = fill(template::SNIPPETS, &[("networks", networks.trim_end())]);
        Ok((names, format!("{section}\n")))
    }

    /// The nets of each kind, but for the anchor's own, in an order of the seed's.
    fn families(&self, random: &mut Random) -> Vec<Vec<&Net>> {
        let anchor = self.anchor.to_lowercase();
        let mut families: BTreeMap<&str, Vec<&Net>> = BTreeMap::new();
        for net in &self.pool.snippets {
            if !anchor.contains(&net.family().to_lowercase()) {
                families.entry(net.family()).or_default().push(net);
            }
        }
        let mut families: Vec<Vec<&Net>> = families.into_values().collect();
        random.shuffle(&mut families);
        for nets in &mut families {
            random.shuffle(nets);
        }
        families
    }
}

/// The architecture of a classifier, as far as there is room; `None` where it is no classifier that codegen takes, or too
/// long.
fn snippet(net: &Net, most: usize) -> Result<Option<String>, PromptError> {
    let code = net.read()?;
    if net.is_embedded() {
        return Ok(fitting(&code, most));
    }
    let short = fitting(&architecture(&code), most);
    Ok(short.filter(|_| code.len() <= MAX_FILE && is_classifier(&net.name, &code)))
}

fn is_classifier(name: &str, code: &str) -> bool {
    let options = Options {
        task: Task::Classify,
        ..Options::default()
    };
    let (line, _) = corpus::examine(name, code, &options);
    line.outcome == corpus::Ending::Generated
}
