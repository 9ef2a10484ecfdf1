//! A candidate's process from job file to run folder.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

mod small_net;

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use caption_models::data::{DataSpec, Split};
use caption_models::evaluate::{CaptionedImage, Scores, SplitScores};
use caption_models::harness::{Event, Events, Stage, run};
use caption_models::train::EpochRow;
use caption_models::vocab::Vocab;
use small_net::{SmallNet, VOCAB};

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The device's generator is one for all threads: jobs run one at a time.
static GENERATOR: Mutex<()> = Mutex::new(());

/// Runs a job; returns the exit code and the events.
fn run_job(folder: &Path, job: &serde_json::Value) -> (u8, Vec<Event>) {
    let path = folder.join("job.json");
    std::fs::write(&path, job.to_string()).unwrap();
    let lines = Lines::default();
    let alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let code = run::<SmallNet>(&path, &mut Events::to(Box::new(lines.clone())));
    drop(alone);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    (
        code,
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect(),
    )
}

/// A vocabulary of exactly the net's size: the commonest words of the scenes.
fn vocab(path: &Path) {
    let scenes = DataSpec::default().open(Split::Train).unwrap();
    let captions = scenes.items().iter().flat_map(|item| item.captions.iter());
    let all = Vocab::build(captions, 1);
    let vocab = Vocab::build(&all.words()[4..VOCAB], 1);
    assert_eq!(vocab.len(), VOCAB);
    vocab.save(path).unwrap();
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> T {
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

fn train_job(folder: &Path) -> serde_json::Value {
    let vocab_path = folder.join("vocab.json");
    vocab(&vocab_path);
    serde_json::json!({
        "job": "train", "run": folder, "data": "scenes:64", "vocab": vocab_path, "batch": 16,
        "epochs": 3, "score": {"images": 12, "bootstrap": 50, "constants": 10, "decode": {"max_length": 12}},
    })
}

#[test]
fn a_net_trains_scores_and_captions() {
    let folder = tempfile::tempdir().unwrap();
    let (code, events) = run_job(folder.path(), &train_job(folder.path()));
    assert_eq!(code, 0, "{events:?}");
    assert!(
        matches!(
            events[0],
            Event::Started {
                steps: 12,
                images: [64, _],
                ..
            }
        ),
        "{events:?}"
    );
    assert!(
        matches!(events.last(), Some(Event::Done { .. })),
        "{events:?}"
    );
    let is_step = |event: &&Event| matches!(event, Event::Step { .. });
    assert_eq!(events.iter().filter(is_step).count(), 12);
    let history = std::fs::read_to_string(folder.path().join("history.jsonl")).unwrap();
    let rows: Vec<EpochRow> = history
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(rows.len(), 3);
    assert!(rows[2].loss < rows[0].loss, "{rows:?}");
    assert!(rows[0].bleu4.is_some());
    let SplitScores {
        validation: scores,
        train,
        pretrained,
    } = read(&folder.path().join("scores.json"));
    assert_eq!((train, pretrained), (None, Some(false)));
    assert_eq!((scores.images, scores.lemur.net.images), (12, 12));
    assert_eq!(scores.lemur.decoding, "the net's own inference");
    assert!(scores.coco.human.is_some() && scores.lemur.constant.is_some());
    check_scores(&scores);
    let captions: Vec<CaptionedImage> = read(&folder.path().join("captions.json"));
    assert_eq!(captions.len(), 12);
    check_own_scores(&captions, &scores);
    assert!(captions.iter().all(|image| !image.references.is_empty()));
    assert!(
        captions
            .iter()
            .all(|image| image.split == Split::Validation)
    );
}

/// What protocol coco has beside BLEU, and what makes the scores reproducible.
fn check_scores(scores: &Scores) {
    for side in [
        scores.coco.net,
        scores.coco.shuffled,
        scores.coco.human.unwrap(),
    ] {
        let [rouge_l, cider_d] = [side.rouge_l, side.cider_d].map(Option::unwrap);
        assert!(rouge_l.low <= rouge_l.score && rouge_l.score <= rouge_l.high);
        assert!(cider_d.low <= cider_d.score && cider_d.score <= cider_d.high);
    }
    assert_eq!(
        (scores.lemur.net.rouge_l, scores.lemur.net.cider_d),
        (None, None)
    );
    assert!(
        scores.coco.signature.contains("|tok:ptb|"),
        "{}",
        scores.coco.signature
    );
    let variety = scores.diversity.unwrap();
    assert_eq!([variety.net.n_captions, variety.human.n_captions], [12, 12]);
}

/// The mean of the pictures' own CIDEr-D is the net's.
fn check_own_scores(captions: &[CaptionedImage], scores: &Scores) {
    let own = captions.iter().map(|image| image.scores.unwrap());
    let cider_d: f64 = own.map(|scores| scores.cider_d.unwrap()).sum();
    let mean = scores.coco.net.cider_d.unwrap().score;
    assert!((cider_d / 12.0 - mean).abs() < 1e-9, "{cider_d} {mean}");
}

#[test]
fn the_first_training_pictures_are_scored_as_the_validation_pictures_are() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = train_job(folder.path());
    job["score"]["train_images"] = 20.into();
    let (code, events) = run_job(folder.path(), &job);
    assert_eq!(code, 0, "{events:?}");
    let scores: SplitScores = read(&folder.path().join("scores.json"));
    let announced = |event: &Event| match event {
        Event::Scored { scores, latency_ms } => Some((scores.clone(), *latency_ms)),
        _ => None,
    };
    let (said, latency_ms) = events.iter().find_map(announced).unwrap();
    assert_eq!(*said, scores);
    assert!(latency_ms.is_some_and(|ms| ms > 0.0), "{latency_ms:?}");
    let train = scores.train.unwrap();
    assert_eq!((train.images, train.coco.net.images), (20, 20));
    assert_eq!(train.lemur.decoding, scores.validation.lemur.decoding);
    assert!(train.coco.human.is_some() && train.lemur.human.is_some());
    let best = train.coco.constant.unwrap();
    assert_eq!(
        (best.tried, best.score.images),
        (scores.validation.coco.constant.unwrap().tried, 20)
    );
    let [.., net] = train.coco.net.bleu;
    assert!(net.low <= net.score && net.score <= net.high, "{net:?}");

    let captions: Vec<CaptionedImage> = read(&folder.path().join("captions.json"));
    let (validation, train) = captions.split_at(12);
    assert!(
        validation
            .iter()
            .all(|image| image.split == Split::Validation)
    );
    let data: DataSpec = "scenes:64".parse().unwrap();
    let set = data.open(Split::Train).unwrap();
    let of_set = set.items().iter().take(20).map(|item| CaptionedImage {
        split: Split::Train,
        image: item.name.clone(),
        caption: String::new(),
        references: item.captions.clone(),
        scores: None,
    });
    let found = train.iter().cloned().map(|image| CaptionedImage {
        caption: String::new(),
        scores: None,
        ..image
    });
    assert!(found.eq(of_set), "in the order of the set: {train:?}");
}

#[test]
fn scoring_training_pictures_changes_no_other_score() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = train_job(folder.path());
    job["max_steps"] = 2.into();
    let mut validation = |train_images: usize| {
        job["score"]["train_images"] = train_images.into();
        let (code, events) = run_job(folder.path(), &job);
        assert_eq!(code, 0, "{events:?}");
        let scores: SplitScores = read(&folder.path().join("scores.json"));
        let n_scored = scores.train.map_or(0, |train| train.images);
        assert_eq!(n_scored, train_images.min(64));
        scores.validation
    };
    assert_eq!(validation(0), validation(1000));
}

