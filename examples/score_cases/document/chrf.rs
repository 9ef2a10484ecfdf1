//! sacrebleu: chrF with its settings.

use bleu::{Chrf, Error, References};
use serde_json::{Value, json};

use super::{Case, or_error};

const BY_DEFAULT: Chrf = Chrf {
    char_order: 6,
    word_order: 0,
    beta: 2,
    lowercase: false,
    whitespace: false,
    eps_smoothing: false,
};

fn settings() -> [(Value, Chrf); 7] {
    let lowercase = Chrf {
        lowercase: true,
        ..BY_DEFAULT
    };
    let whitespace = Chrf {
        whitespace: true,
        ..BY_DEFAULT
    };
    let eps_smoothing = Chrf {
        eps_smoothing: true,
        ..BY_DEFAULT
    };
    let of_words = |word_order, beta, settings| Chrf {
        word_order,
        beta,
        ..settings
    };
    let short = Chrf {
        char_order: 4,
        ..BY_DEFAULT
    };
    [
        (json!({}), BY_DEFAULT),
        (json!({"word_order": 2}), Chrf::plus_plus()),
        (json!({"lowercase": true}), lowercase),
        (json!({"whitespace": true}), whitespace),
        (json!({"eps_smoothing": true}), eps_smoothing),
        (
            json!({"word_order": 2, "eps_smoothing": true, "beta": 3}),
            of_words(2, 3, eps_smoothing),
        ),
        (
            json!({"char_order": 4, "word_order": 1, "beta": 1}),
            of_words(1, 1, short),
        ),
    ]
}

pub(super) fn expected(case: &Case) -> Vec<Value> {
    let scored =
        |(config, settings)| json!({ "config": config, "corpus": or_error(shown(case, settings)) });
    settings().map(scored).to_vec()
}

fn shown(case: &Case, settings: Chrf) -> Result<Value, Error> {
    let segments = settings.segments(&case.hyps, &case.refs)?;
    let score = settings.score(&segments.iter().sum());
    let sentences: Vec<f64> = segments
        .iter()
        .map(|stats| settings.score(stats).score)
        .collect();
    Ok(json!({
        "score": score.score,
        "name": score.name(),
        "signature": settings.signature(References::of(&case.refs)).to_string(),
        "format": score.to_string(),
        "sentence": sentences,
    }))
}
