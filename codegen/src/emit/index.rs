//! Lookups by id. Ids of a Program come from the tables they index; a checked Program has no other.
use std::ops::Index;

use crate::ir::{Function, FunctionId, Module, ModuleId, ModuleKind, Param, ParamId, Program};

macro_rules! index {
    ($id:ty, $table:ident, $item:ty) => {
        impl Index<$id> for Program {
            type Output = $item;

            #[expect(
                clippy::indexing_slicing,
                reason = "an id of a Program indexes its own table"
            )]
            fn index(&self, id: $id) -> &$item {
                &self.$table[id.index()]
            }
        }
    };
}

index!(ModuleId, modules, Module);
index!(ParamId, params, Param);
index!(FunctionId, functions, Function);

impl Program {
    /// The net.
    pub(super) const NET: ModuleId = ModuleId(0);

    /// The submodules of a module in order.
    pub(super) fn children(&self, module: ModuleId) -> Vec<ModuleId> {
        match &self[module].kind {
            ModuleKind::Struct { members, .. } => members
                .iter()
                .filter_map(|member| member.module())
                .collect(),
            ModuleKind::List(items) => items.clone(),
            ModuleKind::Layer { .. } => Vec::new(),
        }
    }

    /// The modules from just below `above` down to `module`; nothing when it is not below.
    pub(super) fn steps(&self, above: ModuleId, module: ModuleId) -> Option<Vec<ModuleId>> {
        let mut steps = Vec::new();
        let mut at = module;
        while at != above {
            steps.push(at);
            at = self[at].parent?;
        }
        steps.reverse();
        Some(steps)
    }

    /// All module ids.
    pub(super) fn module_ids(&self) -> impl DoubleEndedIterator<Item = ModuleId> + use<> {
        (0..u32::try_from(self.modules.len()).unwrap_or(u32::MAX)).map(ModuleId)
    }

    /// All function ids.
    pub(super) fn function_ids(&self) -> impl DoubleEndedIterator<Item = FunctionId> + use<> {
        (0..u32::try_from(self.functions.len()).unwrap_or(u32::MAX)).map(FunctionId)
    }
}

impl crate::ir::Member {
    /// The submodule, when it is one.
    pub(super) fn module(self) -> Option<ModuleId> {
        match self {
            Self::Module(module) => Some(module),
            Self::Param(_) => None,
        }
    }
}
