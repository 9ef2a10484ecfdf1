//! The functions of the Program: what they name by its new number, and what the net does not hold told from the rest.
//!
//! A layer that is made while the net is called, or kept in a plain list, is below no module. One without weights is an
//! operation all the same.
use super::interp::{Eval, Interp, stop};
use super::module::ModuleClass;
use super::program::Numbers;
use crate::diagnostic::Span;
use crate::ir::{Block, Expr, Function, FunctionId, Layer, ModuleId, Op, ParamId, Stmt, Tree};
use crate::rules::Rule;

impl Interp<'_, '_> {
    /// A traced function as one of the Program.
    pub(super) fn renumbered(&mut self, id: FunctionId, numbers: &Numbers) -> Eval<Function> {
        let mut function = self.state.functions[id].clone();
        if let Some(receiver) = &mut function.receiver {
            *receiver = self.module_number(*receiver, numbers, function.span)?;
        }
        if let Some(home) = numbers.modules.get(&function.home) {
            function.home = *home;
        }
        self.renumber_block(&mut function.body, numbers)?;
        Ok(function)
    }

    fn renumber_block(&mut self, block: &mut Block, numbers: &Numbers) -> Eval<()> {
        block.iter_mut().try_for_each(|stmt| match stmt {
            Stmt::Let { expr, span, .. } => self.renumber_expr(expr, numbers, *span),
            Stmt::Loop(inner) => self.renumber_block(&mut inner.body, numbers),
            Stmt::BreakIf { .. } | Stmt::Push { .. } => Ok(()),
        })
    }

    fn renumber_expr(&mut self, expr: &mut Expr, numbers: &Numbers, span: Span) -> Eval<()> {
        match expr {
            Expr::Layer { layer, args } => match self.as_operation(*layer, args, numbers) {
                Some(operation) => {
                    self.warn_dropout(&operation, span);
                    *expr = operation;
                }
                None => *layer = self.module_number(*layer, numbers, span)?,
            },
            Expr::Call {
                function, receiver, ..
            } => {
                if let Some(receiver) = receiver {
                    *receiver = self.module_number(*receiver, numbers, span)?;
                }
                if let Some(new) = numbers.functions.get(function) {
                    *function = *new;
                }
            }
            Expr::Param(param) => *param = param_number(*param, numbers, span)?,
            Expr::Op { .. } | Expr::List(_) => {}
        }
        Ok(())
    }

    /// A layer without weights that no module holds.
    fn as_operation(&self, id: ModuleId, args: &[Tree], numbers: &Numbers) -> Option<Expr> {
        let ModuleClass::Layer(layer) = &self.state.modules[id].class else {
            return None;
        };
        let op = match layer {
            _ if numbers.modules.contains_key(&id) => return None,
            Layer::Dropout { prob } => Op::Dropout(*prob),
            Layer::MaxPool2d { .. }
            | Layer::AvgPool2d { .. }
            | Layer::AdaptiveAvgPool2d { .. }
            | Layer::AdaptiveMaxPool2d { .. } => Op::Pool(Box::new(layer.clone())),
            _ => return None,
        };
        let args = args.iter().flat_map(Tree::vars).collect();
        Some(Expr::Op { op, args })
    }

    fn warn_dropout(&mut self, operation: &Expr, span: Span) {
        if let Expr::Op {
            op: Op::Dropout(_), ..
        } = operation
        {
            self.warn_unswitched_dropout(span);
        }
    }

    /// Says of a dropout that `eval()` does not reach it.
    pub(super) fn warn_unswitched_dropout(&mut self, span: Span) {
        let message =
            "PyTorch drops here in evaluation too; the translated net does in training only";
        self.diags
            .warn(Rule::UnswitchedDropout, span, message)
            .help("make an `nn.Dropout` in `__init__`, or pass `training=self.training`");
    }

    fn module_number(&self, id: ModuleId, numbers: &Numbers, span: Span) -> Eval<ModuleId> {
        numbers.modules.get(&id).copied().ok_or_else(|| {
            let class = &self.state.modules[id].class_name;
            let message =
                format!("this `{class}` is no part of the net: no attribute of a module holds it");
            stop(Rule::ForeignLayer, span, message)
                .help("make it in `__init__`, as an attribute or in an `nn.ModuleList`")
        })
    }
}

fn param_number(id: ParamId, numbers: &Numbers, span: Span) -> Eval<ParamId> {
    numbers.params.get(&id).copied().ok_or_else(|| {
        let message = "this parameter is no part of the net: no attribute of a module holds it";
        stop(Rule::ForeignLayer, span, message)
            .help("make it in `__init__`, as an attribute or in an `nn.ParameterList`")
    })
}
