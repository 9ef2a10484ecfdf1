//! Functions that print alike, found without printing them: the methods of a net's equal blocks.
//!
//! Two functions are alike when they differ only in what they call modules, parameters and functions, and these lie at
//! the same places below what `self` is.
use super::{Structs, base_name};
use crate::emit::layout::Layout;
use crate::ir::{
    Block, Expr, Function, FunctionId, ModuleId, ModuleKind, Op, ParamId, Program, Stmt,
};

/// What functions that are alike have in common and is quickly compared.
pub(super) fn key(program: &Program, id: FunctionId) -> (String, String, usize) {
    let function = &program[id];
    let class = base_name(program, function.home);
    (class, function.name.clone(), function.vars.len())
}

/// Two functions that are compared.
pub(super) struct Pair<'a> {
    structs: &'a Structs,
    program: &'a Program,
    layout: &'a Layout,
    homes: (ModuleId, ModuleId),
    has_self: bool,
}

impl<'a> Pair<'a> {
    /// Whether the functions are alike. False where that is not known.
    pub(super) fn is_alike(
        structs: &'a Structs,
        (program, layout): (&'a Program, &'a Layout),
        ids: (FunctionId, FunctionId),
    ) -> bool {
        let (first, second) = (&program[ids.0], &program[ids.1]);
        let homes = (first.home, second.home);
        let pair = Pair {
            structs,
            program,
            layout,
            homes,
            has_self: first.receiver.is_some(),
        };
        has_own_receiver(first)
            && has_own_receiver(second)
            && pair.has_self == second.receiver.is_some()
            && first.variant == second.variant
            && first.params == second.params
            && first.vars == second.vars
            && first.returns == second.returns
            && pair.blocks(&first.body, &second.body)
    }

    fn blocks(&self, first: &Block, second: &Block) -> bool {
        first.len() == second.len() && first.iter().zip(second).all(|(a, b)| self.stmts(a, b))
    }

    fn stmts(&self, first: &Stmt, second: &Stmt) -> bool {
        match (first, second) {
            (
                Stmt::Let { out, expr, .. },
                Stmt::Let {
                    out: out_2,
                    expr: expr_2,
                    ..
                },
            ) => out == out_2 && self.exprs(expr, expr_2),
            (Stmt::Loop(first), Stmt::Loop(second)) => {
                (first.index, &first.name, &first.count)
                    == (second.index, &second.name, &second.count)
                    && first.carried == second.carried
                    && self.blocks(&first.body, &second.body)
            }
            (
                Stmt::BreakIf { cond, next, .. },
                Stmt::BreakIf {
                    cond: cond_2,
                    next: next_2,
                    ..
                },
            ) => (cond, next) == (cond_2, next_2),
            (
                Stmt::Push { list, item, .. },
                Stmt::Push {
                    list: list_2,
                    item: item_2,
                    ..
                },
            ) => (list, item) == (list_2, item_2),
            _ => false,
        }
    }

    fn exprs(&self, first: &Expr, second: &Expr) -> bool {
        match (first, second) {
            (Expr::Param(first), Expr::Param(second)) => self.params(*first, *second),
            (
                Expr::Layer { layer, args },
                Expr::Layer {
                    layer: layer_2,
                    args: args_2,
                },
            ) => args == args_2 && self.layers(*layer, *layer_2),
            (
                Expr::Call {
                    function,
                    receiver,
                    args,
                    symbols,
                },
                Expr::Call {
                    function: function_2,
                    receiver: receiver_2,
                    args: args_2,
                    symbols: symbols_2,
                },
            ) => {
                (args, symbols) == (args_2, symbols_2)
                    && self.callees(*function, *function_2)
                    && match (receiver, receiver_2) {
                        (Some(first), Some(second)) => self.places(*first, *second),
                        (None, None) => self.beside(*function, *function_2),
                        _ => false,
                    }
            }
            (
                Expr::Op {
                    op: Op::Dropout(prob),
                    args,
                },
                Expr::Op {
                    op: Op::Dropout(prob_2),
                    args: args_2,
                },
            ) => args == args_2 && self.dropouts(*prob, *prob_2),
            (Expr::Op { .. }, Expr::Op { .. }) | (Expr::List(_), Expr::List(_)) => first == second,
            _ => false,
        }
    }

    /// Dropout by fields of one name.
    fn dropouts(&self, first: f64, second: f64) -> bool {
        let field = self.layout.dropout(self.homes.0, first);
        self.has_self && field.is_some() && field == self.layout.dropout(self.homes.1, second)
    }

    /// Functions of one class that take the same beside their arguments.
    fn callees(&self, first: FunctionId, second: FunctionId) -> bool {
        let of = |id| {
            let facts = self.structs.facts.get(&id)?;
            Some((
                self.structs.class_of.get(&id)?,
                &facts.symbols,
                facts.device,
            ))
        };
        of(first).is_some() && of(first) == of(second)
    }

    /// Associated functions: of the struct itself, or of the same other one.
    fn beside(&self, first: FunctionId, second: FunctionId) -> bool {
        let homes = (self.program[first].home, self.program[second].home);
        homes == self.homes
            || (homes.0 == homes.1 && homes.0 != self.homes.0 && homes.1 != self.homes.1)
    }

    fn layers(&self, first: ModuleId, second: ModuleId) -> bool {
        let of = |id: ModuleId| match &self.program[id].kind {
            ModuleKind::Layer { layer, .. } if self.layout.tied(id).is_none() => Some(layer),
            _ => None,
        };
        of(first).is_some() && of(first) == of(second) && self.places(first, second)
    }

    fn params(&self, first: ParamId, second: ParamId) -> bool {
        let (a, b) = (&self.program[first], &self.program[second]);
        let is_layer = |id: ModuleId| matches!(self.program[id].kind, ModuleKind::Layer { .. });
        let owners_are_alike = if is_layer(a.owner) {
            self.layers(a.owner, b.owner)
        } else {
            !is_layer(b.owner) && self.places(a.owner, b.owner)
        };
        owners_are_alike
            && (&a.field, &a.shape, a.dtype) == (&b.field, &b.shape, b.dtype)
            && (a.role, a.transposed) == (b.role, b.transposed)
            && self.layout.param(first) == self.layout.param(second)
    }

    /// Whether the same fields lead from `self` to two modules.
    fn places(&self, first: ModuleId, second: ModuleId) -> bool {
        let (mut first, mut second) = (first, second);
        while (first, second) != self.homes {
            let parents = (self.program[first].parent, self.program[second].parent);
            let (Some(above), Some(above_2)) = parents else {
                return false;
            };
            if !self
                .layout
                .is_same_step(self.program, (first, above), (second, above_2))
            {
                return false;
            }
            (first, second) = (above, above_2);
        }
        true
    }
}

/// Whether `self`, where there is one, is an instance of the struct the function is printed in.
fn has_own_receiver(function: &Function) -> bool {
    function
        .receiver
        .is_none_or(|receiver| receiver == function.home)
}
