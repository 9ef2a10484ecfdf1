//! The Program from the state that elaboration left: reachable modules, parameters and functions, numbered anew.
use std::collections::{BTreeMap, BTreeSet};

use super::entry::Found;
use super::interp::{Eval, Interp};
use super::module::{INHERITED, ModuleClass, ModuleState};
use super::torch::join;
use crate::ir::{
    Block, Entries, Expr, FunctionId, Member, Module, ModuleId, ModuleKind, Param, ParamId,
    Program, Slices, Stmt, Task, Tie, split,
};
use crate::rules::Rule;

/// Old numbers to new ones, and where first values come from.
pub(super) struct Numbers {
    initial: Slices,
    pub(super) modules: BTreeMap<ModuleId, ModuleId>,
    pub(super) params: BTreeMap<ParamId, ParamId>,
    pub(super) functions: BTreeMap<FunctionId, FunctionId>,
}

impl Interp<'_, '_> {
    pub(super) fn program(&mut self, found: Found) -> Eval<Program> {
        let mut numbers = Numbers {
            initial: Slices::of(self.state.initial.function()),
            modules: BTreeMap::new(),
            params: BTreeMap::new(),
            functions: BTreeMap::new(),
        };
        let mut program = Program {
            sizes: self.sizes.clone(),
            modules: Vec::new(),
            params: Vec::new(),
            ties: Vec::new(),
            functions: Vec::new(),
            recipe: found.recipe,
            entries: Entries {
                logits: found.logits,
                alignment: found.alignment,
                encode: found.logits,
                decode: found.logits,
                loss: found.loss,
                infer: found.infer,
            },
        };
        self.add_module(found.net, "", "", None, &mut program, &mut numbers);
        let roots = [Some(found.loss), Some(found.logits), found.infer];
        self.add_functions(
            roots.into_iter().flatten().collect(),
            &mut program,
            &mut numbers,
        )?;
        let renumber = |id: FunctionId| numbers.functions.get(&id).copied().unwrap_or(id);
        let entries = &mut program.entries;
        entries.logits = renumber(entries.logits);
        entries.loss = renumber(entries.loss);
        entries.infer = entries.infer.map(renumber);
        (entries.encode, entries.decode) = (entries.logits, entries.logits);
        if self.sizes.task == Task::Caption
            && let Some(logits) = program.functions.get(entries.logits.index())
        {
            let (encode, decode) = split(logits);
            entries.encode = function_id(program.functions.len());
            entries.decode = function_id(program.functions.len() + 1);
            program.functions.extend([encode, decode]);
        }
        self.warn_dead_modules(&numbers);
        Ok(program)
    }

    /// Adds a module and what is below it; gives nothing for a layer that is only a function.
    fn add_module(
        &self,
        id: ModuleId,
        path: &str,
        name: &str,
        parent: Option<ModuleId>,
        program: &mut Program,
        numbers: &mut Numbers,
    ) -> Option<ModuleId> {
        let state = &self.state.modules[id];
        if let ModuleClass::Function { .. } = state.class {
            return None;
        }
        if numbers.modules.contains_key(&id) {
            self.add_aliases(id, path, program, numbers);
            return None;
        }
        let new = ModuleId(u32::try_from(program.modules.len()).unwrap_or(u32::MAX));
        numbers.modules.insert(id, new);
        program.modules.push(Module {
            path: path.to_owned(),
            name: name.to_owned(),
            parent,
            kind: ModuleKind::List(Vec::new()),
            span: state.span,
        });
        let mut children = Vec::new();
        // What is inherited is registered first.
        if let Some(inherited) = self.inherited(id) {
            children.extend(self.add_module(
                inherited,
                path,
                "inherited",
                Some(new),
                program,
                numbers,
            ));
        }
        let own = self.add_params(id, new, path, program, numbers);
        let named = state.children.iter().filter(|(name, _)| *name != INHERITED);
        for (child_name, child) in named {
            children.extend(self.add_module(
                *child,
                &join(path, child_name),
                child_name,
                Some(new),
                program,
                numbers,
            ));
        }
        let kind = kind_of(state, own, children);
        if let Some(module) = program.modules.get_mut(new.index()) {
            module.kind = kind;
        }
        Some(new)
    }

