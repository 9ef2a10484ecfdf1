//! Operations of torch, one a test: the line of Rust that each becomes, or what is said of it.
#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]
mod derived;
mod held;
mod written;

use codegen::{Options, Task, generate};

/// The classifier around an operation: `BODY` is its `forward`, `LAYERS` the rest of its constructor.
const NET: &str = "\
import torch
import torch.nn as nn
import torch.nn.functional as F

def supported_hyperparameters():
    return {'lr', 'momentum'}

class Net(nn.Module):
    def __init__(self, in_shape, out_shape, prm, device):
        super().__init__()
        self.conv = nn.Conv2d(in_shape[1], 8, 3, padding=1)
        self.head = nn.Linear(8, out_shape[0])
LAYERS
    def train_setup(self, prm):
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(self.parameters(), lr=prm['lr'], momentum=prm['momentum'])

    def learn(self, train_data):
        for images, labels in train_data:
            self.optimizer.zero_grad()
            self.criterion(self(images), labels).backward()
            self.optimizer.step()

    def forward(self, images):
        x = self.conv(images)
BODY
        return self.head(x.mean(dim=(2, 3)))
";

fn indented(lines: &[&str]) -> String {
    let lines = lines.iter().map(|line| format!("        {line}\n"));
    lines.collect()
}

/// The source of a classifier of pictures of 16 by 16, or the first error.
fn source(layers: &[&str], body: &[&str]) -> Result<String, String> {
    let net = NET
        .replace("LAYERS\n", &indented(layers))
        .replace("BODY\n", &indented(body));
    let options = Options {
        task: Task::Classify,
        vocab: 10,
        image: [3, 16, 16],
        ..Options::default()
    };
    match generate(&net, &options) {
        Ok(generated) => Ok(generated.source),
        Err(rejected) => Err(rejected.to_string()),
    }
}

/// The net of these lines has these lines of Rust, white space aside.
#[track_caller]
fn becomes(layers: &[&str], body: &[&str], wanted: &[&str]) {
    let source = source(layers, body).unwrap();
    let plain = |text: &str| text.split_whitespace().collect::<String>();
    for line in wanted {
        let found = plain(&source).replace(",)", ")").replace(",}", "}");
        assert!(found.contains(&plain(line)), "no `{line}` in:\n{source}");
    }
}

#[track_caller]
fn is_refused(body: &[&str], message: &str) {
    let found = source(&[], body).unwrap_err();
    assert!(found.contains(message), "`{message}` is not in `{found}`");
}

#[test]
fn a_grid_runs_along_the_axes_of_its_coordinates() {
    let used = "x = x + (a + 2 * b)[:8, :1].unsqueeze(-1)";
    let (a, b) = ("torch.arange(8).float()", "torch.arange(5).float()");
    let grid = format!("a, b = torch.meshgrid({a}, {b}, indexing='ij')");
    becomes(
        &[],
        &[&grid, used],
        &[
            "let a = Tensor::<1, Int>::arange(0..8, &device).float().reshape([8, 1]).expand([8, 5]);",
            "let b = Tensor::<1, Int>::arange(0..5, &device).float().reshape([1, 5]).expand([8, 5]);",
        ],
    );
    // The order of numpy's pictures, of a list.
    let grid = format!("a, b = torch.meshgrid([{b}, {a}], indexing='xy')");
    becomes(
        &[],
        &[&grid, used],
        &[
            "reshape([1, 5]).expand([8, 5])",
            "reshape([8, 1]).expand([8, 5])",
        ],
    );
    is_refused(
        &["a, = torch.meshgrid(x)"],
        "`meshgrid` takes tensors of one dimension",
    );
}

