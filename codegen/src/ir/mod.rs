//! The Program: what is left of a net after Python has run. Every module has its size, every tensor its type, every
//! operation its place in the reply; nothing here refers to syntax.
mod dim;
mod display;
mod layer;
mod op;
mod split;
mod start;
mod transformer;
mod vars;

use serde::{Deserialize, Serialize};

pub use dim::{Dim, Sym};
pub use layer::{Cell, Layer, LayerTensor, Recurrent, Role};
pub use op::{Binary, Op, Reduction, Resampling, Scalar, SliceRange, Unary};
pub use start::{Start, StartRows};
pub use transformer::{Attention, TransformerLayer, TransformerStack};

pub(crate) use split::{Slices, split};

use crate::diagnostic::Span;

macro_rules! id {
    ($name:ident, $doc:literal) => {
        #[doc = $doc]
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub struct $name(pub u32);

        impl $name {
            /// The id as an index.
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(ModuleId, "Index into [`Program::modules`].");
id!(ParamId, "Index into [`Program::params`].");
id!(FunctionId, "Index into [`Program::functions`].");
id!(VarId, "Index into [`Function::vars`].");

/// A net, elaborated for one vocabulary, image size and set of hyper-parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Program {
    /// What it was elaborated for.
    pub sizes: Sizes,
    /// All modules; the first is the net, a parent comes before its children.
    pub modules: Vec<Module>,
    /// All parameters and buffers.
    pub params: Vec<Param>,
    /// Second names of parameters, in `state_dict` order.
    pub ties: Vec<Tie>,
    /// All functions, callees before callers.
    pub functions: Vec<Function>,
    /// How the net trains itself.
    pub recipe: Recipe,
    /// Where to enter.
    pub entries: Entries,
}

/// What a net is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Images and captions to scores of words.
    #[default]
    Caption,
    /// Images to scores of classes.
    Classify,
}

/// The numbers a net is elaborated for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sizes {
    /// What the net is for.
    #[serde(default)]
    pub task: Task,
    /// Words, special ones included; the classes of a classifier.
    pub vocab: usize,
    /// Channels, height, width.
    pub image: [usize; 3],
}

/// A module instance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Module {
    /// Prefix in the `state_dict` (`encoder.stem.0`); empty for the net.
    pub path: String,
    /// Attribute name in the parent as Python spells it; a number in a container.
    pub name: String,
    /// The module that holds it; none for the net.
    pub parent: Option<ModuleId>,
    /// What it is.
    pub kind: ModuleKind,
    /// Where it is built.
    pub span: Span,
}

/// What a module is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModuleKind {
    /// An instance of a class of the reply, or an `nn.Sequential`: becomes a struct.
    Struct {
        /// The class name (`Sequential` for that).
        class: String,
        /// Parameters and buffers of its own, then submodules, in `state_dict` order.
        members: Vec<Member>,
    },
    /// A layer of torch.
    Layer {
        /// Which, with its numbers.
        layer: Layer,
        /// One parameter for each of [`Layer::tensors`]. A parameter whose [`Param::owner`] is another module is tied:
        /// this layer has no field then.
        params: Vec<ParamId>,
    },
    /// An `nn.ModuleList`.
    List(Vec<ModuleId>),
}

/// A field of a struct.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Member {
    /// A submodule.
    Module(ModuleId),
    /// A parameter or buffer of its own.
    Param(ParamId),
}

/// A parameter or buffer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// Name in the `state_dict` (the first, where it has several).
    pub name: String,
    /// The module that holds it.
    pub owner: ModuleId,
    /// Path from the owner's Rust struct (`weight`, `layers.0.weight_ih`, `gamma`).
    pub field: String,
    /// PyTorch's shape.
    pub shape: Vec<usize>,
    /// What it is for.
    pub role: Role,
    /// Whether it is trained; false for a frozen parameter too.
    pub trainable: bool,
    /// Whether Rust holds the transposed matrix.
    pub transposed: bool,
    /// What its elements are.
    pub dtype: DType,
    /// The function that computes the first value of a tensor of the reply's own; none for a layer's.
    pub init: Option<FunctionId>,
    /// First values that take the place of these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<Start>,
    /// Rows that start otherwise still; only beside `start`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_rows: Option<StartRows>,
}

