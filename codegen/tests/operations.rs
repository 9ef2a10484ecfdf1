//! Operations of torch, one a test: the line of Rust that each becomes, or what is said of it.
#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]
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
        let found = plain(&source).replace(",)", ")");
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
