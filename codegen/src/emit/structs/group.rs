//! Instances that share a struct.
use std::collections::BTreeSet;

use super::{Structs, base_name};
use crate::emit::layout::Layout;
use crate::emit::numbers::{Collect, Columns, Number};
use crate::ir::{FunctionId, ModuleId, ModuleKind, Program};

/// Parameters a constructor may have beside the device.
const MAX_NUMBERS: usize = 6;

/// A struct and the modules that are instances of it.
#[derive(Clone, Debug)]
pub(in crate::emit) struct Group {
    pub(in crate::emit) base: String,
    /// Empty until all structs are known.
    pub(in crate::emit) name: String,
    pub(in crate::emit) instances: Vec<ModuleId>,
    /// What the constructor takes.
    pub(in crate::emit) columns: Columns,
    /// Methods by name and the first function each stands for.
    pub(in crate::emit) methods: Vec<(String, FunctionId)>,
}

impl Group {
    /// The arguments of an instance's constructor.
    pub(in crate::emit) fn arguments(&self, module: ModuleId) -> Vec<(String, Number)> {
        let at = self
            .instances
            .iter()
            .position(|instance| *instance == module);
        at.map(|at| self.columns.arguments(at)).unwrap_or_default()
    }
}

/// An instance while groups are looked for.
struct Candidate {
    module: ModuleId,
    key: String,
    numbers: Collect,
}

impl Structs {
    /// Groups the structs among the modules, whose children are grouped already.
    pub(super) fn group(
        &mut self,
        program: &Program,
        layout: &Layout,
        modules: &[ModuleId],
        own: &BTreeSet<FunctionId>,
    ) {
        let candidates: Vec<Candidate> = modules
            .iter()
            .filter(|module| is_struct(program, layout, **module))
            .map(|module| self.candidate(program, layout, *module, own))
            .collect();
        let mut keys: Vec<&str> = Vec::new();
        for candidate in &candidates {
            if !keys.contains(&candidate.key.as_str()) {
                keys.push(&candidate.key);
            }
        }
        for key in keys {
            let same: Vec<&Candidate> = candidates
                .iter()
                .filter(|candidate| candidate.key == key)
                .collect();
            for part in partition(same) {
                self.add(program, &part);
            }
        }
    }

    fn add(&mut self, program: &Program, instances: &[&Candidate]) {
        let Some(first) = instances.first() else {
            return;
        };
        let group = Group {
            base: base_name(program, first.module),
            name: String::new(),
            instances: instances.iter().map(|candidate| candidate.module).collect(),
            columns: columns(instances),
            methods: Vec::new(),
        };
        for module in &group.instances {
            self.group_of.insert(*module, self.groups.len());
        }
        self.groups.push(group);
    }

    /// Everything of an instance but the numbers of its constructor, as text.
    fn candidate(
        &self,
        program: &Program,
        layout: &Layout,
        module: ModuleId,
        own: &BTreeSet<FunctionId>,
    ) -> Candidate {
        let mut numbers = Collect::default();
        let imports = crate::emit::imports::Imports::default();
        let fields = Self::fields(program, layout, module);
        let mut key = base_name(program, module);
        for field in &fields {
            let ty = self.type_of(program, layout, &imports, field);
            let value = self.build(program, layout, &imports, field, &mut numbers);
            key.extend([
                "\n",
                &field.name,
                ": ",
                &ty.to_string(),
                " = ",
                &value.to_string(),
            ]);
        }
        for (id, tied) in layout.tied_in(program, module) {
            let method = super::tied::method(program, layout, &imports, id, tied);
            key.extend(["\n", &method.to_string()]);
        }
        let methods: BTreeSet<FunctionId> = own
            .iter()
            .filter(|function| program[**function].home == module)
            .filter_map(|function| self.class_of.get(function).copied())
            .collect();
        Candidate {
            module,
            key: format!("{key}\n{methods:?}"),
            numbers,
        }
    }
}

fn is_struct(program: &Program, layout: &Layout, module: ModuleId) -> bool {
    match &program[module].kind {
        ModuleKind::Struct { .. } => !layout.is_hollow(module),
        ModuleKind::List(items) => !items.is_empty() && !layout.is_uniform(module),
        ModuleKind::Layer { .. } => false,
    }
}

fn columns(instances: &[&Candidate]) -> Columns {
    let values: Vec<&[Number]> = instances
        .iter()
        .map(|candidate| candidate.numbers.values.as_slice())
        .collect();
    let hints = instances
        .first()
        .map(|first| first.numbers.hints.as_slice())
        .unwrap_or_default();
    Columns::new(hints, &values)
}

/// All instances together, or where that takes too many parameters, those with equal numbers.
fn partition(instances: Vec<&Candidate>) -> Vec<Vec<&Candidate>> {
    if columns(&instances).params.len() <= MAX_NUMBERS {
        return vec![instances];
    }
    let mut parts: Vec<Vec<&Candidate>> = Vec::new();
    for candidate in instances {
        let is_equal = |part: &&mut Vec<&Candidate>| {
            part.first()
                .is_some_and(|first| first.numbers.values == candidate.numbers.values)
        };
        match parts.iter_mut().find(is_equal) {
            Some(part) => part.push(candidate),
            None => parts.push(vec![candidate]),
        }
    }
    parts
}
