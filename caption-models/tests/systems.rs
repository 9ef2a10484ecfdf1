//! Laws of the ready systems, on made-up pictures.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

use burn::tensor::{Device, Int, Tensor, TensorData, Tolerance};
use caption_models::harness::{CaptionNet, Kind};
use caption_models::system::{Freeze, SYSTEMS, SystemConfig, SystemEntry, SystemError, find};

const VOCAB: usize = 11;
const IMAGE: [usize; 3] = [3, 64, 64];

fn build(config: &SystemConfig) -> Box<dyn CaptionNet> {
    config.build(IMAGE, &Device::default(), 3).unwrap()
}

fn images(batch: usize) -> Tensor<4> {
    let n = batch * IMAGE.iter().product::<usize>();
    let values: Vec<f32> = (0..n).map(|idx| (idx as f32 * 0.37).sin()).collect();
    let shape = [batch, IMAGE[0], IMAGE[1], IMAGE[2]];
    Tensor::from_data(TensorData::new(values, shape), &Device::default())
}

/// Two pictures with two captions each, the last one shorter.
fn captions() -> Tensor<3, Int> {
    let ids = [
        [[1, 5, 6, 7, 2], [1, 8, 9, 4, 2]],
        [[1, 4, 4, 6, 2], [1, 10, 2, 0, 0]],
    ];
    Tensor::from_ints(ids, &Device::default())
}

fn small() -> [&'static SystemEntry; 3] {
    ["resnet-lstm", "resnet-gru", "resnet-transformer"].map(|name| find(name).unwrap())
}

#[test]
fn a_gradient_reaches_every_trained_parameter_of_every_system() {
    for entry in SYSTEMS {
        let mut net = build(&entry.config(VOCAB));
        let reached = net.backward(images(2), captions()).gradients;
        let reached: Vec<&str> = reached.iter().map(|(entry, _)| entry.name).collect();
        let trained = net.state().iter().filter(|entry| entry.kind.is_trainable());
        for parameter in trained {
            assert!(
                reached.contains(&parameter.name),
                "{}: {}",
                entry.name,
                parameter.name
            );
        }
    }
}

#[test]
fn a_session_scores_as_teacher_forcing_does() {
    for entry in small() {
        let net = build(&entry.config(VOCAB));
        let memory = net.encode(images(2));
        let tokens = Tensor::<2, Int>::from_ints([[1, 5, 6, 7], [1, 8, 2, 4]], net.device());
        let expected = net.decode(&memory, tokens.clone());
        let mut session = net.session(&memory).unwrap();
        let rows = (0..4).map(|step| session.step(tokens.clone().narrow(1, step, 1).flatten(0, 1)));
        let found = Tensor::stack::<3>(rows.collect(), 1);
        found
            .into_data()
            .assert_approx_eq::<f32>(&expected.into_data(), Tolerance::absolute(1e-4));
    }
}

#[test]
fn selected_rows_go_on_where_they_were() {
    for entry in small() {
        let net = build(&entry.config(VOCAB));
        let memory = net.encode(images(2));
        let ids = |ids: [i64; 2]| Tensor::<1, Int>::from_ints(ids, net.device());
        let mut swapped = net.session(&memory).unwrap();
        let mut straight = net.session(&memory).unwrap();
        swapped.step(ids([1, 1]));
        straight.step(ids([1, 1]));
        swapped.select(ids([1, 0]));
        let swapped = swapped.step(ids([5, 6])).select(0, ids([1, 0]));
        let straight = straight.step(ids([6, 5]));
        swapped
            .into_data()
            .assert_approx_eq::<f32>(&straight.into_data(), Tolerance::absolute(1e-5));
    }
}

/// Attention of one step over a picture of `[3, height, width]`, and how its regions are said to lie.
fn attended(config: &SystemConfig, image: [usize; 3]) -> (Vec<usize>, [usize; 3]) {
    let net = config.build(image, &Device::default(), 3).unwrap();
    let regions = net.regions().unwrap();
    let [channels, height, width] = image;
    let picture = Tensor::zeros([1, channels, height, width], net.device());
    let mut session = net.session(&net.encode(picture)).unwrap();
    assert!(session.attention().is_none(), "before the first word");
    session.step(Tensor::from_ints([1], net.device()));
    let weights = session.attention().unwrap();
    let sum = weights.clone().sum().into_scalar::<f32>();
    assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    let lies = [regions.n_whole, regions.rows, regions.columns];
    (weights.dims().to_vec(), lies)
}

