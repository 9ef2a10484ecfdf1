//! Items written: of sequences, dicts and tensors.
use super::index::Index;
use super::interp::{Eval, Interp, raised, stop, unsupported};
use super::tensor::{Operand, shape_text, tensor_type};
use super::value::{List, ListId, Value};
use crate::diagnostic::Span;
use crate::ir::{DType, Dim, Op, SliceRange};
use crate::rules::Rule;

impl Interp<'_, '_> {
    /// `object[index] = value`
    pub(super) fn set_item(
        &mut self,
        object: &Value,
        index: &Value,
        value: Value,
        span: Span,
    ) -> Eval<()> {
        match object {
            Value::Dict(id) => {
                self.set_dict_item(*id, index.clone(), value);
                Ok(())
            }
            Value::List(id) if matches!(index, Value::Slice(_)) => {
                self.set_list_part(*id, index, &value, span)
            }
            Value::List(id) => {
                let number = self.known_int(index, "the index", span)?;
                let List::Known { items, .. } = &mut self.state.lists[*id] else {
                    return Err(unsupported(
                        span,
                        "writing an item of a list that a kept loop fills",
                    ));
                };
                let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
                let position = if number < 0 { number + length } else { number };
                match usize::try_from(position)
                    .ok()
                    .and_then(|position| items.get_mut(position))
                {
                    Some(item) => {
                        *item = value;
                        Ok(())
                    }
                    None => Err(raised(
                        "IndexError",
                        span,
                        format!("index {number} of a list of {length} items"),
                    )),
                }
            }
            Value::Param(param) if self.is_constructing() && self.is_of_layer(object) => {
                if let Value::Object(id) = self.layer_rows(*param, index, span)? {
                    let rows = self.state.objects[id].clone();
                    self.start_rows(&rows, value.as_float(), span);
                }
                Ok(())
            }
            Value::Tensor(_) | Value::Param(_) => self.set_tensor_item(object, index, &value, span),
            Value::Module(id) => {
                let key = self.to_str(index);
                self.set_attribute(&Value::Module(*id), &key, value, span)
            }
            other => {
                let found = self.describe(other);
                Err(raised(
                    "TypeError",
                    span,
                    format!("items of {found} cannot be set"),
                ))
            }
        }
    }

    /// `list[start:end] = items`: with a step of 1 the list may grow or shrink.
    fn set_list_part(&mut self, id: ListId, index: &Value, value: &Value, span: Span) -> Eval<()> {
        let new = self.iterate(value, span)?;
        let List::Known { items, .. } = &self.state.lists[id] else {
            return Err(unsupported(
                span,
                "writing a part of a list that a kept loop fills",
            ));
        };
        let Value::Slice(parts) = index else {
            return Err(unsupported(span, "this index"));
        };
        let (n_items, mut items) = (items.len(), items.clone());
        let at = self.slice_positions(parts, n_items, span)?;
        let [_, _, step] = &**parts;
        let has_step = !matches!(step, Value::None) && *step != Value::int(1);
        if has_step || at.is_empty() {
            return Err(unsupported(
                span,
                "writing an empty part of a list, or one with a step",
            ));
        }
        let (first, last) = (at.first().copied(), at.last().copied());
        let (start, end) = (first.unwrap_or(0), last.map_or(0, |last| last + 1));
        items.splice(start..end, new);
        if let List::Known { items: old, .. } = &mut self.state.lists[id] {
            *old = items;
        }
        Ok(())
    }

    pub(super) fn set_tensor_item(
        &mut self,
        tensor: &Value,
        index: &Value,
        value: &Value,
        span: Span,
    ) -> Eval<()> {
        let input = self.operand(tensor, "the tensor", span)?;
        let indices = self.tensor_indices(&input.ty.shape, index, span)?;
        let one = Dim::constant(1);
        let (mut ranges, mut kept) = (Vec::new(), Vec::new());
        for index in indices {
            match index {
                Index::Range(range, size) => {
                    ranges.push(range);
                    kept.push((size, true));
                }
                Index::Select(position) => {
                    let end = position
                        .add(&one)
                        .ok_or_else(|| super::expr::overflow(span))?;
                    ranges.push(SliceRange {
                        start: position,
                        end: Some(end),
                        step: 1,
                    });
                    kept.push((one.clone(), false));
                }
                Index::NewAxis => return Err(unsupported(span, "a new axis in an assignment")),
            }
        }
        let sizes = kept.iter().map(|(size, _)| size);
        let is_whole = sizes.eq(&input.ty.shape) && ranges.iter().all(|range| range.step == 1);
        if is_whole && self.type_of(value).as_ref() == Some(&input.ty) {
            return self.write_cell(tensor, value, span);
        }
        let values = self.values_for(value, input.ty.dtype, &kept, span)?;
        let ty = input.ty.clone();
        let written = self.add_op(
            Op::SliceAssign(ranges),
            vec![input.var, values.var],
            ty,
            span,
        )?;
        self.write_cell(tensor, &written, span)
    }

    /// The right side of a tensor assignment, in the shape of the slice it replaces.
    pub(super) fn values_for(
        &mut self,
        value: &Value,
        dtype: DType,
        kept: &[(Dim, bool)],
        span: Span,
    ) -> Eval<Operand> {
        let slice: Vec<Dim> = kept.iter().map(|(size, _)| size.clone()).collect();
        let mut visible: Vec<Dim> = kept
            .iter()
            .filter(|(_, stays)| *stays)
            .map(|(size, _)| size.clone())
            .collect();
        if visible.is_empty() {
            // One element: a tensor without axes has one here.
            visible.push(Dim::constant(1));
        }
        if !Self::is_tensor(value) {
            let scalar = match (value, value.as_int()) {
                (Value::Float(number), _) => crate::ir::Scalar::Float(*number),
                (_, Some(dim)) => crate::ir::Scalar::Int(dim),
                _ => return Err(unsupported(span, "this value in a tensor assignment")),
            };
            return self.op_operand(
                Op::Full(scalar),
                Vec::new(),
                tensor_type(dtype, slice),
                span,
            );
        }
        let operand = self.operand(value, "the value", span)?;
        let operand = self.cast(operand, dtype, span)?;
        let shape = self.broadcast(operand.shape(), &visible, span)?;
        if shape != visible {
            let (found, wanted) = (shape_text(operand.shape()), shape_text(&visible));
            let message = format!("a slice {wanted} cannot take values {found}");
            return Err(stop(Rule::ShapeMismatch, span, message).raises("RuntimeError"));
        }
        let expanded = if operand.shape() == visible.as_slice() {
            operand
        } else {
            self.op_operand(
                Op::Expand,
                vec![operand.var],
                tensor_type(dtype, visible.clone()),
                span,
            )?
        };
        if visible == slice {
            return Ok(expanded);
        }
        self.op_operand(
            Op::Reshape,
            vec![expanded.var],
            tensor_type(dtype, slice),
            span,
        )
    }
}
