//! A function that sees captions of length `T - 1` only is written for a length of its own.
use std::collections::{BTreeMap, BTreeSet};

use crate::ir::{
    Block, Dim, Expr, Function, FunctionId, Op, Program, Scalar, SliceRange, Stmt, Sym, TensorType,
    Type,
};

/// Renames lengths in the functions that are no entry points.
pub(super) fn run(program: &Program) -> Program {
    let mut program = program.clone();
    let entries = &program.entries;
    let mut kept = BTreeSet::from([entries.logits, entries.encode, entries.decode, entries.loss]);
    kept.extend(entries.infer);
    let own: Vec<FunctionId> = program
        .function_ids()
        .filter(|id| !kept.contains(id))
        .collect();
    let shifts: BTreeMap<FunctionId, i64> = own
        .into_iter()
        .filter_map(|id| Some((id, shift(&program[id])?)))
        .collect();
    for (at, function) in program.functions.iter_mut().enumerate() {
        let id = FunctionId(u32::try_from(at).unwrap_or(u32::MAX));
        if let Some(distance) = shifts
            .get(&id)
            .and_then(|shift| Dim::symbol(Sym::Length).add(&Dim::constant(*shift)))
        {
            substitute(function, &BTreeMap::from([(Sym::Length, distance)]));
        }
        pass_on(&mut function.body, &shifts);
    }
    program
}

/// The `k` of `T - k`, when the parameters know the length as that and not as `T`.
fn shift(function: &Function) -> Option<i64> {
    let vars = function.params.iter().flat_map(|param| param.tree.vars());
    let types = vars.filter_map(|var| function.vars.get(var.index()));
    let dims = types.flat_map(|var| match &var.ty {
        Type::Tensor(ty) => ty.shape.as_slice(),
        Type::List { item, .. } => item.shape.as_slice(),
    });
    let length = Dim::symbol(Sym::Length);
    let distances: Vec<i64> = dims
        .filter_map(|dim| length.sub(dim)?.as_constant())
        .collect();
    let first = distances.first().copied()?;
    (first > 0 && distances.iter().all(|distance| *distance == first)).then_some(first)
}

/// Callers tell a renamed function its own length.
fn pass_on(block: &mut Block, shifts: &BTreeMap<FunctionId, i64>) {
    for stmt in block {
        match stmt {
            Stmt::Let {
                expr: Expr::Call {
                    function, symbols, ..
                },
                ..
            } => {
                let Some(shift) = shifts.get(function) else {
                    continue;
                };
                let here = symbols
                    .iter()
                    .find(|(sym, _)| *sym == Sym::Length)
                    .map(|(_, dim)| dim.clone());
                let here = here.unwrap_or_else(|| Dim::symbol(Sym::Length));
                symbols.retain(|(sym, _)| *sym != Sym::Length);
                symbols.extend(
                    here.sub(&Dim::constant(*shift))
                        .map(|dim| (Sym::Length, dim)),
                );
            }
            Stmt::Loop(repeat) => pass_on(&mut repeat.body, shifts),
            Stmt::Let { .. } | Stmt::BreakIf { .. } | Stmt::Push { .. } => {}
        }
    }
}

fn substitute(function: &mut Function, by: &BTreeMap<Sym, Dim>) {
    for var in &mut function.vars {
        match &mut var.ty {
            Type::Tensor(ty) => in_type(ty, by),
            Type::List { item, length } => {
                in_type(item, by);
                in_dim(length, by);
            }
        }
    }
    in_block(&mut function.body, by);
}

fn in_type(ty: &mut TensorType, by: &BTreeMap<Sym, Dim>) {
    ty.shape.iter_mut().for_each(|dim| in_dim(dim, by));
}

fn in_dim(dim: &mut Dim, by: &BTreeMap<Sym, Dim>) {
    if let Some(replaced) = dim.substitute(by) {
        *dim = replaced;
    }
}

fn in_block(block: &mut Block, by: &BTreeMap<Sym, Dim>) {
    for stmt in block {
        match stmt {
            Stmt::Let {
                expr: Expr::Op { op, .. },
                ..
            } => in_op(op, by),
            Stmt::Let {
                expr: Expr::Call { symbols, .. },
                ..
            } => {
                for (_, dim) in symbols {
                    in_dim(dim, by);
                }
            }
            Stmt::Loop(repeat) => {
                in_dim(&mut repeat.count, by);
                in_block(&mut repeat.body, by);
            }
            Stmt::Let { .. } | Stmt::BreakIf { .. } | Stmt::Push { .. } => {}
        }
    }
}

fn in_op(op: &mut Op, by: &BTreeMap<Sym, Dim>) {
    match op {
        Op::BinaryScalar(_, scalar)
        | Op::ScalarBinary(scalar, _)
        | Op::Full(scalar)
        | Op::MaskedFill(scalar) => {
            in_scalar(scalar, by);
        }
        Op::Arange { start, step } => {
            in_scalar(start, by);
            in_scalar(step, by);
        }
        Op::Repeat(counts) => counts.iter_mut().for_each(|count| in_dim(count, by)),
        Op::Slice(ranges) | Op::SliceAssign(ranges) => {
            for range in ranges {
                in_range(range, by);
            }
        }
        Op::Select { index, .. } => in_dim(index, by),
        _ => {}
    }
}

fn in_scalar(scalar: &mut Scalar, by: &BTreeMap<Sym, Dim>) {
    if let Scalar::Int(dim) = scalar {
        in_dim(dim, by);
    }
}

fn in_range(range: &mut SliceRange, by: &BTreeMap<Sym, Dim>) {
    in_dim(&mut range.start, by);
    range.end.iter_mut().for_each(|end| in_dim(end, by));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_less_one_becomes_a_length() {
        let mut dim = Dim::symbol(Sym::Length).sub(&Dim::constant(1)).unwrap();
        let longer = Dim::symbol(Sym::Length).add(&Dim::constant(1)).unwrap();
        in_dim(&mut dim, &BTreeMap::from([(Sym::Length, longer)]));
        assert_eq!(dim, Dim::symbol(Sym::Length));
    }
}