#[test]
fn a_picture_is_resized_to_sides_or_by_a_factor() {
    becomes(
        &["self.up = nn.Upsample(scale_factor=2, mode='bilinear', align_corners=True)"],
        &[
            "x = self.up(x)",
            "x = F.interpolate(x, size=(7, 9), mode='bilinear', align_corners=False)",
            "x = F.interpolate(x, scale_factor=3)",
            "x = F.interpolate(x, size=4, mode='area')",
        ],
        &[
            "interpolate(x, InterpolateOptions::new(InterpolateMode::Bilinear).with_output_size([32, 32]))",
            "InterpolateOptions::new(InterpolateMode::Bilinear).with_align_corners(false).with_output_size([7, 9])",
            "InterpolateOptions::new(InterpolateMode::Nearest).with_output_size([21, 27])",
            "AdaptiveAvgPool2dConfig::new([4, 4])",
        ],
    );
    is_refused(
        &["x = F.interpolate(x, scale_factor=1.3)"],
        "a side of 16 times 1.3, which is not whole, is not supported",
    );
    is_refused(
        &["x = F.interpolate(x)"],
        "either `size` or `scale_factor` must be given",
    );
}

#[test]
fn log1p_is_a_call_of_its_own() {
    becomes(&[], &["x = torch.log1p(x.exp())"], &["x.exp().log1p()"]);
}

#[test]
fn a_row_of_numbers_goes_from_start_to_end() {
    becomes(
        &[],
        &["x = x * torch.linspace(0.0, 1.0, 5).sum()"],
        &["Tensor::<1, Int>::arange(0..5, &device).float() * 0.25"],
    );
    is_refused(&["x = x * torch.linspace(0, 1, 0)"], "0 elements");
}

#[test]
fn a_tensor_of_sizes_can_be_a_parameter() {
    becomes(
        &["self.gain = nn.Parameter(torch.Tensor(8, 1, 1))"],
        &["x = x * self.gain"],
        &["Param<Tensor<3>>"],
    );
}

#[test]
fn python_asks_torch_and_its_surroundings() {
    becomes(
        &[
            "import os",
            "from itertools import repeat",
            "self.has_silu = 'silu' in dir(torch.nn.functional)",
            "self.has_dream = 'dream' in dir(torch.nn.functional)",
            "width = int(os.environ.get('WIDTH', '4'))",
            "self.pool = nn.AvgPool2d(tuple(repeat(width, 2)))",
        ],
        &[
            "x = F.silu(x) if self.has_silu else x",
            "x = F.relu(x) if self.has_dream else x",
            "x = self.pool(x)",
        ],
        &["silu(x)", "AvgPool2dConfig::new([4, 4])"],
    );
}

#[test]
fn a_layer_starts_as_the_net_says() {
    becomes(
        &[
            "nn.init.normal_(self.conv.weight, std=0.02)",
            "self.conv.bias.data.fill_(0.5)",
            "nn.init.orthogonal_(self.head.weight, gain=2)",
            "nn.init.trunc_normal_(self.head.bias, std=1.0, a=-1.0, b=1.0)",
        ],
        &[],
        &[
            r#"StateEntry::param("conv.weight", "conv.weight").starting(Start::Normal { mean: 0.0, std: 0.02 })"#,
            r#"StateEntry::param("conv.bias", "conv.bias").starting(Start::Constant(0.5))"#,
            ".transposed().starting(Start::Orthogonal { gain: 2.0 })",
            "Start::TruncatedNormal { mean: 0.0, std: 1.0, low: -1.0, high: 1.0 }",
        ],
    );
}

#[test]
fn what_a_layer_starts_with_anyway_is_not_said() {
    let layers = [
        "self.norm = nn.BatchNorm2d(8)",
        "nn.init.ones_(self.norm.weight)",
        "nn.init.zeros_(self.norm.bias)",
    ];
    let source = source(&layers, &["x = self.norm(x)"]).unwrap();
    assert!(!source.contains("starting"), "{source}");
}

