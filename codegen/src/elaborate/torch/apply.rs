//! Layers applied to their inputs: shapes checked, results typed.
use super::super::call::Args;
use super::super::interp::{Eval, Interp, stop};
use super::super::tensor::{Operand, shape_text, tensor_type};
use super::super::value::Value;
use super::Call;
use super::pool::Window;
use crate::diagnostic::Span;
use crate::ir::{
    Binary, Cell, DType, Dim, Expr, Layer, ModuleId, Op, Recurrent, Scalar, Tree, Type,
};
use crate::rules::Rule;

impl Interp<'_, '_> {
    /// A layer applied to its inputs.
    pub(in crate::elaborate) fn call_layer(
        &mut self,
        id: ModuleId,
        layer: &Layer,
        args: Args,
        span: Span,
    ) -> Eval<Value> {
        self.state.modules[id].used = true;
        if layer.takes_masks() {
            return self.call_transformer(id, layer, args, span);
        }
        let name = self.state.modules[id].class_name.clone();
        let signature = match layer {
            Layer::Lstm(_) | Layer::Gru(_) | Layer::LstmCell(_) | Layer::GruCell(_) => {
                "input, hx=None"
            }
            _ => "input",
        };
        let call = self.bind_signature(signature, &name, args, span)?;
        match layer {
            Layer::Lstm(recurrent) => self.apply_recurrent(id, recurrent, true, &call),
            Layer::Gru(recurrent) => self.apply_recurrent(id, recurrent, false, &call),
            Layer::LstmCell(cell) => self.apply_cell(id, cell, true, &call),
            Layer::GruCell(cell) => self.apply_cell(id, cell, false, &call),
            _ => self.apply_plain(id, layer, &call),
        }
    }

    /// A layer of one input and one output.
    pub(super) fn apply_plain(&mut self, id: ModuleId, layer: &Layer, call: &Call) -> Eval<Value> {
        let span = call.span;
        let input = self.operand(call.arg(0), "the input", span)?;
        let wanted = if matches!(layer, Layer::Embedding { .. }) {
            DType::Int
        } else {
            DType::Float
        };
        if input.ty.dtype != wanted {
            let found = self.describe(call.arg(0));
            let message = format!(
                "`{}` takes a {} tensor, found a {found}",
                call.name,
                super::super::tensor::dtype_name(wanted)
            );
            return Err(stop(Rule::WrongArgument, span, message).raises("RuntimeError"));
        }
        let shape = self.output_shape(layer, &input, call)?;
        let ty = tensor_type(DType::Float, shape);
        if let Layer::Dropout { prob } = layer
            && *prob == 0.0
        {
            return Ok(call.arg(0).clone());
        }
        if let (Layer::Dropout { .. }, Some(dimensions)) = (layer, dropped_maps(&call.name)) {
            self.expect_rank(&input, dimensions + 2..=dimensions + 2, call)?;
            return self.drop_maps(id, &input, span);
        }
        let expr = Expr::Layer {
            layer: id,
            args: vec![Tree::Var(input.var)],
        };
        let var = self.add_expr(expr, ty.clone(), span)?;
        Ok(self.new_cell(var, ty))
    }

    /// Dropout of whole feature maps: a dropped map of ones `[B, C, 1, 1]` times the input.
    fn drop_maps(&mut self, id: ModuleId, input: &Operand, span: Span) -> Eval<Value> {
        let ones = |(axis, size): (usize, &Dim)| if axis < 2 { size.clone() } else { Dim::from(1) };
        let shape = input.shape().iter().enumerate().map(ones).collect();
        let ty = tensor_type(DType::Float, shape);
        let full = Op::Full(Scalar::Float(1.0));
        let ones = self.op_operand(full, Vec::new(), ty.clone(), span)?;
        let expr = Expr::Layer {
            layer: id,
            args: vec![Tree::Var(ones.var)],
        };
        let kept = self.add_expr(expr, ty, span)?;
        let args = vec![input.var, kept];
        self.add_op(Op::Binary(Binary::Mul), args, input.ty.clone(), span)
    }