#[test]
fn regions_are_said_to_lie_as_attention_weighs_them() {
    for entry in small() {
        let found = attended(&entry.config(VOCAB), [3, 64, 96]);
        assert_eq!(found, (vec![1, 6], [0, 2, 3]), "{}", entry.name);
    }
    let on_patches = find("resnet-lstm").unwrap().config_on("vit_ti_16", VOCAB);
    let found = attended(&on_patches.unwrap(), [3, 224, 224]);
    assert_eq!(found, (vec![1, 197], [1, 14, 14]), "a class token first");
}

#[test]
fn a_system_that_reads_one_vector_tells_of_no_regions() {
    let mut config = find("show-and-tell")
        .unwrap()
        .config_on("resnet18", VOCAB)
        .unwrap();
    assert!(build(&config).regions().is_none());
    config.decoder = find("resnet-transformer").unwrap().config(VOCAB).decoder;
    assert!(build(&config).regions().is_none(), "one region is no map");
}

#[test]
fn frozen_stages_and_the_head_are_not_trained() {
    let mut config = find("resnet-lstm").unwrap().config(VOCAB);
    config.training.freeze = Freeze::First(2);
    let net = build(&config);
    let kind = |name: &str| {
        let entry = net.state().iter().find(|entry| entry.name == name);
        entry.unwrap_or_else(|| panic!("no {name}")).kind
    };
    assert_eq!(kind("encoder.conv1.weight"), Kind::Frozen);
    assert_eq!(kind("encoder.layer1.0.conv1.weight"), Kind::Frozen);
    assert_eq!(kind("encoder.layer4.1.conv2.weight"), Kind::Param);
    assert_eq!(kind("encoder.fc.weight"), Kind::Frozen);
    assert_eq!(kind("encoder.bn1.running_mean"), Kind::Buffer);
}

#[test]
fn padding_costs_nothing() {
    let net = build(&find("resnet-lstm").unwrap().config(VOCAB));
    let padded = Tensor::cat(vec![captions(), Tensor::zeros([2, 2, 3], net.device())], 2);
    let [loss, with_padding] = [captions(), padded].map(|captions| {
        let loss = net.loss(images(2), captions);
        loss.into_scalar::<f32>()
    });
    assert!((loss - with_padding).abs() < 1e-5, "{loss} {with_padding}");
}

#[test]
fn the_first_caption_alone_can_be_learned() {
    let mut config = find("resnet-lstm").unwrap().config(VOCAB);
    config.training.first_caption = true;
    let net = build(&config);
    let other = Tensor::<1, Int>::from_ints([0, 0], net.device());
    let twice = captions().select(1, other);
    let [loss, of_first] =
        [captions(), twice].map(|captions| net.loss(images(2), captions).into_scalar::<f32>());
    assert!((loss - of_first).abs() < 1e-6, "{loss} {of_first}");
}

#[test]
fn what_cannot_be_built_says_why() {
    let entry = find("resnet-lstm").unwrap();
    let error = entry.config_on("resnet19", VOCAB).unwrap_err();
    assert!(error.to_string().contains("`resnet19`"), "{error}");

    let mut config = entry.config(VOCAB);
    config.training.freeze = Freeze::First(9);
    let error = config.build(IMAGE, &Device::default(), 0).err();
    assert!(
        matches!(
            error,
            Some(SystemError::Stages {
                found: 5,
                wanted: 9
            })
        ),
        "{error:?}"
    );

    let mut config = entry.config(VOCAB);
    config.training.weights = Some("no/such/file.pth".into());
    let error = config.build(IMAGE, &Device::default(), 0).err().unwrap();
    assert!(error.to_string().contains("no/such/file.pth"), "{error}");
}

#[test]
fn a_configuration_survives_json() {
    let config = find("resnet-transformer").unwrap().config(VOCAB);
    let json = serde_json::to_string(&config).unwrap();
    let back: SystemConfig = serde_json::from_str(&json).unwrap();
    assert_eq!(json, serde_json::to_string(&back).unwrap());
}
