use std::collections::BTreeSet;

use codegen::spec::NetSpec;

use super::draw::{CHARS_PER_TOKEN, MAX_TOKENS};
use super::*;
use crate::llm::{DECODER_ASKED, Role};

fn options(form: Form, snippets: usize, seed: u64) -> DrawOptions {
    DrawOptions {
        form,
        snippets,
        anchor: None,
        decoder: None,
        seed,
        best: Vec::new(),
    }
}

fn draw(options: &DrawOptions) -> Prompt {
    Pool::embedded().draw(options).unwrap()
}

fn text(prompt: &Prompt) -> String {
    let contents = prompt
        .messages
        .iter()
        .map(|message| message.content.as_str());
    contents.collect::<Vec<_>>().join("\n")
}

fn shown(trial: u64) -> Shown {
    Shown {
        trial,
        form: Form::Python,
        code: NetSpec::example().python(),
        score: Interval {
            score: 0.1234,
            mean: 0.12,
            low: 0.1,
            high: 0.15,
        },
        n_params: 1_234_567,
    }
}

#[test]
fn equal_seeds_give_equal_prompts() {
    let prompts: Vec<Prompt> = (0..8)
        .map(|seed| draw(&options(Form::Python, 5, seed)))
        .collect();
    for (seed, prompt) in (0..).zip(&prompts) {
        assert_eq!(*prompt, draw(&options(Form::Python, 5, seed)));
    }
    let snippets: BTreeSet<_> = prompts
        .iter()
        .map(|prompt| &prompt.brief.snippets)
        .collect();
    assert_eq!(snippets.len(), 8);
    let anchors: BTreeSet<_> = prompts.iter().map(|prompt| &prompt.brief.anchor).collect();
    assert_eq!(anchors.len(), 3);
}

#[test]
fn snippets_differ_and_the_anchors_encoder_is_not_among_them() {
    for k in [0, 1, 5, 8, 10, 13] {
        for seed in 0..12 {
            let prompt = draw(&options(Form::Python, k, seed));
            let names: BTreeSet<_> = prompt.brief.snippets.iter().collect();
            assert_eq!(names.len(), k);
            let own = ["ResNet", "ConvNeXt", "MobileNet"]
                .into_iter()
                .find(|encoder| prompt.brief.anchor.starts_with(encoder))
                .unwrap();
            assert!(!names.iter().any(|name| *name == own));
            assert_eq!(text(&prompt).matches("\n## ").count(), k);
        }
    }
}

#[test]
fn every_prompt_fits_16k_tokens_with_room_for_a_reply() {
    for form in [Form::Python, Form::Spec] {
        for seed in 0..6 {
            let mut options = options(form, 10, seed);
            let plain = text(&draw(&options));
            assert!(
                !plain.contains("# ...\n"),
                "nothing is cut without best nets"
            );
            options.best = (1..=6).map(shown).collect();
            let evolved = draw(&options);
            assert!(!evolved.brief.parents.is_empty());
            for text in [plain, text(&evolved)] {
                assert!(text.len() <= MAX_TOKENS * CHARS_PER_TOKEN, "{}", text.len());
            }
        }
    }
}

#[test]
fn best_nets_are_shown_with_their_scores() {
    let mut options = options(Form::Python, 1, 0);
    options.best = vec![shown(7), shown(3)];
    let prompt = draw(&options);
    assert_eq!(prompt.brief.parents, [7, 3]);
    let heading =
        "## Network of trial 7: BLEU-4 0.1234 (between 0.1000 and 0.1500), 1,234,567 parameters";
    assert!(text(&prompt).contains(&format!("{heading}\n\n```python\n")));
    options.best[0].form = Form::Spec;
    assert!(text(&draw(&options)).contains(&format!("{heading}\n\n```json\n")));
}

#[test]
fn the_decoder_is_asked_for_and_so_is_the_schema() {
    let mut options = options(Form::Spec, 1, 0);
    options.decoder = Some("gru".to_owned());
    let prompt = draw(&options);
    assert!(text(&prompt).contains(&format!("{DECODER_ASKED}gru.")));
    let schema = prompt.schema.unwrap();
    let choices = schema.pointer("/properties/decoder/oneOf").unwrap();
    assert_eq!(choices.as_array().unwrap().len(), 1);
    options.decoder = Some("rnn".to_owned());
    let error = Pool::embedded().draw(&options).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`rnn` is no decoder: it must be one of lstm, gru, transformer"
    );
}

#[test]
fn what_the_pool_does_not_have_is_said() {
    let error = Pool::embedded()
        .draw(&options(Form::Python, 14, 0))
        .unwrap_err();
    assert!(matches!(
        error,
        PromptError::TooFewSnippets {
            wanted: 14,
            found: 13,
            ..
        }
    ));
    let mut options = options(Form::Python, 1, 0);
    options.anchor = Some("VGG".to_owned());
    let error = Pool::embedded().draw(&options).unwrap_err().to_string();
    assert!(
        error.contains("`VGG`") && error.contains("ConvNeXtGRU"),
        "{error}"
    );
}

