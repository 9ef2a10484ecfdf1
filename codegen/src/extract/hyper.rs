//! Hyper-parameters that a reply gives beside the code.

use std::collections::BTreeMap;

use serde_json::Value;

use super::choose::Layer;
use super::fence::{Language, Tag};
use super::json;
use super::regions::Region;
use crate::diagnostic::Diagnostics;
use crate::rules::Rule;

/// From the last `<hp>` tag, a key of a JSON reply, or a fence of JSON, in this order.
pub(super) fn find(layers: &[Layer<'_>], diags: &mut Diagnostics) -> BTreeMap<String, Value> {
    tagged(layers, diags)
        .or_else(|| {
            layers
                .first()
                .and_then(|reply| json::hyperparameters(&reply.text))
        })
        .or_else(|| fenced(layers))
        .unwrap_or_default()
        .into_iter()
        .collect()
}

type Object = serde_json::Map<String, Value>;

fn tagged(layers: &[Layer<'_>], diags: &mut Diagnostics) -> Option<Object> {
    let is_tagged = |found: &(_, &Region)| found.1.tag == Some(Tag::Hyperparameters);
    let (layer, region) = (layers.iter())
        .flat_map(|layer| layer.regions.iter().map(move |region| (layer, region)))
        .rfind(is_tagged)?;
    let object = read(layer.text.get(region.range.clone())?);
    if object.is_none() {
        let message = "the text in `<hp>` is not a JSON object, and is left out";
        let place = layer.span(&region.range);
        diags
            .warn(Rule::UnreadableHyperparameters, place, message)
            .help("write `<hp>{\"lr\": 0.01}</hp>`");
    }
    object
}

/// A fence of JSON whose values are all plain.
fn fenced(layers: &[Layer<'_>]) -> Option<Object> {
    let is_plain = |value: &Value| !value.is_object() && !value.is_array();
    layers.iter().find_map(|layer| {
        let mut fences = layer
            .regions
            .iter()
            .filter(|region| region.language == Some(Language::Json));
        fences.find_map(|region| {
            read(layer.text.get(region.range.clone())?)
                .filter(|object| object.values().all(is_plain))
        })
    })
}

/// A JSON object, or a Python dictionary that differs from one in quotes and constants only.
fn read(text: &str) -> Option<Object> {
    serde_json::from_str(text.trim()).ok().or_else(|| {
        let text = text
            .trim()
            .replace('\'', "\"")
            .replace("True", "true")
            .replace("False", "false");
        serde_json::from_str(&text.replace("None", "null")).ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(reply: &str) -> (String, usize) {
        let mut diags = Diagnostics::default();
        let object = find(&[Layer::of_reply(reply)], &mut diags);
        (
            serde_json::to_string(&object).unwrap(),
            diags.into_list().len(),
        )
    }

    #[test]
    fn every_place_is_read() {
        assert_eq!(
            found("<hp>\n```json\n{\"lr\": 0.1}\n```\n</hp>"),
            ("{\"lr\":0.1}".to_owned(), 0)
        );
        assert_eq!(
            found("<hp>{'a': True, 'b': None}</hp>"),
            ("{\"a\":true,\"b\":null}".to_owned(), 0)
        );
        assert_eq!(
            found("{\"code\": \"\", \"hp\": {\"lr\": 1}}"),
            ("{\"lr\":1}".to_owned(), 0)
        );
        assert_eq!(
            found("```json\n{\"lr\": 1}\n```"),
            ("{\"lr\":1}".to_owned(), 0)
        );
        assert_eq!(found("```json\n{\"lr\": {}}\n```"), ("{}".to_owned(), 0));
    }

    #[test]
    fn what_cannot_be_read_is_reported() {
        assert_eq!(found("<hp>lr=0.1</hp>"), ("{}".to_owned(), 1));
    }
}
