//! Tensors: reading and writing the cells that Python aliases, and adding operations to the function being traced.
use super::frame::Frame;
use super::interp::{Eval, Interp, raised, stop, unsupported};
use super::limits::MAX_STATEMENTS;
use super::value::{Cell, CellId, Value};
use crate::diagnostic::Span;
use crate::ir::{Binary, DType, Dim, Expr, Op, Role, Scalar, TensorType, Tree, Type, VarId};
use crate::rules::Rule;

/// A tensor operand: its variable in the function being traced, and its type.
#[derive(Clone, Debug)]
pub(super) struct Operand {
    pub(super) var: VarId,
    pub(super) ty: TensorType,
}

impl Operand {
    pub(super) fn rank(&self) -> usize {
        self.ty.shape.len()
    }

    pub(super) fn shape(&self) -> &[Dim] {
        &self.ty.shape
    }
}

pub(super) fn dtype_name(dtype: DType) -> &'static str {
    match dtype {
        DType::Float => "float",
        DType::Int => "int",
        DType::Bool => "bool",
    }
}

/// `[B, T - 1, 256]`
pub(super) fn shape_text(shape: &[Dim]) -> String {
    let dims: Vec<String> = shape.iter().map(Dim::to_string).collect();
    format!("`[{}]`", dims.join(", "))
}

pub(super) fn tensor_type(dtype: DType, shape: Vec<Dim>) -> TensorType {
    TensorType { dtype, shape }
}

impl Interp<'_, '_> {
    /// The function being traced; in a constructor, the frame of first values.
    pub(super) fn frame(&mut self) -> &mut Frame {
        self.frame_at(self.level())
    }

    /// How many functions are being traced, each called by the one before.
    pub(super) fn level(&self) -> usize {
        self.state.frames.len()
    }

    /// The frame of a level.
    pub(super) fn frame_at(&mut self, level: usize) -> &mut Frame {
        let state = &mut self.state;
        let traced = level.checked_sub(1).and_then(|at| state.frames.get_mut(at));
        traced.unwrap_or(&mut state.initial)
    }

    /// How many kept loops of the function being traced are open.
    pub(super) fn n_open_loops(&self) -> usize {
        self.state.frames.last().map_or(0, Frame::n_loops)
    }

    pub(super) fn is_tensor(value: &Value) -> bool {
        matches!(value, Value::Tensor(_) | Value::Param(_))
    }

    /// The type of a tensor or parameter.
    pub(super) fn type_of(&self, value: &Value) -> Option<TensorType> {
        match value {
            Value::Tensor(cell) => Some(self.state.cells[*cell].ty.clone()),
            Value::Param(id) => {
                let shape = self.state.params[*id]
                    .shape
                    .iter()
                    .map(|size| Dim::from(*size))
                    .collect();
                Some(tensor_type(self.state.params[*id].dtype, shape))
            }
            _ => None,
        }
    }

    /// A tensor as an operand.
    pub(super) fn operand(&mut self, value: &Value, what: &str, span: Span) -> Eval<Operand> {
        if let Some(first) = self.first_value(value) {
            return self.operand(&first, what, span);
        }
        match value {
            Value::Tensor(cell) => self.read_cell(*cell, span),
            Value::Param(_) | Value::Object(_) if self.is_part_of_layer(value) => Err(unsupported(
                span,
                "computing with a layer's parameter in a constructor",
            )),
            Value::Param(id) => {
                let ty = self
                    .type_of(value)
                    .unwrap_or_else(|| tensor_type(DType::Float, Vec::new()));
                let var = self.add_expr(Expr::Param(*id), ty.clone(), span)?;
                Ok(Operand { var, ty })
            }
            other => {
                let found = self.describe(other);
                Err(stop(
                    Rule::WrongArgument,
                    span,
                    format!("{what} must be a tensor, found {found}"),
                )
                .raises("TypeError"))
            }
        }
    }

    fn read_cell(&mut self, id: CellId, span: Span) -> Eval<Operand> {
        let cell = &self.state.cells[id];
        if let Some(reason) = cell.stale {
            return Err(stop(
                Rule::StaleView,
                span,
                format!("the tensor read here is out of date: {reason}"),
            ));
        }
        if let Some((base, version)) = cell.base
            && self.state.cells[base].version != version
        {
            let reason = "the tensor read here is a view of one that was written in place since";
            return Err(stop(Rule::StaleView, span, reason));
        }
        if cell.level == 0 && !self.is_constructing() {
            let message =
                "a tensor that is made before the net runs, and is no attribute of a module,";
            return Err(unsupported(span, message)
                .help("keep it with `self.register_buffer(name, tensor, persistent=False)`"));
        }
        if cell.level != self.level() {
            return Err(unsupported(
                span,
                "a tensor that another function computed and that is no argument",
            ));
        }
        Ok(Operand {
            var: cell.var,
            ty: cell.ty.clone(),
        })
    }