/// A second name of a parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tie {
    /// The second name in the `state_dict`.
    pub name: String,
    /// The parameter.
    pub param: ParamId,
}

/// Element type of a tensor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DType {
    /// 32-bit float.
    Float,
    /// 64-bit integer.
    Int,
    /// Truth value.
    Bool,
}

/// Element type and shape.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TensorType {
    /// Element type.
    pub dtype: DType,
    /// One dimension an axis. Torch's 0-dimensional tensors have the shape `[1]` here and in Burn.
    pub shape: Vec<Dim>,
}

/// Type of a variable.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// A tensor.
    Tensor(TensorType),
    /// A list that a kept loop appends to; all items have one type.
    List {
        /// Type of an item.
        item: TensorType,
        /// Items after the loop.
        length: Dim,
    },
}

/// A variable of a function, assigned once (a list: created once, then pushed to).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Var {
    /// Its type.
    pub ty: Type,
    /// The Python name it was bound to, if any.
    pub name: Option<String>,
}

/// Variables in the shape of a Python value; parts that are known numbers are left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tree {
    /// One variable.
    Var(VarId),
    /// A tuple (or a list of known length). Never of length 1; empty for nothing.
    Tuple(Vec<Tree>),
}

impl Tree {
    /// Nothing.
    pub fn empty() -> Self {
        Self::Tuple(Vec::new())
    }

    /// A tuple of the parts that hold a variable; one part stands for itself.
    pub fn of(parts: Vec<Self>) -> Self {
        let mut parts: Vec<Self> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        match (parts.len(), parts.pop()) {
            (1, Some(only)) => only,
            (_, Some(last)) => {
                parts.push(last);
                Self::Tuple(parts)
            }
            (_, None) => Self::empty(),
        }
    }

    /// Whether it holds no variable.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Tuple(parts) if parts.is_empty())
    }

    /// The variables from left to right.
    pub fn vars(&self) -> Vec<VarId> {
        match self {
            Self::Var(var) => vec![*var],
            Self::Tuple(parts) => parts.iter().flat_map(Self::vars).collect(),
        }
    }
}

/// A function of the residual program: one Python method for given types.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Name in Python.
    pub name: String,
    /// What tells it from other versions of the same method (`without_captions`); none for the first.
    pub variant: Option<String>,
    /// The module whose method it is; for a static method or a free function `None`.
    pub receiver: Option<ModuleId>,
    /// The module beside whose struct it is printed.
    pub home: ModuleId,
    /// Parameters that hold tensors; the known numbers are gone.
    pub params: Vec<FunctionParam>,
    /// All variables.
    pub vars: Vec<Var>,
    /// Statements in order.
    pub body: Block,
    /// What it gives.
    pub returns: Tree,
    /// Where it is defined.
    pub span: Span,
}

/// A parameter of a [`Function`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FunctionParam {
    /// Name in Python.
    pub name: String,
    /// Its variables; never empty.
    pub tree: Tree,
}

/// Statements in order.
pub type Block = Vec<Stmt>;

/// A statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stmt {
    /// `out = expr`.
    Let {
        /// Assigned variables.
        out: Tree,
        /// The computation.
        expr: Expr,
        /// Where it stands.
        span: Span,
    },
    /// A kept loop.
    Loop(Loop),
    /// `if cond: break`, directly in the body of a kept loop; `cond` has shape `[1]` and dtype bool.
    BreakIf {
        /// The condition.
        cond: VarId,
        /// Value of each [`Loop::carried`] when the loop ends here, in the same order.
        next: Vec<VarId>,
        /// Where it stands.
        span: Span,
    },
    /// `list.append(item)`, in the body of a kept loop; the list was made outside it.
    Push {
        /// The list.
        list: VarId,
        /// The item.
        item: VarId,
        /// Where it stands.
        span: Span,
    },
}

