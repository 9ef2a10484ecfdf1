//! Structs of the emitted file: which instances share one, and which functions share a method.
//!
//! Modules are looked at from the leaves up. Two instances of a class share a struct when their fields have the same
//! types, their constructors differ in numbers only and their methods have the same text.
mod alike;
mod constructor;
mod group;
mod print;
mod tied;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::function::{self, Body, Printed, Style};
use super::imports::Imports;
use super::layout::Layout;
use super::{Cx, Facts, Names, ident};
use crate::ir::{FunctionId, ModuleId, ModuleKind, Program};
use alike::Pair;
pub(super) use group::Group;

/// How many printed functions one that is to be printed is compared with.
const MAX_COMPARED: usize = 8;

/// The structs, and what is known of the functions.
#[derive(Debug, Default)]
pub(super) struct Structs {
    pub(super) groups: Vec<Group>,
    pub(super) group_of: BTreeMap<ModuleId, usize>,
    /// The functions that one method stands for, by the first of them.
    pub(super) class_of: BTreeMap<FunctionId, FunctionId>,
    pub(super) facts: BTreeMap<FunctionId, Facts>,
    /// Names of the methods, by function.
    pub(super) methods: BTreeMap<FunctionId, String>,
    /// Text of a printed function, to find its equals: the first of them, and whether its text mentions sizes.
    texts: BTreeMap<String, (FunctionId, bool)>,
    /// Functions that were printed to know their text, by what is quickly compared.
    drafted: BTreeMap<(String, String, usize), Vec<FunctionId>>,
    /// The first of the functions that are equal but for their sizes.
    several_sizes: BTreeSet<FunctionId>,
}

impl Structs {
    /// Groups the modules of a Program. `own` are the functions that become methods.
    pub(super) fn new(
        program: &Program,
        layout: &mut Layout,
        bodies: &BTreeMap<FunctionId, Body>,
        own: &BTreeSet<FunctionId>,
    ) -> Self {
        let mut structs = Self::default();
        let heights = heights(program);
        for function in own
            .iter()
            .filter(|function| program[**function].receiver.is_none())
        {
            structs.classify(program, layout, bodies, *function);
        }
        for height in 0..=heights.values().copied().max().unwrap_or(0) {
            let modules: Vec<ModuleId> = program
                .module_ids()
                .filter(|module| heights.get(module) == Some(&height))
                .collect();
            structs.find_uniform_lists(program, layout, &modules);
            for function in own {
                if program[*function]
                    .receiver
                    .is_some_and(|module| modules.contains(&module))
                {
                    structs.classify(program, layout, bodies, *function);
                }
            }
            structs.group(program, layout, &modules, own);
        }
        structs.name_groups(program);
        structs.name_methods(program, layout, own);
        structs
    }

    /// Finds the functions that print like this one.
    fn classify(
        &mut self,
        program: &Program,
        layout: &Layout,
        bodies: &BTreeMap<FunctionId, Body>,
        id: FunctionId,
    ) {
        let key = alike::key(program, id);
        if let Some(known) = self.find_alike(program, layout, &key, id) {
            let body = |id| {
                let draft = self.draft(program, layout, bodies, id, true);
                draft.map(|printed| printed.body.to_string())
            };
            debug_assert_eq!(body(known), body(id), "the functions are not alike");
            let (class, facts) = (self.class_of.get(&known).copied(), self.facts.get(&known));
            self.facts.extend(facts.cloned().map(|facts| (id, facts)));
            self.class_of.extend(class.map(|class| (id, class)));
            return;
        }
        let Some(printed) = self.draft(program, layout, bodies, id, true) else {
            return;
        };
        self.drafted.entry(key).or_default().push(id);
        let function = &program[id];
        let text = format!(
            "{} {} {} {}",
            base_name(program, function.home),
            function.name,
            printed.signature,
            printed.body,
        );
        let (class, is_sized) = *self.texts.entry(text).or_insert((id, printed.is_sized));
        self.class_of.insert(id, class);
        self.facts.insert(
            id,
            Facts {
                symbols: printed.symbols,
                device: printed.device,
            },
        );
        let may_differ = class != id && (is_sized || printed.is_sized);
        if may_differ && !self.several_sizes.contains(&class) {
            let text = |id| {
                let draft = self.draft(program, layout, bodies, id, false);
                draft.map(|printed| printed.body.to_string())
            };
            if text(class) != text(id) {
                self.several_sizes.insert(class);
            }
        }
    }

    /// A function that was printed and of which it is known that this one prints alike. Only the latest are looked at:
    /// equal blocks mostly follow each other.
    fn find_alike(
        &self,
        program: &Program,
        layout: &Layout,
        key: &(String, String, usize),
        id: FunctionId,
    ) -> Option<FunctionId> {
        let drafted = self.drafted.get(key)?.iter().rev().take(MAX_COMPARED);
        let mut drafted = drafted.copied();
        drafted.find(|known| Pair::is_alike(self, (program, layout), (*known, id)))
    }

    /// A function with its callees by number; sizes by the axes of parameters, or written out.
    fn draft(
        &self,
        program: &Program,
        layout: &Layout,
        bodies: &BTreeMap<FunctionId, Body>,
        id: FunctionId,
        by_axis: bool,
    ) -> Option<Printed> {
        let imports = Imports::default();
        let cx = Cx {
            program,
            layout,
            imports: &imports,
            facts: &self.facts,
            names: Names::Draft(&self.class_of),
            by_axis,
        };
        let body = bodies.get(&id)?;
        Some(function::print(&cx, &program[id], body, &Style::Method))
    }

