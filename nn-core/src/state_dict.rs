//! PyTorch's names and layouts of a module's parameters and buffers: the entries of the
//! `state_dict` that the same model has there.
//!
//! Fields of this crate's modules have PyTorch's names wherever Rust allows them. What is left is
//! one table, [`RENAMED`], and two rules: variants of enums have no part in a name, and
//! `Linear.weight` lies transposed.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;

/// A parameter or buffer under PyTorch's name and in PyTorch's layout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateDictEntry {
    /// PyTorch's name.
    pub name: String,
    /// The path of fields in the Burn module.
    pub path: String,
    /// The shape in PyTorch's layout.
    pub shape: Vec<usize>,
    /// Whether the Burn parameter lies transposed.
    pub transposed: bool,
    /// Whether it is a running statistic, which no optimizer changes.
    pub buffer: bool,
}

/// The entries of a module, in the order of its fields.
///
/// `num_batches_tracked`, which no computation reads, and `relative_position_index`, which follows
/// from the size of a window, are left out.
///
/// ```
/// use burn::tensor::Device;
/// use nn_core::{LstmConfig, state_dict};
///
/// let entries = state_dict(&LstmConfig::new(3, 2).init(&Device::default()));
/// assert_eq!(entries[0].name, "weight_ih_l0");
/// assert_eq!(entries[0].shape, [8, 3]);
/// ```
pub fn state_dict<M: Module>(module: &M) -> Vec<StateDictEntry> {
    let mut entries = Entries::default();
    module.visit(&mut entries);
    entries.entries
}

#[derive(Default)]
struct Entries {
    path: StatePath,
    entries: Vec<StateDictEntry>,
}

impl ModuleVisitor for Entries {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        self.entries.push(StateDictEntry {
            name: self.path.name(),
            path: self.path.path(),
            shape: self.path.torch_shape(&param.lazy_shape()),
            transposed: self.path.is_transposed(),
            buffer: self.path.is_buffer(),
        });
    }
}

/// Where a walk over a module is: to be told of every `enter_module` and `exit_module`.
#[derive(Clone, Debug, Default)]
pub struct StatePath {
    /// Names and the types of what holds them, from the root.
    segments: Vec<(String, String)>,
}

impl StatePath {
    /// The walk enters `name` in a `container`.
    pub fn enter(&mut self, name: &str, container: &str) {
        self.segments.push((name.to_owned(), container.to_owned()));
    }

    /// The walk leaves what it entered last.
    pub fn exit(&mut self) {
        self.segments.pop();
    }

    /// The path of fields in the Burn module.
    pub fn path(&self) -> String {
        let names: Vec<_> = self.segments.iter().map(|(name, _)| &**name).collect();
        names.join(".")
    }

    /// PyTorch's name.
    pub fn name(&self) -> String {
        let mut name = Name::default();
        for (field, container) in &self.segments {
            name.push(field, container);
        }
        name.finish()
    }

    /// The innermost field.
    pub fn field(&self) -> Option<&str> {
        self.segments.last().map(|(name, _)| &**name)
    }

    /// Whether the innermost field belongs to a `layer`, a type's name.
    pub fn is_in(&self, layer: &str) -> bool {
        let container = self.segments.last().map(|(_, container)| &**container);
        container.and_then(|container| container.strip_prefix("Struct:")) == Some(layer)
    }

    /// Whether the Burn parameter lies transposed.
    pub fn is_transposed(&self) -> bool {
        self.is_in("Linear") && self.field() == Some("weight")
    }

    /// Whether the innermost field is a running statistic.
    pub fn is_buffer(&self) -> bool {
        self.field()
            .is_some_and(|field| field.starts_with("running_"))
    }

    /// The shape in PyTorch's layout of a parameter that has `shape` here.
    pub fn torch_shape(&self, shape: &[usize]) -> Vec<usize> {
        let mut shape = shape.to_vec();
        if self.is_transposed() {
            shape.reverse();
        }
        shape
    }
}

/// A name that differs from PyTorch's.
struct Renamed {
    /// The struct.
    container: &'static str,
    /// Its field.
    field: &'static str,
    /// What PyTorch has instead.
    torch: Torch,
}

