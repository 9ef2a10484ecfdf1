//! Classes that derive from layers of torch, and attributes of layers that are set after they were made.
use super::{becomes, source};

/// `class Own(nn.LayerNorm)` with these lines, and an instance of it.
fn own<'a>(class: &'a str, body: &[&'a str], made: &'a str) -> Vec<&'a str> {
    [&[class], body, &[made]].concat()
}

#[test]
fn a_class_derives_from_a_layer_and_computes_with_its_weights() {
    let norm = own(
        "class Own(nn.LayerNorm):",
        &[
            "    def forward(self, x):",
            "        x = x.permute(0, 2, 3, 1)",
            "        x = F.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)",
            "        return x.permute(0, 3, 1, 2)",
        ],
        "self.norm = Own(8)",
    );
    becomes(
        &norm,
        &["x = self.norm(x)"],
        &[
            "inherited: LayerNorm",
            r#"StateEntry::norm("norm.weight", "norm.inherited.gamma")"#,
            r#"StateEntry::norm("norm.bias", "norm.inherited.beta")"#,
        ],
    );
}

#[test]
fn a_class_takes_the_constructor_and_forward_of_its_layer() {
    let layers = own(
        "class Own(nn.Conv2d):",
        &[
            "    def __init__(self, width):",
            "        super().__init__(width, width, 3, groups=width, bias=False)",
            "class Plain(Own): pass",
            "class Twice(Own):",
            "    def forward(self, x):",
            "        return super().forward(x) * 2",
            "self.plain = Plain(8)",
        ],
        "self.twice = Twice(8)",
    );
    becomes(
        &layers,
        &["x = self.twice(self.plain(x))"],
        &[
            "self.inherited.forward(x) * 2.0",
            "self.twice.forward(self.plain.inherited.forward(x))",
            r#"StateEntry::param("plain.weight", "plain.inherited.weight")"#,
        ],
    );
}

#[test]
fn a_class_draws_the_weights_of_its_layer_and_is_one_of_its_kind() {
    let layers = own(
        "class Own(nn.Linear):",
        &[
            "    def reset_parameters(self):",
            "        nn.init.constant_(self.weight, 0.25)",
        ],
        "self.own = Own(8, 8)",
    );
    let found = [
        "for m in self.modules():",
        "    if isinstance(m, nn.Linear) and m is not self.head:",
        "        nn.init.constant_(m.bias, 0.5)",
    ];
    becomes(
        &[layers, found.to_vec()].concat(),
        &["x = self.own(x.mean((2, 3)))[:, :, None, None]"],
        &[
            r#"StateEntry::param("own.weight", "own.inherited.weight").transposed().starting(Start::Constant(0.25))"#,
            r#"StateEntry::param("own.bias", "own.inherited.bias").starting(Start::Constant(0.5))"#,
        ],
    );
}

#[test]
fn batch_norm_as_a_function_is_the_layer_whose_tensors_it_is_given() {
    let class = |momentum: &'static str| {
        own(
            "class Own(nn.BatchNorm2d):",
            &[
                "    def forward(self, x):",
                "        if self.training: self.num_batches_tracked.add_(1)",
                "        return F.batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias,",
                momentum,
            ],
            "self.norm = Own(8)",
        )
    };
    let same = class("            self.training, self.momentum, self.eps)");
    becomes(&same, &["x = self.norm(x)"], &["self.inherited.forward(x)"]);
    let other = class("            self.training, 0.5, self.eps)");
    let refused = source(&other, &["x = self.norm(x)"]).unwrap_err();
    assert!(
        refused.contains("`F.batch_norm` of anything but"),
        "{refused}"
    );
}

#[test]
fn what_torch_calls_itself_is_not_overridden() {
    let layers = own(
        "class Own(nn.Conv2d):",
        &["    def _conv_forward(self, *given): return given[0]"],
        "self.own = Own(8, 8, 1)",
    );
    let refused = source(&layers, &["x = self.own(x)"]).unwrap_err();
    assert!(refused.contains("overriding `_conv_forward`"), "{refused}");
}

