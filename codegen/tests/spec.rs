//! Specs: every valid one prints a net that is accepted, and the schema says what a valid one is.
use codegen::spec::{
    Activation, DecoderSpec, EncoderSpec, Family, Gate, MemorySpec, NetSpec, OptimizerSpec,
    RecipeSpec, RecurrentSpec, StageSpec, StemSpec, TransformerSpec, schema,
};
use codegen::{Options, Rule, generate};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// Small pictures, so that a case is quick.
fn options() -> Options {
    Options {
        vocab: 60,
        image: [3, 64, 64],
        batch: 2,
        ..Options::default()
    }
}

fn encoder() -> impl Strategy<Value = EncoderSpec> {
    use Family::{Bottleneck, Convnext, Mbconv, Plain, Residual};
    let family = select(vec![Plain, Residual, Bottleneck, Convnext, Mbconv]);
    let activation = select(vec![Activation::Relu, Activation::Gelu, Activation::Silu]);
    let width = || (1..=8_usize).prop_map(|eighth| 8 * eighth);
    let stem = (
        width(),
        select(vec![1, 3, 5, 7]),
        1..=2_usize,
        any::<bool>(),
    );
    let stem = stem.prop_map(|(channels, kernel, stride, pool)| StemSpec {
        channels,
        kernel,
        stride,
        pool,
    });
    let gate = select(vec![Gate::None, Gate::Se, Gate::Cbam]);
    let stage = (width(), 1..=3_usize, 1..=2_usize, gate);
    let stage = stage.prop_map(|(channels, depth, stride, gate)| StageSpec {
        channels,
        depth,
        stride,
        gate,
    });
    let stages = prop::collection::vec(stage, 1..=5);
    (family, activation, stem, stages).prop_map(|(family, activation, stem, stages)| EncoderSpec {
        family,
        activation,
        stem,
        stages,
    })
}

fn decoder() -> impl Strategy<Value = DecoderSpec> {
    let recurrent = (
        16..=64_usize,
        1..=3_usize,
        any::<bool>(),
        any::<bool>(),
        0.0..0.5,
    );
    let recurrent =
        recurrent.prop_map(|(hidden, layers, attention, tied, dropout)| RecurrentSpec {
            hidden,
            layers,
            attention,
            tied,
            dropout,
        });
    let heads = select(vec![1, 2, 4, 8]);
    let transformer = (1..=3_usize, heads, 16..=64_usize, any::<bool>(), 0.0..0.5);
    let transformer =
        transformer.prop_map(
            |(layers, heads, feedforward, tied, dropout)| TransformerSpec {
                layers,
                heads,
                feedforward,
                tied,
                dropout,
            },
        );
    prop_oneof![
        recurrent.clone().prop_map(DecoderSpec::Lstm),
        recurrent.prop_map(DecoderSpec::Gru),
        transformer.prop_map(DecoderSpec::Transformer),
    ]
}

fn spec() -> impl Strategy<Value = NetSpec> {
    let memory = (1..=7_usize, 2..=8_usize).prop_map(|(side, eighth)| MemorySpec {
        side,
        d_model: 8 * eighth,
    });
    let optimizer = select(vec![
        OptimizerSpec::Sgd,
        OptimizerSpec::Adam,
        OptimizerSpec::Adamw,
    ]);
    let recipe = (optimizer, 0.0..0.5, 0.0..0.3, 0.1..10.0);
    let recipe =
        recipe.prop_map(
            |(optimizer, weight_decay, label_smoothing, clip_norm)| RecipeSpec {
                optimizer,
                weight_decay,
                label_smoothing,
                clip_norm,
            },
        );
    (encoder(), memory, decoder(), recipe).prop_map(|(encoder, memory, decoder, recipe)| NetSpec {
        encoder,
        memory,
        decoder,
        recipe,
    })
}

