//! Walks over the variables and sizes of statements.
use super::{Dim, Expr, Loop, Op, Scalar, SliceRange, Stmt, Tree, VarId};

impl Tree {
    /// Every variable, replaced.
    pub(crate) fn map_vars(&mut self, map: &mut dyn FnMut(&mut VarId)) {
        match self {
            Self::Var(var) => map(var),
            Self::Tuple(parts) => parts.iter_mut().for_each(|part| part.map_vars(map)),
        }
    }
}

impl Expr {
    /// The operands in order.
    pub(crate) fn vars(&self) -> Vec<VarId> {
        match self {
            Self::Op { args, .. } | Self::List(args) => args.clone(),
            Self::Param(_) => Vec::new(),
            Self::Layer { args, .. } | Self::Call { args, .. } => {
                args.iter().flat_map(Tree::vars).collect()
            }
        }
    }

    /// Every operand, replaced.
    pub(crate) fn map_vars(&mut self, map: &mut dyn FnMut(&mut VarId)) {
        match self {
            Self::Op { args, .. } | Self::List(args) => args.iter_mut().for_each(map),
            Self::Param(_) => {}
            Self::Layer { args, .. } | Self::Call { args, .. } => {
                for arg in args {
                    arg.map_vars(map);
                }
            }
        }
    }

    /// The sizes it mentions beside its operands.
    pub(crate) fn dims(&self) -> Vec<&Dim> {
        match self {
            Self::Op { op, .. } => op.dims(),
            Self::Call { symbols, .. } => symbols.iter().map(|(_, dim)| dim).collect(),
            Self::Param(_) | Self::Layer { .. } | Self::List(_) => Vec::new(),
        }
    }
}

impl Op {
    /// The sizes it mentions beside its operands.
    pub(crate) fn dims(&self) -> Vec<&Dim> {
        match self {
            Self::BinaryScalar(_, scalar)
            | Self::ScalarBinary(scalar, _)
            | Self::Full(scalar)
            | Self::MaskedFill(scalar) => scalar.dim().into_iter().collect(),
            Self::Arange { start, step } => start.dim().into_iter().chain(step.dim()).collect(),
            Self::Repeat(counts) => counts.iter().collect(),
            Self::Slice(ranges) | Self::SliceAssign(ranges) => {
                ranges.iter().flat_map(SliceRange::dims).collect()
            }
            Self::Select { index, .. } => vec![index],
            _ => Vec::new(),
        }
    }
}

impl Scalar {
    fn dim(&self) -> Option<&Dim> {
        match self {
            Self::Float(_) => None,
            Self::Int(dim) => Some(dim),
        }
    }
}

impl SliceRange {
    fn dims(&self) -> impl Iterator<Item = &Dim> {
        [&self.start].into_iter().chain(self.end.as_ref())
    }
}

impl Stmt {
    /// The variables it reads, those of a loop's body included.
    pub(crate) fn reads(&self) -> Vec<VarId> {
        match self {
            Self::Let { expr, .. } => expr.vars(),
            Self::BreakIf { cond, next, .. } => {
                [*cond].into_iter().chain(next.iter().copied()).collect()
            }
            Self::Push { list, item, .. } => vec![*list, *item],
            Self::Loop(repeat) => {
                let carried = repeat
                    .carried
                    .iter()
                    .flat_map(|carried| [carried.init, carried.next]);
                carried
                    .chain(repeat.body.iter().flat_map(Self::reads))
                    .collect()
            }
        }
    }

    /// The variables it defines, those of a loop's body included.
    pub(crate) fn defines(&self) -> Vec<VarId> {
        match self {
            Self::Let { out, .. } => out.vars(),
            Self::BreakIf { .. } | Self::Push { .. } => Vec::new(),
            Self::Loop(repeat) => {
                let carried = repeat
                    .carried
                    .iter()
                    .flat_map(|carried| [carried.current, carried.result]);
                carried
                    .chain(repeat.body.iter().flat_map(Self::defines))
                    .collect()
            }
        }
    }

    /// The lists it appends to, in a loop's body too.
    pub(crate) fn pushes(&self) -> Vec<VarId> {
        match self {
            Self::Push { list, .. } => vec![*list],
            Self::Loop(repeat) => repeat.body.iter().flat_map(Self::pushes).collect(),
            Self::Let { .. } | Self::BreakIf { .. } => Vec::new(),
        }
    }

    /// The sizes it mentions, in a loop's body too.
    pub(crate) fn dims(&self) -> Vec<&Dim> {
        match self {
            Self::Let { expr, .. } => expr.dims(),
            Self::BreakIf { .. } | Self::Push { .. } => Vec::new(),
            Self::Loop(Loop { count, body, .. }) => [count]
                .into_iter()
                .chain(body.iter().flat_map(Self::dims))
                .collect(),
        }
    }

    /// Every variable, replaced.
    pub(crate) fn map_vars(&mut self, map: &mut dyn FnMut(&mut VarId)) {
        match self {
            Self::Let { out, expr, .. } => {
                out.map_vars(map);
                expr.map_vars(map);
            }
            Self::BreakIf { cond, next, .. } => {
                map(cond);
                next.iter_mut().for_each(map);
            }
            Self::Push { list, item, .. } => {
                map(list);
                map(item);
            }
            Self::Loop(repeat) => {
                for carried in &mut repeat.carried {
                    for var in [
                        &mut carried.init,
                        &mut carried.current,
                        &mut carried.next,
                        &mut carried.result,
                    ] {
                        map(var);
                    }
                }
                repeat.body.iter_mut().for_each(|stmt| stmt.map_vars(map));
            }
        }
    }
}