#[test]
fn a_trained_net_captions_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = train_job(folder.path());
    job["max_steps"] = 2.into();
    let (code, events) = run_job(folder.path(), &job);
    assert_eq!(code, 0, "{events:?}");
    let scenes = DataSpec::default().open(Split::Validation).unwrap();
    let picture = folder.path().join("picture.png");
    scenes.picture(0, [40, 30]).unwrap().save(&picture).unwrap();
    let job = serde_json::json!({"job": "caption", "run": folder.path(), "images": [picture]});
    let (code, events) = run_job(folder.path(), &job);
    assert_eq!(code, 0, "{events:?}");
    let Some(Event::Captions {
        file: None,
        captions,
    }) = events.get(1)
    else {
        panic!("{events:?}")
    };
    assert!(captions[0].image.ends_with("picture.png"));
}

/// A COCO folder of drawn scenes; both splits are the same pictures, the third of which breaks off.
fn photographs(dir: &Path, n_pictures: usize) {
    let scenes = DataSpec::default().open(Split::Train).unwrap();
    let (mut images, mut annotations) = (Vec::new(), Vec::new());
    for (idx, item) in scenes.items().iter().enumerate().take(n_pictures) {
        let name = format!("{idx}.jpg");
        for split in ["train2017", "val2017"] {
            let path = dir.join(split).join(&name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            let picture = scenes.picture(idx, [40, 40]).unwrap();
            picture.save(&path).unwrap();
            if idx == 2 {
                let bytes = std::fs::read(&path).unwrap();
                std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
            }
        }
        images.push(serde_json::json!({"id": idx, "file_name": name}));
        for caption in &item.captions {
            annotations.push(serde_json::json!({"image_id": idx, "id": 0, "caption": caption}));
        }
    }
    let json = serde_json::json!({"images": images, "annotations": annotations}).to_string();
    std::fs::create_dir_all(dir.join("annotations")).unwrap();
    for split in ["train2017", "val2017"] {
        let path = dir
            .join("annotations")
            .join(format!("captions_{split}.json"));
        std::fs::write(path, &json).unwrap();
    }
}

#[test]
fn a_picture_that_cannot_be_read_is_named_and_counted() {
    let folder = tempfile::tempdir().unwrap();
    photographs(&folder.path().join("coco"), 6);
    let mut job = train_job(folder.path());
    job["data"] = format!("coco:{}", folder.path().join("coco").display()).into();
    job["epochs"] = 1.into();
    job["score"]["train_images"] = 4.into();
    let (code, events) = run_job(folder.path(), &job);
    assert_eq!(code, 0, "{events:?}");
    let named = |event: &Event| match event {
        Event::Warning { message } => message.contains("2.jpg is damaged"),
        _ => false,
    };
    assert!(events.iter().any(named), "{events:?}");
    let row = |event: &Event| match event {
        Event::Epoch(row) => Some(*row),
        _ => None,
    };
    assert_eq!(events.iter().find_map(row).unwrap().skipped, 1);
    let scores: SplitScores = read(&folder.path().join("scores.json"));
    let n_images = (scores.validation.images, scores.train.unwrap().images);
    assert_eq!(n_images, (5, 4), "the next pictures take its place");
}

#[test]
fn two_runs_of_one_seed_are_equal() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = train_job(folder.path());
    job["max_steps"] = 3.into();
    let losses = || {
        let (_, events) = run_job(folder.path(), &job);
        let loss = |event: &Event| match event {
            Event::Step { loss, .. } => Some(loss.to_bits()),
            _ => None,
        };
        events.iter().filter_map(loss).collect::<Vec<_>>()
    };
    let first = losses();
    assert_eq!(first.len(), 3);
    assert_eq!(first, losses());
}

