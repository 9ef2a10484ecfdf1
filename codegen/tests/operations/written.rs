//! What is written in place, or grows while it is read.
use super::{becomes, source};

#[test]
fn an_item_of_a_tensor_is_written_by_an_augmented_assignment() {
    becomes(
        &[],
        &[
            "t = torch.arange(64.0).reshape(8, 8)",
            "t[:, 0] *= 3",
            "x = x * t.sum()",
        ],
        &[
            "t.clone().slice_assign( s![.., 0..1], (t.select_dim::<1>(1, 0) * 3.0).reshape([8, 1]) )",
        ],
    );
    // In the constructor too, and where the tensor is a view of another.
    becomes(
        &[
            "t = torch.arange(64).reshape(8, 8).permute(1, 0)",
            "t[:, 0] += 3",
            "self.register_buffer('t', t)",
        ],
        &["x = x * self.t.sum()"],
        &["slice_assign( s![.., 0..1], (t.select_dim::<1>(1, 0) + 3).reshape([8, 1]) )"],
    );
}

#[test]
fn one_element_takes_a_tensor_without_axes() {
    becomes(
        &[],
        &["t = torch.zeros(8)", "t[3] = x.mean()", "x = x * t.sum()"],
        &["t.slice_assign(s![3..4], x.mean())"],
    );
}

#[test]
fn a_view_does_not_know_what_another_view_was_written() {
    let body = [
        "t = torch.arange(64.0).reshape(8, 8)",
        "u = t.view(64)",
        "t[0, 0] = 9",
        "x = x * u.sum()",
    ];
    let refused = source(&[], &body).unwrap_err();
    assert!(refused.contains("N027"), "{refused}");
}

#[test]
fn a_list_holds_each_item_of_a_generator_when_the_next_is_computed() {
    for grow in [
        "ys.extend(torch.relu(ys[-1]) for _ in range(2))",
        "ys += (torch.relu(ys[-1]) for _ in range(2))",
    ] {
        becomes(
            &[],
            &["ys = [x]", grow, "x = ys[0] + ys[2]"],
            &["x.clone() + relu(relu(x))"],
        );
    }
    becomes(
        &[],
        &[
            "ys = [x]",
            "ys.extend([torch.relu(ys[-1]) for _ in range(2)])",
            "x = ys[0] + ys[2]",
        ],
        &["x.clone() + relu(x)"],
    );
}

#[test]
fn layers_in_a_list_are_applied_one_after_the_other() {
    let layers = |item: &str| format!("self.layers = nn.ModuleList([{item} for _ in range(3)])");
    let body = ["for layer in self.layers:", "    x = layer(x)"];
    becomes(
        &[&layers("nn.Conv2d(8, 8, 1)")],
        &body,
        &["self.layers.iter().fold(x, |x, layer| layer.forward(x))"],
    );
    let encode = [
        "x = x.flatten(2).transpose(1, 2)",
        body[0],
        body[1],
        "x = x.transpose(1, 2).unsqueeze(-1)",
    ];
    becomes(
        &[&layers(
            "nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)",
        )],
        &encode,
        &["self.layers[2].forward("],
    );
}

#[test]
fn values_are_instances_of_pythons_abstract_classes() {
    let tests = [
        "isinstance('ab', collections.abc.Iterable)",
        "isinstance(self.layers, collections.abc.Iterable)",
        "isinstance(nn.ReLU(), collections.abc.Callable)",
        "isinstance(3, numbers.Number) and not isinstance(3, float)",
        "isinstance(self.conv, nn.modules.conv._ConvNd)",
        "isinstance(Own(2, 8), nn.GroupNorm)",
        "not isinstance(3, collections.abc.Iterable)",
    ];
    let layers = [
        "import collections.abc",
        "import numbers",
        "class Own(nn.GroupNorm): pass",
        "self.layers = nn.ModuleList()",
    ];
    for test in tests {
        let assertion = format!("assert {test}");
        let lines: Vec<&str> = layers.iter().copied().chain([assertion.as_str()]).collect();
        becomes(&lines, &[], &[]);
    }
}
