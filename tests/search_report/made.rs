//! A search made by hand: trials that went well, and trials that did not.
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::LazyLock;

use nn_caption::bleu::Interval;
use nn_caption::caption_models::data::{DataSpec, Split};
use nn_caption::caption_models::evaluate::{
    CaptionedImage, Constant, Measured, ProtocolScores, Scores, SplitScores,
};
use nn_caption::caption_models::limits::Limits;
use nn_caption::caption_models::train::{Course, Pace};
use nn_caption::codegen::{self, Generated, Options, Outcome};
use nn_caption::demo::REPLY;
use nn_caption::llm::{Finish, Message, Reply, Request, Role, Sampling, Turn, Usage};
use nn_caption::run::{RunFolder, RunInfo};
use nn_caption::store::{
    Brief, Exchange, Form, NetFacts, RungResult, SearchRecord, TrialRecord, TrialState,
};

static DEMO: LazyLock<Generated> = LazyLock::new(|| {
    let options = Options {
        vocab: 60,
        image: [3, 64, 64],
        ..Options::default()
    };
    codegen::generate(REPLY, &options).unwrap()
});

/// A reply with a mistake that codegen finds.
const MISTAKEN: &str = "Here is the network.\n```python\nimport torch\nimport torch.nn as nn\n\n\nclass Net(nn.Module):\n    \
def __init__(self, in_shape, out_shape, prm, device):\n        super().__init__()\n        self.conv = nn.Convolution(3, \
8, 3)\n```\n";

