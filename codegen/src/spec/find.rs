//! A spec in a reply: JSON with an encoder and a decoder, alone or among prose.
use std::ops::Range;

use serde_json::Value;

use super::{NetSpec, SpecError};

/// Objects that are tried, so that time stays linear.
const MAX_OBJECTS: usize = 16;

/// A spec, or why it is none, and where in the reply it stands.
pub(crate) struct Found {
    pub(crate) place: Range<usize>,
    pub(crate) spec: Result<NetSpec, SpecError>,
}

/// The first object of the reply that looks like a spec.
pub(crate) fn find(reply: &str) -> Option<Found> {
    if !(reply.contains("\"encoder\"") && reply.contains("\"decoder\"")) {
        return None;
    }
    let mut at = 0;
    for _ in 0..MAX_OBJECTS {
        let start = at + reply.get(at..)?.find('{')?;
        let rest = reply.get(start..)?;
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
        let value = values.next();
        let end = start + values.byte_offset();
        if let Some(Ok(value)) = value {
            if value.get("encoder").is_some() && value.get("decoder").is_some() {
                let text = reply.get(start..end)?;
                return Some(Found {
                    place: start..end,
                    spec: NetSpec::read(text),
                });
            }
            at = end;
        } else {
            at = start + 1;
        }
    }
    None
}

impl NetSpec {
    /// The spec that a reply holds, alone or among prose. `None` where there is none, or a faulty one.
    pub fn in_reply(reply: &str) -> Option<Self> {
        find(reply)?.spec.ok()
    }
}

/// What was meant as a spec, of a reply that holds neither one nor a network: an object that is cut short, or lacks a part.
pub(crate) fn attempt(reply: &str) -> Option<Found> {
    const PARTS: [&str; 4] = ["\"encoder\"", "\"memory\"", "\"decoder\"", "\"recipe\""];
    if !PARTS.iter().any(|part| reply.contains(part)) {
        return None;
    }
    let start = reply.find('{')?;
    let rest = reply.get(start..)?;
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Value>();
    let is_whole = matches!(values.next(), Some(Ok(_)));
    let end = if is_whole {
        start + values.byte_offset()
    } else {
        reply.trim_end().len()
    };
    Some(Found {
        place: start..end,
        spec: NetSpec::read(reply.get(start..end)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn wrong(reply: &str, word: &str) {
        assert!(find(reply).is_none());
        let error = attempt(reply).unwrap().spec.unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }

    #[test]
    fn an_object_that_lacks_a_part_or_is_cut_is_meant_as_a_spec() {
        let whole = serde_json::to_string(&NetSpec::example()).unwrap();
        wrong(&whole[..whole.len() / 2], "EOF");
        wrong(&format!("```json\n{}", &whole[..whole.len() - 9]), "EOF");
        let mut lacking: Value = serde_json::from_str(&whole).unwrap();
        lacking.as_object_mut().unwrap().remove("decoder");
        wrong(&format!("Here it is:\n{lacking}\nGood luck."), "`decoder`");
        assert!(attempt("{ \"hidden\": 3 }").is_none());
        assert!(attempt("I would rather not.").is_none());
    }
}