/// Whether a value keeps a schema, as far as ours use the language.
fn keeps(value: &Value, schema: &Value) -> bool {
    if let Some(options) = schema.get("oneOf").and_then(Value::as_array) {
        return options.iter().filter(|option| keeps(value, option)).count() == 1;
    }
    if let Some(wanted) = schema.get("const") {
        return value == wanted;
    }
    let among = |list: &Value| list.as_array().expect("ours say so").contains(value);
    let number = |name: &str| schema.get(name).and_then(Value::as_f64);
    let fits = match schema["type"].as_str().expect("ours say so") {
        "object" => {
            let (object, properties) = (
                value.as_object(),
                schema["properties"].as_object().expect("ours say so"),
            );
            object.is_some_and(|object| {
                object.len() == properties.len()
                    && object.iter().all(|(name, value)| {
                        properties
                            .get(name)
                            .is_some_and(|schema| keeps(value, schema))
                    })
            })
        }
        "array" => value.as_array().is_some_and(|items| {
            let range = schema["minItems"].as_u64().expect("ours say so")
                ..=schema["maxItems"].as_u64().expect("ours say so");
            range.contains(&(items.len() as u64))
                && items.iter().all(|item| keeps(item, &schema["items"]))
        }),
        "integer" => value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        other => panic!("no type {other}"),
    };
    fits && schema.get("enum").is_none_or(among)
        && number("minimum").is_none_or(|least| value.as_f64().is_some_and(|found| found >= least))
        && number("maximum").is_none_or(|most| value.as_f64().is_some_and(|found| found <= most))
        && number("multipleOf")
            .is_none_or(|part| value.as_f64().is_some_and(|found| found % part == 0.0))
}

#[track_caller]
fn accepted(spec: &NetSpec) {
    spec.check().expect("ours say so");
    let json = serde_json::to_string(spec).expect("ours say so");
    let generated = generate(&json, &options()).unwrap_or_else(|rejected| {
        let shown = codegen::render(&rejected.diagnostics, &json, codegen::Style::Plain);
        panic!("{json}\n{}\n{shown}", spec.python())
    });
    syn::parse_file(&generated.source).expect("ours say so");
    // A memory of one token is allowed, and said to be silly.
    let is_wanted = |rule| spec.memory.side == 1 && rule == Rule::OneTokenAttention;
    let mut findings = generated.diagnostics;
    findings.retain(|finding| !is_wanted(finding.rule));
    assert!(findings.is_empty(), "{findings:#?}\n{}", spec.python());
    assert!(generated.program.entries.infer.is_some(), "{json}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_valid_spec_prints_a_net_that_is_accepted(spec in spec()) {
        accepted(&spec);
    }

    #[test]
    fn every_valid_spec_keeps_the_schema(spec in spec()) {
        prop_assert!(keeps(&serde_json::to_value(&spec).unwrap(), &schema()));
    }
}

#[test]
fn the_example_is_accepted_alone_in_prose_and_as_its_own_python() {
    let spec = NetSpec::example();
    accepted(&spec);
    let json = serde_json::to_string_pretty(&spec).unwrap();
    let prose = format!("Here it is {{as you asked}}:\n```json\n{json}\n```\nIt has an LSTM.");
    let replies = [json, prose, spec.python()];
    let hashes = replies.map(|reply| generate(&reply, &options()).unwrap().hash);
    assert!(hashes.iter().all(|hash| *hash == hashes[0]));
}

#[test]
fn a_number_out_of_its_bounds_breaks_schema_and_spec_alike() {
    let changes = [
        ("/memory/d_model", json!(100)),
        ("/memory/side", json!(0)),
        ("/encoder/stages", json!([])),
        ("/encoder/stages/0/depth", json!(7)),
        ("/encoder/stem/kernel", json!(4)),
        ("/decoder/dropout", json!(0.6)),
        ("/decoder/kind", json!("mamba")),
        ("/recipe/clip_norm", json!(0.0)),
        ("/recipe/optimizer", json!("lion")),
    ];
    for (place, value) in changes {
        let mut spec = serde_json::to_value(NetSpec::example()).unwrap();
        *spec.pointer_mut(place).unwrap() = value;
        assert!(!keeps(&spec, &schema()), "{place}");
        let reply = spec.to_string();
        let rejected = generate(&reply, &Options::default()).unwrap_err();
        let error = &rejected.diagnostics[0];
        assert_eq!(error.rule, Rule::InvalidSpec, "{place}");
        assert_eq!(&reply[error.primary.range()], reply, "{place}");
    }
}
