//! Each check of `verify` fires on a net with its fault and is silent on a healthy one.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

mod faulty_net;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use burn::tensor::Device;
use caption_models::harness::{Candidate, CaptionNet, Captioner, Event, Events, Stage, run};
use caption_models::system::find;
use caption_models::verify::{self, Check, CheckName, Sample};
use faulty_net::{
    DEAD, DRIFTING, EXPLODING, Faulty, GATED, GATED_LEAK, HEALTHY, LAZY, LEAKING, NO_GRADIENT,
    NO_NUMBER, SIGHTLESS,
};

/// The device's generator is one for all threads.
static GENERATOR: Mutex<()> = Mutex::new(());

fn net<const FAULT: usize>() -> Candidate<Faulty<FAULT>> {
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    Candidate::new(&Device::flex(), 1).unwrap()
}

fn checks_of<N: Captioner>(net: &mut Candidate<N>) -> Vec<Check> {
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let sample = Sample::made_up(net, 2);
    verify::run(net, &sample, 0)
}

/// The names and details of the checks that fail for a net.
fn failed<const FAULT: usize>() -> Vec<(CheckName, String)> {
    let checks = checks_of(&mut net::<FAULT>());
    let failed = checks.into_iter().filter(|check| !check.passed);
    failed.map(|check| (check.name, check.detail)).collect()
}

#[track_caller]
fn assert_only(failed: &[(CheckName, String)], expected: CheckName, texts: &[&str]) {
    let [(name, detail)] = failed else {
        panic!("{failed:?}")
    };
    assert_eq!(*name, expected, "{detail}");
    for text in texts {
        assert!(detail.contains(text), "`{text}` in {detail}");
    }
}

#[test]
fn a_healthy_net_passes_every_check() {
    let checks = checks_of(&mut net::<HEALTHY>());
    assert_eq!(checks.len(), 6);
    assert!(checks.iter().all(|check| check.passed), "{checks:#?}");
}

#[test]
fn a_net_that_reads_ahead_fails_causality() {
    let failed = failed::<LEAKING>();
    assert_eq!(failed[0].0, CheckName::Causality, "{failed:?}");
    assert!(failed[0].1.contains("at most 1e-4"), "{failed:?}");
}

#[test]
fn a_leak_behind_a_gate_that_opens_in_training_fails_causality() {
    let failed = failed::<GATED_LEAK>();
    assert_eq!(failed[0].0, CheckName::Causality, "{failed:?}");
}

#[test]
fn a_net_that_never_looks_fails_image_sensitivity() {
    let failed = failed::<SIGHTLESS>();
    assert_eq!(failed[0].0, CheckName::ImageSensitivity, "{failed:?}");
    // Then the encoder's parameters get no gradient either.
    assert_eq!(failed[1].0, CheckName::DeadParameters, "{failed:?}");
    assert_eq!(failed.len(), 2, "{failed:?}");
}

#[test]
fn a_picture_behind_a_gate_that_opens_in_training_counts() {
    assert_eq!(failed::<GATED>(), []);
}

/// In eval mode its 52 batch normalisations scale pictures by statistics of no data, until nothing is left of them.
#[test]
fn a_deep_encoder_from_scratch_sees_pictures_in_training() {
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let config = find("mobilenet-lstm").unwrap().config(20);
    let mut net = config.build([3, 64, 64], &Device::flex(), 0).unwrap();
    let sample = Sample::made_up(net.as_ref(), 1);
    let checks = verify::run(net.as_mut(), &sample, 0);
    let check = checks
        .iter()
        .find(|check| check.name == CheckName::ImageSensitivity)
        .unwrap();
    assert!(check.passed, "{}", check.detail);
}

#[test]
fn a_net_whose_scores_depend_on_the_length_fails_step_by_step() {
    assert_only(
        &failed::<DRIFTING>(),
        CheckName::StepByStep,
        &["after 1 tokens"],
    );
}

