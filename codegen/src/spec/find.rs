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
