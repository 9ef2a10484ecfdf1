//! Laws of decoding, over a ready system and over a net without sessions.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]

mod small_net;

use burn::tensor::{Device, Int, Tensor, TensorData};
use caption_models::decode::{
    Beam, Caption, DecodeError, DecodeOptions, Method, Sample, decode, greedy,
};
use caption_models::harness::{Candidate, CaptionNet};
use caption_models::system::find;
use caption_models::vocab::EOS;
use small_net::SmallNet;

const VOCAB: usize = 6;
const IDS: std::ops::Range<i64> = 0..6;
const IMAGE: [usize; 3] = [3, 32, 32];

fn system(name: &str) -> Box<dyn CaptionNet> {
    let config = find(name).unwrap().config(VOCAB);
    config.build(IMAGE, &Device::default(), 5).unwrap()
}

/// Both ways to the next word's scores: a session's, and a prefix read anew.
fn nets() -> Vec<Box<dyn CaptionNet>> {
    let prefixes = Candidate::<SmallNet>::new(&Device::default(), 5).unwrap();
    vec![
        system("resnet-lstm"),
        system("resnet-transformer"),
        Box::new(prefixes),
    ]
}

fn images(net: &dyn CaptionNet, batch: usize) -> Tensor<4> {
    let [channels, height, width] = net.spec().image;
    let n_values = batch * channels * height * width;
    let values: Vec<f32> = (0..n_values)
        .map(|idx| (idx as f32 * 0.71).sin() * 2.0)
        .collect();
    let data = TensorData::new(values, [batch, channels, height, width]);
    Tensor::from_data(data, net.device())
}

fn with(method: Method) -> DecodeOptions {
    DecodeOptions {
        max_length: 7,
        method,
        ..DecodeOptions::default()
    }
}

fn beam(width: usize, length_penalty: f64) -> DecodeOptions {
    with(Method::Beam(Beam {
        width,
        length_penalty,
        coverage_penalty: 0.0,
    }))
}

fn ids(captions: &[Caption]) -> Vec<&[i64]> {
    captions.iter().map(|caption| &caption.ids[..]).collect()
}

/// Log-probability of a caption by teacher forcing, one prefix after the other.
fn log_prob(net: &dyn CaptionNet, image: &Tensor<4>, ids: &[i64]) -> f64 {
    let memory = net.encode(image.clone());
    let alignment = net.spec().alignment;
    let mut prefix = vec![1];
    let mut sum = 0.0;
    for id in ids {
        let mut captions = prefix.clone();
        captions.extend(vec![0; alignment.n_extra(prefix.len())]);
        let length = captions.len();
        let captions =
            Tensor::<2, Int>::from_data(TensorData::new(captions, [1, length]), net.device());
        let logits: Vec<f64> = net
            .decode(&memory, captions)
            .narrow(1, alignment.row(prefix.len()), 1)
            .into_data()
            .iter()
            .collect();
        let total: f64 = logits.iter().map(|logit| logit.exp()).sum();
        sum += logits[usize::try_from(*id).unwrap()] - total.ln();
        prefix.push(*id);
    }
    sum
}

#[test]
fn a_beam_of_one_is_greedy() {
    for net in nets() {
        let images = images(net.as_ref(), 3);
        let one = decode(net.as_ref(), images.clone(), &beam(1, 0.0), 0).unwrap();
        assert_eq!(ids(&one), greedy(net.as_ref(), images, 7));
    }
}

#[test]
fn a_batch_decodes_as_its_images_do_alone() {
    let sampled = with(Method::Sample(Sample::default()));
    for net in nets() {
        let images = images(net.as_ref(), 3);
        for options in [beam(3, 0.6), sampled] {
            let together = decode(net.as_ref(), images.clone(), &options, 0).unwrap();
            for (idx, caption) in together.iter().enumerate() {
                let image = images.clone().narrow(0, idx, 1);
                let alone = decode(net.as_ref(), image, &options, idx).unwrap();
                assert_eq!(alone[0].ids, caption.ids);
            }
        }
    }
}

#[test]
fn log_probabilities_are_those_of_teacher_forcing() {
    for net in nets() {
        let image = images(net.as_ref(), 1);
        for options in [beam(4, 1.0), DecodeOptions::greedy(7)] {
            let found = &decode(net.as_ref(), image.clone(), &options, 0).unwrap()[0];
            let expected = log_prob(net.as_ref(), &image, &found.ids);
            assert!(
                (found.log_prob - expected).abs() < 1e-4,
                "{} {expected}",
                found.log_prob
            );
        }
    }
}

