//! Methods traced once for the types of their arguments, and reused wherever they fit.
//!
//! A method is traced with symbolic sizes, and every decision on the way holds for all values the symbols may take. So a
//! later call whose sizes are an instance of the traced ones (`T - 1` tokens then, one token now) calls the same
//! function.
use std::rc::Rc;

use super::frame::Frame;
use super::interp::{Eval, Interp, Mode, unsupported};
use super::pattern::{
    Bound, Pattern, Patterns, Substitution, count_symbols, instance_of, outer_symbols, substitute,
    tree_of,
};
use super::tensor::Operand;
use super::value::{FnId, FnKind, List, Value};
use crate::diagnostic::Span;
use crate::ir::{
    Dim, Expr, FunctionId, FunctionParam, ModuleId, ParamId, Sym, TensorType, Tree, Type, VarId,
};

/// What is traced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Traced {
    /// A function of the reply.
    Function(FnId),
    /// The modules of an `nn.Sequential` in order.
    Sequential,
}

/// A traced method.
#[derive(Clone, Debug)]
pub(super) struct Specialisation {
    pub(super) what: Traced,
    pub(super) home: ModuleId,
    pub(super) params: Vec<(Rc<str>, Pattern)>,
    /// The function of the Program; none where nothing is left to compute.
    pub(super) traced: Option<FunctionId>,
    pub(super) result: Pattern,
    /// Where nothing is left to compute: which argument each tensor of the result is.
    pub(super) passed_on: Vec<usize>,
    /// Which arguments were written in place.
    pub(super) written: Vec<bool>,
    /// Symbols of the traced function that a caller may have to say.
    pub(super) symbols: Vec<Sym>,
    pub(super) mode: Option<Mode>,
    pub(super) generation: u32,
}

impl Interp<'_, '_> {
    /// A call of an `nn.Sequential`.
    pub(super) fn call_traced_sequential(
        &mut self,
        id: ModuleId,
        input: Value,
        span: Span,
    ) -> Eval<Value> {
        if self.is_constructing() || self.state.modules[id].is_fresh {
            return self.run_sequential(id, input, span);
        }
        self.call_traced(Traced::Sequential, id, &[("input".into(), input)], span)
    }

    /// A call of a method of the module `home`.
    pub(super) fn call_traced(
        &mut self,
        what: Traced,
        home: ModuleId,
        bound: &Bound,
        span: Span,
    ) -> Eval<Value> {
        let bound = &self.with_foreign_params_read(what, home, bound, span)?;
        let (patterns, operands) = self.patterns(bound, span)?;
        let found = self.state.specialisations.iter().find_map(|made| {
            let fits = made.what == what
                && made.home == home
                && made.generation == self.state.generation
                && made.mode.is_none_or(|mode| mode == self.state.mode);
            let substitution = if fits {
                instance_of(&made.params, &patterns)
            } else {
                None
            };
            substitution.map(|substitution| (Rc::clone(made), substitution))
        });
        if let Some((made, substitution)) = found {
            return self.apply(&made, &substitution, bound, &operands, span);
        }
        let made = self.trace(what, home, bound, patterns, span)?;
        self.apply(&made, &Substitution::new(), bound, &operands, span)
    }

    /// The callee reaches the parameters below its own module; any other is handed over as a tensor.
    fn with_foreign_params_read(
        &mut self,
        what: Traced,
        home: ModuleId,
        bound: &Bound,
        span: Span,
    ) -> Eval<Vec<(Rc<str>, Value)>> {
        let receiver = match what {
            Traced::Function(id) if self.state.fns[id].kind != FnKind::Plain => None,
            _ => Some(home),
        };
        let read = |interp: &mut Self, value: &Value| -> Eval<Value> {
            match value {
                Value::Param(param) if !interp.is_owned_below(*param, receiver) => {
                    let Operand { var, ty } = interp.operand(value, "the argument", span)?;
                    Ok(interp.new_cell(var, ty))
                }
                other => Ok(other.clone()),
            }
        };
        bound
            .iter()
            .map(|(name, value)| Ok((Rc::clone(name), read(self, value)?)))
            .collect()
    }