    /// Adds a computation with one result.
    pub(super) fn add_expr(&mut self, expr: Expr, ty: TensorType, span: Span) -> Eval<VarId> {
        let frame = self.frame();
        let var = frame.var(Type::Tensor(ty));
        if frame.vars.len() > MAX_STATEMENTS {
            return Err(stop(
                Rule::LimitExceeded,
                span,
                format!("a function of more than {MAX_STATEMENTS} tensor operations"),
            ));
        }
        frame.push_let(Tree::Var(var), expr, span);
        Ok(var)
    }

    /// Adds an operation and gives its result.
    pub(super) fn add_op(
        &mut self,
        op: Op,
        args: Vec<VarId>,
        ty: TensorType,
        span: Span,
    ) -> Eval<Value> {
        let var = self.add_expr(Expr::Op { op, args }, ty.clone(), span)?;
        Ok(self.new_cell(var, ty))
    }

    pub(super) fn op_operand(
        &mut self,
        op: Op,
        args: Vec<VarId>,
        ty: TensorType,
        span: Span,
    ) -> Eval<Operand> {
        let var = self.add_expr(Expr::Op { op, args }, ty.clone(), span)?;
        Ok(Operand { var, ty })
    }

    /// A view: an operation whose result shares the memory of `of`.
    pub(super) fn add_view(
        &mut self,
        of: &Value,
        op: Op,
        ty: TensorType,
        span: Span,
    ) -> Eval<Value> {
        let input = self.operand(of, "the input", span)?;
        let view = self.add_op(op, vec![input.var], ty, span)?;
        if let (Value::Tensor(base), Value::Tensor(cell)) = (of, &view) {
            // A view of a view shares the first tensor's memory.
            let (root, version) = self.state.cells[*base]
                .base
                .unwrap_or((*base, self.state.cells[*base].version));
            self.state.cells[*cell].base = Some((root, version));
        }
        Ok(view)
    }

    pub(super) fn new_cell(&mut self, var: VarId, ty: TensorType) -> Value {
        let level = self.level();
        let depth = self.n_open_loops();
        Value::Tensor(self.state.cells.push(Cell {
            level,
            var,
            ty,
            base: None,
            depth,
            version: 0,
            stale: None,
        }))
    }

    /// Whether it is `num_batches_tracked`, which counts by itself.
    fn is_counter(&self, tensor: &Value) -> bool {
        matches!(tensor, Value::Param(id) if self.state.params[*id].role == Role::Counter)
    }

    /// Writes a tensor in place: whoever holds the cell sees the new value.
    pub(super) fn write_cell(&mut self, target: &Value, value: &Value, span: Span) -> Eval<()> {
        if self.is_counter(target) {
            return Ok(());
        }
        let new = self.operand(value, "the value", span)?;
        let first = self.first_value(target);
        let Value::Tensor(id) = first.as_ref().unwrap_or(target) else {
            return Err(unsupported(span, "writing a parameter in place"));
        };
        let old = self.read_cell(*id, span)?;
        if old.ty.shape != new.ty.shape {
            let (found, wanted) = (shape_text(&new.ty.shape), shape_text(&old.ty.shape));
            let message =
                format!("a tensor {wanted} cannot be overwritten in place by one {found}");
            return Err(stop(Rule::ShapeMismatch, span, message).raises("RuntimeError"));
        }
        if self.state.cells[*id].depth < self.n_open_loops() {
            return Err(unsupported(
                span,
                "writing a tensor in place in a loop that does not name it",
            ));
        }
        let base = self.state.cells[*id].base;
        if let Some((base, _)) = base {
            // Neither it nor another view of it knows the new numbers.
            self.state.cells[base].stale = Some("a view of it was written in place");
            self.state.cells[base].version += 1;
        }
        let cell = &mut self.state.cells[*id];
        cell.var = new.var;
        cell.ty = new.ty;
        cell.base = None;
        cell.version += 1;
        Ok(())
    }

    /// The shape two operands broadcast to.
    pub(super) fn broadcast(&self, left: &[Dim], right: &[Dim], span: Span) -> Eval<Vec<Dim>> {
        let rank = left.len().max(right.len());
        let one = Dim::constant(1);
        let at = |shape: &[Dim], axis: usize| {
            (axis + shape.len())
                .checked_sub(rank)
                .and_then(|i| shape.get(i))
                .cloned()
        };
        let mut shape = Vec::with_capacity(rank);
        for axis in 0..rank {
            let a = at(left, axis).unwrap_or_else(|| one.clone());
            let b = at(right, axis).unwrap_or_else(|| one.clone());
            let size = if a == b || b == one {
                a
            } else if a == one {
                b
            } else if a.compare(&b).is_some() {
                let message = format!(
                    "tensors {} and {} do not broadcast",
                    shape_text(left),
                    shape_text(right)
                );
                return Err(stop(Rule::ShapeMismatch, span, message).raises("RuntimeError"));
            } else {
                let message = format!("whether `{a}` and `{b}` are equal depends on the data");
                return Err(stop(Rule::UndecidableDim, span, message));
            };
            shape.push(size);
        }
        Ok(shape)
    }

