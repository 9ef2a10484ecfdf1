//! NLTK's sentence and corpus BLEU.

use bleu::{Error, NltkBleu, NltkMethod, Smoothing};
use serde_json::{Map, Value, json};

use super::{Case, or_error};

const UNIFORM: [f64; 4] = [0.25; 4];

const WEIGHTS: [&[f64]; 6] = [
    &[1.0],
    &[0.5, 0.5],
    &[1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0],
    &UNIFORM,
    &[0.2; 5],
    &[0.1, 0.3, 0.5, 0.1],
];

pub(super) fn expected(case: &Case) -> Value {
    json!({
        "sentence": by_method(|method| sentences(case, &NltkBleu::new(&UNIFORM, method))),
        "corpus": by_method(|method| or_error(corpus(case, &UNIFORM, method))),
        "corpus_weights_method0": by_weights(case, Smoothing::Method0),
        "corpus_weights_method1": by_weights(case, Smoothing::Method1),
        "weights": WEIGHTS,
        "sentence_auto_reweigh_method1": reweighed(case),
    })
}

fn by_method(score: impl Fn(NltkMethod) -> Value) -> Map<String, Value> {
    let methods = (0..).map_while(NltkMethod::numbered).enumerate();
    methods
        .map(|(number, method)| (format!("method{number}"), score(method)))
        .collect()
}

fn by_weights(case: &Case, smoothing: Smoothing) -> Vec<Value> {
    let score = |weights: &&[f64]| or_error(corpus(case, weights, NltkMethod::Summed(smoothing)));
    WEIGHTS.iter().map(score).collect()
}

fn reweighed(case: &Case) -> Value {
    let bleu = NltkBleu::new(&UNIFORM, NltkMethod::Summed(Smoothing::Method1));
    sentences(case, &bleu.map(NltkBleu::with_auto_reweigh))
}

fn corpus(case: &Case, weights: &[f64], method: NltkMethod) -> Result<Value, Error> {
    let score = NltkBleu::new(weights, method)?.corpus(&case.hyps, &case.refs)?;
    Ok(json!(score))
}

fn sentences(case: &Case, bleu: &Result<NltkBleu, Error>) -> Value {
    let score = |(hyp, refs): (&String, &Vec<String>)| {
        let score = bleu.as_ref().map_err(Clone::clone)?.sentence(hyp, refs)?;
        Ok(json!(score))
    };
    let segments = case.hyps.iter().zip(&case.refs);
    segments.map(|segment| or_error(score(segment))).collect()
}
