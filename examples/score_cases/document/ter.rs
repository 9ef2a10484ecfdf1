//! sacrebleu: TER with its settings.

use bleu::{Error, References, Ter, TerStats};
use serde_json::{Map, Value, json};

use super::{Case, or_error};

const BY_DEFAULT: Ter = Ter {
    normalized: false,
    no_punct: false,
    asian_support: false,
    case_sensitive: false,
};

const NORMALIZED: Ter = Ter {
    normalized: true,
    ..BY_DEFAULT
};

const NO_PUNCT: Ter = Ter {
    no_punct: true,
    ..BY_DEFAULT
};

const CASE_SENSITIVE: Ter = Ter {
    case_sensitive: true,
    ..BY_DEFAULT
};

const ASIAN: Ter = Ter {
    asian_support: true,
    ..NORMALIZED
};

const ALL: Ter = Ter {
    normalized: true,
    no_punct: true,
    asian_support: true,
    case_sensitive: true,
};

pub(super) fn expected(case: &Case) -> Vec<Value> {
    let settings = [
        (json!({}), BY_DEFAULT),
        (json!({"normalized": true}), NORMALIZED),
        (json!({"no_punct": true}), NO_PUNCT),
        (json!({"case_sensitive": true}), CASE_SENSITIVE),
        (json!({"normalized": true, "asian_support": true}), ASIAN),
        (
            json!({"normalized": true, "no_punct": true, "asian_support": true, "case_sensitive": true}),
            ALL,
        ),
    ];
    let scored =
        |(config, settings)| json!({ "config": config, "corpus": or_error(shown(case, settings)) });
    settings.map(scored).to_vec()
}

/// The words that are compared.
pub(super) fn words(text: &str) -> Map<String, Value> {
    let settings = [
        ("default", BY_DEFAULT),
        ("normalized", NORMALIZED),
        ("no_punct", NO_PUNCT),
        ("asian", ASIAN),
        ("all", ALL),
    ];
    let words = |(name, settings): (&str, Ter)| (name.to_owned(), json!(settings.words(text)));
    settings.map(words).into_iter().collect()
}

fn shown(case: &Case, settings: Ter) -> Result<Value, Error> {
    let segments = settings.segments(&case.hyps, &case.refs)?;
    let score = segments.iter().sum::<TerStats>().score();
    let sentences: Vec<f64> = segments.iter().map(|stats| stats.score().score).collect();
    Ok(json!({
        "score": score.score,
        "num_edits": score.edits,
        "ref_length": score.ref_len,
        "signature": settings.signature(References::of(&case.refs)).to_string(),
        "format": score.to_string(),
        "sentence": sentences,
    }))
}
