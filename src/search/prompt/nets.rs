//! The nets that are built in, written by us.
use codegen::spec::{
    Activation, DecoderSpec, EncoderSpec, Family, Gate, MemorySpec, NetSpec, RecurrentSpec,
    StageSpec, StemSpec, TransformerSpec,
};

/// Classifiers by name: the architecture, without imports and without the methods for training.
pub(super) const SNIPPETS: [(&str, &str); 14] = [
    ("ResNet", include_str!("snippets/resnet.py")),
    ("SENet", include_str!("snippets/senet.py")),
    ("CBAM", include_str!("snippets/cbam.py")),
    ("ConvNeXt", include_str!("snippets/convnext.py")),
    ("MobileNet", include_str!("snippets/mobilenet.py")),
    ("DenseNet", include_str!("snippets/densenet.py")),
    ("ViT", include_str!("snippets/vit.py")),
    ("Inception", include_str!("snippets/inception.py")),
    ("GhostNet", include_str!("snippets/ghostnet.py")),
    ("EfficientNet", include_str!("snippets/efficientnet.py")),
    ("ShuffleNet", include_str!("snippets/shufflenet.py")),
    ("RepVGG", include_str!("snippets/repvgg.py")),
    ("Mixer", include_str!("snippets/mixer.py")),
    ("CSPDarkNet", include_str!("snippets/darknet.py")),
];

/// Captioning nets by name, each with the name of its encoder in it.
pub(super) fn anchors() -> [(&'static str, NetSpec); 3] {
    [
        ("ResNetLSTM", resnet_lstm()),
        ("ConvNeXtGRU", convnext_gru()),
        ("MobileNetTransformer", mobilenet_transformer()),
    ]
}

fn resnet_lstm() -> NetSpec {
    let encoder = encoder(Family::Residual, Activation::Relu, Gate::None);
    NetSpec {
        encoder,
        ..NetSpec::example()
    }
}

fn convnext_gru() -> NetSpec {
    NetSpec {
        encoder: encoder(Family::Convnext, Activation::Gelu, Gate::None),
        decoder: DecoderSpec::Gru(RecurrentSpec {
            hidden: 256,
            layers: 1,
            attention: true,
            tied: false,
            dropout: 0.1,
        }),
        ..NetSpec::example()
    }
}

fn mobilenet_transformer() -> NetSpec {
    NetSpec {
        encoder: encoder(Family::Mbconv, Activation::Silu, Gate::Se),
        memory: MemorySpec {
            side: 4,
            d_model: 128,
        },
        decoder: DecoderSpec::Transformer(TransformerSpec {
            layers: 2,
            heads: 4,
            feedforward: 256,
            tied: true,
            dropout: 0.1,
        }),
        ..NetSpec::example()
    }
}

fn encoder(family: Family, activation: Activation, gate: Gate) -> EncoderSpec {
    let stage = |channels| StageSpec {
        channels,
        depth: 2,
        stride: 2,
        gate,
    };
    EncoderSpec {
        family,
        activation,
        stem: StemSpec {
            channels: 32,
            kernel: 3,
            stride: 2,
            pool: false,
        },
        stages: vec![stage(64), stage(128)],
    }
}

#[cfg(test)]
mod tests {
    use codegen::{Options, Rule, Task, generate};

    use super::*;

    const IMPORTS: &str = "import torch
import torch.nn as nn
import torch.nn.functional as F

";
    const TRAINING: &str = include_str!("snippets/training.py");

    fn options(task: Task) -> Options {
        Options {
            task,
            vocab: 100,
            image: [3, 64, 64],
            ..Options::default()
        }
    }

    #[test]
    fn every_snippet_is_a_classifier_that_codegen_takes_without_a_word() {
        for (name, code) in SNIPPETS {
            let head = "def supported_hyperparameters():\n    return {'lr', 'momentum'}\n\n\n";
            let file = format!("{IMPORTS}{head}{code}{TRAINING}");
            let generated = generate(&file, &options(Task::Classify))
                .unwrap_or_else(|rejected| panic!("{name}: {:?}", rejected.diagnostics));
            // Of a classifier, 0 is a class.
            let mut findings = generated.diagnostics;
            findings.retain(|finding| finding.rule != Rule::SpecialIds);
            assert_eq!(findings, [], "{name}");
        }
    }

    #[test]
    fn every_anchor_is_a_captioner_that_codegen_takes_without_a_word() {
        for (name, spec) in anchors() {
            assert_eq!(spec.check(), Ok(()), "{name}");
            let generated = generate(&spec.python(), &options(Task::Caption))
                .unwrap_or_else(|rejected| panic!("{name}: {:?}", rejected.diagnostics));
            assert_eq!(generated.diagnostics, [], "{name}");
        }
    }
}