    fn is_owned_below(&self, param: ParamId, receiver: Option<ModuleId>) -> bool {
        let Some(receiver) = receiver else {
            return false;
        };
        let below = self.named_modules(receiver, "");
        below.iter().any(|(_, module)| {
            let module = &self.state.modules[*module];
            [&module.params, &module.buffers, &module.constants]
                .iter()
                .any(|held| held.values().any(|own| *own == param))
        })
    }

    /// The patterns of the arguments, and their tensors in order.
    fn patterns(&mut self, bound: &Bound, span: Span) -> Eval<(Patterns, Vec<Operand>)> {
        let mut operands = Vec::new();
        let mut patterns = Vec::with_capacity(bound.len());
        for (name, value) in bound {
            patterns.push((name.clone(), self.pattern(value, &mut operands, span)?));
        }
        Ok((patterns, operands))
    }

    /// Whether it is a dict that holds tensors, as `**kwargs` may: no function of the Program takes one, so a call
    /// with it runs in place.
    pub(super) fn is_dict_of_tensors(&self, value: &Value) -> bool {
        let Value::Dict(id) = value else { return false };
        let mut items = self.state.dicts[*id].iter();
        items.any(|(_, item)| matches!(item, Value::Tensor(_)))
    }

    fn pattern(&mut self, value: &Value, operands: &mut Vec<Operand>, span: Span) -> Eval<Pattern> {
        let many = |interp: &mut Self,
                    items: &[Value],
                    operands: &mut Vec<Operand>|
         -> Eval<Vec<Pattern>> {
            items
                .iter()
                .map(|item| interp.pattern(item, operands, span))
                .collect()
        };
        self.check_nesting(value, span)?;
        match value {
            Value::Tensor(_) => {
                let operand = self.operand(value, "the argument", span)?;
                operands.push(operand.clone());
                Ok(Pattern::Tensor(operands.len() - 1, operand.ty))
            }
            Value::Tuple(items) => Ok(Pattern::Tuple(many(self, items, operands)?)),
            Value::List(id) => match self.state.lists[*id].clone() {
                List::Known { items, .. }
                    if items
                        .iter()
                        .any(|item| matches!(item, Value::Tensor(_) | Value::Tuple(_))) =>
                {
                    Ok(Pattern::List(many(self, &items, operands)?))
                }
                List::Known { .. } => Ok(Pattern::Known(value.clone())),
                List::Grown(_) => Err(unsupported(
                    span,
                    "handing a list that a kept loop fills to another function",
                )),
            },
            other if self.is_dict_of_tensors(other) => {
                Err(unsupported(span, "a dict of tensors as argument or result"))
            }
            other => Ok(Pattern::Known(other.clone())),
        }
    }

    /// Traces a method for its arguments.
    fn trace(
        &mut self,
        what: Traced,
        home: ModuleId,
        bound: &Bound,
        patterns: Vec<(Rc<str>, Pattern)>,
        span: Span,
    ) -> Eval<Rc<Specialisation>> {
        let (name, receiver, place) = match what {
            Traced::Function(id) => {
                let function = &self.state.fns[id];
                (
                    function.name.to_owned(),
                    (function.kind == FnKind::Plain).then_some(home),
                    function.span,
                )
            }
            Traced::Sequential => (
                "forward".to_owned(),
                Some(home),
                self.state.modules[home].span,
            ),
        };
        let n_frames = self.state.frames.len();
        let n_scopes = self.state.call_scopes.len();
        self.state
            .frames
            .push(Frame::new(&name, receiver, home, place));
        let outcome = self.trace_body(what, home, bound, &patterns, span);
        let frame = self.state.frames.pop();
        self.state.frames.truncate(n_frames);
        self.state.call_scopes.truncate(n_scopes);
        let (result, outs, written) = outcome?;
        let frame = frame.ok_or_else(|| unsupported(span, "this call"))?;
        let mode = frame.reads_mode.then_some(self.state.mode);
        if mode.is_some()
            && let Some(caller) = self.state.frames.last_mut()
        {
            caller.reads_mode = true;
        }
        Ok(self.record(what, home, patterns, frame, result, &outs, written, mode))
    }

