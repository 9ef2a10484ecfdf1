//! Trials for tests.
use bleu::Interval;
use caption_models::evaluate::{Measured, ProtocolScores, Scores, SplitScores};
use codegen::Outcome;

use crate::store::{Brief, Form, NetFacts, RungResult, TrialRecord, TrialState};

/// A net of its own.
pub(crate) fn net(number: u64) -> NetFacts {
    NetFacts {
        name: format!("C1C-TEST-{number:032x}"),
        hash: format!("{number:064x}"),
        structure: format!("{number:064x}"),
        encoder: "residual".to_owned(),
        decoder: "lstm".to_owned(),
        blocks: Vec::new(),
        n_params: 1000,
        flops: 2000,
        activation_bytes: 3000,
    }
}

/// A trial with a result for each score; it waits for the next rung.
pub(crate) fn trial(number: u64, scores: &[f64]) -> TrialRecord {
    TrialRecord {
        number,
        state: TrialState::Waiting,
        brief: Brief {
            version: "v1".to_owned(),
            form: Form::Python,
            anchor: "TEST".to_owned(),
            snippets: vec!["A".to_owned()],
            decoder: None,
            parents: Vec::new(),
        },
        exchanges: Vec::new(),
        net: Some(net(number)),
        duplicate_of: None,
        outcome: Some(Outcome::Trained),
        message: "trained and scored".to_owned(),
        rungs: (0..)
            .zip(scores)
            .map(|(rung, score)| result(rung, *score))
            .collect(),
        folder: None,
        began: 0,
        changed: 0,
    }
}

fn result(rung: u32, score: f64) -> RungResult {
    let interval = Interval {
        score,
        mean: score,
        low: score - 0.02,
        high: score + 0.02,
    };
    let measured = Measured {
        images: 8,
        bleu: [interval; 4],
        rouge_l: None,
        cider_d: None,
    };
    let protocol = ProtocolScores {
        decoding: "library greedy".to_owned(),
        signature: String::new(),
        net: measured,
        constant: None,
        shuffled: measured,
        human: None,
    };
    let validation = Scores {
        images: 8,
        coco: protocol.clone(),
        lemur: protocol,
        diversity: None,
    };
    RungResult {
        rung,
        epochs: rung as usize + 1,
        score,
        scores: SplitScores {
            validation,
            train: None,
            pretrained: None,
        },
        seconds: 1.0,
        latency_ms: None,
    }
}