    fn find_uniform_lists(&self, program: &Program, layout: &mut Layout, modules: &[ModuleId]) {
        for module in modules {
            if let ModuleKind::List(items) = &program[*module].kind {
                let types: BTreeSet<String> = items
                    .iter()
                    .map(|item| self.field_type(program, layout, *item).to_string())
                    .collect();
                if types.len() == 1 && items.iter().all(|item| layout.tied(*item).is_none()) {
                    layout.set_uniform(*module);
                }
            }
        }
    }

    /// The type of a field that holds a module; a struct by its number until it has a name.
    fn field_type(&self, program: &Program, layout: &Layout, module: ModuleId) -> TokenStream {
        match &program[module].kind {
            ModuleKind::Layer { layer, .. } => {
                let name = format_ident!("{}", super::layer::type_name(layer).1);
                quote!(#name)
            }
            ModuleKind::List(items) if layout.is_uniform(module) => {
                let item = items
                    .first()
                    .map(|item| self.field_type(program, layout, *item));
                quote!(Vec<#item>)
            }
            ModuleKind::List(_) | ModuleKind::Struct { .. } => self.struct_name(module),
        }
    }

    fn struct_name(&self, module: ModuleId) -> TokenStream {
        if let Some((at, group)) = self
            .group_of
            .get(&module)
            .and_then(|at| Some((at, self.groups.get(*at)?)))
        {
            let name = if group.name.is_empty() {
                format!("Struct{at}")
            } else {
                group.name.clone()
            };
            let name = format_ident!("{name}");
            quote!(#name)
        } else {
            quote!(Self)
        }
    }

    fn name_groups(&mut self, program: &Program) {
        let mut taken = BTreeSet::new();
        for module in program.module_ids() {
            let Some(group) = self
                .group_of
                .get(&module)
                .and_then(|at| self.groups.get_mut(*at))
            else {
                continue;
            };
            if group.name.is_empty() {
                group.name = ident::unique(&group.base, &taken);
                taken.insert(group.name.clone());
            }
        }
    }

    /// Names the methods: in the order of the Python source, those without a variant first.
    fn name_methods(&mut self, program: &Program, layout: &Layout, own: &BTreeSet<FunctionId>) {
        for group in &mut self.groups {
            let mut methods: Vec<FunctionId> = own
                .iter()
                .filter(|function| group.instances.contains(&program[**function].home))
                .filter_map(|function| self.class_of.get(function).copied())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect();
            methods
                .sort_by_key(|id| (program[*id].span.start, program[*id].variant.is_some(), *id));
            let tied = group
                .instances
                .first()
                .map(|first| layout.tied_in(program, *first))
                .unwrap_or_default();
            let mut taken: BTreeSet<String> = tied
                .into_iter()
                .map(|(_, tied)| tied.name.clone())
                .collect();
            for id in methods {
                let function = &program[id];
                let base = ident::method(
                    &function.name,
                    function.variant.as_deref(),
                    function.receiver.is_some(),
                );
                let name = ident::unique(&base, &taken);
                taken.insert(name.clone());
                group.methods.push((name, id));
            }
        }
        for (function, class) in &self.class_of {
            let methods = self.groups.iter().flat_map(|group| &group.methods);
            if let Some((name, _)) = methods.into_iter().find(|(_, id)| id == class) {
                self.methods.insert(*function, name.clone());
            }
        }
    }

    /// Whether a method stands for functions of several sizes.
    fn has_several_sizes(&self, class: FunctionId) -> bool {
        self.several_sizes.contains(&class)
    }

    /// The name of the struct beside which a function is printed.
    pub(super) fn home(&self, program: &Program, function: FunctionId) -> Option<&str> {
        let group = self
            .groups
            .get(*self.group_of.get(&program[function].home)?)?;
        Some(&group.name)
    }
}

/// How far a module is from the leaves below it.
fn heights(program: &Program) -> BTreeMap<ModuleId, usize> {
    let mut heights = BTreeMap::new();
    for module in program.module_ids().rev() {
        let below = program
            .children(module)
            .iter()
            .filter_map(|child| heights.get(child))
            .max()
            .copied();
        heights.insert(module, below.map_or(0, |height: usize| height + 1));
    }
    heights
}

/// The name a module's struct would like: the class, or for a container of torch the owner's and the attribute's.
fn base_name(program: &Program, module: ModuleId) -> String {
    let in_owner = || match program[module].parent {
        Some(parent) => {
            let is_item = matches!(program[parent].kind, ModuleKind::List(_));
            let attribute = if is_item {
                "Item".to_owned()
            } else {
                ident::camel(&program[module].name)
            };
            let attribute = attribute
                .trim_start_matches("Class")
                .trim_start_matches("Own")
                .to_owned();
            format!("{}{attribute}", base_name(program, parent))
        }
        None => "Net".to_owned(),
    };
    match &program[module].kind {
        ModuleKind::Struct { class, .. } if class != "Sequential" && class != "ModuleDict" => {
            ident::camel(class)
        }
        _ => in_owner(),
    }
}