#[test]
fn no_place_of_a_text_is_left_open() {
    for form in [Form::Python, Form::Spec] {
        let mut options = options(form, 3, 0);
        options.best = vec![shown(1)];
        let prompt = draw(&options);
        assert!(!text(&prompt).contains("{{"));
    }
}

#[test]
fn diagnostics_are_sent_back_with_the_latest_reply_alone() {
    for form in [Form::Python, Form::Spec] {
        let prompt = draw(&options(form, 5, 0));
        let once = repair(&prompt.messages, "first reply", "N004 at line 3");
        let twice = repair(&once, "second reply", "N005 at line 9");
        let roles: Vec<Role> = twice.iter().map(|message| message.role).collect();
        assert_eq!(
            roles,
            [Role::System, Role::User, Role::Assistant, Role::User]
        );
        assert_eq!(twice[..2], once[..2]);
        assert_eq!(twice[2].content, "second reply");
        assert!(twice[3].content.contains("N005 at line 9"));
        assert_eq!(twice[3].content.contains("JSON"), form == Form::Spec);
        assert!(!twice[1].content.contains("# Networks to borrow from"));
        assert!(twice[1].content.contains("# Answer") && twice[1].content.contains("# Anchor"));
    }
}

#[test]
fn what_is_sent_back_is_bounded() {
    let prompt = draw(&options(Form::Python, 1, 0));
    let back = repair(
        &prompt.messages,
        &"é".repeat(100_000),
        &"word ".repeat(100_000),
    );
    assert!(back[2].content.len() < 17_000 && back[3].content.len() < 7_000);
}

#[test]
fn a_folder_is_read_as_lemur_names_its_files() {
    let folder = tempfile::tempdir().unwrap();
    let error = Pool::folder(folder.path()).unwrap_err();
    assert!(error.to_string().contains("RESNETLSTM.py"), "{error}");
    let head = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n\n\n\
        def supported_hyperparameters():\n    return {'lr', 'momentum'}\n\n\n";
    let training = include_str!("snippets/training.py");
    for (name, code) in nets::SNIPPETS {
        let path = folder.path().join(format!("{name}-1.py"));
        std::fs::write(path, format!("{head}{code}{training}")).unwrap();
    }
    let anchor = NetSpec::example().python();
    for name in [
        "C5C-RESNETLSTM-2710.py",
        "ConvNeXtTransformer.py",
        "UNet.py",
        "__init__.py",
    ] {
        std::fs::write(folder.path().join(name), &anchor).unwrap();
    }
    let pool = Pool::folder(folder.path()).unwrap();
    assert_eq!(
        pool.anchors().collect::<Vec<_>>(),
        ["C5C-RESNETLSTM-2710", "ConvNeXtTransformer"]
    );
    let mut options = options(Form::Python, 13, 0);
    options.anchor = Some("C5C-RESNETLSTM-2710".to_owned());
    let prompt = pool.draw(&options).unwrap();
    let names = &prompt.brief.snippets;
    assert!(!names.contains(&"ResNet-1".to_owned()) && !names.contains(&"UNet".to_owned()));
    assert!(!text(&prompt).contains("labels"));
}

/// A folder of one captioning net of this name.
fn with_net(folder: &std::path::Path, name: &str, code: &str) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join(format!("{name}.py")), code).unwrap();
}

#[test]
fn what_lemur_measured_of_an_anchor_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let name = "C5C-RESNETLSTM-2710";
    with_net(
        &folder.path().join("nets"),
        name,
        &NetSpec::example().python(),
    );
    let stat = format!("stat/train/img-captioning_coco_bleu_{name}");
    let stat = folder.path().join(stat);
    std::fs::create_dir_all(&stat).unwrap();
    let row = r#"[{"accuracy": 0.1198, "duration": 7, "uid": "a", "lr": 0.1}]"#;
    std::fs::write(stat.join("5.json"), row).unwrap();
    for path in [folder.path().to_path_buf(), folder.path().join("nets")] {
        let prompt = Pool::folder(&path)
            .unwrap()
            .draw(&options(Form::Python, 1, 0))
            .unwrap();
        assert!(
            text(&prompt).contains("on coco, was a mean sentence BLEU-4 of 0.1198 after epoch 5."),
            "{}",
            text(&prompt)
        );
        // The folder has no classifier; the built-in ones stand in.
        assert_eq!(prompt.brief.snippets.len(), 1);
    }
}

#[test]
fn an_anchor_too_long_to_be_shown_is_not_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let code = NetSpec::example().python();
    with_net(folder.path(), "RESNETLSTM", &code);
    with_net(
        folder.path(),
        "ResNetTransformer",
        &format!("{code}{}", "# long\n".repeat(3000)),
    );
    let pool = Pool::folder(folder.path()).unwrap();
    for seed in 0..8 {
        let prompt = pool.draw(&options(Form::Python, 0, seed)).unwrap();
        assert_eq!(prompt.brief.anchor, "RESNETLSTM");
    }
    let mut options = options(Form::Python, 0, 0);
    options.anchor = Some("ResNetTransformer".to_owned());
    let error = pool.draw(&options).unwrap_err();
    assert!(
        matches!(error, PromptError::AnchorTooLong { .. }),
        "{error}"
    );
}
