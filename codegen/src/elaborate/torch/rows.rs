//! Rows of a layer's tensor that a constructor sets to a number: `lstm.bias_hh_l0.data[n // 4:n // 2].fill_(1)`,
//! `embedding.weight.data[padding_idx].zero_()`.
use super::super::interp::{Eval, Interp};
use super::super::value::{Object, Value};
use crate::diagnostic::Span;
use crate::ir::{ParamId, StartRows};
use crate::rules::Rule;

impl Interp<'_, '_> {
    /// Whether it is a parameter, or rows of one, in a constructor: known by name there, not by its numbers.
    pub(in crate::elaborate) fn is_part_of_layer(&self, value: &Value) -> bool {
        match value {
            Value::Object(id) => matches!(self.state.objects[*id], Object::Rows { .. }),
            Value::Param(_) => self.is_constructing(),
            _ => false,
        }
    }

    /// The part of a layer's tensor that an index of a constructor means: whole rows, or nothing that can be set.
    pub(in crate::elaborate) fn layer_rows(
        &mut self,
        param: ParamId,
        index: &Value,
        span: Span,
    ) -> Eval<Value> {
        let n_rows = self.state.params[param].shape.first().copied();
        let n_rows = n_rows.unwrap_or(0);
        let rows = match index {
            Value::Slice(parts) => self.slice_positions(parts, n_rows, span)?,
            Value::Int(_) => {
                let row = self.known_int(index, "the index", span)?;
                let length = i64::try_from(n_rows).unwrap_or(i64::MAX);
                let row = usize::try_from(if row < 0 { row + length } else { row });
                row.into_iter().filter(|row| *row < n_rows).collect()
            }
            _ => Vec::new(),
        };
        let rows = match (rows.first(), rows.last()) {
            (Some(first), Some(last)) if last + 1 - first == rows.len() => Some((*first, last + 1)),
            _ => None,
        };
        Ok(self.object(Object::Rows { param, rows }))
    }

    /// `rows.fill_(value)`: noted where nothing else was set before, and said to be lost elsewhere.
    pub(in crate::elaborate) fn start_rows(
        &mut self,
        rows: &Object,
        value: Option<f64>,
        span: Span,
    ) {
        let Object::Rows { param, rows } = rows else {
            return;
        };
        let state = &mut self.state.params[*param];
        let start = state.start.or(state.layers_own);
        if let (Some(_), None, Some((first, end)), Some(value), false) =
            (start, state.start_rows, rows, value, state.transposed)
        {
            state.start = start;
            state.start_rows = Some(StartRows {
                first: *first,
                end: *end,
                value,
            });
            return;
        }
        let message = "what is written to this part of a layer's tensor is not translated: the layer starts as if this line were not there";
        self.diags.warn(Rule::DroppedStatement, span, message);
    }

    /// A method of such a part.
    pub(in crate::elaborate) fn rows_method(
        &mut self,
        rows: &Object,
        name: &str,
        arg: Option<&Value>,
        span: Span,
    ) -> Eval<()> {
        let value = match (name, arg) {
            ("zero_", _) => Some(0.0),
            ("fill_", Some(value)) => Some(self.known_float(value, "the value", span)?),
            _ => None,
        };
        self.start_rows(rows, value, span);
        Ok(())
    }
}
