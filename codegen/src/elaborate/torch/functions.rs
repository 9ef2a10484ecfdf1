//! Layers without numbers of their own: each applies a function.
use super::super::call::Args;
use super::super::interp::{Eval, Interp};
use super::super::module::ModuleClass;
use super::super::value::Value;
use super::signature;
use crate::diagnostic::Span;
use std::rc::Rc;

/// A layer that is only a function: its arguments are kept for the call.
pub(super) struct FunctionLayer {
    pub(super) name: &'static str,
    pub(super) signature: &'static str,
    /// The function that it applies to its input.
    pub(super) function: &'static str,
}

const fn applies(
    name: &'static str,
    signature: &'static str,
    function: &'static str,
) -> FunctionLayer {
    FunctionLayer {
        name,
        signature,
        function,
    }
}

/// Whether a layer of this name has no numbers of its own.
pub(in crate::elaborate) fn is_function_layer(path: &str) -> bool {
    FUNCTION_LAYERS.iter().any(|layer| layer.name == path)
}

/// The layers without numbers of their own.
pub(super) const FUNCTION_LAYERS: &[FunctionLayer] = &[
    applies("torch.nn.ReLU", "inplace=False", "torch.nn.functional.relu"),
    applies(
        "torch.nn.ReLU6",
        "inplace=False",
        "torch.nn.functional.relu6",
    ),
    applies("torch.nn.SiLU", "inplace=False", "torch.nn.functional.silu"),
    applies("torch.nn.Mish", "inplace=False", "torch.nn.functional.mish"),
    applies(
        "torch.nn.Hardswish",
        "inplace=False",
        "torch.nn.functional.hardswish",
    ),
    applies(
        "torch.nn.Hardsigmoid",
        "inplace=False",
        "torch.nn.functional.hardsigmoid",
    ),
    applies(
        "torch.nn.LeakyReLU",
        "negative_slope=0.01, inplace=False",
        "torch.nn.functional.leaky_relu",
    ),
    applies(
        "torch.nn.ELU",
        "alpha=1.0, inplace=False",
        "torch.nn.functional.elu",
    ),
    applies(
        "torch.nn.GELU",
        "approximate='none'",
        "torch.nn.functional.gelu",
    ),
    applies("torch.nn.Sigmoid", "", "torch.sigmoid"),
    applies("torch.nn.Tanh", "", "torch.tanh"),
    applies("torch.nn.Softplus", "", "torch.nn.functional.softplus"),
    applies("torch.nn.Softmax", "dim", "torch.nn.functional.softmax"),
    applies(
        "torch.nn.LogSoftmax",
        "dim",
        "torch.nn.functional.log_softmax",
    ),
    applies(
        "torch.nn.Flatten",
        "start_dim=1, end_dim=-1",
        "torch.flatten",
    ),
    applies("torch.nn.Unflatten", "dim, sizes", "torch.unflatten"),
    applies(
        "torch.nn.CrossEntropyLoss",
        "weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean', label_smoothing=0.0",
        "torch.nn.functional.cross_entropy",
    ),
    applies(
        "torch.nn.Upsample",
        "size=None, scale_factor=None, mode='nearest', align_corners=None, recompute_scale_factor=None",
        "torch.nn.functional.interpolate",
    ),
    applies(
        "torch.nn.Hardtanh",
        "min_val=-1.0, max_val=1.0, inplace=False",
        "torch.nn.functional.hardtanh",
    ),
    applies("torch.nn.SELU", "inplace=False", "torch.nn.functional.selu"),
    applies(
        "torch.nn.CELU",
        "alpha=1.0, inplace=False",
        "torch.nn.functional.celu",
    ),
    applies("torch.nn.GLU", "dim=-1", "torch.nn.functional.glu"),
    applies("torch.nn.Softsign", "", "torch.nn.functional.softsign"),
    applies("torch.nn.Tanhshrink", "", "torch.nn.functional.tanhshrink"),
    applies("torch.nn.LogSigmoid", "", "torch.nn.functional.logsigmoid"),
    applies(
        "torch.nn.Threshold",
        "threshold, value, inplace=False",
        "torch.nn.functional.threshold",
    ),
    applies(
        "torch.nn.Hardshrink",
        "lambd=0.5",
        "torch.nn.functional.hardshrink",
    ),
    applies(
        "torch.nn.Softshrink",
        "lambd=0.5",
        "torch.nn.functional.softshrink",
    ),
    applies(
        "torch.nn.ZeroPad2d",
        "pad",
        "torch.nn.functional.zero_pad2d",
    ),
    applies(
        "torch.nn.NLLLoss",
        "weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean'",
        "torch.nn.functional.nll_loss",
    ),
    applies("torch.nn.Identity", "", "torch.nn.functional.identity"),
];

impl Interp<'_, '_> {
    /// A layer that is only a function.
    pub(super) fn function_layer(
        &mut self,
        layer: &FunctionLayer,
        args: Args,
        span: Span,
    ) -> Eval<Value> {
        let takes_any = layer.name == "torch.nn.Identity";
        let args = if takes_any { Args::default() } else { args };
        let call = self.bind_signature(layer.signature, layer.name, args, span)?;
        let names = signature::parse(layer.signature).unwrap_or_default();
        let args = names
            .iter()
            .zip(call.args)
            .map(|(param, value)| (Rc::from(param.name), value))
            .collect();
        let class = ModuleClass::Function {
            path: layer.function.into(),
            args,
        };
        self.new_module(class, super::super::expr::last_part(layer.name), span)
            .map(Value::Module)
    }
}
