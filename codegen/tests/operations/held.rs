//! Layers and parameters: which the net holds, which are trained, in which mode.
use super::{becomes, is_refused, source};

#[test]
fn a_layer_without_weights_may_be_made_where_it_is_called() {
    becomes(
        &["self.pools = [nn.AvgPool2d(2)]"],
        &[
            "x = nn.Sequential(nn.ReLU(), nn.MaxPool2d(2))(x)",
            "x = nn.Dropout(0.25)(self.pools[0](x))",
        ],
        &[
            "MaxPool2dConfig::new([2, 2])",
            "AvgPool2dConfig::new([2, 2])",
            "self.dropout.forward(",
            "DropoutConfig::new(0.25)",
        ],
    );
}

#[test]
fn a_layer_with_weights_must_be_held_by_the_net() {
    is_refused(
        &["x = nn.Conv2d(8, 8, 1)(x)"],
        "N048 this `Conv2d` is no part of the net",
    );
    let kept = source(
        &["self.kept = [nn.Conv2d(8, 8, 1)]"],
        &["x = self.kept[0](x)"],
    );
    assert!(
        kept.unwrap_err()
            .contains("N048 this `Conv2d` is no part of the net")
    );
    let scale = source(
        &["self.scale = [nn.Parameter(torch.ones(8, 1, 1))]"],
        &["x = x * self.scale[0]"],
    );
    assert!(
        scale
            .unwrap_err()
            .contains("N048 this parameter is no part of the net")
    );
}

#[test]
fn no_gradient_leaves_what_is_computed_without_gradients() {
    let frozen = [
        "with torch.no_grad():",
        "    x = self.conv2(x)",
        "x = x + 1",
    ];
    becomes(
        &["self.conv2 = nn.Conv2d(8, 8, 1)"],
        &frozen,
        &["let x = self.conv2.forward(x);", "x.detach() + 1"],
    );
}

#[test]
fn a_frozen_parameter_is_not_trained() {
    let freezing = "for p in self.conv.parameters(): p.requires_grad_(False)";
    becomes(
        &[freezing],
        &[],
        &[
            "StateEntry::frozen(\"conv.weight\"",
            "StateEntry::param(\"head.weight\"",
        ],
    );
    is_refused(
        &["self.conv.requires_grad_(False)"],
        "freezing a parameter while the net is called",
    );
}

#[test]
fn a_part_of_the_net_is_in_the_mode_of_the_rest() {
    let normed = ["self.norm = nn.BatchNorm2d(8)"];
    let refused = source(&normed, &["self.norm.eval()", "x = self.norm(x)"]);
    assert!(
        refused
            .unwrap_err()
            .contains("a part of the net in another mode than the rest")
    );
}

#[test]
fn a_tensor_that_is_kept_for_the_next_call_is_computed_at_each() {
    let kept = [
        "if self.mask is None or self.mask.size(0) != x.size(2):",
        "    self.mask = torch.tril(torch.ones(x.size(2), x.size(3)))",
        "x = x * self.mask",
    ];
    becomes(&["self.mask = None"], &kept, &["tril(0)"]);
}

#[test]
fn what_a_call_computed_is_not_read_by_the_next() {
    let message = "N050 `forward` computes something else at the next call";
    let refuse = |layers: &[&str], body: &[&str]| {
        assert!(source(layers, body).unwrap_err().contains(message));
    };
    let smoothed = [
        "self.mean = x.mean() if self.mean is None else 0.9 * self.mean + 0.1 * x.mean()",
        "x = x - self.mean",
    ];
    refuse(&["self.mean = None"], &smoothed);
    refuse(
        &["self.calls = []"],
        &["self.calls.append(1)", "x = x / len(self.calls)"],
    );
    becomes(&[], &["self.seen = x.mean()", "x = x - self.seen"], &[]);
}

#[test]
fn a_loop_is_the_same_at_the_next_call() {
    let kept = [
        "self.maps = x",
        "for t in range(x.size(0)):",
        "    x = x + x[t:t + 1]",
    ];
    becomes(&[], &kept, &["for "]);
}

#[test]
fn first_values_by_class_reach_the_layers_inside_of_transformers() {
    becomes(
        &[
            "self.layer = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)",
            "def start(m):",
            "    if isinstance(m, nn.Linear):",
            "        nn.init.normal_(m.weight, std=0.02)",
            "        if m.bias is not None:",
            "            nn.init.constant_(m.bias, 0.5)",
            "    elif isinstance(m, nn.LayerNorm):",
            "        nn.init.constant_(m.weight, 0.25)",
            "self.apply(start)",
        ],
        &["x = x + self.layer(x.flatten(2).transpose(1, 2)).mean()"],
        &[
            r#"StateEntry::param("layer.linear1.bias", "layer.linear1.bias").starting(Start::Constant(0.5))"#,
            r#"StateEntry::norm("layer.norm2.weight", "layer.norm2.gamma").starting(Start::Constant(0.25))"#,
        ],
    );
}