#[test]
fn a_layer_is_what_its_attributes_say() {
    becomes(
        &[
            "self.conv.stride = (2, 2)",
            "self.norm = nn.BatchNorm2d(8)",
            "self.norm.eps, self.norm.momentum = 1e-3, 0.03",
            "self.drop = nn.Dropout(0.5)",
            "self.drop.p = 0.2",
            "self.act = nn.LeakyReLU()",
            "self.act.negative_slope = 0.3",
            "self.head.bias = None",
        ],
        &["x = self.drop(self.act(self.norm(x)))"],
        &[
            ".with_stride([2, 2])",
            "BatchNormConfig::new(8).with_epsilon(0.001).with_momentum(0.03)",
            "DropoutConfig::new(0.2)",
            "norm.clone() * 0.3",
            "LinearConfig::new(8, 10).with_bias(false)",
        ],
    );
}

#[test]
fn a_layer_has_the_attributes_that_torch_gives_it() {
    becomes(
        &["self.pool = nn.MaxPool2d(2)"],
        &["x = x * self.conv.kernel_size[0] + self.conv.stride[1] * self.pool.stride"],
        &["x * 3.0 + 2.0"],
    );
}

#[test]
fn a_layer_is_not_changed_into_what_its_code_does_not_know() {
    let refuse = |layers: &[&str], body: &[&str], message: &str| {
        let refused = source(layers, body).unwrap_err();
        assert!(refused.contains(message), "{refused}");
    };
    refuse(
        &["self.conv.kernel_size = 5"],
        &[],
        "changing `kernel_size` of a `Conv2d`",
    );
    refuse(
        &[],
        &["self.conv.stride = (2, 2)"],
        "while the net is called",
    );
    refuse(
        &["self.conv.gate = nn.Sigmoid()"],
        &[],
        "setting `gate` of a `Conv2d`",
    );
    refuse(
        &["self.conv.weight = None"],
        &[],
        "setting `weight` of a `Conv2d`",
    );
}

#[test]
fn a_layer_made_without_a_bias_may_be_given_one() {
    becomes(
        &[
            "self.out = nn.Linear(8, 8, bias=False)",
            "self.bias = nn.Parameter(torch.zeros(8))",
            "self.out.bias = self.bias",
        ],
        &["x = self.out(x.mean((2, 3)))[:, :, None, None]"],
        &[
            "pub struct Net { bias: Param<Tensor<1>>, conv: Conv2d, head: Linear, out_weight: Param<Tensor<2>> }",
            "linear(input, self.out_weight.val(), Some(self.bias.val()))",
            r#"StateEntry::tied("out.bias", "bias")"#,
        ],
    );
}

#[test]
fn a_layer_whose_weights_no_method_takes_is_not_tied() {
    let layers = [
        "self.first = nn.LayerNorm(8)",
        "self.second = nn.LayerNorm(8)",
        "self.second.weight = self.first.weight",
    ];
    let body = [
        "y = x.mean((2, 3))",
        "x = x + (self.first(y) + self.second(y))[:, :, None, None]",
    ];
    let refused = source(&layers, &body).unwrap_err();
    assert!(
        refused.contains("N030 this layer shares a weight"),
        "{refused}"
    );
}

#[test]
fn a_new_parameter_of_a_layer_is_what_the_layers_starts_as() {
    becomes(
        &[
            "self.head.weight = nn.Parameter(torch.randn(out_shape[0], 8) * 0.02)",
            "self.head.bias = nn.Parameter(torch.zeros(out_shape[0]))",
        ],
        &[],
        &[
            ".transposed().starting(Start::Normal { mean: 0.0, std: 0.02 })",
            r#"StateEntry::param("head.bias", "head.bias").starting(Start::Constant(0.0))"#,
        ],
    );
    let other = "self.head.bias = nn.Parameter(torch.arange(10.0))";
    let refused = source(&[other], &[]).unwrap_err();
    assert!(
        refused.contains("these first values for `bias` of a layer"),
        "{refused}"
    );
}

#[test]
fn an_activation_that_is_no_longer_in_place_leaves_its_input() {
    let used = ["y = self.act(x)", "x = x + y"];
    let layers = [
        "self.act = nn.ReLU(inplace=True)",
        "self.act.inplace = False",
    ];
    becomes(
        &layers[..1],
        &used,
        &["let y = relu(x); let x = y.clone() + y;"],
    );
    becomes(&layers, &used, &["let y = relu(x.clone()); let x = x + y;"]);
}