    pub(super) fn output_shape(
        &mut self,
        layer: &Layer,
        input: &Operand,
        call: &Call,
    ) -> Eval<Vec<Dim>> {
        let span = call.span;
        let mut shape = input.ty.shape.clone();
        match layer {
            Layer::Conv2d {
                channels_in,
                channels_out,
                kernel,
                stride,
                padding,
                dilation,
                ..
            } => {
                self.expect_size(input, 1, *channels_in, 4..=4, call)?;
                let windows = Window::pair(*kernel, *stride, *padding, *dilation, false);
                self.windowed_image(&mut shape, windows, span)?;
                set(&mut shape, 1, *channels_out);
            }
            Layer::Linear {
                d_input, d_output, ..
            } => {
                self.expect_size(input, input.rank().saturating_sub(1), *d_input, 1..=8, call)?;
                let last = shape.len().saturating_sub(1);
                set(&mut shape, last, *d_output);
            }
            Layer::BatchNorm { n_features, .. } => {
                let ranks = if call.name == "BatchNorm1d" {
                    2..=3
                } else {
                    4..=4
                };
                self.expect_size(input, 1, *n_features, ranks, call)?;
            }
            Layer::LayerNorm { d_model, .. } => {
                self.expect_size(input, input.rank().saturating_sub(1), *d_model, 1..=8, call)?;
            }
            Layer::Embedding { d_model, .. } => shape.push(Dim::from(*d_model)),
            Layer::MaxPool2d { .. }
            | Layer::AvgPool2d { .. }
            | Layer::AdaptiveAvgPool2d { .. }
            | Layer::AdaptiveMaxPool2d { .. } => {
                self.expect_rank(input, 4..=4, call)?;
                self.pool_image(&mut shape, layer, span)?;
            }
            Layer::Dropout { .. }
            | Layer::Lstm(_)
            | Layer::Gru(_)
            | Layer::LstmCell(_)
            | Layer::GruCell(_)
            | Layer::MultiheadAttention(_)
            | Layer::TransformerEncoderLayer(_)
            | Layer::TransformerDecoderLayer(_)
            | Layer::TransformerEncoder(_)
            | Layer::TransformerDecoder(_) => {}
        }
        Ok(shape)
    }

