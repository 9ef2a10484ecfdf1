//! Tensors that constructors compute: position tables, masks, first values of parameters.
//!
//! Operations outside every traced function go into one frame, [`State::initial`](super::interp::State). A parameter,
//! buffer or constant keeps the cell that holds its first value; what that value is computed from becomes a function of
//! the Program without parameters, which the constructor of the module's struct calls.
use super::interp::{Eval, Interp, stop, unsupported};
use super::limits::MAX_PARAMETERS;
use super::module::ParamState;
use super::tensor::shape_text;
use super::value::{CellId, Value};
use crate::diagnostic::Span;
use crate::ir::{DType, Expr, Function, ModuleId, ParamId, Role, Slices, Stmt};
use crate::rules::Rule;

impl Interp<'_, '_> {
    /// Whether Python runs outside every traced function: in a constructor or in `train_setup`.
    pub(super) fn is_constructing(&self) -> bool {
        self.state.frames.is_empty()
    }

    /// In a constructor, the tensor that a parameter of the reply's own starts as.
    pub(super) fn first_value(&self, value: &Value) -> Option<Value> {
        match value {
            Value::Param(id) if self.is_constructing() => {
                self.state.params[*id].first.map(Value::Tensor)
            }
            _ => None,
        }
    }

    /// `nn.Parameter(tensor)`, or a buffer: a tensor of the module that is made now.
    pub(super) fn keep_tensor(
        &mut self,
        value: &Value,
        role: Role,
        trainable: bool,
        span: Span,
    ) -> Eval<ParamId> {
        let Value::Tensor(first) = value else {
            let found = self.describe(value);
            let message = format!("a module keeps tensors, found {found}");
            return Err(stop(Rule::WrongArgument, span, message).raises("TypeError"));
        };
        if !self.is_constructing() {
            return Err(unsupported(
                span,
                "a parameter or buffer that is made while the net runs",
            ));
        }
        self.add_first_value(*first, role, trainable, span)
    }

    /// An attribute that holds a tensor of the constructor, read while the net runs: a constant of the module.
    pub(super) fn constant(
        &mut self,
        id: ModuleId,
        name: &str,
        first: CellId,
        span: Span,
    ) -> Eval<Value> {
        let param = self.add_first_value(first, Role::Scratch, false, span)?;
        let module = &mut self.state.modules[id];
        module.attrs.shift_remove(name);
        module.constants.insert(name.to_owned(), param);
        Ok(Value::Param(param))
    }

    /// Whether a tensor was made outside every traced function.
    pub(super) fn is_initial(&self, cell: CellId) -> bool {
        self.state.cells[cell].level == 0
    }

    fn add_first_value(
        &mut self,
        first: CellId,
        role: Role,
        trainable: bool,
        span: Span,
    ) -> Eval<ParamId> {
        let ty = self.state.cells[first].ty.clone();
        let sizes = ty
            .shape
            .iter()
            .map(|dim| usize::try_from(dim.as_constant()?).ok());
        let Some(shape) = sizes.collect::<Option<Vec<usize>>>() else {
            let found = shape_text(&ty.shape);
            return Err(unsupported(
                span,
                format!("a tensor {found} of a module, with sizes that are not known,"),
            ));
        };
        let is_plain = |stmt: &Stmt| {
            matches!(
                stmt,
                Stmt::Let {
                    expr: Expr::Op { .. } | Expr::List(_),
                    ..
                }
            )
        };
        let is_plainly_made = || {
            let slices = Slices::of(self.state.initial.function());
            let function = slices.slice("", self.state.cells[first].var);
            function.body.iter().all(is_plain)
        };
        if !self.state.initial.statements().all(is_plain) && !is_plainly_made() {
            return Err(unsupported(
                span,
                "a tensor of a module that layers compute in the constructor",
            ));
        }
        self.count_elements(&shape, span)?;
        Ok(self.state.params.push(ParamState {
            shape,
            role,
            trainable: trainable && ty.dtype == DType::Float,
            field: String::new(),
            transposed: false,
            dtype: ty.dtype,
            first: Some(first),
            start: None,
            start_rows: None,
            layers_own: None,
        }))
    }

    /// Adds to the elements of all parameters, which have a limit.
    pub(super) fn count_elements(&mut self, shape: &[usize], span: Span) -> Eval<()> {
        let product = shape
            .iter()
            .try_fold(1_usize, |product, size| product.checked_mul(*size));
        self.n_elements = self
            .n_elements
            .saturating_add(product.unwrap_or(usize::MAX));
        if self.n_elements > MAX_PARAMETERS {
            let message = format!("the net has more than {MAX_PARAMETERS} parameters");
            return Err(stop(Rule::LimitExceeded, span, message));
        }
        Ok(())
    }

    /// What a first value is computed from, as a function beside the struct of `home`.
    pub(super) fn first_value_function(
        &self,
        initial: &Slices,
        first: CellId,
        home: ModuleId,
        name: &str,
    ) -> Function {
        let mut function = initial.slice(name, self.state.cells[first].var);
        function.home = home;
        function
    }
}
