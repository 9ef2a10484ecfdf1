//! A function on its way to Rust: the Program's statements without dead code, with tuples that stay whole as one
//! variable.
use std::ops::Index;

use super::{dead, pack, states};
use crate::ir::{Block, Dim, Function, FunctionParam, TensorType, Tree, Type, VarId};

/// The emitter's own copy of a function.
#[derive(Clone, Debug)]
pub(in crate::emit) struct Body {
    pub(in crate::emit) params: Vec<FunctionParam>,
    pub(in crate::emit) slots: Vec<Slot>,
    pub(in crate::emit) block: Block,
    pub(in crate::emit) returns: Tree,
    /// Whether the parts of `returns` are values of their own (the fields of the memory).
    pub(in crate::emit) returns_parts: bool,
}

/// A variable.
#[derive(Clone, Debug)]
pub(in crate::emit) struct Slot {
    pub(in crate::emit) ty: SlotType,
    pub(in crate::emit) name: Option<String>,
}

/// The type of a Rust variable.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::emit) enum SlotType {
    Tensor(TensorType),
    List { item: TensorType, length: Dim },
    Tuple(Vec<SlotType>),
}

impl Body {
    pub(in crate::emit) fn new(function: &Function, returns_parts: bool) -> Self {
        let slots = function.vars.iter().map(|var| {
            let ty = match &var.ty {
                Type::Tensor(ty) => SlotType::Tensor(ty.clone()),
                Type::List { item, length } => SlotType::List {
                    item: item.clone(),
                    length: length.clone(),
                },
            };
            Slot {
                ty,
                name: var.name.clone(),
            }
        });
        let mut body = Self {
            params: function.params.clone(),
            slots: slots.collect(),
            block: function.body.clone(),
            returns: function.returns.clone(),
            returns_parts,
        };
        dead::remove(&mut body);
        pack::run(&mut body);
        states::name(&mut body);
        body
    }

    /// The type of a tree.
    pub(in crate::emit) fn tree_type(&self, tree: &Tree) -> SlotType {
        match tree {
            Tree::Var(var) => self[*var].ty.clone(),
            Tree::Tuple(parts) => {
                SlotType::Tuple(parts.iter().map(|part| self.tree_type(part)).collect())
            }
        }
    }

    /// The tensor type of a variable.
    pub(in crate::emit) fn tensor(&self, var: VarId) -> &TensorType {
        const SCALAR: &TensorType = &TensorType {
            dtype: crate::ir::DType::Float,
            shape: Vec::new(),
        };
        match &self[var].ty {
            SlotType::Tensor(ty) | SlotType::List { item: ty, .. } => ty,
            SlotType::Tuple(_) => SCALAR,
        }
    }

    /// A new variable.
    pub(in crate::emit) fn push(&mut self, slot: Slot) -> VarId {
        self.slots.push(slot);
        VarId(u32::try_from(self.slots.len() - 1).unwrap_or(u32::MAX))
    }
}

impl Index<VarId> for Body {
    type Output = Slot;

    #[expect(
        clippy::indexing_slicing,
        reason = "a variable of a function indexes its own table"
    )]
    fn index(&self, var: VarId) -> &Slot {
        &self.slots[var.index()]
    }
}
