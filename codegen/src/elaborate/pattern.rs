//! Patterns of arguments and results: what a traced method fits.
use super::value::Value;
use crate::ir::{Dim, Function, Stmt, Sym, TensorType, Tree, Type, VarId};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A value with its tensors known by type only.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pattern {
    /// A tensor: its position among all of them, and its type.
    Tensor(usize, TensorType),
    Tuple(Vec<Pattern>),
    List(Vec<Pattern>),
    Known(Value),
}

pub(super) type Substitution = BTreeMap<Sym, Dim>;
/// Arguments by the names of their parameters.
pub(super) type Bound = [(Rc<str>, Value)];
/// Their patterns.
pub(super) type Patterns = Vec<(Rc<str>, Pattern)>;

/// The pattern as a tree of variables.
pub(super) fn tree_of(pattern: &Pattern, vars: &mut dyn Iterator<Item = VarId>) -> Tree {
    match pattern {
        Pattern::Tensor(..) => vars.next().map_or_else(Tree::empty, Tree::Var),
        Pattern::Known(_) => Tree::empty(),
        Pattern::Tuple(parts) | Pattern::List(parts) => {
            Tree::of(parts.iter().map(|part| tree_of(part, vars)).collect())
        }
    }
}

pub(super) fn count_symbols(pattern: &Pattern, counts: &mut Vec<Sym>) {
    match pattern {
        Pattern::Tensor(_, ty) => {
            let all = ty.shape.iter().flat_map(Dim::symbols);
            counts.extend(all.filter(|sym| matches!(sym, Sym::Count(_))));
        }
        Pattern::Tuple(parts) | Pattern::List(parts) => {
            for part in parts {
                count_symbols(part, counts);
            }
        }
        Pattern::Known(_) => {}
    }
}

/// The symbols of a function's types that its caller knows.
pub(super) fn outer_symbols(function: &Function) -> Vec<Sym> {
    let mut all: Vec<Sym> = Vec::new();
    for var in &function.vars {
        let shape = match &var.ty {
            Type::Tensor(ty) | Type::List { item: ty, .. } => &ty.shape,
        };
        all.extend(shape.iter().flat_map(Dim::symbols));
    }
    all.extend(
        function
            .body
            .iter()
            .flat_map(Stmt::dims)
            .flat_map(Dim::symbols),
    );
    let mut own = Vec::new();
    super::rewrite::loop_symbols(&function.body, &mut own);
    all.retain(|sym| !matches!(sym, Sym::Count(_)) && !own.contains(sym));
    all.sort_unstable();
    all.dedup();
    all
}

pub(super) fn substitute(ty: &TensorType, substitution: &Substitution) -> Option<TensorType> {
    let shape: Option<Vec<Dim>> = ty
        .shape
        .iter()
        .map(|dim| dim.substitute(substitution))
        .collect();
    Some(TensorType {
        dtype: ty.dtype,
        shape: shape?,
    })
}

/// What the symbols of a traced function must be for these arguments; nothing where they do not fit.
pub(super) fn instance_of(
    traced: &[(Rc<str>, Pattern)],
    args: &[(Rc<str>, Pattern)],
) -> Option<Substitution> {
    let mut pairs = Vec::new();
    if traced.len() != args.len() {
        return None;
    }
    for ((_, general), (_, special)) in traced.iter().zip(args) {
        pair(general, special, &mut pairs)?;
    }
    let mut substitution = Substitution::new();
    // Symbols that stand alone first, then those of linear sizes such as `T - 1`.
    for (general, special) in &pairs {
        if let Some(sym) = general.as_symbol() {
            bind(sym, special.clone(), &mut substitution)?;
        }
    }
    for (general, special) in &pairs {
        let unbound: Vec<Sym> = general
            .symbols()
            .into_iter()
            .filter(|sym| !substitution.contains_key(sym))
            .collect();
        if let [sym] = unbound.as_slice() {
            let rest = general.sub(&Dim::symbol(*sym))?;
            if rest.symbols().contains(sym) {
                return None;
            }
            bind(
                *sym,
                special.sub(&rest.substitute(&substitution)?)?,
                &mut substitution,
            )?;
        }
    }
    let fits = pairs
        .iter()
        .all(|(general, special)| general.substitute(&substitution).as_ref() == Some(special));
    fits.then_some(substitution)
}

pub(super) fn bind(sym: Sym, value: Dim, substitution: &mut Substitution) -> Option<()> {
    if !value.is_at_least(sym.least()) {
        return None;
    }
    if let Some(bound) = substitution.get(&sym) {
        (*bound == value).then_some(())
    } else {
        substitution.insert(sym, value);
        Some(())
    }
}

/// Pairs the sizes of two patterns of the same form.
pub(super) fn pair(
    general: &Pattern,
    special: &Pattern,
    pairs: &mut Vec<(Dim, Dim)>,
) -> Option<()> {
    match (general, special) {
        (Pattern::Tensor(_, a), Pattern::Tensor(_, b)) => {
            if a.dtype != b.dtype || a.shape.len() != b.shape.len() {
                return None;
            }
            pairs.extend(a.shape.iter().cloned().zip(b.shape.iter().cloned()));
            Some(())
        }
        (Pattern::Tuple(a), Pattern::Tuple(b)) | (Pattern::List(a), Pattern::List(b)) => {
            if a.len() != b.len() {
                return None;
            }
            a.iter().zip(b).try_for_each(|(x, y)| pair(x, y, pairs))
        }
        (Pattern::Known(Value::Int(a)), Pattern::Known(Value::Int(b))) => {
            pairs.push((a.clone(), b.clone()));
            Some(())
        }
        (Pattern::Known(a), Pattern::Known(b)) => (a == b).then_some(()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ir::DType;

    fn tokens(length: Dim) -> Vec<(Rc<str>, Pattern)> {
        let shape = vec![Dim::symbol(Sym::Batch), length];
        vec![(
            "inputs".into(),
            Pattern::Tensor(
                0,
                TensorType {
                    dtype: DType::Int,
                    shape,
                },
            ),
        )]
    }

    #[test]
    fn one_token_is_an_instance_of_a_caption_without_its_last() {
        let length = Dim::symbol(Sym::Length).sub(&Dim::constant(1)).unwrap();
        let found = instance_of(&tokens(length.clone()), &tokens(Dim::constant(1))).unwrap();
        assert_eq!(found.get(&Sym::Length), Some(&Dim::constant(2)));
        // A caption has two tokens at least, so no trace speaks of fewer than one here.
        assert_eq!(
            instance_of(&tokens(length), &tokens(Dim::constant(0))),
            None
        );
    }

    #[test]
    fn a_known_size_fits_only_itself() {
        assert_eq!(
            instance_of(&tokens(Dim::constant(3)), &tokens(Dim::constant(4))),
            None
        );
        assert_eq!(
            instance_of(&tokens(Dim::constant(3)), &tokens(Dim::symbol(Sym::Length))),
            None
        );
    }
}