#[test]
fn a_beam_wide_enough_finds_the_best_of_all_captions() {
    let net = system("resnet-lstm");
    let image = images(net.as_ref(), 1);
    let options = DecodeOptions {
        max_length: 3,
        ..beam(VOCAB.pow(2), 0.0)
    };
    let found = &decode(net.as_ref(), image.clone(), &options, 0).unwrap()[0];
    let best = all_captions(3)
        .into_iter()
        .map(|ids| log_prob(net.as_ref(), &image, &ids))
        .fold(f64::NEG_INFINITY, f64::max);
    assert!(
        (found.log_prob - best).abs() < 1e-4,
        "{} {best}",
        found.log_prob
    );
}

/// Every caption that ends by EOS or reaches `max_length`.
fn all_captions(max_length: usize) -> Vec<Vec<i64>> {
    let mut open = vec![Vec::new()];
    let mut all = Vec::new();
    for length in 1..=max_length {
        let longer = open
            .iter()
            .flat_map(|ids: &Vec<i64>| IDS.map(|id| [ids.as_slice(), &[id]].concat()));
        let (ended, going): (Vec<_>, Vec<_>) = longer.partition(|ids| ids.last() == Some(&EOS));
        all.extend(ended);
        open = going;
        if length == max_length {
            all.append(&mut open);
        }
    }
    all
}

#[test]
fn what_is_forbidden_is_not_said() {
    for net in nets() {
        for method in [
            beam(3, 0.6).method,
            Method::Greedy,
            Method::Sample(Sample::default()),
        ] {
            let options = DecodeOptions {
                min_length: 4,
                no_repeat: 1,
                ..with(method)
            };
            for caption in decode(net.as_ref(), images(net.as_ref(), 2), &options, 0).unwrap() {
                let ended = caption.ids.iter().position(|id| *id == EOS);
                assert!(ended.is_none_or(|words| words >= 4), "{caption:?}");
                let mut seen = caption.ids.clone();
                seen.sort_unstable();
                seen.dedup();
                assert_eq!(seen.len(), caption.ids.len(), "{caption:?}");
            }
        }
    }
}

#[test]
fn samples_are_a_function_of_the_seed() {
    let net = system("resnet-gru");
    let images = images(net.as_ref(), 4);
    let drawn = |seed| {
        let options = with(Method::Sample(Sample {
            seed,
            ..Sample::default()
        }));
        decode(net.as_ref(), images.clone(), &options, 0).unwrap()
    };
    assert_eq!(drawn(1), drawn(1));
    assert_ne!(ids(&drawn(1)), ids(&drawn(2)));
}

#[test]
fn attention_is_told_for_every_word_and_sums_to_one() {
    let net = system("resnet-lstm");
    let captions = decode(net.as_ref(), images(net.as_ref(), 2), &beam(2, 0.6), 0).unwrap();
    for caption in captions {
        assert_eq!(caption.attention.len(), caption.ids.len());
        for weights in caption.attention {
            assert!(
                (weights.iter().sum::<f32>() - 1.0).abs() < 1e-4,
                "{weights:?}"
            );
        }
    }
}

#[test]
fn a_coverage_penalty_takes_a_net_that_tells_where_it_looks() {
    let covering = with(Method::Beam(Beam {
        coverage_penalty: 0.2,
        ..Beam::default()
    }));
    let attending = system("resnet-lstm");
    decode(
        attending.as_ref(),
        images(attending.as_ref(), 1),
        &covering,
        0,
    )
    .unwrap();
    let blind = system("show-and-tell");
    let error = decode(blind.as_ref(), images(blind.as_ref(), 1), &covering, 0).unwrap_err();
    assert_eq!(error, DecodeError::NoAttention);
}

#[test]
fn options_out_of_range_are_named() {
    let net = system("resnet-lstm");
    let cases = [
        (beam(0, 0.6), "width"),
        (beam(2, -1.0), "length penalty"),
        (
            with(Method::Sample(Sample {
                temperature: 0.0,
                ..Sample::default()
            })),
            "temperature",
        ),
        (
            with(Method::Sample(Sample {
                top_p: 1.5,
                ..Sample::default()
            })),
            "top-p",
        ),
    ];
    for (options, name) in cases {
        let error = decode(net.as_ref(), images(net.as_ref(), 1), &options, 0).unwrap_err();
        assert!(error.to_string().contains(name), "{error}");
    }
}
