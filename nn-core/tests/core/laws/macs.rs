//! The registry's multiplications, counted anew: every weight of a convolution or a linear layer is
//! used once at each place of its output, and the papers say how many places there are.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::{Device, Tensor};
use nn_core::StatePath;
use nn_core::encoder::{ENCODERS, EncoderConfig, EncoderEntry};

#[test]
fn entries_count_the_multiplications() {
    for entry in ENCODERS {
        let config = (entry.config)();
        let mut count = Count {
            entry,
            config: &config,
            path: StatePath::default(),
            macs: 0,
        };
        config.init(&Device::default()).visit(&mut count);
        let found = (count.macs as f64 / 1e6).round();
        let close = (found - entry.mega_macs as f64).abs() <= 1.0;
        assert!(close, "{}: {found}, not {}", entry.name, entry.mega_macs);
    }
}

struct Count<'a> {
    entry: &'a EncoderEntry,
    config: &'a EncoderConfig,
    path: StatePath,
    macs: usize,
}

impl ModuleVisitor for Count<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let shape = self.path.torch_shape(&param.lazy_shape());
        let name = self.path.name();
        let multiplies = ["Conv2d", "Linear"]
            .iter()
            .any(|layer| self.path.is_in(layer));
        if multiplies && self.path.field() == Some("weight") {
            let weight: usize = shape.iter().product();
            self.macs += weight * self.places(&name, &shape);
        }
        if name.ends_with("in_proj_weight") {
            self.macs += shape[0] * shape[1] * N_TOKENS; // queries, keys, values
            self.macs += 2 * N_TOKENS * N_TOKENS * shape[1]; // scores, means
        }
        if self.path.field() == Some("relative_position_bias_table") {
            let (side, heads) = (swin_side(&name), shape[1]);
            let d_model = 32 * heads; // the width of a head is 32 in every stage
            self.macs += 2 * side * side * 49 * d_model; // windows of 7 x 7
        }
    }
}

/// A class token and 14 x 14 patches.
const N_TOKENS: usize = 197;

impl Count<'_> {
    /// Places of the output of the layer whose weight has that name and shape.
    fn places(&self, name: &str, shape: &[usize]) -> usize {
        let side = match self.config {
            EncoderConfig::ResNet(_) => return resnet(name, shape, self.entry.name),
            EncoderConfig::VisionTransformer(_) => {
                return match name {
                    "conv_proj.weight" => 14 * 14,
                    "heads.head.weight" => 1,
                    _ => N_TOKENS,
                };
            }
            EncoderConfig::ConvNext(_) => convnext_side(name),
            EncoderConfig::Swin(_) => swin_side(name),
            EncoderConfig::DenseNet(_) => densenet_side(name),
            EncoderConfig::Vgg(_) => vgg_side(name, self.entry.name),
            EncoderConfig::AlexNet(_) => match index(name) {
                0 => 55,
                3 => 27,
                _ => 13,
            },
            EncoderConfig::MobileNetV2(_) => mobile(name, shape, 112, &[2, 4, 7, 14]),
            EncoderConfig::MobileNetV3(_) if self.entry.name.ends_with("large") => {
                mobile(name, shape, 112, &[2, 4, 7, 13])
            }
            EncoderConfig::MobileNetV3(_) => mobile(name, shape, 112, &[1, 2, 4, 9]),
            EncoderConfig::EfficientNet(_) => mobile(name, shape, 112, &[2, 3, 4, 6]),
            EncoderConfig::SqueezeNet(_) => squeezenet_side(name, self.entry.name),
            EncoderConfig::InceptionV3(_) => inception_side(name),
        };
        let classifies = name.starts_with("classifier") || name.starts_with("head");
        let squeezes = name.contains(".fc1.") || name.contains(".fc2.") || name == "fc.weight";
        // SqueezeNet classifies every place before it takes the mean.
        let everywhere = matches!(self.config, EncoderConfig::SqueezeNet(_));
        if (classifies && !everywhere) || squeezes {
            1
        } else {
            side * side
        }
    }
}

/// The number after the first point.
fn index(name: &str) -> usize {
    let second = name.split('.').nth(1);
    second.and_then(|part| part.parse().ok()).unwrap_or(0)
}

/// The side of a map that is halved at each of the `halved` indices up to `at`.
fn halvings(first: usize, at: usize, halved: &[usize]) -> usize {
    let n_halved = halved.iter().filter(|index| **index <= at).count();
    first >> n_halved
}