#[test]
fn a_layers_weight_that_the_net_holds_itself_starts_as_in_its_layer() {
    becomes(
        &["self.w = nn.Linear(4, 8).weight"],
        &["x = x + self.w.sum()"],
        &[r#"StateEntry::param("w", "w").starting(Start::Uniform { low: -0.5, high: 0.5 })"#],
    );
}

#[test]
fn a_class_may_derive_from_a_container() {
    let block = [
        "class Block(nn.Sequential):",
        "    def __init__(self):",
        "        super().__init__(nn.Conv2d(8, 8, 1), nn.ReLU())",
        "self.block = Block()",
    ];
    becomes(&block, &["x = self.block(x)"], &["self.block.forward(x)"]);
}

#[test]
fn a_kernel_may_be_any_tensor() {
    becomes(
        &["self.kernel = nn.Parameter(torch.ones(8, 1, 3, 3))"],
        &["x = F.conv2d(x, self.kernel, padding=1, groups=8)"],
        &["conv2d(x, self.kernel.val(), None, ConvOptions::new([1, 1], [1, 1], [1, 1], 8))"],
    );
    is_refused(
        &["x = F.conv2d(x, torch.ones(8, 3, 1, 1))"],
        "takes 3 in dimension 1",
    );
}

#[test]
fn a_copied_module_has_parameters_of_its_own() {
    let layers = ["import copy", "self.twin = copy.deepcopy(self.conv)"];
    becomes(
        &layers,
        &["x = x + self.twin(images)"],
        &[r#"StateEntry::param("twin.weight", "twin.weight")"#],
    );
}

#[test]
fn a_bound_of_clamp_passes_no_gradient() {
    becomes(
        &[],
        &["x = x.clamp(0, 1)"],
        &[
            "lower_equal_elem(0.0)",
            "greater_equal_elem(1.0)",
            "mask_fill(",
        ],
    );
}

#[test]
fn an_exponential_linear_unit_takes_no_exponential_of_a_large_number() {
    for name in ["ELU", "CELU", "SELU"] {
        let layer = format!("self.act = nn.{name}()");
        becomes(
            &[&layer],
            &["x = self.act(x)"],
            &[".greater_elem(0.0)", ".mask_where(", ".exp()"],
        );
    }
}

#[test]
fn an_activation_in_place_is_seen_by_other_names() {
    for call in ["F.elu(x, inplace=True)", "F.hardtanh(x, inplace=True)"] {
        let in_place = source(&[], &["y = x", call, "x = x + y"]).unwrap();
        let other = source(
            &[],
            &["x = CALL", "x = x + x"]
                .map(|line| line.replace("CALL", call))
                .each_ref()
                .map(String::as_str),
        )
        .unwrap();
        let outcome = |source: &str| source.matches("mask_where").count();
        assert_eq!(outcome(&in_place), outcome(&other), "{in_place}");
    }
}

#[test]
fn a_quotient_by_a_sum_stays_one_inside_a_sum() {
    becomes(
        &[],
        &["x = x / (1 + x.abs()) + x * 0.5"],
        &["x.clone() / (x.clone().abs() + 1.0) + x * 0.5"],
    );
}

#[test]
fn a_leaky_unit_has_its_small_slope_at_zero() {
    becomes(
        &["self.act = nn.LeakyReLU(0.1, inplace=True)"],
        &["x = self.act(x)"],
        &["(x.clone() * 0.1).mask_where(x.clone().greater_elem(0.0), x)"],
    );
}

#[test]
fn a_roll_takes_the_end_to_the_front() {
    becomes(
        &[],
        &[
            "x = torch.roll(x, shifts=(-3, 0), dims=(2, 3))",
            "x = x.roll(2, 3)",
        ],
        &[
            "vec![x.clone().slice(s![.., .., 3.., ..]), x.slice(s![.., .., 0..3, ..])], 2",
            "input.clone().slice(s![.., .., .., 14..]), input.slice(s![.., .., .., 0..14])",
        ],
    );
}

#[test]
fn the_parts_of_a_largest_element_have_names() {
    becomes(
        &[],
        &["x = x + x.max(dim=1, keepdim=True).values"],
        &["x.clone() + x.max_dim(1)"],
    );
}

#[test]
fn a_parameter_is_handed_to_a_submodule_as_a_tensor() {
    becomes(
        &[
            "self.at = nn.Parameter(torch.ones(8, 1, 1))",
            "self.act = nn.PReLU()",
        ],
        &["x = x * self.act(self.at)"],
        &["x * self.act.forward(self.at.val()).unsqueeze::<4>()"],
    );
}

#[test]
fn a_convolution_over_a_sequence_is_one_over_a_picture_of_height_1() {
    becomes(
        &["self.seq = nn.Conv1d(8, 8, 3, padding='same', groups=2)"],
        &["x = self.seq(x.flatten(2)).reshape(x.shape)"],
        &["ConvOptions::new([1, 1], [0, 1], [1, 1], 2)"],
    );
    is_refused(
        &["x = nn.functional.conv1d(x, x)"],
        "conv1d needs an input of three axes",
    );
}

#[test]
fn attention_of_torch_is_masked_before_the_softmax_and_after_it() {
    becomes(
        &[],
        &[
            "q = x.flatten(2)",
            "x = F.scaled_dot_product_attention(q, q, q, is_causal=True).reshape(x.shape)",
        ],
        &["mask_fill(", "softmax("],
    );
    is_refused(
        &["x = F.scaled_dot_product_attention(x, x, x, enable_gqa=True)"],
        "attention of several queries a key",
    );
}

#[test]
fn the_limits_of_32_bits_are_known() {
    becomes(
        &[],
        &["x = x.masked_fill(x > 3, torch.finfo(x.dtype).min)"],
        &["-3.4028234663852886e38"],
    );
}

#[test]
fn a_type_has_a_dtype_or_an_old_name() {
    becomes(
        &[],
        &["x = x * (x > 0).type(torch.float32) + (x > 1).type(torch.FloatTensor)"],
        &["greater_elem(0.0).float()", "greater_elem(1.0).float()"],
    );
    is_refused(&["x = x.type()"], "`type` without a dtype");
}

#[test]
fn rows_of_a_layer_start_as_a_number() {
    becomes(
        &[
            "self.cell = nn.LSTMCell(8, 8)",
            "self.words = nn.Embedding(9, 8)",
            "n = self.cell.bias_hh.size(0)",
            "self.cell.bias_hh.data[n // 4:n // 2].fill_(1.0)",
            "self.words.weight.data[-1].zero_()",
        ],
        &[
            "h, _ = self.cell(x.mean(dim=(2, 3)) + self.words(torch.zeros(1, dtype=torch.long)))",
            "x = h[:, :, None, None]",
        ],
        &[".with_rows(8, 16, 1.0)", ".with_rows(8, 9, 0.0)"],
    );
}

#[test]
fn a_dataclass_is_filled_by_place_by_name_and_by_default() {
    let config = [
        "from dataclasses import dataclass, field",
        "@dataclass",
        "class Config:",
        "    scale: float",
        "    shift: float = 2.5",
        "    sides: list = field(default_factory=lambda: [3.5])",
        "    def __post_init__(self):",
        "        self.sides.append(self.scale)",
    ];
    let with = |line: &'static str| [&config[..], &[line]].concat();
    becomes(
        &[],
        &[
            &with("c, d = Config(1.5), Config(scale=4.5, shift=5.5)")[..],
            &["x = x * c.shift + d.shift * sum(c.sides)"],
        ]
        .concat(),
        &["x * 2.5 + 27.5"],
    );
    let heir = [
        "class Heir(Config):",
        "    def __init__(self, scale):",
        "        super().__init__(scale, shift=2 * scale)",
    ];
    becomes(
        &[],
        &[&config[..], &heir, &["x = x * Heir(8.25).shift"]].concat(),
        &["x * 16.5"],
    );
    is_refused(
        &with("c = Config()"),
        "`Config` needs a value for its field `scale`",
    );
    is_refused(
        &with("c = Config(1.0, size=3)"),
        "`Config` has no field `size` left to give",
    );
}
