//! An invented name of torch with one obvious meaning: `nn.Conv2D`, `torch.lower_triangular`.
use ruff_python_ast::Expr;

use super::tree::bytes;
use super::{Context, Fix};
use crate::diagnostic::Cause;
use crate::elaborate::is_known;

/// Names that torch does not have, and those that were meant: same arguments, same result.
const MEANT: &[(&str, &str)] = &[
    ("torch.lower_triangular", "torch.tril"),
    ("torch.upper_triangular", "torch.triu"),
    ("torch.concatenate", "torch.cat"),
    ("torch.concat", "torch.cat"),
    ("torch.nn.Swish", "torch.nn.SiLU"),
    ("torch.nn.HardSwish", "torch.nn.Hardswish"),
    ("torch.nn.functional.swish", "torch.nn.functional.silu"),
    (
        "torch.nn.functional.dropout2d",
        "torch.nn.functional.dropout",
    ),
    ("torch.nn.Dense", "torch.nn.Linear"),
    ("torch.nn.FullyConnected", "torch.nn.Linear"),
    ("torch.nn.Conv", "torch.nn.Conv2d"),
    ("torch.nn.BatchNorm", "torch.nn.BatchNorm2d"),
    ("torch.nn.MaxPool", "torch.nn.MaxPool2d"),
    ("torch.nn.MaxPooling2d", "torch.nn.MaxPool2d"),
    ("torch.nn.AveragePool2d", "torch.nn.AvgPool2d"),
    (
        "torch.nn.AdaptiveAveragePool2d",
        "torch.nn.AdaptiveAvgPool2d",
    ),
    ("torch.nn.MultiHeadAttention", "torch.nn.MultiheadAttention"),
    ("torch.nn.LayerNormalization", "torch.nn.LayerNorm"),
    ("torch.nn.BatchNormalization2d", "torch.nn.BatchNorm2d"),
    (
        "torch.nn.utils.clip_grad_norm",
        "torch.nn.utils.clip_grad_norm_",
    ),
    ("torch.nn.CrossEntropy", "torch.nn.CrossEntropyLoss"),
];

pub(super) fn repair(cx: &Context<'_>) -> Option<Fix> {
    let Some(Cause::UnknownName { path, near }) = &cx.finding.cause else {
        return None;
    };
    let meant = MEANT.iter().find(|(invented, _)| invented == path);
    let meant = meant
        .map(|(_, meant)| *meant)
        .or_else(|| namesake(path, *near))?;
    let call = cx.here(Expr::is_call_expr)?.as_call_expr()?;
    let attribute = call.func.as_attribute_expr()?;
    let (owner, last) = meant.rsplit_once('.')?;
    if path.rsplit_once('.')?.0 != owner || !is_known(meant) {
        return None;
    }
    Some(Fix::safe(
        format!("write `{last}`"),
        vec![(bytes(&attribute.attr), last.to_owned())],
    ))
}

/// The near name, if it belongs to the same module.
fn namesake(path: &str, near: Option<&'static str>) -> Option<&'static str> {
    let near = near?;
    (path.rsplit_once('.')?.0 == near.rsplit_once('.')?.0).then_some(near)
}