/// The stride lies in the second convolution of a bottleneck, in the first of a basic block.
fn resnet(name: &str, shape: &[usize], entry: &str) -> usize {
    let is_bottleneck = !entry.ends_with("18") && !entry.ends_with("34");
    let stage = name.strip_prefix("layer").map(|rest| &rest[..1]);
    let Some(stage) = stage.and_then(|digit| digit.parse::<u32>().ok()) else {
        return if name.starts_with("conv1") {
            112 * 112
        } else {
            1
        };
    };
    let is_first = name.contains(&format!("layer{stage}.0.conv1"));
    let strides_before = if is_bottleneck && is_first && stage > 1 {
        stage - 2
    } else {
        stage - 1
    };
    let side = 56_usize >> strides_before;
    if name.contains(".fc1.") || name.contains(".fc2.") {
        1
    } else if name.contains("attention.channel") {
        2 // means and maxima
    } else {
        debug_assert_eq!(shape.len(), 4, "{name}");
        side * side
    }
}

fn convnext_side(name: &str) -> usize {
    halvings(56, index(name), &[2, 4, 6])
}

fn swin_side(name: &str) -> usize {
    halvings(56, index(name), &[2, 4, 6])
}

fn densenet_side(name: &str) -> usize {
    let part = name.split('.').nth(1).unwrap();
    let number = part.trim_start_matches(char::is_alphabetic).parse::<u32>();
    match number {
        // A transition's convolution comes before its pool.
        Ok(number) if part.starts_with("dense") || part.starts_with("transition") => {
            56 >> (number - 1)
        }
        _ => 112,
    }
}

fn vgg_side(name: &str, entry: &str) -> usize {
    let pools = match entry {
        "vgg16" => [4, 9, 16, 23],
        _ => [6, 13, 23, 33],
    };
    halvings(224, index(name), &pools)
}

/// The first map has the `first` side; blocks at the indices `strided` halve it, in their depthwise
/// convolution.
fn mobile(name: &str, shape: &[usize], first: usize, strided: &[usize]) -> usize {
    let side = halvings(first, index(name), strided);
    let is_block = strided.contains(&index(name));
    // MobileNetV2's and V3's blocks are `features.N`, those of EfficientNet `features.N.0`.
    let in_stage = name.starts_with("features.") && name.contains(".block.0.0.");
    let is_expansion = name.contains(".conv.0.0.") || in_stage;
    let is_first_of_stage = !name.contains(".block.") || !is_later_block(name);
    if is_block && is_expansion && is_first_of_stage && shape[2] == 1 {
        2 * side
    } else {
        side
    }
}

/// Whether the name is `features.N.M.block..` with M above 0.
fn is_later_block(name: &str) -> bool {
    let third = name.split('.').nth(2);
    third
        .and_then(|part| part.parse::<usize>().ok())
        .is_some_and(|block| block > 0)
}

fn squeezenet_side(name: &str, entry: &str) -> usize {
    let (first, pools) = match entry {
        "squeezenet1_0" => (109, [(6, 27), (11, 13)]),
        _ => (111, [(5, 27), (8, 13)]),
    };
    if name.starts_with("classifier") {
        return 13;
    }
    match index(name) {
        0 => first,
        at => {
            let before = if entry == "squeezenet1_0" { 54 } else { 55 };
            let passed = pools.iter().rev().find(|(pool, _)| at > *pool);
            passed.map_or(before, |(_, side)| *side)
        }
    }
}

fn inception_side(name: &str) -> usize {
    let (layer, rest) = name.split_once('.').unwrap();
    match layer {
        "Conv2d_1a_3x3" => 149,
        "Conv2d_2a_3x3" | "Conv2d_2b_3x3" => 147,
        "Conv2d_3b_1x1" => 73,
        "Conv2d_4a_3x3" => 71,
        "Mixed_5b" | "Mixed_5c" | "Mixed_5d" => 35,
        "Mixed_6a" if rest.starts_with("branch3x3dbl_1") => 35,
        "Mixed_6a" if rest.starts_with("branch3x3dbl_2") => 35,
        "Mixed_7a" if rest.starts_with("branch3x3_2") => 8,
        "Mixed_7a" if rest.starts_with("branch7x7x3_4") => 8,
        "Mixed_7b" | "Mixed_7c" => 8,
        _ => 17, // Mixed_6a to 7a
    }
}
