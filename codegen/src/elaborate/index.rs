//! Subscripts: of sequences, dicts and tensors, read and written.
use super::interp::{Eval, Interp, raised, stop, unsupported};
use super::tensor::{shape_text, tensor_type};
use super::value::{List, Value};
use crate::diagnostic::Span;
use crate::ir::{DType, Dim, Op, SliceRange, Sym};
use crate::rules::Rule;

/// One index of a tensor subscript, for one axis or for a new one.
pub(super) enum Index {
    Range(SliceRange, Dim),
    Select(Dim),
    NewAxis,
}

impl Interp<'_, '_> {
    /// `object[index]`
    pub(super) fn subscript(&mut self, object: &Value, index: &Value, span: Span) -> Eval<Value> {
        match object {
            Value::Param(param) if self.is_constructing() && self.is_of_layer(object) => {
                self.layer_rows(*param, index, span)
            }
            Value::Tensor(_) | Value::Param(_) => self.tensor_subscript(object, index, span),
            Value::Dict(id) => {
                let pairs = &self.state.dicts[*id];
                self.charge(pairs.len());
                let found = pairs
                    .iter()
                    .find(|(key, _)| key == index)
                    .map(|(_, value)| value.clone());
                if self.prm == Some(*id) {
                    self.note_prm(index, span);
                }
                found.ok_or_else(|| {
                    let key = self.to_str(index);
                    if self.prm == Some(*id) {
                        return self.no_hyperparameter(&key, span);
                    }
                    raised("KeyError", span, format!("the dict has no key `{key}`"))
                })
            }
            Value::Module(id) => self.module_item(*id, index, span),
            Value::Native(path) if path.starts_with("typing.") || path.starts_with("builtins.") => {
                Ok(object.clone())
            }
            Value::Native(_) | Value::Class(_) => Ok(object.clone()),
            Value::Unknown => Ok(Value::Unknown),
            Value::Range(_) => {
                let items = self.iterate(object, span)?;
                let list = self.new_list(items, span)?;
                self.subscript(&list, index, span)
            }
            Value::Str(text) => {
                let chars: Vec<Value> = text.chars().map(|c| Value::str(&c.to_string())).collect();
                match self.sequence_item(&chars, index, span)? {
                    Ok(item) => Ok(item),
                    Err(items) => Ok(Value::str(
                        &items
                            .iter()
                            .map(|item| self.to_str(item))
                            .collect::<String>(),
                    )),
                }
            }
            _ => self.item(object, index, span),
        }
    }

    fn item(&mut self, object: &Value, index: &Value, span: Span) -> Eval<Value> {
        if let Value::List(id) = object
            && let List::Grown(_) = &self.state.lists[*id]
        {
            return Err(unsupported(
                span,
                "reading one item of a list that a kept loop fills",
            ));
        }
        let Some(items) = self.items(object) else {
            let found = self.describe(object);
            return Err(raised(
                "TypeError",
                span,
                format!("{found} cannot be indexed"),
            ));
        };
        match self.sequence_item(&items, index, span)? {
            Ok(item) => Ok(item),
            Err(part) if matches!(object, Value::Tuple(_)) => Ok(Value::tuple(part)),
            Err(part) => self.new_list(part, span),
        }
    }

    /// An item (`Ok`) or a part (`Err`) of a sequence.
    fn sequence_item(
        &self,
        items: &[Value],
        index: &Value,
        span: Span,
    ) -> Eval<Result<Value, Vec<Value>>> {
        if let Value::Slice(parts) = index {
            let at = self.slice_positions(parts, items.len(), span)?;
            return Ok(Err(at
                .into_iter()
                .filter_map(|position| items.get(position).cloned())
                .collect()));
        }
        let number = self.known_int(index, "the index", span)?;
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let position = if number < 0 { number + length } else { number };
        let item = usize::try_from(position)
            .ok()
            .and_then(|position| items.get(position));
        item.cloned().map(Ok).ok_or_else(|| {
            raised(
                "IndexError",
                span,
                format!("index {number} of a sequence of {length} items"),
            )
        })
    }

