//! The encoder of a spec.
use super::{Activation, EncoderSpec, Gate, MemorySpec, blocks};

impl Activation {
    /// The module's class.
    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Relu => "nn.ReLU",
            Self::Gelu => "nn.GELU",
            Self::Silu => "nn.SiLU",
        }
    }
}

/// The classes of gates, the block, and the encoder.
pub(super) fn python(spec: &EncoderSpec, memory: MemorySpec) -> String {
    let uses = |gate| spec.stages.iter().any(|stage| stage.gate == gate);
    let mut code = String::new();
    if uses(Gate::Se) || uses(Gate::Cbam) {
        code += blocks::SQUEEZE_EXCITE;
    }
    if uses(Gate::Cbam) {
        code += blocks::CBAM;
    }
    code += &blocks::block(spec.family).replace("ACTIVATION", spec.activation.class());
    code += &encoder(spec, memory);
    code
}

fn encoder(spec: &EncoderSpec, memory: MemorySpec) -> String {
    let stem = spec.stem;
    let (channels, kernel, stride) = (stem.channels, stem.kernel, stem.stride);
    let padding = kernel / 2;
    let activation = spec.activation.class();
    let pool = if stem.pool {
        ", nn.MaxPool2d(3, stride=2, padding=1)"
    } else {
        ""
    };
    let stages = stages(spec).join(",\n            ");
    let last = spec.stages.last().map_or(channels, |stage| stage.channels);
    let MemorySpec { side, d_model } = memory;
    format!(
        "

class Encoder(nn.Module):
    def __init__(self, in_channels):
        super().__init__()
        self.stem = nn.Sequential(
            nn.Conv2d(in_channels, {channels}, {kernel}, stride={stride}, padding={padding}, bias=False),
            nn.BatchNorm2d({channels}), {activation}(){pool},
        )
        self.stages = nn.Sequential(
            {stages},
        )
        self.pool = nn.AdaptiveAvgPool2d({side})
        self.project = nn.Linear({last}, {d_model})
        self.norm = nn.LayerNorm({d_model})

    def forward(self, images):
        maps = self.pool(self.stages(self.stem(images)))
        regions = maps.flatten(2).transpose(1, 2)
        return self.norm(self.project(regions))
"
    )
}

/// One block a line; the first of a stage has its stride.
fn stages(spec: &EncoderSpec) -> Vec<String> {
    let mut channels_in = spec.stem.channels;
    let mut lines = Vec::new();
    for stage in &spec.stages {
        let channels = stage.channels;
        let gate = match stage.gate {
            Gate::None => "nn.Identity()".to_owned(),
            Gate::Se => format!("SqueezeExcite({channels})"),
            Gate::Cbam => format!("Cbam({channels})"),
        };
        for at in 0..stage.depth {
            let stride = if at == 0 { stage.stride } else { 1 };
            lines.push(format!(
                "Block({channels_in}, {channels}, {stride}, {gate})"
            ));
            channels_in = channels;
        }
    }
    lines
}
