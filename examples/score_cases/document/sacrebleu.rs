//! sacrebleu: BLEU with its settings.

use bleu::{Error, References, SacreBleu, SacreBleuScore, SacreSmoothing, Tokenizer};
use serde_json::{Value, json};

use super::{Case, chrf, number, or_error, ter};

pub(super) fn expected(case: &Case) -> Value {
    json!({
        "bleu": corpora(case),
        "sentence_bleu": sentences(case),
        "chrf": chrf::expected(case),
        "ter": ter::expected(case),
    })
}

const BY_DEFAULT: SacreBleu = SacreBleu {
    lowercase: false,
    tokenizer: Tokenizer::V13a,
    smoothing: SacreSmoothing::Exp,
    effective_order: false,
    max_order: 4,
};

fn smoothed(smoothing: SacreSmoothing) -> SacreBleu {
    SacreBleu {
        smoothing,
        ..BY_DEFAULT
    }
}

fn tokenized(tokenizer: Tokenizer) -> SacreBleu {
    SacreBleu {
        tokenizer,
        ..BY_DEFAULT
    }
}

fn effective(settings: SacreBleu) -> SacreBleu {
    SacreBleu {
        effective_order: true,
        ..settings
    }
}

fn corpus_settings() -> [(Value, SacreBleu); 15] {
    use SacreSmoothing::{AddK, Floor};
    let no_smoothing = smoothed(SacreSmoothing::None);
    let lowercase = SacreBleu {
        lowercase: true,
        ..BY_DEFAULT
    };
    let ordered = |tokenizer, max_order| SacreBleu {
        max_order,
        ..tokenized(tokenizer)
    };
    [
        (json!({"tokenize": "13a"}), BY_DEFAULT),
        (json!({"tokenize": "intl"}), tokenized(Tokenizer::Intl)),
        (json!({"tokenize": "char"}), tokenized(Tokenizer::Char)),
        (json!({"tokenize": "none"}), tokenized(Tokenizer::None)),
        (json!({"tokenize": "zh"}), tokenized(Tokenizer::Zh)),
        (
            json!({"tokenize": "13a", "smooth_method": "floor"}),
            smoothed(Floor(0.1)),
        ),
        (
            json!({"tokenize": "13a", "smooth_method": "floor", "smooth_value": 0.5}),
            smoothed(Floor(0.5)),
        ),
        (
            json!({"tokenize": "13a", "smooth_method": "add-k"}),
            smoothed(AddK(1.0)),
        ),
        (
            json!({"tokenize": "13a", "smooth_method": "add-k", "smooth_value": 0.3}),
            smoothed(AddK(0.3)),
        ),
        (
            json!({"tokenize": "13a", "smooth_method": "none"}),
            no_smoothing,
        ),
        (
            json!({"tokenize": "13a", "effective_order": true}),
            effective(BY_DEFAULT),
        ),
        (
            json!({"tokenize": "13a", "smooth_method": "none", "effective_order": true}),
            effective(no_smoothing),
        ),
        (json!({"tokenize": "13a", "lowercase": true}), lowercase),
        (
            json!({"tokenize": "13a", "max_ngram_order": 2}),
            ordered(Tokenizer::V13a, 2),
        ),
        (
            json!({"tokenize": "none", "max_ngram_order": 6}),
            ordered(Tokenizer::None, 6),
        ),
    ]
}

fn corpora(case: &Case) -> Vec<Value> {
    let scored = |(config, settings): (Value, SacreBleu)| {
        let score = settings.corpus(&case.hyps, &case.refs);
        json!({ "config": config, "corpus": or_error(score.map(|score| shown(case, &settings, &score))) })
    };
    corpus_settings().map(scored).to_vec()
}

fn shown(case: &Case, settings: &SacreBleu, score: &SacreBleuScore) -> Value {
    let signature = settings.signature(References::of(&case.refs));
    let numbers =
        |values: &[f64]| -> Vec<Value> { values.iter().map(|&value| number(value)).collect() };
    json!({
        "score": score.score,
        "counts": numbers(&score.counts),
        "totals": numbers(&score.totals),
        "precisions": score.precisions,
        "bp": score.brevity_penalty,
        "sys_len": score.hyp_len,
        "ref_len": score.ref_len,
        "signature": signature.to_string(),
        "signature_short": signature.short(),
        "format": score.to_string(),
    })
}

fn sentences(case: &Case) -> Vec<Value> {
    use SacreSmoothing::{AddK, Exp, Floor, None};
    let settings = [
        ("13a", Tokenizer::V13a, true, "exp", Exp),
        ("13a", Tokenizer::V13a, true, "floor", Floor(0.1)),
        ("13a", Tokenizer::V13a, true, "add-k", AddK(1.0)),
        ("13a", Tokenizer::V13a, true, "none", None),
        ("intl", Tokenizer::Intl, true, "exp", Exp),
        ("13a", Tokenizer::V13a, false, "exp", Exp),
    ];
    let scored = |(tokenize, tokenizer, effective_order, method, smoothing)| {
        let settings = SacreBleu {
            tokenizer,
            effective_order,
            smoothing,
            ..BY_DEFAULT
        };
        json!({
            "config": {"tokenize": tokenize, "effective_order": effective_order, "smooth_method": method},
            "scores": scores(case, &settings),
        })
    };
    settings.map(scored).to_vec()
}

fn scores(case: &Case, settings: &SacreBleu) -> Vec<Value> {
    let score = |(hyp, refs): (&String, &Vec<String>)| -> Result<Value, Error> {
        Ok(json!(settings.sentence(hyp, refs)?.score))
    };
    let segments = case.hyps.iter().zip(&case.refs);
    segments.map(|segment| or_error(score(segment))).collect()
}