    /// The positions that a slice of known bounds takes of a sequence.
    pub(super) fn slice_positions(
        &self,
        parts: &[Value; 3],
        length: usize,
        span: Span,
    ) -> Eval<Vec<usize>> {
        let [start, end, step] = parts;
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        let number = |value: &Value, otherwise: i64| match value {
            Value::None => Ok(otherwise),
            other => self.known_int(other, "a bound of the slice", span),
        };
        let step = number(step, 1)?;
        if step == 0 {
            return Err(raised("ValueError", span, "a slice of step 0"));
        }
        let clamp = |value: i64| {
            if value < 0 {
                (value + length).max(if step < 0 { -1 } else { 0 })
            } else {
                value.min(length)
            }
        };
        let (first, last) = if step > 0 {
            (0, length)
        } else {
            (length - 1, -1)
        };
        let at_start = if matches!(start, Value::None) {
            first
        } else {
            clamp(number(start, 0)?).min(if step < 0 { length - 1 } else { length })
        };
        let at_end = if matches!(end, Value::None) {
            last
        } else {
            clamp(number(end, 0)?)
        };
        let mut positions = Vec::new();
        let mut at = at_start;
        while (step > 0 && at < at_end) || (step < 0 && at > at_end) {
            positions.extend(usize::try_from(at));
            at = match at.checked_add(step) {
                Some(next) => next,
                None => break,
            };
        }
        Ok(positions)
    }

    fn module_item(&mut self, id: crate::ir::ModuleId, index: &Value, span: Span) -> Eval<Value> {
        if let Value::Str(key) = index {
            let child = self.state.modules[id].children.get(key.as_ref()).copied();
            return child
                .map(Value::Module)
                .ok_or_else(|| raised("KeyError", span, format!("no module `{key}`")));
        }
        let children: Vec<Value> = self.state.modules[id]
            .children
            .values()
            .map(|child| Value::Module(*child))
            .collect();
        match self.sequence_item(&children, index, span)? {
            Ok(item) => Ok(item),
            Err(part) => {
                let class = self.state.modules[id].class.clone();
                let name = self.state.modules[id].class_name.clone();
                let part_id = self.new_module(class, &name, span)?;
                for (position, child) in part.into_iter().enumerate() {
                    if let Value::Module(child) = child {
                        self.state.modules[part_id]
                            .children
                            .insert(position.to_string(), child);
                    }
                }
                Ok(Value::Module(part_id))
            }
        }
    }

    fn tensor_subscript(&mut self, tensor: &Value, index: &Value, span: Span) -> Eval<Value> {
        if Self::is_tensor(index) {
            return self.index_by_tensor(tensor, index, span);
        }
        let shape = self.type_of(tensor).map(|ty| ty.shape).unwrap_or_default();
        let indices = self.tensor_indices(&shape, index, span)?;
        let mut value = tensor.clone();
        if indices
            .iter()
            .any(|index| matches!(index, Index::Range(range, _) if *range != SliceRange::full()))
        {
            value = self.apply_ranges(&value, &indices, span)?;
        }
        // Then from the back, so that the axes before stay where they are.
        let mut axis = shape.len();
        for index in indices.iter().rev() {
            match index {
                Index::Range(..) => axis = axis.saturating_sub(1),
                Index::Select(position) => {
                    axis = axis.saturating_sub(1);
                    value = self.select(&value, axis, position, span)?;
                }
                Index::NewAxis => value = self.unsqueeze(&value, axis, span)?,
            }
        }
        Ok(value)
    }

    fn apply_ranges(&mut self, value: &Value, indices: &[Index], span: Span) -> Eval<Value> {
        let ty = self
            .type_of(value)
            .unwrap_or_else(|| tensor_type(DType::Float, Vec::new()));
        let mut ranges = Vec::with_capacity(ty.shape.len());
        let mut shape = Vec::with_capacity(ty.shape.len());
        for index in indices {
            match index {
                Index::Range(range, size) => {
                    ranges.push(range.clone());
                    shape.push(size.clone());
                }
                Index::Select(_) => {
                    shape.extend(ty.shape.get(ranges.len()).cloned());
                    ranges.push(SliceRange::full());
                }
                Index::NewAxis => {}
            }
        }
        self.add_view(value, Op::Slice(ranges), tensor_type(ty.dtype, shape), span)
    }