#[test]
fn parameters_that_nothing_trains_are_named() {
    let texts = [
        "4 of 6",
        "does not reach `unused.weight`",
        "always zero for `unused.bias`",
    ];
    assert_only(&failed::<DEAD>(), CheckName::DeadParameters, &texts);
}

#[test]
fn a_recipe_that_learns_nothing_fails_to_overfit() {
    assert_only(
        &failed::<LAZY>(),
        CheckName::Overfit,
        &["20 steps", "4 pictures"],
    );
}

#[test]
fn a_recipe_that_explodes_fails_to_overfit_and_nothing_else() {
    assert_only(
        &failed::<EXPLODING>(),
        CheckName::Overfit,
        &["take the loss from"],
    );
}

#[test]
fn logits_that_are_no_numbers_end_the_checks() {
    let checks = checks_of(&mut net::<NO_NUMBER>());
    assert_eq!(checks.len(), 1);
    assert_eq!(
        (checks[0].name, checks[0].passed),
        (CheckName::Numbers, false)
    );
}

#[test]
fn a_gradient_that_is_no_number_fails_numbers() {
    let failed = failed::<NO_GRADIENT>();
    assert_eq!(failed[0].0, CheckName::Numbers, "{failed:?}");
    assert!(failed[0].1.contains("gradients NaN"), "{failed:?}");
}

/// The exit code and the events of the job `verify`.
fn job<const FAULT: usize>() -> (u8, Vec<Event>) {
    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);
    impl std::io::Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let _alone = GENERATOR.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("job.json");
    std::fs::write(&path, r#"{"job":"verify"}"#).unwrap();
    let lines = Lines::default();
    let code = run::<Faulty<FAULT>>(&path, &mut Events::to(Box::new(lines.clone())));
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let events = text.lines().map(|line| serde_json::from_str(line).unwrap());
    (code, events.collect())
}

#[test]
fn a_healthy_net_ends_the_job_with_code_0() {
    let (code, events) = job::<HEALTHY>();
    assert_eq!(code, 0);
    let [
        Event::Started { .. },
        Event::Verified { checks },
        Event::Done { .. },
    ] = &events[..]
    else {
        panic!("{events:?}")
    };
    assert_eq!(checks.len(), 6);
}

#[test]
fn a_fatal_check_ends_the_job_with_code_1() {
    let (code, events) = job::<SIGHTLESS>();
    assert_eq!(code, 1);
    let Some(Event::Failed {
        stage: Stage::Verify,
        message,
    }) = events.last()
    else {
        panic!("{events:?}")
    };
    assert!(message.starts_with("image_sensitivity: "), "{message}");
}

#[test]
fn a_failed_check_that_is_not_fatal_is_a_warning() {
    let (code, events) = job::<DEAD>();
    assert_eq!(code, 0);
    let is_warning = |event: &Event| match event {
        Event::Warning { message } => message.starts_with("dead_parameters: 4 of 6"),
        _ => false,
    };
    assert!(events.iter().any(is_warning), "{events:?}");
}

#[test]
fn only_what_makes_scores_meaningless_is_fatal() {
    let checks = checks_of(&mut net::<HEALTHY>());
    let fatal = checks
        .iter()
        .filter(|check| check.fatal)
        .map(|check| check.name);
    let expected = [
        CheckName::Numbers,
        CheckName::Causality,
        CheckName::ImageSensitivity,
    ];
    assert_eq!(fatal.collect::<Vec<_>>(), expected);
}

#[test]
fn the_checks_leave_the_net_as_it_came() {
    let state = |net: &dyn CaptionNet| {
        let mut state = BTreeMap::new();
        net.for_each_param(&mut |param| {
            state.insert(param.entry.name, param.to_torch());
        });
        state
    };
    let mut net = net::<HEALTHY>();
    let before = state(&net);
    checks_of(&mut net);
    assert_eq!(before, state(&net));
}
