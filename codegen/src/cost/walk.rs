//! Walks a function with the numbers that its symbols stand for, each function once for the same numbers.
use std::collections::BTreeMap;
use std::rc::Rc;

use super::{Batch, Cost, layer, op};
use crate::ir::{
    Block, Dim, Expr, Function, FunctionId, ModuleId, Program, Stmt, Sym, Tree, Type, VarId,
};

/// Numbers for symbols.
type Numbers = BTreeMap<Sym, i64>;

/// Bytes of an element.
const ELEMENT: u64 = 4;

/// What was seen of a module.
#[derive(Clone, Debug, Default)]
pub(super) struct Seen {
    pub(super) cost: Cost,
    pub(super) output: Vec<u64>,
}

/// What a function does.
#[derive(Debug, Default)]
pub(super) struct Walked {
    pub(super) total: Cost,
    /// One a module of the Program.
    pub(super) modules: Vec<Seen>,
}

/// What a call adds; only the modules it reaches.
#[derive(Debug, Default)]
struct Part {
    total: Cost,
    modules: BTreeMap<ModuleId, Seen>,
}

impl Part {
    fn module(&mut self, id: ModuleId, cost: Cost, output: Vec<u64>, times: u64) {
        let seen = self.modules.entry(id).or_default();
        seen.cost.add(cost, times);
        if seen.output.is_empty() {
            seen.output = output;
        }
    }

    fn merge(&mut self, other: &Self, times: u64) {
        self.total.add(other.total, times);
        for (id, seen) in &other.modules {
            self.module(*id, seen.cost, seen.output.clone(), times);
        }
    }
}

/// Walks the loss of a batch.
pub(super) fn loss(program: &Program, batch: Batch) -> Walked {
    let number = |size: usize| i64::try_from(size).unwrap_or(i64::MAX);
    let numbers = Numbers::from([
        (Sym::Batch, number(batch.images)),
        (Sym::Length, number(batch.length)),
        (Sym::Captions, number(batch.captions)),
    ]);
    let mut walk = Walk {
        program,
        known: BTreeMap::new(),
    };
    let part = walk.function(program.entries.loss, &numbers);
    let mut walked = Walked {
        total: part.total,
        modules: vec![Seen::default(); program.modules.len()],
    };
    for (id, seen) in &part.modules {
        if let Some(module) = walked.modules.get_mut(id.index()) {
            *module = seen.clone();
        }
    }
    walked
}

struct Walk<'p> {
    program: &'p Program,
    known: BTreeMap<(FunctionId, Numbers), Rc<Part>>,
}

impl<'p> Walk<'p> {
    fn function(&mut self, id: FunctionId, numbers: &Numbers) -> Rc<Part> {
        if let Some(known) = self.known.get(&(id, numbers.clone())) {
            return Rc::clone(known);
        }
        let mut part = Part::default();
        if let Some(function) = self.program.functions.get(id.index()) {
            self.block(function, &function.body, numbers, 1, &mut part);
        }
        let part = Rc::new(part);
        self.known.insert((id, numbers.clone()), Rc::clone(&part));
        part
    }

    fn block(
        &mut self,
        function: &'p Function,
        block: &'p Block,
        numbers: &Numbers,
        times: u64,
        part: &mut Part,
    ) {
        for stmt in block {
            match stmt {
                Stmt::Let { out, expr, .. } => {
                    self.statement(function, out, expr, numbers, times, part);
                }
                Stmt::Loop(inner) => {
                    let count = value(&inner.count, numbers);
                    let mut inside = numbers.clone();
                    // A turn in the middle stands for all.
                    let middle = i64::try_from(count / 2).unwrap_or(i64::MAX);
                    inside.insert(inner.index, middle);
                    let times = times.saturating_mul(count);
                    self.block(function, &inner.body, &inside, times, part);
                }
                Stmt::BreakIf { .. } | Stmt::Push { .. } => {}
            }
        }
    }

    fn statement(
        &mut self,
        function: &Function,
        out: &Tree,
        expr: &Expr,
        numbers: &Numbers,
        times: u64,
        part: &mut Part,
    ) {
        let shapes = |vars: &[VarId]| -> Vec<Vec<u64>> {
            vars.iter()
                .map(|var| shape(function, *var, numbers))
                .collect()
        };
        let outputs = shapes(&out.vars());
        match expr {
            Expr::Layer { layer: id, args } => {
                let inputs: Vec<_> = args.iter().map(|arg| shapes(&arg.vars())).collect();
                let layer = self
                    .program
                    .modules
                    .get(id.index())
                    .map(|module| &module.kind);
                let cost = layer::cost(layer, &inputs, &outputs);
                part.total.add(cost, times);
                part.module(
                    *id,
                    cost,
                    outputs.into_iter().next().unwrap_or_default(),
                    times,
                );
            }
            Expr::Op { op, args } => {
                let inputs = shapes(args);
                let output = outputs.first().map_or(&[][..], Vec::as_slice);
                let cost = Cost {
                    flops: op::flops(op, &inputs, output),
                    activation_bytes: op::kept(op, output).saturating_mul(ELEMENT),
                };
                part.total.add(cost, times);
            }
            Expr::Call {
                function: callee,
                receiver,
                symbols,
                ..
            } => {
                let mut inside = numbers.clone();
                inside.extend(
                    symbols
                        .iter()
                        .map(|(sym, dim)| (*sym, signed(dim, numbers))),
                );
                let body = self.function(*callee, &inside);
                part.merge(&body, times);
                if let Some(receiver) = receiver {
                    // The outermost method tells what a module gives.
                    let seen = part.modules.entry(*receiver).or_default();
                    seen.output = outputs.into_iter().next().unwrap_or_default();
                }
            }
            Expr::Param(_) | Expr::List(_) => {}
        }
    }
}

fn shape(function: &Function, var: VarId, numbers: &Numbers) -> Vec<u64> {
    match function.vars.get(var.index()).map(|var| &var.ty) {
        Some(Type::Tensor(ty)) => ty.shape.iter().map(|dim| value(dim, numbers)).collect(),
        Some(Type::List { item, length }) => {
            let sizes = [length].into_iter().chain(&item.shape);
            sizes.map(|dim| value(dim, numbers)).collect()
        }
        None => Vec::new(),
    }
}

fn value(dim: &Dim, numbers: &Numbers) -> u64 {
    u64::try_from(signed(dim, numbers)).unwrap_or(0)
}

fn signed(dim: &Dim, numbers: &Numbers) -> i64 {
    dim.terms().fold(0_i64, |sum, (factor, symbols)| {
        let number = |sym: &Sym| numbers.get(sym).copied().unwrap_or_else(|| sym.least());
        let product = symbols
            .iter()
            .fold(factor, |product, sym| product.saturating_mul(number(sym)));
        sum.saturating_add(product)
    })
}