    /// The height and width that a pool leaves.
    fn pool_image(&mut self, shape: &mut [Dim], layer: &Layer, span: Span) -> Eval<()> {
        match layer {
            Layer::MaxPool2d {
                kernel,
                stride,
                padding,
                dilation,
                ceil_mode,
            } => {
                let windows = Window::pair(*kernel, *stride, *padding, *dilation, *ceil_mode);
                self.windowed_image(shape, windows, span)?;
            }
            Layer::AvgPool2d {
                kernel,
                stride,
                padding,
                ceil_mode,
                ..
            } => {
                let windows = Window::pair(*kernel, *stride, *padding, [1, 1], *ceil_mode);
                self.windowed_image(shape, windows, span)?;
            }
            Layer::AdaptiveAvgPool2d { output } | Layer::AdaptiveMaxPool2d { output } => {
                let [height, width] = *output;
                set(shape, 2, height);
                set(shape, 3, width);
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn windowed_image(
        &mut self,
        shape: &mut [Dim],
        windows: [Window; 2],
        span: Span,
    ) -> Eval<()> {
        for (size, window) in shape.iter_mut().skip(2).zip(windows) {
            *size = self.windowed(size, window, span)?;
        }
        Ok(())
    }

    pub(super) fn expect_rank(
        &self,
        input: &Operand,
        ranks: std::ops::RangeInclusive<usize>,
        call: &Call,
    ) -> Eval<()> {
        if ranks.contains(&input.rank()) {
            return Ok(());
        }
        let (found, low, high) = (shape_text(input.shape()), *ranks.start(), *ranks.end());
        let wanted = if low == high {
            format!("{low}")
        } else {
            format!("{low} to {high}")
        };
        let message = format!(
            "`{}` takes a tensor of {wanted} dimensions, found {found}",
            call.name
        );
        Err(stop(Rule::ShapeMismatch, call.span, message).raises("RuntimeError"))
    }

    pub(super) fn expect_size(
        &self,
        input: &Operand,
        axis: usize,
        size: usize,
        ranks: std::ops::RangeInclusive<usize>,
        call: &Call,
    ) -> Eval<()> {
        self.expect_rank(input, ranks, call)?;
        let found = input.shape().get(axis).cloned().unwrap_or_default();
        if found == Dim::from(size) {
            return Ok(());
        }
        let message = format!(
            "`{}` takes {size} in dimension {axis}, found `{found}` in {}",
            call.name,
            shape_text(input.shape())
        );
        Err(stop(Rule::ShapeMismatch, call.span, message).raises("RuntimeError"))
    }

    /// `output, (hidden, cell) = lstm(input, (hidden, cell))`, and a GRU likewise.
    pub(super) fn apply_recurrent(
        &mut self,
        id: ModuleId,
        layer: &Recurrent,
        is_lstm: bool,
        call: &Call,
    ) -> Eval<Value> {
        let span = call.span;
        let input = self.operand(call.arg(0), "the input", span)?;
        self.expect_size(&input, 2, layer.d_input, 3..=3, call)?;
        let batch_axis = usize::from(!layer.batch_first);
        let batch = input.shape().get(batch_axis).cloned().unwrap_or_default();
        let n_rows = layer.n_layers * layer.n_directions();
        let state = tensor_type(
            DType::Float,
            vec![Dim::from(n_rows), batch, Dim::from(layer.d_hidden)],
        );
        let mut args = vec![Tree::Var(input.var)];
        if *call.arg(1) != Value::None {
            args.push(self.state_tree(call.arg(1), &state, is_lstm, span)?);
        }
        let mut shape = input.ty.shape;
        set(&mut shape, 2, layer.d_hidden * layer.n_directions());
        let output = tensor_type(DType::Float, shape);
        self.add_recurrent(id, args, Some(output), &state, is_lstm, span)
    }

    /// `hidden, cell = lstm_cell(input, (hidden, cell))`, and a GRU cell likewise.
    pub(super) fn apply_cell(
        &mut self,
        id: ModuleId,
        cell: &Cell,
        is_lstm: bool,
        call: &Call,
    ) -> Eval<Value> {
        let input = self.operand(call.arg(0), "the input", call.span)?;
        self.expect_size(&input, 1, cell.d_input, 2..=2, call)?;
        let batch = input.shape().first().cloned().unwrap_or_default();
        let state = tensor_type(DType::Float, vec![batch, Dim::from(cell.d_hidden)]);
        let mut args = vec![Tree::Var(input.var)];
        if *call.arg(1) != Value::None {
            args.push(self.state_tree(call.arg(1), &state, is_lstm, call.span)?);
        }
        self.add_recurrent(id, args, None, &state, is_lstm, call.span)
    }

    pub(super) fn state_tree(
        &mut self,
        value: &Value,
        wanted: &crate::ir::TensorType,
        is_lstm: bool,
        span: Span,
    ) -> Eval<Tree> {
        let items = if is_lstm {
            self.items(value).unwrap_or_default()
        } else {
            vec![value.clone()]
        };
        if is_lstm && items.len() != 2 {
            let found = self.describe(value);
            return Err(stop(
                Rule::WrongArgument,
                span,
                format!("the state of an LSTM is a pair, found {found}"),
            ));
        }
        let mut trees = Vec::with_capacity(2);
        for item in &items {
            let operand = self.operand(item, "the state", span)?;
            if operand.ty != *wanted {
                let (found, wanted) = (shape_text(operand.shape()), shape_text(&wanted.shape));
                let message = format!("the state is {found}, and must be {wanted}");
                return Err(stop(Rule::ShapeMismatch, span, message).raises("RuntimeError"));
            }
            trees.push(Tree::Var(operand.var));
        }
        Ok(Tree::of(trees))
    }

    pub(super) fn add_recurrent(
        &mut self,
        id: ModuleId,
        args: Vec<Tree>,
        output: Option<crate::ir::TensorType>,
        state: &crate::ir::TensorType,
        is_lstm: bool,
        span: Span,
    ) -> Eval<Value> {
        let cell = |interp: &mut Self, ty: crate::ir::TensorType| -> Eval<(Value, Tree)> {
            let var = interp.frame().var(Type::Tensor(ty.clone()));
            Ok((interp.new_cell(var, ty), Tree::Var(var)))
        };
        let output = output.map(|ty| cell(self, ty)).transpose()?;
        let (hidden, hidden_tree) = cell(self, state.clone())?;
        let (state_value, state_tree) = if is_lstm {
            let (memory, memory_tree) = cell(self, state.clone())?;
            (
                Value::tuple(vec![hidden, memory]),
                Tree::of(vec![hidden_tree, memory_tree]),
            )
        } else {
            (hidden, hidden_tree)
        };
        let (value, out) = match output {
            Some((output, tree)) => (
                Value::tuple(vec![output, state_value]),
                Tree::of(vec![tree, state_tree]),
            ),
            None => (state_value, state_tree),
        };
        self.frame()
            .push_let(out, Expr::Layer { layer: id, args }, span);
        Ok(value)
    }
}

/// Axes behind the feature maps that a layer drops as a whole: 2 for `Dropout2d`.
fn dropped_maps(layer: &str) -> Option<usize> {
    let dimensions = layer.strip_prefix("Dropout")?.strip_suffix('d')?;
    dimensions.parse().ok()
}

pub(super) fn set(shape: &mut [Dim], axis: usize, size: usize) {
    if let Some(dim) = shape.get_mut(axis) {
        *dim = Dim::from(size);
    }
}