    /// `tensor[i]` along an axis.
    pub(super) fn select(
        &mut self,
        tensor: &Value,
        axis: usize,
        index: &Dim,
        span: Span,
    ) -> Eval<Value> {
        let ty = self
            .type_of(tensor)
            .unwrap_or_else(|| tensor_type(DType::Float, Vec::new()));
        let mut shape = ty.shape;
        if axis < shape.len() {
            shape.remove(axis);
        }
        if shape.is_empty() {
            // One element: torch's 0-dimensional tensors have one axis here.
            let mut ranges = vec![SliceRange::full(); axis + 1];
            let end = index
                .add(&Dim::constant(1))
                .ok_or_else(|| super::expr::overflow(span))?;
            if let Some(range) = ranges.get_mut(axis) {
                *range = SliceRange {
                    start: index.clone(),
                    end: Some(end),
                    step: 1,
                };
            }
            return self.add_view(
                tensor,
                Op::Slice(ranges),
                tensor_type(ty.dtype, vec![Dim::constant(1)]),
                span,
            );
        }
        self.add_view(
            tensor,
            Op::Select {
                axis,
                index: index.clone(),
            },
            tensor_type(ty.dtype, shape),
            span,
        )
    }

    pub(super) fn unsqueeze(&mut self, tensor: &Value, axis: usize, span: Span) -> Eval<Value> {
        let ty = self
            .type_of(tensor)
            .unwrap_or_else(|| tensor_type(DType::Float, Vec::new()));
        let mut shape = ty.shape;
        shape.insert(axis.min(shape.len()), Dim::constant(1));
        self.add_view(
            tensor,
            Op::Unsqueeze(axis),
            tensor_type(ty.dtype, shape),
            span,
        )
    }

    /// The subscript's parts, one an axis of the tensor, and new axes between them.
    pub(super) fn tensor_indices(
        &mut self,
        shape: &[Dim],
        index: &Value,
        span: Span,
    ) -> Eval<Vec<Index>> {
        let parts = match index {
            Value::Tuple(parts) => parts.to_vec(),
            other => vec![other.clone()],
        };
        let n_axes = parts
            .iter()
            .filter(|part| !matches!(part, Value::None | Value::Ellipsis))
            .count();
        if n_axes > shape.len() {
            let message = format!("{n_axes} indices for a tensor {}", shape_text(shape));
            return Err(stop(Rule::ShapeMismatch, span, message).raises("IndexError"));
        }
        let mut fill = shape.len() - n_axes;
        let mut indices = Vec::with_capacity(shape.len());
        let mut axes = shape.iter();
        let full = |size: &Dim| Index::Range(SliceRange::full(), size.clone());
        for part in &parts {
            match part {
                Value::None => indices.push(Index::NewAxis),
                Value::Ellipsis => {
                    indices.extend(axes.by_ref().take(fill).map(full));
                    fill = 0;
                }
                part => {
                    if let Some(size) = axes.next() {
                        indices.push(self.axis_index(part, size, span)?);
                    }
                }
            }
        }
        indices.extend(axes.map(full));
        Ok(indices)
    }

    fn axis_index(&mut self, part: &Value, size: &Dim, span: Span) -> Eval<Index> {
        match part {
            Value::Slice(parts) => self.axis_range(parts, size, span),
            Value::Int(_) | Value::Bool(_) => {
                let index = self.known_dim(part, "the index", span)?;
                let position = self.counted_from_front(&index, size, span)?;
                if self
                    .compare_here(&position, size)
                    .is_some_and(|order| order != std::cmp::Ordering::Less)
                {
                    let message =
                        format!("index `{index}` is out of range for a dimension of `{size}`");
                    return Err(stop(Rule::ShapeMismatch, span, message).raises("IndexError"));
                }
                Ok(Index::Select(position))
            }
            other => {
                let found = self.describe(other);
                Err(unsupported(span, format!("indexing a tensor by {found}")))
            }
        }
    }

    /// A bound counted from the front: `-1` of `T` is `T - 1`.
    fn counted_from_front(&self, bound: &Dim, size: &Dim, span: Span) -> Eval<Dim> {
        if self.is_at_least_here(bound, 0) {
            return Ok(bound.clone());
        }
        let negative = Dim::constant(0)
            .sub(bound)
            .is_some_and(|negated| self.is_at_least_here(&negated, 1));
        let shifted = if negative { bound.add(size) } else { None };
        shifted.ok_or_else(|| {
            stop(
                Rule::UndecidableDim,
                span,
                format!("whether the bound `{bound}` is negative depends on the data"),
            )
        })
    }