#[test]
fn the_checks_change_nothing_of_the_training() {
    let folder = tempfile::tempdir().unwrap();
    let mut job = train_job(folder.path());
    job["max_steps"] = 2.into();
    let mut losses = |verify: bool| {
        job["verify"] = verify.into();
        let (_, events) = run_job(folder.path(), &job);
        let verified = |event: &Event| matches!(event, Event::Verified { .. });
        assert_eq!(events.iter().any(verified), verify);
        let loss = |event: &Event| match event {
            Event::Step { loss, .. } => Some(loss.to_bits()),
            _ => None,
        };
        events.iter().filter_map(loss).collect::<Vec<_>>()
    };
    assert_eq!(losses(true), losses(false));
}

#[test]
fn the_probe_answers_with_its_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let (code, events) = run_job(folder.path(), &serde_json::json!({"job": "probe"}));
    assert_eq!(code, 0, "{events:?}");
    let Event::Probe { numbers } = &events[1] else {
        panic!("{events:?}")
    };
    assert_eq!(numbers.logits.values.len(), 2 * 8 * VOCAB);
}

#[test]
fn what_cannot_be_used_is_named_and_ends_with_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let run_folder = folder.path().join("none");
    let cases = [
        (serde_json::json!({"job": "dance"}), "no job"),
        (
            serde_json::json!({"job": "train", "run": run_folder, "data": "scenes", "vocab": "v"}),
            "run folder",
        ),
        (
            serde_json::json!({"job": "caption", "run": run_folder, "images": []}),
            "vocab.json",
        ),
    ];
    for (job, expected) in cases {
        let (code, events) = run_job(folder.path(), &job);
        assert_eq!(code, 2, "{events:?}");
        let Some(Event::Failed {
            stage: Stage::Input,
            message,
        }) = events.last()
        else {
            panic!("{events:?}")
        };
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn a_device_that_is_not_there_ends_with_code_3() {
    let folder = tempfile::tempdir().unwrap();
    let job = serde_json::json!({"job": "probe", "device": "tpu"});
    let (code, events) = run_job(folder.path(), &job);
    assert_eq!(code, 3, "{events:?}");
    assert!(matches!(
        events.last(),
        Some(Event::Failed {
            stage: Stage::Device,
            ..
        })
    ));
}
