//! Matrix products.
use super::super::interp::{Eval, Interp, stop, unsupported};
use super::super::tensor::{shape_text, tensor_type};
use super::super::value::Value;
use super::{Call, Entry};
use crate::diagnostic::Span;
use crate::ir::{DType, Dim, Op};
use crate::rules::Rule;

pub(super) const ENTRIES: &[Entry] = &[product(&[
    "torch.matmul",
    "Tensor.matmul",
    "torch.bmm",
    "Tensor.bmm",
    "torch.mm",
    "Tensor.mm",
])];

const fn product(names: &'static [&'static str]) -> Entry {
    Entry {
        names,
        signature: "input, other",
        eval: |cx, call: &Call| cx.matmul(call.arg(0), call.arg(1), call.span),
    }
}

impl Interp<'_, '_> {
    /// `left @ right` of tensors with two dimensions or more.
    pub(in crate::elaborate) fn matmul(
        &mut self,
        left: &Value,
        right: &Value,
        span: Span,
    ) -> Eval<Value> {
        let a = self.operand(left, "the left side", span)?;
        let b = self.operand(right, "the right side", span)?;
        let a = self.cast(a, DType::Float, span)?;
        let b = self.cast(b, DType::Float, span)?;
        let (Some((a_batch, [rows, inner])), Some((b_batch, [b_inner, columns]))) = (
            a.shape().split_last_chunk::<2>(),
            b.shape().split_last_chunk::<2>(),
        ) else {
            return Err(unsupported(span, "a matrix product with a vector"));
        };
        if inner != b_inner {
            let (a, b) = (shape_text(a.shape()), shape_text(b.shape()));
            let message = format!(
                "matrices {a} and {b} do not multiply: `{inner}` columns for `{b_inner}` rows"
            );
            return Err(stop(Rule::ShapeMismatch, span, message).raises("RuntimeError"));
        }
        let mut shape: Vec<Dim> = self.broadcast(a_batch, b_batch, span)?;
        shape.extend([rows.clone(), columns.clone()]);
        self.add_op(
            Op::MatMul,
            vec![a.var, b.var],
            tensor_type(DType::Float, shape),
            span,
        )
    }
}