/// What stands in PyTorch's name for a field.
#[derive(Clone, Copy)]
enum Torch {
    /// This.
    Named(&'static str),
    /// Nothing: what the field holds has the names of its container.
    Unnamed,
    /// Together with the index that follows, counted from `first`: one name.
    Numbered { prefix: &'static str, first: usize },
    /// Nothing; the index that follows and this end the whole name.
    Layer(&'static str),
}

const fn named(container: &'static str, field: &'static str, torch: &'static str) -> Renamed {
    let torch = Torch::Named(torch);
    Renamed {
        container,
        field,
        torch,
    }
}

const fn unnamed(container: &'static str, field: &'static str) -> Renamed {
    let torch = Torch::Unnamed;
    Renamed {
        container,
        field,
        torch,
    }
}

const fn layer(container: &'static str, field: &'static str, end: &'static str) -> Renamed {
    let torch = Torch::Layer(end);
    Renamed {
        container,
        field,
        torch,
    }
}

const fn numbered(
    container: &'static str,
    field: &'static str,
    prefix: &'static str,
    first: usize,
) -> Renamed {
    let torch = Torch::Numbered { prefix, first };
    Renamed {
        container,
        field,
        torch,
    }
}

/// Every field whose name is not PyTorch's.
const RENAMED: &[Renamed] = &[
    named("LayerNorm", "gamma", "weight"),
    named("LayerNorm", "beta", "bias"),
    named("GroupNorm", "gamma", "weight"),
    named("GroupNorm", "beta", "bias"),
    named("InstanceNorm", "gamma", "weight"),
    named("InstanceNorm", "beta", "bias"),
    named("PRelu", "alpha", "weight"),
    named("ConvNormAct", "conv", "0"),
    named("ConvNormAct", "norm", "1"),
    named("SqueezeExcite", "reduce", "fc1"),
    named("SqueezeExcite", "expand", "fc2"),
    named("Shortcut", "conv", "0"),
    named("Shortcut", "norm", "1"),
    unnamed("LayerNorm2d", "norm"),
    unnamed("LayerScale", "weight"),
    unnamed("PatchEmbed", "proj"),
    named("ConvNextStem", "conv", "0"),
    named("ConvNextStem", "norm", "1"),
    named("ConvNextDownsample", "norm", "0"),
    named("ConvNextDownsample", "conv", "1"),
    named("ConvNextBlock", "depthwise", "block.0"),
    named("ConvNextBlock", "norm", "block.2"),
    named("ConvNextBlock", "expand", "block.3"),
    named("ConvNextBlock", "project", "block.5"),
    named("ConvNextHead", "norm", "0"),
    named("ConvNextHead", "linear", "2"),
    numbered("VitEncoder", "layers", "layers.encoder_layer_", 0),
    named("Mlp", "linear1", "0"),
    named("Mlp", "linear2", "3"),
    named("SwinStem", "conv", "0"),
    named("SwinStem", "norm", "2"),
    numbered("DenseFeatures", "blocks", "denseblock", 1),
    numbered("DenseFeatures", "transitions", "transition", 1),
    numbered("DenseBlock", "layers", "denselayer", 1),
    named("InceptionV3", "conv2d_1a_3x3", "Conv2d_1a_3x3"),
    named("InceptionV3", "conv2d_2a_3x3", "Conv2d_2a_3x3"),
    named("InceptionV3", "conv2d_2b_3x3", "Conv2d_2b_3x3"),
    named("InceptionV3", "conv2d_3b_1x1", "Conv2d_3b_1x1"),
    named("InceptionV3", "conv2d_4a_3x3", "Conv2d_4a_3x3"),
    named("InceptionV3", "mixed_5b", "Mixed_5b"),
    named("InceptionV3", "mixed_5c", "Mixed_5c"),
    named("InceptionV3", "mixed_5d", "Mixed_5d"),
    named("InceptionV3", "mixed_6a", "Mixed_6a"),
    named("InceptionV3", "mixed_6b", "Mixed_6b"),
    named("InceptionV3", "mixed_6c", "Mixed_6c"),
    named("InceptionV3", "mixed_6d", "Mixed_6d"),
    named("InceptionV3", "mixed_6e", "Mixed_6e"),
    named("InceptionV3", "mixed_7a", "Mixed_7a"),
    named("InceptionV3", "mixed_7b", "Mixed_7b"),
    named("InceptionV3", "mixed_7c", "Mixed_7c"),
    layer("Lstm", "layers", ""),
    layer("Lstm", "reverse_layers", "_reverse"),
    layer("Gru", "layers", ""),
    layer("Gru", "reverse_layers", "_reverse"),
    layer("Rnn", "layers", ""),
    layer("Rnn", "reverse_layers", "_reverse"),
];

/// A name as it grows from the root.
#[derive(Default)]
struct Name {
    parts: Vec<String>,
    /// What awaits its index.
    pending: Option<Torch>,
    /// What the finished name ends with.
    end: String,
}

impl Name {
    fn push(&mut self, field: &str, container: &str) {
        if container.starts_with("Enum:") {
            return;
        }
        match self.pending.take() {
            Some(Torch::Numbered { prefix, first }) => {
                let index = field.parse::<usize>().unwrap_or(0) + first;
                self.parts.push(format!("{prefix}{index}"));
            }
            Some(Torch::Layer(end)) => self.end = format!("_l{field}{end}"),
            Some(Torch::Named(_) | Torch::Unnamed) | None => self.push_field(field, container),
        }
    }

    fn push_field(&mut self, field: &str, container: &str) {
        let container = container.strip_prefix("Struct:").unwrap_or(container);
        let renamed = RENAMED
            .iter()
            .find(|renamed| renamed.container == container && renamed.field == field);
        match renamed.map(|renamed| renamed.torch) {
            None => self.parts.push(field.to_owned()),
            Some(Torch::Named(torch)) => self.parts.push(torch.to_owned()),
            Some(Torch::Unnamed) => {}
            Some(pending) => self.pending = Some(pending),
        }
    }

    fn finish(self) -> String {
        self.parts.join(".") + &self.end
    }
}
