//! Which regions of a reply are the network.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;

use super::json;
use super::map::OffsetMap;
use super::regions::{Region, split};
use super::score::{Features, words};
use crate::diagnostic::Span;

/// How many blocks around the network's are considered as parts of it.
const MAX_PARTS: usize = 64;

/// A text that can hold the network: the reply, or a string in it.
#[derive(Debug)]
pub(super) struct Layer<'a> {
    pub(super) text: Cow<'a, str>,
    /// From offsets in the text to the reply; `None` for the reply itself.
    pub(super) map: Option<OffsetMap>,
    pub(super) regions: Vec<Region>,
    pub(super) is_cut_off: bool,
}

impl<'a> Layer<'a> {
    /// The reply itself.
    pub(super) fn of_reply(reply: &'a str) -> Self {
        Self {
            text: Cow::Borrowed(reply),
            map: None,
            regions: split(reply),
            is_cut_off: false,
        }
    }

    fn of_string(decoded: json::Decoded) -> Self {
        let regions = split(&decoded.text);
        let json::Decoded {
            text,
            map,
            is_cut_off,
        } = decoded;
        Self {
            text: Cow::Owned(text),
            map: Some(map),
            regions,
            is_cut_off,
        }
    }

    /// The reply, and each string of JSON in it that can be code.
    pub(super) fn all(reply: &'a str) -> Vec<Self> {
        let strings = json::code_strings(reply).into_iter().map(Layer::of_string);
        std::iter::once(Self::of_reply(reply))
            .chain(strings)
            .collect()
    }

    /// The place in the reply of a range of the text.
    pub(super) fn span(&self, range: &Range<usize>) -> Span {
        let narrow = |offset| u32::try_from(offset).unwrap_or(u32::MAX);
        let range = narrow(range.start)..narrow(range.end);
        let range = self
            .map
            .as_ref()
            .map_or(range.clone(), |map| map.source_of(range));
        Span::new(range.start, range.end)
    }
}

/// The network: regions of one text, in order.
#[derive(Debug)]
pub(super) struct Choice<'a> {
    pub(super) layer: &'a Layer<'a>,
    pub(super) regions: Vec<&'a Region>,
    /// How many regions hold a whole network, thoughts aside.
    pub(super) n_networks: usize,
}

struct Candidate<'a> {
    layer_idx: usize,
    region: &'a Region,
    features: Features<'a>,
}

/// The best candidate, the last of equals, with the blocks that define what it lacks.
pub(super) fn choose<'a>(layers: &'a [Layer<'a>]) -> Option<Choice<'a>> {
    let candidates = candidates(layers);
    let best = (0..candidates.len())
        .max_by_key(|idx| candidates.get(*idx).map(|found| found.features.points))?;
    let chosen = candidates.get(best)?;
    let layer = layers.get(chosen.layer_idx)?;
    let is_network = |found: &&Candidate<'_>| {
        found.features.has_net && found.features.has_forward && !found.region.in_think
    };
    let near =
        candidates.get(best.saturating_sub(MAX_PARTS)..(best + MAX_PARTS).min(candidates.len()))?;
    Some(Choice {
        layer,
        regions: parts(layer, near, chosen),
        n_networks: candidates.iter().filter(is_network).count(),
    })
}

fn candidates<'a>(layers: &'a [Layer<'a>]) -> Vec<Candidate<'a>> {
    let mut found = Vec::new();
    for (layer_idx, layer) in layers.iter().enumerate() {
        for region in &layer.regions {
            let features = Features::of(&layer.text, region);
            if features.points > 0 {
                found.push(Candidate {
                    layer_idx,
                    region,
                    features,
                });
            }
        }
    }
    found
}

/// A network told in pieces: the chosen region, and those that define names it uses and does not have.
fn parts<'a>(
    layer: &'a Layer<'a>,
    near: &[Candidate<'a>],
    chosen: &Candidate<'a>,
) -> Vec<&'a Region> {
    let mut pieces = Pieces::new(layer, chosen);
    let is_part = |other: &&Candidate<'a>| {
        other.layer_idx == chosen.layer_idx
            && other.region.in_think == chosen.region.in_think
            && other.region.language.is_some()
            && !other.features.has_net
    };
    let mut others: Vec<_> = near.iter().filter(is_part).collect();
    // A part can need another part: go over the rest until none is taken.
    while let Some(idx) = others.iter().position(|other| pieces.wants(other)) {
        pieces.take(layer, others.remove(idx));
    }
    pieces.regions.sort_by_key(|region| region.range.start);
    pieces.regions
}

