//! From a reply to one block of Python: tolerant of everything that language models put around it.
//!
//! A reply is cut into regions at fences and tags, and so is each string of JSON in it that can hold code. Regions are
//! scored by what their statements say. The best becomes the block, together with those that define what it lacks,
//! without the prose between the lines. All of it takes time linear in the reply.

mod choose;
mod clean;
mod depth;
mod fence;
mod hyper;
mod json;
mod limits;
mod lines;
mod map;
mod regions;
mod scan;
mod score;

use std::collections::BTreeMap;
use std::ops::Range;

use serde_json::Value;

use self::choose::{Choice, Layer, choose};
use self::clean::{Cleaned, clean};
pub(crate) use self::lines::lines;
use self::map::OffsetMap;
use crate::diagnostic::{Diagnostics, Span};
use crate::rules::Rule;
use crate::spec;

/// How many bytes of reply are read.
pub const MAX_REPLY_BYTES: usize = 4 * 1024 * 1024;

/// The Python of a reply, and where in the reply it stands.
#[derive(Debug, Clone)]
pub struct Block {
    /// The source: `\n` line ends, no byte order mark, statements at the margin.
    pub code: String,
    /// What the reply gives beside the code, in `<hp>` tags or as JSON.
    pub hyperparameters: BTreeMap<String, Value>,
    to_text: OffsetMap,
    /// Where the text is itself a string in the reply.
    to_reply: Option<OffsetMap>,
    /// What repairs did to the code, oldest first.
    edited: Vec<OffsetMap>,
}

impl Block {
    /// A block that is its own reply.
    pub fn from_python(code: String) -> Self {
        let mut to_text = OffsetMap::default();
        to_text.push(0..code.len(), code.len());
        Self {
            code,
            hyperparameters: BTreeMap::new(),
            to_text,
            to_reply: None,
            edited: Vec::new(),
        }
    }

    /// The place in the reply of a range of the code, such as a syntax node's. Offsets past the end count as the end.
    pub fn span(&self, range: impl Into<Range<u32>>) -> Span {
        let code = self.edited.iter().rev();
        let code = code.fold(range.into(), |range, map| map.source_of(range));
        let text = self.to_text.source_of(code);
        let reply = match &self.to_reply {
            Some(map) => map.source_of(text),
            None => text,
        };
        Span::new(reply.start, reply.end)
    }

    /// The block with pieces of its code replaced; their ranges are in order and do not overlap. Places still are those
    /// of the reply: what is inserted stands where it was inserted.
    pub(crate) fn edited(&self, edits: &[(Range<usize>, String)]) -> Self {
        let mut code = String::with_capacity(self.code.len());
        let mut map = OffsetMap::default();
        let mut at = 0;
        for (range, replacement) in edits {
            let kept = self.code.get(at..range.start).unwrap_or_default();
            map.push(at..at + kept.len(), kept.len());
            map.push(range.clone(), replacement.len());
            code.push_str(kept);
            code.push_str(replacement);
            at = range.end;
        }
        let rest = self.code.get(at..).unwrap_or_default();
        map.push(at..at + rest.len(), rest.len());
        code.push_str(rest);
        let mut block = self.clone();
        block.code = code;
        block.edited.push(map);
        block
    }

    /// Reports the limits that an edited block exceeds.
    pub(crate) fn check(&self, diags: &mut Diagnostics) {
        limits::check(self, diags);
    }

    /// The place in the reply of all of the code.
    pub fn whole(&self) -> Span {
        self.span(0..u32::MAX)
    }
}

/// Takes the Python out of a reply.
///
/// A block is also returned, for showing it, when it breaks a limit; `diags` has an error then, and it must not be
/// parsed.
pub fn run(reply: &str, diags: &mut Diagnostics) -> Option<Block> {
    if reply.len() > MAX_REPLY_BYTES {
        let message = format!(
            "the reply has {} bytes, at most {MAX_REPLY_BYTES} are read",
            reply.len()
        );
        diags
            .error(Rule::ReplyTooLarge, Span::default(), message)
            .help("reply with the network's file only");
        return None;
    }
    if let Some(found) = spec::find(reply).filter(|_| !reply.contains("class Net")) {
        return block_of_spec(&found, diags);
    }
    let layers = Layer::all(reply);
    let Some(choice) = choose(&layers) else {
        if let Some(found) = spec::attempt(reply) {
            return block_of_spec(&found, diags);
        }
        diags
            .error(
                Rule::NoPython,
                Span::default(),
                "the reply holds no block of Python",
            )
            .help("reply with the whole file in one fenced `python` block");
        return None;
    };
    let block = block_of(&choice, hyper::find(&layers, diags), diags);
    limits::check(&block, diags);
    Some(block)
}