    /// Runs the body in the newest frame: the result's pattern, its variables, and which arguments were written.
    fn trace_body(
        &mut self,
        what: Traced,
        home: ModuleId,
        bound: &Bound,
        patterns: &[(Rc<str>, Pattern)],
        span: Span,
    ) -> Eval<(Pattern, Vec<VarId>, Vec<bool>)> {
        let mut inner = Vec::with_capacity(bound.len());
        let mut cells = Vec::new();
        for (name, pattern) in patterns {
            let (value, tree) = self.enter(pattern, &mut cells, span)?;
            if !tree.is_empty() {
                if let Tree::Var(var) = &tree {
                    self.frame().name_var(*var, name);
                }
                self.frame().params.push(FunctionParam {
                    name: name.to_string(),
                    tree,
                });
            }
            inner.push((name.clone(), value));
        }
        let result = match what {
            Traced::Function(id) => self.run_function(id, inner)?,
            Traced::Sequential => {
                let input = inner.pop().map_or(Value::None, |(_, value)| value);
                self.run_sequential(home, input, span)?
            }
        };
        let mut operands = Vec::new();
        let pattern = self.pattern(&result, &mut operands, span)?;
        let written = cells
            .iter()
            .map(|(cell, var)| self.state.cells[*cell].var != *var)
            .collect();
        Ok((
            pattern,
            operands.iter().map(|operand| operand.var).collect(),
            written,
        ))
    }