struct Pieces<'a> {
    regions: Vec<&'a Region>,
    words: BTreeSet<&'a str>,
    defined: BTreeSet<&'a str>,
}

impl<'a> Pieces<'a> {
    fn new(layer: &'a Layer<'a>, chosen: &Candidate<'a>) -> Self {
        // The contract asks for it, whether it is used or not.
        let words = BTreeSet::from(["supported_hyperparameters"]);
        let mut pieces = Self {
            regions: Vec::new(),
            words,
            defined: BTreeSet::new(),
        };
        pieces.take(layer, chosen);
        pieces
    }

    fn wants(&self, other: &Candidate<'_>) -> bool {
        let defined = &other.features.defined;
        let is_new = |name: &&str| !self.defined.contains(name);
        let is_needed = |name: &&str| is_new(name) && self.words.contains(name);
        // A block that defines a class again is another version, not a part.
        let is_import = |name: &&str| ["torch", "nn", "F", "math"].contains(name);
        defined.iter().any(is_needed) && defined.iter().all(|name| is_new(name) || is_import(name))
    }

    fn take(&mut self, layer: &'a Layer<'a>, part: &Candidate<'a>) {
        self.regions.push(part.region);
        self.words.extend(words(
            layer
                .text
                .get(part.region.range.clone())
                .unwrap_or_default(),
        ));
        self.defined.extend(part.features.defined.iter().copied());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(reply: &str) -> Vec<String> {
        let layers = Layer::all(reply);
        let choice = choose(&layers);
        let text = |region: &&Region| {
            choice.as_ref().unwrap().layer.text[region.range.clone()]
                .trim()
                .to_owned()
        };
        choice
            .as_ref()
            .map_or_else(Vec::new, |choice| choice.regions.iter().map(text).collect())
    }

    #[test]
    fn network_wins_and_the_last_of_equals_wins() {
        let reply = "```\nimport torch\n```\n```\nclass Net: a\n```\n```\nclass Net: b\n```\n```\nmake\n```";
        assert_eq!(chosen(reply), ["class Net: b"]);
    }

    #[test]
    fn answer_beats_thought_and_thought_beats_nothing() {
        let thought = "<think>\n```python\nclass Net: a\n```\n</think>\n";
        assert_eq!(
            chosen(&format!("{thought}```\nclass Net: b\n```")),
            ["class Net: b"]
        );
        assert_eq!(
            chosen(&format!("{thought}```\nimport torch\n```")),
            ["import torch"]
        );
        assert_eq!(chosen(&format!("{thought}I am done.")), ["class Net: a"]);
    }

    #[test]
    fn network_in_pieces_is_put_together() {
        let reply = "```py\nimport torch\nclass A(B): pass\n```\n```py\nclass B: pass\n```\n```py\nx = 1\n```\n```py\nclass Net(A):\n  def forward(self): pass\n```\n```py\ndef supported_hyperparameters(): pass\n```";
        assert_eq!(chosen(reply).len(), 4);
        assert_eq!(
            chosen(reply).get(1).map(String::as_str),
            Some("class B: pass")
        );
    }

    #[test]
    fn nothing_is_chosen_from_prose() {
        assert!(
            chosen("I would build a network with torch.\n```sh\npip install torch\n```").is_empty()
        );
    }
}