/// How a trial of the search ended.
pub(crate) enum End {
    /// With these scores, one a rung.
    Scores(&'static [f64]),
    /// Without any.
    Failed(Outcome),
    /// As the net of another trial.
    Duplicate(u64),
}

/// A search of twelve trials in two generations, with its run folders in `dir`.
pub(crate) fn search(dir: &Path) -> (SearchRecord, Vec<TrialRecord>) {
    let ends = [
        End::Scores(&[0.08, 0.14, 0.21]),
        End::Failed(Outcome::Shape),
        End::Scores(&[0.05, 0.09]),
        End::Scores(&[0.02]),
        End::Duplicate(1),
        End::Failed(Outcome::Api),
        End::Scores(&[0.09, 0.16, 0.27]),
        End::Scores(&[0.07, 0.15, 0.19]),
        End::Failed(Outcome::Oom),
        End::Scores(&[0.10]),
        End::Failed(Outcome::Extract),
        End::Scores(&[0.11, 0.18, 0.31]),
    ];
    let trials = (1..)
        .zip(ends)
        .map(|(number, end)| trial(dir, number, &end))
        .collect();
    let plan = serde_json::json!({
        "llm": "http://127.0.0.1:8080/v1", "model": "qwen2.5-coder-1.5b", "data": "scenes:8", "snippets": 5,
        "strategy": "evolve", "trials": 12, "seed": 0, "image": [3, 64, 64], "anchor": null,
    });
    let record = SearchRecord {
        version: "0.1.0".to_owned(),
        began: 0,
        plan: serde_json::from_value(plan).unwrap(),
    };
    (record, trials)
}

pub(crate) fn trial(dir: &Path, number: u64, end: &End) -> TrialRecord {
    let scores = match end {
        End::Scores(scores) => *scores,
        _ => &[],
    };
    let (outcome, duplicate_of) = match end {
        End::Scores(_) => (Some(Outcome::Trained), None),
        End::Failed(outcome) => (Some(*outcome), None),
        End::Duplicate(other) => (None, Some(*other)),
    };
    let mut trial = TrialRecord {
        number,
        state: TrialState::Done,
        brief: brief(number),
        exchanges: exchanges(outcome),
        net: outcome
            .is_none_or(Outcome::is_trained)
            .then(|| facts(number)),
        duplicate_of,
        outcome,
        message: "one sentence about the end".to_owned(),
        rungs: (0..)
            .zip(scores)
            .map(|(rung, score)| rung_result(rung, *score))
            .collect(),
        folder: None,
        began: 0,
        changed: i64::try_from(number).unwrap() * 60_000,
    };
    if !scores.is_empty() {
        let name = format!("trials/{number:04}");
        run_folder(&dir.join(&name), number, scores);
        trial.folder = Some(name);
    }
    trial
}

fn brief(number: u64) -> Brief {
    let parents = match number {
        7 | 8 => vec![1, 3],
        10 => vec![1],
        12 => vec![7, 8],
        _ => Vec::new(),
    };
    let anchor = ["RESNETLSTM", "ResNetTransformer"][usize::from(number.is_multiple_of(3))];
    let n_snippets = [1, 5, 8][usize::try_from(number).unwrap() % 3];
    Brief {
        version: "v1".to_owned(),
        form: Form::Python,
        anchor: anchor.to_owned(),
        snippets: vec!["AlexNet".to_owned(); n_snippets],
        decoder: None,
        parents,
    }
}

fn facts(number: u64) -> NetFacts {
    NetFacts {
        name: format!(
            "C5C-RESNETLSTM-{:08x}{:024x}",
            number * 0x1234_5679 % 0xffff_ffff,
            number
        ),
        hash: format!("{number:064x}"),
        structure: format!("{number:064x}"),
        encoder: ["residual", "convnext", "plain"][usize::try_from(number).unwrap() % 3].to_owned(),
        decoder: ["lstm", "gru", "transformer"][usize::try_from(number).unwrap() % 3].to_owned(),
        blocks: vec!["se".to_owned()],
        n_params: 180_000 * number * number,
        flops: 9_000_000 * number,
        activation_bytes: 40_000_000,
    }
}

fn rung_result(rung: u32, score: f64) -> RungResult {
    let measured = |score: f64| Measured {
        images: 8,
        bleu: [2.2, 1.6, 1.2, 1.0].map(|factor| Interval {
            score: score * factor,
            mean: score * factor,
            low: score * factor - 0.02,
            high: score * factor + 0.02,
        }),
    };
    let protocol = ProtocolScores {
        decoding: "library greedy, at most 20 tokens".to_owned(),
        net: measured(score),
        constant: Some(Constant {
            caption: "a red circle above a square".to_owned(),
            tried: 400,
            score: measured(0.12),
        }),
        shuffled: measured(0.06),
        human: Some(measured(0.42)),
    };
    RungResult {
        rung,
        epochs: 1 << rung,
        score,
        scores: SplitScores {
            validation: Scores {
                images: 8,
                coco: protocol.clone(),
                lemur: protocol,
            },
            train: None,
        },
        seconds: 42.0,
        latency_ms: Some(3.25),
    }
}

/// One reply for a net; a mistaken one before it for every other outcome.
fn exchanges(outcome: Option<Outcome>) -> Vec<Exchange> {
    match outcome {
        Some(Outcome::Trained) => vec![exchange(0, MISTAKEN), exchange(1, REPLY)],
        Some(outcome) if outcome < Outcome::Build => {
            vec![exchange(0, MISTAKEN), exchange(1, MISTAKEN)]
        }
        _ => vec![exchange(0, REPLY)],
    }
}

pub(crate) fn exchange(attempt: u32, text: &str) -> Exchange {
    let checked = codegen::generate(text, &Options::default());
    let (rejected, diagnostics, repairs) = match checked {
        Ok(generated) => (None, generated.diagnostics, generated.repairs),
        Err(rejected) => (
            Some(rejected.outcome()),
            rejected.diagnostics,
            rejected.repairs,
        ),
    };
    let message = |role, content: &str| Message {
        role,
        content: content.to_owned(),
    };
    let mut messages = vec![
        message(Role::System, "You write captioning networks."),
        message(Role::User, "Write a net with an LSTM decoder."),
    ];
    if attempt > 0 {
        messages.push(message(Role::Assistant, MISTAKEN));
        messages.push(message(
            Role::User,
            "torch has no `nn.Convolution`; write the whole file again.",
        ));
    }
    Exchange {
        attempt,
        request: Request {
            turn: Turn { trial: 1, attempt },
            messages,
            sampling: Sampling {
                temperature: 0.6,
                top_p: 0.95,
                top_k: Some(20),
                seed: 7,
                max_tokens: 4096,
            },
            schema: None,
        },
        reply: Reply {
            text: text.to_owned(),
            reasoning: "A residual encoder, then an LSTM.".to_owned(),
            model: "qwen2.5-coder-1.5b".to_owned(),
            finish: Finish::Stop,
            usage: Usage {
                prompt_tokens: 2400,
                completion_tokens: 900,
            },
            seconds: 71.5,
            sent: 1,
        },
        rejected,
        diagnostics,
        repairs,
    }
}

fn run_folder(path: &Path, number: u64, scores: &[f64]) {
    let folder = RunFolder::create(path).unwrap();
    folder.write(&folder.python(), &DEMO.python).unwrap();
    folder.write(&folder.net(), &DEMO.source).unwrap();
    folder.write_json(&folder.program(), &DEMO.program).unwrap();
    folder.write_json(&folder.info(), &info()).unwrap();
    folder.write(&folder.vocab(), "{}").unwrap();
    let n_epochs = 1 << (scores.len() - 1);
    let last = scores[scores.len() - 1];
    let rows = (1..=n_epochs).map(|epoch| {
        let part = f64::from(epoch) / f64::from(n_epochs);
        let (loss, score) = (4.0 - part * 10.0 * last, part.sqrt() * last);
        format!(
            "{{\"epoch\":{epoch},\"steps\":4,\"loss\":{loss},\"grad_norm\":1.0,\"seconds\":9.0,\"images_per_second\":8.0,\
             \"bleu4\":{{\"coco\":{score},\"lemur\":{score}}}}}\n"
        )
    });
    folder
        .write(&folder.history(), &rows.collect::<String>())
        .unwrap();
    folder
        .write_json(&folder.captions(), &captions(number))
        .unwrap();
}

fn captions(number: u64) -> Vec<CaptionedImage> {
    let set = info().data.open(Split::Validation).unwrap();
    let captioned = set.items().iter().map(|item| CaptionedImage {
        split: Split::Validation,
        image: item.name.clone(),
        caption: format!("what net {number} says"),
        references: item.captions.clone(),
    });
    captioned.collect()
}

fn info() -> RunInfo {
    RunInfo {
        version: "0.1.0".to_owned(),
        hash: DEMO.hash.clone(),
        system: None,
        pretrained: false,
        data: DataSpec::Scenes { n_train: 8 },
        device: "cpu".to_owned(),
        epochs: 4,
        batch: 16,
        image: [3, 64, 64],
        prm: BTreeMap::new(),
        seed: 0,
        score_train: 0,
        pace: Pace::default(),
        course: Course::default(),
        limits: Limits::default(),
        time_limit: None,
        verify: true,
    }
}