/// A computation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Expr {
    /// An operation; its operands are tensors, except for `Cat` and `Stack` of one list.
    Op {
        /// Which.
        op: Op,
        /// Operands.
        args: Vec<VarId>,
    },
    /// A parameter or buffer as a tensor.
    Param(ParamId),
    /// A layer of torch, applied. A recurrent layer takes `input` or `input, (hidden, cell)` and gives
    /// `output, (hidden, cell)` (GRU: `input, hidden` and `output, hidden`); cells likewise.
    Layer {
        /// The layer.
        layer: ModuleId,
        /// Operands.
        args: Vec<Tree>,
    },
    /// A function of the program.
    Call {
        /// Which.
        function: FunctionId,
        /// The module it is called on; none for static and free ones.
        receiver: Option<ModuleId>,
        /// One tree for each parameter, of the same form.
        args: Vec<Tree>,
        /// What the callee's symbols are here.
        symbols: Vec<(Sym, Dim)>,
    },
    /// A new list with items.
    List(Vec<VarId>),
}

/// A loop that stays a loop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Loop {
    /// The index symbol, counting from 0.
    pub index: Sym,
    /// Python's name of the loop variable.
    pub name: String,
    /// How often it runs at most.
    pub count: Dim,
    /// Variables that an iteration hands to the next.
    pub carried: Vec<Carried>,
    /// The body; `break`s are in it directly.
    pub body: Block,
    /// Where it stands.
    pub span: Span,
}

/// A variable that changes from iteration to iteration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carried {
    /// Before the loop.
    pub init: VarId,
    /// At the start of an iteration (defined by the loop).
    pub current: VarId,
    /// At the end of an iteration.
    pub next: VarId,
    /// After the loop (defined by the loop).
    pub result: VarId,
}

/// How a net trains itself: what `train_setup` and `learn` did when they were run on one abstract batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Parameter groups of the optimizer.
    pub groups: Vec<ParamGroup>,
    /// Limit of the global gradient norm.
    pub clip_norm: Option<f64>,
}

/// A parameter group with its effective numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ParamGroup {
    /// Names in the `state_dict`; none for all trainable parameters.
    pub params: Option<Vec<String>>,
    /// The optimizer and its numbers.
    pub optimizer: Optimizer,
}

/// An optimizer with PyTorch's numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "class")]
#[expect(
    missing_docs,
    reason = "the fields are PyTorch's arguments of that name"
)]
pub enum Optimizer {
    /// `torch.optim.SGD`.
    Sgd {
        lr: f64,
        momentum: f64,
        dampening: f64,
        weight_decay: f64,
        nesterov: bool,
    },
    /// `torch.optim.Adam`.
    Adam {
        lr: f64,
        betas: [f64; 2],
        eps: f64,
        weight_decay: f64,
    },
    /// `torch.optim.AdamW`.
    AdamW {
        lr: f64,
        betas: [f64; 2],
        eps: f64,
        weight_decay: f64,
    },
}

impl Optimizer {
    /// The learning rate.
    pub fn rate(&self) -> f64 {
        match self {
            Self::Sgd { lr, .. } | Self::Adam { lr, .. } | Self::AdamW { lr, .. } => *lr,
        }
    }
}

/// Where to enter the Program; all are functions of the net.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entries {
    /// Teacher forcing: `images [B, C, H, W]` and captions, whose rank the parameter tells (`[B, T]` or `[B, N, T]`),
    /// to logits. A classifier's takes the images alone and gives `[B, classes]`.
    pub logits: FunctionId,
    /// Which token a row of the logits predicts; of no meaning for a classifier.
    pub alignment: Alignment,
    /// The part of `logits` that needs no caption: `images` to the memory (its return tree). A classifier is not split:
    /// both parts are `logits`.
    pub encode: FunctionId,
    /// The rest: the memory's variables, then captions, to logits.
    pub decode: FunctionId,
    /// `images`, captions `[B, N, T]` (a classifier's: labels `[B]`) to the loss, shape `[1]`.
    pub loss: FunctionId,
    /// The net's own decoding: `images` to ids `[B, L]` or scores `[B, L, V]`.
    pub infer: Option<FunctionId>,
}

/// `logits(images, captions)` of captions `[B, T]` has `T - n_dropped` rows; row `t` predicts `captions[t + shift]`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alignment {
    /// Columns that give no row.
    pub n_dropped: usize,
    /// Distance from a row to the token it predicts.
    pub shift: usize,
}

impl Program {
    /// The Program as text without its places in the reply: what two replies with the same net have in common.
    pub(crate) fn without_places(&self) -> String {
        self.to_string()
    }
}