    /// Parameters and buffers of a module, tied ones included.
    fn add_params(
        &self,
        id: ModuleId,
        new: ModuleId,
        path: &str,
        program: &mut Program,
        numbers: &mut Numbers,
    ) -> Vec<ParamId> {
        let state = &self.state.modules[id];
        let is_layer = matches!(state.class, ModuleClass::Layer(_));
        let mut own = Vec::new();
        for (name, param) in state
            .params
            .iter()
            .chain(&state.buffers)
            .chain(&state.constants)
        {
            let full = join(path, name);
            if let Some(known) = numbers.params.get(param) {
                program.ties.push(Tie {
                    name: full,
                    param: *known,
                });
                if is_layer {
                    own.push(*known);
                }
                continue;
            }
            let param_state = &self.state.params[*param];
            let init = param_state.first.map(|first| {
                let name = format!("initial_{name}");
                let initial = self.first_value_function(&numbers.initial, first, new, &name);
                program.functions.push(initial);
                function_id(program.functions.len() - 1)
            });
            let new_id = ParamId(u32::try_from(program.params.len()).unwrap_or(u32::MAX));
            numbers.params.insert(*param, new_id);
            program.params.push(Param {
                name: full,
                owner: new,
                field: if is_layer {
                    param_state.field.clone()
                } else {
                    name.clone()
                },
                shape: param_state.shape.clone(),
                role: param_state.role,
                trainable: param_state.trainable,
                // The net itself holds PyTorch's layout.
                transposed: is_layer && param_state.transposed,
                dtype: param_state.dtype,
                init,
                start_rows: param_state.start_rows,
                start: if is_layer || init.is_some() {
                    param_state.start
                } else {
                    param_state.start.or(param_state.layers_own)
                },
            });
            own.push(new_id);
        }
        own
    }

    /// A module that two attributes hold: its parameters have second names.
    fn add_aliases(&self, id: ModuleId, path: &str, program: &mut Program, numbers: &Numbers) {
        for (prefix, module) in self.named_modules(id, path) {
            let state = &self.state.modules[module];
            for (name, param) in state.params.iter().chain(&state.buffers) {
                if let Some(param) = numbers.params.get(param) {
                    program.ties.push(Tie {
                        name: join(&prefix, name),
                        param: *param,
                    });
                }
            }
        }
    }

    /// The functions that the roots call, callees first.
    fn add_functions(
        &mut self,
        roots: Vec<FunctionId>,
        program: &mut Program,
        numbers: &mut Numbers,
    ) -> Eval<()> {
        let mut wanted = BTreeSet::new();
        let mut open = roots;
        while let Some(id) = open.pop() {
            if wanted.insert(id) {
                callees(&self.state.functions[id].body, &mut open);
            }
        }
        // Functions were added when they were finished: a callee before its caller.
        for id in wanted {
            numbers
                .functions
                .insert(id, function_id(program.functions.len()));
            let function = self.renumbered(id, numbers)?;
            program.functions.push(function);
        }
        Ok(())
    }

    fn warn_dead_modules(&mut self, numbers: &Numbers) {
        let dead: Vec<_> = self
            .state
            .modules
            .iter()
            .filter(|(id, module)| {
                numbers.modules.contains_key(id)
                    && matches!(module.class, ModuleClass::Layer(_))
                    && !module.used
                    && !module.params.is_empty()
            })
            .map(|(_, module)| (module.span, module.class_name.clone()))
            .collect();
        for (span, name) in dead {
            self.diags
                .warn(
                    Rule::DeadModule,
                    span,
                    format!("this `{name}` is built and never called"),
                )
                .help("call it in `forward`, or remove it");
        }
    }
}

fn function_id(index: usize) -> FunctionId {
    FunctionId(u32::try_from(index).unwrap_or(u32::MAX))
}

fn callees(block: &Block, out: &mut Vec<FunctionId>) {
    for stmt in block {
        match stmt {
            Stmt::Let {
                expr: Expr::Call { function, .. },
                ..
            } => out.push(*function),
            Stmt::Loop(inner) => callees(&inner.body, out),
            _ => {}
        }
    }
}

fn kind_of(state: &ModuleState, own: Vec<ParamId>, children: Vec<ModuleId>) -> ModuleKind {
    match &state.class {
        ModuleClass::Layer(layer) => ModuleKind::Layer {
            layer: layer.clone(),
            params: own,
        },
        ModuleClass::ModuleList => ModuleKind::List(children),
        _ => {
            let params = own.into_iter().map(Member::Param);
            let modules = children.into_iter().map(Member::Module);
            ModuleKind::Struct {
                class: state.class_name.clone(),
                members: params.chain(modules).collect(),
            }
        }
    }
}
