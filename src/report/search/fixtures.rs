//! Run folders and exchanges for tests.
use std::collections::BTreeMap;
use std::path::Path;

use caption_models::data::Split;
use caption_models::evaluate::CaptionedImage;
use caption_models::limits::Limits;
use caption_models::train::{Course, Pace};

use crate::llm::{Finish, Message, Reply, Request, Role, Sampling, Turn, Usage};
use crate::run::{RunFolder, RunInfo};
use crate::store::{Exchange, TrialRecord};

/// The run folder of a trial with the demo's net, and so many epochs.
pub(crate) fn run_folder(dir: &Path, trial: &mut TrialRecord, epochs: usize) -> RunFolder {
    let name = format!("trials/{:04}", trial.number);
    let folder = RunFolder::create(&dir.join(&name)).unwrap();
    let options = codegen::Options {
        vocab: 60,
        image: [3, 64, 64],
        ..codegen::Options::default()
    };
    let generated = codegen::generate(crate::demo::REPLY, &options).unwrap();
    folder.write(&folder.python(), &generated.python).unwrap();
    folder.write(&folder.net(), &generated.source).unwrap();
    folder
        .write_json(&folder.program(), &generated.program)
        .unwrap();
    folder.write_json(&folder.info(), &info()).unwrap();
    folder.write(&folder.vocab(), "{}").unwrap();
    let rows = (1..=epochs).map(|epoch| history_row(epoch) + "\n");
    folder
        .write(&folder.history(), &rows.collect::<String>())
        .unwrap();
    folder
        .write_json(&folder.captions(), &captions("a red circle"))
        .unwrap();
    trial.folder = Some(name);
    folder
}

fn history_row(epoch: usize) -> String {
    let loss = 4.0 / epoch as f64;
    let score = 0.1 * epoch as f64;
    format!(
        "{{\"epoch\":{epoch},\"steps\":4,\"loss\":{loss},\"grad_norm\":1.0,\"seconds\":2.0,\"images_per_second\":8.0,\
         \"bleu4\":{{\"coco\":{score},\"lemur\":{score}}}}}"
    )
}

/// One picture of the drawn scenes with this caption.
pub(crate) fn captions(caption: &str) -> Vec<CaptionedImage> {
    let set = info().data.open(Split::Validation).unwrap();
    vec![CaptionedImage {
        split: Split::Validation,
        image: set.items()[0].name.clone(),
        caption: caption.to_owned(),
        references: set.items()[0].captions.clone(),
    }]
}

pub(crate) fn info() -> RunInfo {
    let prm = [("lr", 0.001), ("momentum", 0.9)];
    let prm = prm.map(|(name, value)| (name.to_owned(), value.into()));
    RunInfo {
        version: "0.1.0".to_owned(),
        hash: "0123456789abcdef".to_owned(),
        system: None,
        pretrained: false,
        data: "scenes:8".parse().unwrap(),
        device: "cpu".to_owned(),
        epochs: 2,
        batch: 16,
        image: [3, 64, 64],
        prm: BTreeMap::from(prm),
        seed: 0,
        score_train: 0,
        pace: Pace::default(),
        course: Course::default(),
        limits: Limits::default(),
        time_limit: None,
        verify: true,
    }
}

/// A request and its reply.
pub(crate) fn exchange(attempt: u32, prompt: &str, reply: &str) -> Exchange {
    Exchange {
        attempt,
        request: Request {
            turn: Turn { trial: 1, attempt },
            messages: vec![Message {
                role: Role::User,
                content: prompt.to_owned(),
            }],
            sampling: Sampling {
                temperature: 0.6,
                top_p: 0.95,
                top_k: None,
                seed: 7,
                max_tokens: 4096,
            },
            schema: None,
        },
        reply: Reply {
            text: reply.to_owned(),
            reasoning: String::new(),
            model: "tiny".to_owned(),
            finish: Finish::Stop,
            usage: Usage {
                prompt_tokens: 1000,
                completion_tokens: 500,
            },
            seconds: 12.0,
            sent: 1,
        },
        rejected: None,
        diagnostics: Vec::new(),
        repairs: None,
    }
}