/// A spec as Python, all of which stands where the spec does.
fn block_of_spec(found: &spec::Found, diags: &mut Diagnostics) -> Option<Block> {
    let place = &found.place;
    match &found.spec {
        Ok(spec) => {
            let mut block = Block::from_python(spec.python());
            let mut map = OffsetMap::default();
            map.push_whole(place.clone(), block.code.len());
            block.to_text = map;
            Some(block)
        }
        Err(error) => {
            let span = Span::new(map::narrow(place.start), map::narrow(place.end));
            diags
                .error(Rule::InvalidSpec, span, error.to_string())
                .help("write one object that satisfies the JSON Schema, which `nn-caption spec --schema` prints");
            None
        }
    }
}

fn block_of(
    choice: &Choice<'_>,
    hyperparameters: BTreeMap<String, Value>,
    diags: &mut Diagnostics,
) -> Block {
    let ranges: Vec<_> = choice
        .regions
        .iter()
        .map(|region| region.range.clone())
        .collect();
    let mut cleaned = clean(&choice.layer.text, &ranges);
    let block = Block {
        code: std::mem::take(&mut cleaned.code),
        hyperparameters,
        to_text: std::mem::take(&mut cleaned.map),
        to_reply: choice.layer.map.clone(),
        edited: Vec::new(),
    };
    report_choice(choice, &block, diags);
    report_prose(choice, &cleaned, diags);
    report_cut(choice, &cleaned, &block, diags);
    block
}

fn report_choice(choice: &Choice<'_>, block: &Block, diags: &mut Diagnostics) {
    let n_parts = choice.regions.len();
    if choice.n_networks > 1 {
        let message = format!(
            "the reply holds {} networks, and the one that starts here is taken",
            choice.n_networks
        );
        diags
            .note(Rule::SeveralBlocks, first_line(block), message)
            .help("reply with one block");
    } else if n_parts > 1 {
        let message = format!("the network is told in {n_parts} blocks, which are put together");
        diags
            .note(Rule::SeveralBlocks, first_line(block), message)
            .help("reply with one block");
    }
}

fn report_prose(choice: &Choice<'_>, cleaned: &Cleaned, diags: &mut Diagnostics) {
    if let Some(first) = cleaned.prose.first() {
        let message = match cleaned.prose.len() {
            1 => "this line is not Python, and is left out".to_owned(),
            n_lines => format!(
                "this line and {} more are not Python, and are left out",
                n_lines - 1
            ),
        };
        diags
            .warn(Rule::ProseInCode, choice.layer.span(first), message)
            .help("keep prose out of the block");
    }
}

fn report_cut(choice: &Choice<'_>, cleaned: &Cleaned, block: &Block, diags: &mut Diagnostics) {
    let Some(last) = choice.regions.last() else {
        return;
    };
    let is_last = last.range.end == choice.layer.text.len();
    if last.is_cut_off || (is_last && (cleaned.is_open || choice.layer.is_cut_off)) {
        diags
            .warn(
                Rule::TruncatedReply,
                last_character(block),
                "the reply ends before its block does",
            )
            .help("reply with the whole file, and close the fence");
    }
}

/// A whole one: a reply may be cut behind a character of several bytes.
fn last_character(block: &Block) -> Span {
    let start = block
        .code
        .char_indices()
        .next_back()
        .map_or(0, |(at, _)| at);
    block.span(map::narrow(start)..map::narrow(block.code.len()))
}

/// The first line of the code that says something.
fn first_line(block: &Block) -> Span {
    let start = block.code.len() - block.code.trim_start().len();
    let len = block.code.trim_start().lines().next().map_or(0, str::len);
    let narrow = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
    block.span(narrow(start)..narrow(start + len))
}
