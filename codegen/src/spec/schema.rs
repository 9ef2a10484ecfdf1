//! The JSON Schema of specs, for constrained decoding. Bounds come from the table that checks them.
use serde_json::{Map, Value, json};

use super::check::{BOUNDS, CHOICES, MULTIPLE, STAGES};

/// The schema, draft 2020-12. It says all that [`NetSpec::check`](super::NetSpec::check) does.
pub fn schema() -> Value {
    let encoder = object(&[
        (
            "family",
            words(&["plain", "residual", "bottleneck", "convnext", "mbconv"]),
        ),
        ("activation", words(&["relu", "gelu", "silu"])),
        (
            "stem",
            numbers(
                &["channels", "kernel", "stride"],
                &[("pool", json!({ "type": "boolean" }))],
            ),
        ),
        ("stages", stages()),
    ]);
    let recipe = numbers(
        &["weight_decay", "label_smoothing", "clip_norm"],
        &[("optimizer", words(&["sgd", "adam", "adamw"]))],
    );
    let mut net = object(&[
        ("encoder", encoder),
        ("memory", numbers(&["side", "d_model"], &[])),
        (
            "decoder",
            json!({ "oneOf": [recurrent("lstm"), recurrent("gru"), transformer()] }),
        ),
        ("recipe", recipe),
    ]);
    if let Some(net) = net.as_object_mut() {
        net.insert(
            "$schema".into(),
            json!("https://json-schema.org/draft/2020-12/schema"),
        );
        net.insert("title".into(), json!("A captioning net"));
    }
    net
}

fn stages() -> Value {
    let stage = numbers(
        &["channels", "depth", "stride"],
        &[("gate", words(&["none", "se", "cbam"]))],
    );
    json!({ "type": "array", "minItems": STAGES[0], "maxItems": STAGES[1], "items": stage })
}

fn recurrent(kind: &str) -> Value {
    let flag = json!({ "type": "boolean" });
    numbers(
        &["hidden", "layers", "dropout"],
        &[
            ("kind", json!({ "const": kind })),
            ("attention", flag.clone()),
            ("tied", flag),
        ],
    )
}

fn transformer() -> Value {
    numbers(
        &["layers", "heads", "feedforward", "dropout"],
        &[
            ("kind", json!({ "const": "transformer" })),
            ("tied", json!({ "type": "boolean" })),
        ],
    )
}

fn words(allowed: &[&str]) -> Value {
    json!({ "type": "string", "enum": allowed })
}

/// An object of numbers that the tables bound, and other properties.
fn numbers(names: &[&str], others: &[(&str, Value)]) -> Value {
    let mut all = others.to_vec();
    all.extend(names.iter().map(|name| (*name, number(name))));
    object(&all)
}

fn number(name: &str) -> Value {
    if let Some((_, allowed)) = CHOICES.iter().find(|(known, _)| *known == name) {
        return json!({ "type": "integer", "enum": allowed });
    }
    let Some(bound) = BOUNDS.iter().find(|bound| bound.name == name) else {
        return json!({ "type": "number" });
    };
    let is_part = ["dropout", "weight_decay", "label_smoothing", "clip_norm"].contains(&name);
    if is_part {
        return json!({ "type": "number", "minimum": bound.least, "maximum": bound.most });
    }
    let mut number = Map::new();
    number.insert("type".into(), json!("integer"));
    number.insert("minimum".into(), json!(bound.least));
    number.insert("maximum".into(), json!(bound.most));
    if ["channels", "d_model"].contains(&name) {
        number.insert("multipleOf".into(), json!(MULTIPLE));
    }
    Value::Object(number)
}

/// All properties are required, and no others are allowed.
fn object(properties: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = properties.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> = properties
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.clone()))
        .collect();
    json!({ "type": "object", "properties": properties, "required": names, "additionalProperties": false })
}