    fn axis_range(&mut self, parts: &[Value; 3], size: &Dim, span: Span) -> Eval<Index> {
        let [start, end, step] = parts;
        let step = match step {
            Value::None => 1,
            other => self.known_size(other, "the step of a tensor slice", span)?,
        };
        let start = match start {
            Value::None => Dim::constant(0),
            other => {
                let bound = self.known_dim(other, "a bound of the slice", span)?;
                self.clamp(&bound, size, span)?
            }
        };
        let end = match end {
            Value::None => None,
            other => {
                let bound = self.known_dim(other, "a bound of the slice", span)?;
                let end = self.clamp(&bound, size, span)?;
                (end != *size).then_some(end)
            }
        };
        let length = end.as_ref().unwrap_or(size).sub(&start);
        let length = length.ok_or_else(|| super::expr::overflow(span))?;
        if !self.is_at_least_here(&length, 0) {
            let message =
                format!("the slice of a dimension of `{size}` may be empty or turned round");
            return Err(stop(Rule::UndecidableDim, span, message));
        }
        let length = strided_length(&length, step, span)?;
        Ok(Index::Range(SliceRange { start, end, step }, length))
    }

    /// A slice bound within `0..=size`, as Python cuts it.
    fn clamp(&self, bound: &Dim, size: &Dim, span: Span) -> Eval<Dim> {
        let position = self.counted_from_front(bound, size, span)?;
        match self.compare_here(&position, size) {
            Some(std::cmp::Ordering::Greater) => Ok(size.clone()),
            Some(_) => {
                if self.is_at_least_here(&position, 0) {
                    return Ok(position);
                }
                match position.as_constant() {
                    Some(_) => Ok(Dim::constant(0)),
                    None => Err(stop(
                        Rule::UndecidableDim,
                        span,
                        format!("whether `{position}` is negative depends on the data"),
                    )),
                }
            }
            None if size
                .sub(&position)
                .is_some_and(|rest| self.is_at_least_here(&rest, 0)) =>
            {
                Ok(position)
            }
            // A table is cut to the length of a caption: beyond its end the sum that follows fails in Python too.
            None if size.as_constant().is_some() && position.is_at_least(0) => Ok(position),
            None => {
                let message = format!(
                    "whether the bound `{position}` lies within `{size}` depends on the data"
                );
                let finding = stop(Rule::UndecidableDim, span, message);
                Err(if size.symbols().contains(&Sym::Captions) {
                    finding.help("captions are `[batch, captions an image, length]` in `learn`: take the first, `captions[:, 0, :]`")
                } else {
                    finding
                })
            }
        }
    }

    fn index_by_tensor(&mut self, tensor: &Value, index: &Value, span: Span) -> Eval<Value> {
        let indices = self.operand(index, "the index", span)?;
        if indices.ty.dtype != DType::Int || indices.rank() != 1 {
            let found = self.describe(index);
            return Err(unsupported(span, format!("indexing a tensor by a {found}")));
        }
        let input = self.operand(tensor, "the tensor", span)?;
        let rest = input.shape().iter().skip(1);
        let shape = indices.shape().iter().chain(rest).cloned().collect();
        let ty = tensor_type(input.ty.dtype, shape);
        self.add_op(Op::IndexSelect(0), vec![input.var, indices.var], ty, span)
    }
}

/// `ceil(length / step)`
fn strided_length(length: &Dim, step: usize, span: Span) -> Eval<Dim> {
    if step == 1 {
        return Ok(length.clone());
    }
    let step = i64::try_from(step).unwrap_or(i64::MAX);
    match length.as_constant() {
        Some(length) if step > 0 => Ok(Dim::constant((length + step - 1) / step)),
        _ => length.div_exact(&Dim::constant(step)).ok_or_else(|| {
            stop(
                Rule::UndecidableDim,
                span,
                format!("a step of {step} through `{length}` elements"),
            )
        }),
    }
}
