//! The Rust that codegen prints for its golden replies, compiled and run.
#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]
#![expect(clippy::pedantic, reason = "generated code keeps clippy's defaults")]

use std::collections::BTreeMap;
use std::sync::Mutex;

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Int, Tensor, TensorData, s};
use caption_models::decode::greedy;
use caption_models::harness::{Candidate, CaptionNet, Captioner, Inference, Kind};
use caption_models::optim::Stepper;
use caption_models::probe::fill;

/// Modules that codegen printed. rustfmt follows no paths into macros, so they stay as printed.
macro_rules! printed {
    ($($name:ident $path:literal;)*) => {
        $(
            #[path = $path]
            #[expect(unreachable_pub, reason = "generated code is written for a crate of its own")]
            mod $name;
        )*
    };
}

macro_rules! goldens {
    ($($name:ident $path:literal;)*) => {
        printed! { $($name $path;)* }

        /// Every golden with its name.
        fn each(visit: &mut dyn FnMut(&str, &mut dyn CaptionNet)) {
            $(visit(stringify!($name), &mut net::<$name::Net>());)*
        }
    };
}

goldens! {
    gru_decoder "../../codegen/tests/golden/gru_decoder/module.rs";
    tied_embedding "../../codegen/tests/golden/tied_embedding/module.rs";
    inplace_residual "../../codegen/tests/golden/inplace_residual/module.rs";
    sequential_blocks "../../codegen/tests/golden/sequential_blocks/module.rs";
    growing_prefix "../../codegen/tests/golden/growing_prefix/module.rs";
    stepwise "../../codegen/tests/golden/stepwise/module.rs";
    transformer_masks "../../codegen/tests/golden/transformer_masks/module.rs";
}

// A classifier of parameters alone, at the places where the slopes of its functions jump; and one that chooses its
// own first values.
printed! {
    bends "../../codegen/tests/golden/bends/module.rs";
    classifier "../../codegen/tests/golden/classifier/module.rs";
}

/// The device's generator is one for all threads: nets are made one at a time.
static GENERATOR: Mutex<()> = Mutex::new(());

fn net<N: Captioner>() -> Candidate<N> {
    let _alone = GENERATOR.lock().unwrap();
    Candidate::new(&Device::default(), 1).unwrap()
}

const BATCH: usize = 3;
const LENGTH: usize = 7;

fn images(net: &dyn CaptionNet) -> Tensor<4> {
    let [channels, height, width] = net.spec().image;
    let shape = [BATCH, channels, height, width];
    let values = fill::values("images", shape.iter().product(), 1.0);
    Tensor::from_data(TensorData::new(values, shape), net.device())
}

fn captions(net: &dyn CaptionNet) -> Tensor<2, Int> {
    let ids = fill::captions("captions", [BATCH, LENGTH], net.spec().vocab);
    Tensor::from_data(TensorData::new(ids, [BATCH, LENGTH]), net.device())
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().iter().collect()
}

#[test]
fn logits_have_the_shape_that_the_spec_says() {
    each(&mut |name, net| {
        let spec = net.spec();
        let logits = net.logits(images(net), captions(net));
        assert_eq!(
            logits.dims(),
            [BATCH, LENGTH - spec.alignment.n_dropped, spec.vocab],
            "{name}"
        );
        assert!(
            numbers(logits).iter().all(|value| value.is_finite()),
            "{name}"
        );
    });
}

#[test]
fn encoding_and_decoding_give_the_logits() {
    each(&mut |name, net| {
        let whole = numbers(net.logits(images(net), captions(net)));
        let memory = net.encode(images(net));
        let split = numbers(net.decode(&memory, captions(net)));
        assert_eq!(whole, split, "{name}");
    });
}

#[test]
fn a_batch_is_the_same_as_its_images_one_by_one() {
    each(&mut |name, net| {
        let (images, captions) = (images(net), captions(net));
        let whole = net.logits(images.clone(), captions.clone());
        for image in 0..BATCH {
            let one = net.logits(
                images.clone().slice(s![image..=image]),
                captions.clone().slice(s![image..=image]),
            );
            let (one, row) = (
                numbers(one),
                numbers(whole.clone().slice(s![image..=image])),
            );
            let far = one.iter().zip(&row).any(|(a, b)| (a - b).abs() > 1e-4);
            assert!(!far, "{name}, image {image}");
        }
    });
}

#[test]
fn a_later_token_moves_no_earlier_row() {
    each(&mut |name, net| {
        let before = net.logits(images(net), captions(net));
        let [_, rows, _] = before.dims();
        let last = LENGTH - 2;
        let changed = captions(net).slice_assign(
            s![.., last..=last],
            Tensor::full([BATCH, 1], 5, net.device()),
        );
        let after = net.logits(images(net), changed);
        let seen = |logits: Tensor<3>| numbers(logits.slice(s![.., 0..rows - 1]));
        assert_eq!(seen(before), seen(after), "{name}");
    });
}