    /// A parameter inside the traced function: fresh variables for its tensors.
    fn enter(
        &mut self,
        pattern: &Pattern,
        cells: &mut Vec<(super::value::CellId, VarId)>,
        span: Span,
    ) -> Eval<(Value, Tree)> {
        match pattern {
            Pattern::Tensor(_, ty) => {
                let var = self.frame().var(Type::Tensor(ty.clone()));
                let value = self.new_cell(var, ty.clone());
                if let Value::Tensor(cell) = value {
                    cells.push((cell, var));
                }
                Ok((value, Tree::Var(var)))
            }
            Pattern::Tuple(parts) | Pattern::List(parts) => {
                let mut values = Vec::with_capacity(parts.len());
                let mut trees = Vec::with_capacity(parts.len());
                for part in parts {
                    let (value, tree) = self.enter(part, cells, span)?;
                    values.push(value);
                    trees.push(tree);
                }
                let value = match pattern {
                    Pattern::List(_) => self.new_list(values, span)?,
                    _ => Value::tuple(values),
                };
                Ok((value, Tree::of(trees)))
            }
            Pattern::Known(value) => Ok((value.clone(), Tree::empty())),
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one record")]
    fn record(
        &mut self,
        what: Traced,
        home: ModuleId,
        params: Vec<(Rc<str>, Pattern)>,
        frame: Frame,
        result: Pattern,
        outs: &[VarId],
        written: Vec<bool>,
        mode: Option<Mode>,
    ) -> Rc<Specialisation> {
        let mut function = frame.finish(tree_of(&result, &mut outs.iter().copied()));
        super::rewrite::drop_dead(&mut function);
        let param_vars: Vec<VarId> = function
            .params
            .iter()
            .flat_map(|param| param.tree.vars())
            .collect();
        let place = |out: &VarId| param_vars.iter().position(|var| var == out);
        let passed_on: Vec<usize> = outs.iter().filter_map(place).collect();
        let nothing_left = function.body.is_empty() && passed_on.len() == outs.len();
        let symbols = outer_symbols(&function);
        let traced = (!nothing_left).then(|| {
            function.variant = self.variant(what, home, &params);
            self.state.functions.push(function)
        });
        let generation = self.state.generation;
        let made = Rc::new(Specialisation {
            what,
            home,
            params,
            traced,
            result,
            passed_on,
            written,
            symbols,
            mode,
            generation,
        });
        self.state.specialisations.push(Rc::clone(&made));
        made
    }

    /// Calls a traced function: its result in terms of the caller.
    fn apply(
        &mut self,
        made: &Specialisation,
        substitution: &Substitution,
        bound: &Bound,
        operands: &[Operand],
        span: Span,
    ) -> Eval<Value> {
        if made.mode.is_some()
            && let Some(frame) = self.state.frames.last_mut()
        {
            frame.reads_mode = true;
        }
        let Some(function) = made.traced else {
            return self.leave(&made.result, &mut |interp, position, _| {
                let operand = made
                    .passed_on
                    .get(position)
                    .and_then(|at| operands.get(*at));
                let operand = operand
                    .ok_or_else(|| unsupported(span, "this result"))?
                    .clone();
                Ok(interp.same_tensor(bound, operand))
            });
        };
        let substitution = self.with_fresh_counts(made, substitution);
        let mut outs = Vec::new();
        let result = self.leave(&made.result, &mut |interp, _, ty| {
            let ty = substitute(ty, &substitution).ok_or_else(|| super::expr::overflow(span))?;
            let var = interp.frame().var(Type::Tensor(ty.clone()));
            outs.push(var);
            Ok(interp.new_cell(var, ty))
        })?;
        if outs.is_empty() {
            return Ok(result);
        }
        let symbols = made.symbols.iter().map(|sym| {
            (
                *sym,
                substitution
                    .get(sym)
                    .cloned()
                    .unwrap_or_else(|| Dim::symbol(*sym)),
            )
        });
        let mut vars = operands.iter().map(|operand| operand.var);
        let args = made
            .params
            .iter()
            .map(|(_, pattern)| tree_of(pattern, &mut vars))
            .filter(|tree| !tree.is_empty());
        let receiver = self.state.functions[function].receiver;
        let expr = Expr::Call {
            function,
            receiver,
            args: args.collect(),
            symbols: symbols.collect(),
        };
        let out = tree_of(&made.result, &mut outs.iter().copied());
        self.frame().push_let(out, expr, span);
        self.mark_written(made, bound)?;
        Ok(result)
    }

    /// Arguments that the callee wrote in place are out of date in the caller.
    fn mark_written(&mut self, made: &Specialisation, bound: &Bound) -> Eval<()> {
        let mut position = 0;
        for (_, value) in bound {
            self.map_tensors(value, &mut |interp, tensor| {
                if made.written.get(position).copied().unwrap_or(false)
                    && let Value::Tensor(cell) = tensor
                {
                    interp.state.cells[*cell].stale =
                        Some("a function it was handed to wrote it in place");
                }
                position += 1;
                Ok(tensor.clone())
            })?;
        }
        Ok(())
    }

    /// The caller's own handle of a tensor that a function gave back as it was.
    fn same_tensor(&mut self, bound: &Bound, operand: Operand) -> Value {
        let direct = bound
            .iter()
            .map(|(_, value)| value)
            .find(|value| match value {
                Value::Tensor(cell) => self.state.cells[*cell].var == operand.var,
                _ => false,
            });
        match direct {
            Some(value) => value.clone(),
            None => self.new_cell(operand.var, operand.ty),
        }
    }

    /// A count that only the callee's loop knows is a new unknown at every further call.
    fn with_fresh_counts(
        &mut self,
        made: &Specialisation,
        substitution: &Substitution,
    ) -> Substitution {
        let mut all = substitution.clone();
        let mut counts = Vec::new();
        count_symbols(&made.result, &mut counts);
        if !substitution.is_empty() {
            for count in counts {
                let fresh = Sym::Count(self.fresh_symbol());
                all.entry(count).or_insert_with(|| Dim::symbol(fresh));
            }
        }
        all
    }

    /// A result in the caller: `tensor` says what stands for each tensor.
    fn leave(
        &mut self,
        pattern: &Pattern,
        tensor: &mut dyn FnMut(&mut Self, usize, &TensorType) -> Eval<Value>,
    ) -> Eval<Value> {
        match pattern {
            Pattern::Tensor(position, ty) => tensor(self, *position, ty),
            Pattern::Known(value) => Ok(value.clone()),
            Pattern::Tuple(parts) => {
                let parts: Eval<Vec<Value>> =
                    parts.iter().map(|part| self.leave(part, tensor)).collect();
                Ok(Value::tuple(parts?))
            }
            Pattern::List(parts) => {
                let parts: Eval<Vec<Value>> =
                    parts.iter().map(|part| self.leave(part, tensor)).collect();
                self.new_list(parts?, Span::default())
            }
        }
    }
}