    pub(super) fn cast(&mut self, operand: Operand, dtype: DType, span: Span) -> Eval<Operand> {
        if operand.ty.dtype == dtype {
            return Ok(operand);
        }
        let ty = tensor_type(dtype, operand.ty.shape);
        self.op_operand(Op::Cast(dtype), vec![operand.var], ty, span)
    }

    /// `left op right` where at least one side is a tensor.
    pub(super) fn tensor_binary(
        &mut self,
        op: Binary,
        left: &Value,
        right: &Value,
        span: Span,
    ) -> Eval<Value> {
        match (Self::is_tensor(left), Self::is_tensor(right)) {
            (true, true) => {
                let left = self.operand(left, "the left side", span)?;
                let right = self.operand(right, "the right side", span)?;
                self.binary_tensors(op, left, right, span)
            }
            (true, false) => self.binary_scalar(op, left, right, false, span),
            _ => self.binary_scalar(op, right, left, true, span),
        }
    }

    fn binary_tensors(
        &mut self,
        op: Binary,
        left: Operand,
        right: Operand,
        span: Span,
    ) -> Eval<Value> {
        let shape = self.broadcast(left.shape(), right.shape(), span)?;
        let dtype = common_dtype(op, left.ty.dtype, right.ty.dtype);
        let left = self.cast(left, dtype, span)?;
        let right = self.cast(right, dtype, span)?;
        let ty = tensor_type(result_dtype(op, dtype), shape);
        self.add_op(Op::Binary(op), vec![left.var, right.var], ty, span)
    }

    fn binary_scalar(
        &mut self,
        op: Binary,
        tensor: &Value,
        number: &Value,
        reversed: bool,
        span: Span,
    ) -> Eval<Value> {
        let scalar = match number {
            Value::Float(value) => Scalar::Float(*value),
            Value::Unknown => return Err(unsupported(span, "a run-time number beside a tensor")),
            other => Scalar::Int(other.as_int().ok_or_else(|| {
                let (tensor, number) = (self.describe(tensor), self.describe(other));
                raised(
                    "TypeError",
                    span,
                    format!("{tensor} and {number} do not combine"),
                )
            })?),
        };
        let operand = self.operand(tensor, "the operand", span)?;
        let dtype = match scalar {
            Scalar::Float(_) => DType::Float,
            Scalar::Int(_) => common_dtype(op, operand.ty.dtype, DType::Int),
        };
        let operand = self.cast(operand, dtype, span)?;
        let ty = tensor_type(result_dtype(op, dtype), operand.ty.shape.clone());
        let op = if reversed {
            Op::ScalarBinary(scalar, op)
        } else {
            Op::BinaryScalar(op, scalar)
        };
        self.add_op(op, vec![operand.var], ty, span)
    }

    /// A numpy-like product of dims.
    pub(super) fn n_elements(&self, shape: &[Dim], span: Span) -> Eval<Dim> {
        shape.iter().try_fold(Dim::constant(1), |product, dim| {
            product.mul(dim).ok_or_else(|| {
                stop(
                    Rule::UndecidableDim,
                    span,
                    format!("{} has too many elements", shape_text(shape)),
                )
            })
        })
    }

    /// An axis counted from the front.
    pub(super) fn axis(&self, value: &Value, rank: usize, span: Span) -> Eval<usize> {
        let axis = self.known_int(value, "the dimension", span)?;
        let signed = i64::try_from(rank).unwrap_or(i64::MAX);
        let from_front = if axis < 0 { axis + signed } else { axis };
        match usize::try_from(from_front) {
            Ok(index) if index < rank => Ok(index),
            _ => {
                let message =
                    format!("dimension {axis} is out of range for a tensor of {rank} dimensions");
                Err(stop(Rule::ShapeMismatch, span, message).raises("IndexError"))
            }
        }
    }
}

fn common_dtype(op: Binary, left: DType, right: DType) -> DType {
    match (op, left, right) {
        (Binary::And | Binary::Or | Binary::Equal | Binary::NotEqual, DType::Bool, DType::Bool) => {
            DType::Bool
        }
        (Binary::Div, ..) | (_, DType::Float, _) | (_, _, DType::Float) => DType::Float,
        _ => DType::Int,
    }
}

fn result_dtype(op: Binary, dtype: DType) -> DType {
    if op.is_comparison() || matches!(op, Binary::And | Binary::Or) {
        DType::Bool
    } else {
        dtype
    }
}