#[test]
fn every_trainable_parameter_gets_a_gradient_and_the_loss_falls() {
    each(&mut |name, net| {
        net.set_dropout(false);
        let mut stepper = Stepper::new(net.recipe());
        let mut losses = Vec::new();
        for step in 0..6 {
            let backward = net.backward(images(net), captions(net).unsqueeze_dim(1));
            losses.push(numbers(backward.loss.clone())[0]);
            if step == 0 {
                let with_gradient: Vec<&str> = backward
                    .gradients
                    .iter()
                    .map(|(entry, _)| entry.name)
                    .collect();
                let wanted = net
                    .state()
                    .iter()
                    .filter(|entry| matches!(entry.kind, Kind::Param | Kind::Norm));
                for entry in wanted {
                    assert!(
                        with_gradient.contains(&entry.name),
                        "{name}: `{}` gets no gradient",
                        entry.name
                    );
                }
            }
            stepper.step(net, backward);
        }
        assert!(losses.last() < losses.first(), "{name}: {losses:?}");
    });
}

/// `slopes.json` holds what PyTorch gives for a gradient of 1, which is what `plain` gets.
#[test]
fn slopes_at_bends_and_between_equal_elements_are_pytorchs() {
    let wanted = include_str!("../../codegen/tests/golden/bends/slopes.json");
    let wanted: BTreeMap<String, Vec<f32>> = serde_json::from_str(wanted).unwrap();
    let mut net = net::<bends::Net>();
    let label = Tensor::full([1, 1, 1], 3, net.device());
    let found = net.backward(Tensor::ones([1, 3, 8, 8], net.device()), label);
    let slope = |name: &str| {
        let (_, gradient) = found
            .gradients
            .iter()
            .find(|(entry, _)| entry.name == name)?;
        Some(numbers(gradient.clone()))
    };
    let unit = slope("plain").unwrap()[0];
    assert!(unit > 0.1, "{unit}");
    for (name, wanted) in wanted {
        let found = slope(&name).unwrap_or_else(|| panic!("no gradient of `{name}`"));
        let found: Vec<f32> = found.iter().map(|slope| slope / unit).collect();
        let mut pairs = found.iter().zip(&wanted);
        let is_close = pairs.all(|(a, b)| (a - b).abs() <= 1e-5 * (1.0 + b.abs()));
        assert!(is_close, "{name}:\n{found:?}\n{wanted:?}");
    }
}

/// The values of every parameter in the order of the module.
struct All(Vec<Vec<f32>>);

impl ModuleVisitor for All {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.0.push(numbers(param.val()));
    }
}

#[test]
fn a_net_that_is_built_without_a_candidate_has_its_own_first_values() {
    let _alone = GENERATOR.lock().unwrap();
    let device = Device::default();
    // Behind `scale` and the weight: the net sets the biases of its convolutions to zero.
    let stems_bias = |net: classifier::Net| {
        let mut all = All(Vec::new());
        net.visit(&mut all);
        all.0.swap_remove(2)
    };
    assert_eq!(stems_bias(classifier::Net::new(&device)), [0.0; 8]);
}

#[test]
fn rows_that_a_net_sets_start_as_it_says() {
    let _alone = GENERATOR.lock().unwrap();
    let mut all = All(Vec::new());
    stepwise::Net::new(&Device::default()).visit(&mut all);
    // The biases of a cell of width 16 but for its forget gate, and the word that pads.
    let gates = [[0.0; 16], [1.0; 16], [0.0; 16], [0.0; 16]].concat();
    assert!(all.0.contains(&gates), "no forget gate starts open");
    let words = all.0.iter().find(|values| values.len() == 60 * 16).unwrap();
    let (padding, others) = words.split_at(16);
    assert_eq!(padding, [0.0; 16]);
    assert!(others.iter().all(|value| *value != 0.0));
}

#[test]
fn the_nets_own_decoding_gives_words_of_the_vocabulary() {
    each(&mut |name, net| match net.infer(images(net)) {
        Some(Inference::Ids(ids)) => {
            assert_eq!(ids.dims()[0], BATCH, "{name}");
            let vocab = i64::try_from(net.spec().vocab).unwrap();
            let ids: Vec<i64> = ids.into_data().iter().collect();
            assert!(
                ids.iter().all(|id| (0..vocab).contains(id)),
                "{name}: {ids:?}"
            );
        }
        Some(Inference::Scores(scores)) => {
            let [batch, _, words] = scores.dims();
            assert_eq!([batch, words], [BATCH, net.spec().vocab], "{name}");
        }
        None => panic!("{name} has a decoding of its own"),
    });
}

#[test]
fn the_librarys_greedy_decoding_agrees_with_the_nets_own() {
    each(&mut |name, net| {
        let Some(Inference::Ids(own)) = net.infer(images(net)) else {
            return;
        };
        let [_, steps] = own.dims();
        let own: Vec<i64> = own.into_data().iter().collect();
        let ours = greedy(net, images(net), steps);
        // A net that begins with the start token itself says one word less.
        let skip = usize::from(own[0] == caption_models::vocab::SOS);
        for (row, caption) in ours.iter().enumerate() {
            let own = &own[row * steps + skip..(row + 1) * steps];
            let shared = caption.len().min(own.len());
            assert_eq!(&caption[..shared], &own[..shared], "{name}, image {row}");
        }
    });
}
