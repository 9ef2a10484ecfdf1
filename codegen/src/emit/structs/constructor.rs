//! Fields of a struct and how each is built.
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::Structs;
use crate::emit::imports::Imports;
use crate::emit::layout::Layout;
use crate::emit::numbers::{Literal, Numbers};
use crate::emit::{ident, layer, token};
use crate::ir::{FunctionId, Layer, Member, ModuleId, ModuleKind, ParamId, Program, Role};

/// A field of a struct.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: FieldKind,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum FieldKind {
    Module(ModuleId),
    /// A parameter or buffer that the struct holds itself, or of a tied layer.
    Param(ParamId),
    /// Dropout that Python applies as a function.
    Dropout(f64),
}

impl Structs {
    /// The fields of a module's struct in order.
    pub(super) fn fields(program: &Program, layout: &Layout, module: ModuleId) -> Vec<Field> {
        let mut fields = Vec::new();
        match &program[module].kind {
            ModuleKind::Struct { members, .. } => {
                for member in members {
                    match member {
                        Member::Module(child) => add_module(program, layout, *child, &mut fields),
                        Member::Param(param) => add_param(layout, *param, &mut fields),
                    }
                }
            }
            ModuleKind::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    fields.push(Field {
                        name: format!("layer_{at}"),
                        kind: FieldKind::Module(*item),
                    });
                }
            }
            ModuleKind::Layer { .. } => {}
        }
        for (prob, name) in layout.dropouts(module) {
            fields.push(Field {
                name: name.clone(),
                kind: FieldKind::Dropout(*prob),
            });
        }
        fields
    }

    /// The type of a field.
    pub(super) fn type_of(
        &self,
        program: &Program,
        layout: &Layout,
        imports: &Imports,
        field: &Field,
    ) -> TokenStream {
        match field.kind {
            FieldKind::Module(module) => self.module_type(program, layout, imports, module),
            FieldKind::Param(param) => {
                let rank = program[param].shape.len().max(1);
                let tensor = token::tensor_type(imports, program[param].dtype, rank);
                if program[param].role == Role::Scratch {
                    return tensor;
                }
                let param = imports.name("burn::module", "Param");
                quote!(#param<#tensor>)
            }
            FieldKind::Dropout(_) => {
                let dropout = imports.name("burn::nn", "Dropout");
                quote!(#dropout)
            }
        }
    }

    fn module_type(
        &self,
        program: &Program,
        layout: &Layout,
        imports: &Imports,
        module: ModuleId,
    ) -> TokenStream {
        match &program[module].kind {
            ModuleKind::Layer { layer, .. } => {
                let (path, name) = layer::type_name(layer);
                let name = imports.name(path, name);
                quote!(#name)
            }
            ModuleKind::List(items) if layout.is_uniform(module) => {
                let item = items
                    .first()
                    .map(|item| self.module_type(program, layout, imports, *item));
                quote!(Vec<#item>)
            }
            ModuleKind::List(_) | ModuleKind::Struct { .. } => self.struct_name(module),
        }
    }

    /// The expression that builds a field.
    pub(super) fn build(
        &self,
        program: &Program,
        layout: &Layout,
        imports: &Imports,
        field: &Field,
        numbers: &mut dyn Numbers,
    ) -> TokenStream {
        numbers.enter(&field.name);
        match field.kind {
            FieldKind::Module(module) => {
                self.build_module(program, layout, imports, module, numbers)
            }
            FieldKind::Param(param) => match program[param].init {
                Some(init) => self.first_value(program, imports, param, init),
                None => build_param(program, imports, param, numbers),
            },
            FieldKind::Dropout(prob) => layer::build(&Layer::Dropout { prob }, imports, numbers),
        }
    }

    /// A tensor of the reply's own, as the function that computes it gives it.
    fn first_value(
        &self,
        program: &Program,
        imports: &Imports,
        param: ParamId,
        init: FunctionId,
    ) -> TokenStream {
        let known = self.methods.get(&init).cloned();
        let method = known.unwrap_or_else(|| ident::method(&program[init].name, None, false));
        let method = format_ident!("{method}");
        let device = self
            .facts
            .get(&init)
            .is_some_and(|facts| facts.device)
            .then(|| quote!(device));
        let value = quote!(Self::#method(#device));
        if program[param].role == Role::Scratch {
            return value;
        }
        let class = imports.name("burn::module", "Param");
        let frozen = (!program[param].trainable).then(|| quote!(.set_require_grad(false)));
        quote!(#class::from_tensor(#value)#frozen)
    }

    fn build_module(
        &self,
        program: &Program,
        layout: &Layout,
        imports: &Imports,
        module: ModuleId,
        numbers: &mut dyn Numbers,
    ) -> TokenStream {
        match &program[module].kind {
            ModuleKind::Layer { layer, .. } => layer::build(layer, imports, numbers),
            ModuleKind::List(items) if layout.is_uniform(module) => {
                self.build_list(program, layout, imports, items, numbers)
            }
            ModuleKind::List(_) | ModuleKind::Struct { .. } => {
                let name = self.struct_name(module);
                let arguments = self
                    .group_of
                    .get(&module)
                    .and_then(|at| self.groups.get(*at));
                let arguments = arguments
                    .map(|group| group.arguments(module))
                    .unwrap_or_default();
                let arguments: Vec<TokenStream> = arguments
                    .into_iter()
                    .map(|(hint, value)| numbers.number(&hint, value))
                    .collect();
                quote!(#name::new(#(#arguments,)* device))
            }
        }
    }

    /// Items that are built alike are built by a loop.
    fn build_list(
        &self,
        program: &Program,
        layout: &Layout,
        imports: &Imports,
        items: &[ModuleId],
        numbers: &mut dyn Numbers,
    ) -> TokenStream {
        let alone = |item: ModuleId| {
            let mut plain = Literal;
            self.build_module(program, layout, imports, item, &mut plain)
                .to_string()
        };
        let first = items.first().copied();
        let is_same = items
            .iter()
            .all(|item| first.is_some_and(|first| alone(*item) == alone(first)));
        match first {
            Some(first) if is_same && items.len() > 2 => {
                let item = self.build_module(program, layout, imports, first, numbers);
                let n_items = token::size(items.len());
                quote!((0..#n_items).map(|_| #item).collect())
            }
            _ => {
                let items: Vec<TokenStream> = items
                    .iter()
                    .map(|item| self.build_module(program, layout, imports, *item, numbers))
                    .collect();
                quote!(vec![#(#items),*])
            }
        }
    }
}

/// A module's field; an empty list has none, and a tied layer only those of the parameters it owns.
fn add_module(program: &Program, layout: &Layout, module: ModuleId, fields: &mut Vec<Field>) {
    let ModuleKind::Layer { params, .. } = &program[module].kind else {
        let is_empty_list =
            matches!(&program[module].kind, ModuleKind::List(items) if items.is_empty());
        if !is_empty_list && !layout.is_hollow(module) {
            let name = layout.field(module).unwrap_or("layer").to_owned();
            fields.push(Field {
                name,
                kind: FieldKind::Module(module),
            });
        }
        return;
    };
    if layout.tied(module).is_some() {
        let own = params
            .iter()
            .filter(|param| program[**param].owner == module);
        for param in own {
            add_param(layout, *param, fields);
        }
    } else {
        let name = layout.field(module).unwrap_or("layer").to_owned();
        fields.push(Field {
            name,
            kind: FieldKind::Module(module),
        });
    }
}

fn add_param(layout: &Layout, param: ParamId, fields: &mut Vec<Field>) {
    if let Some(name) = layout.param(param) {
        fields.push(Field {
            name: name.to_owned(),
            kind: FieldKind::Param(param),
        });
    }
}

/// A parameter of a struct's own: the bias of a tied layer is drawn as PyTorch draws it.
fn build_param(
    program: &Program,
    imports: &Imports,
    param: ParamId,
    numbers: &mut dyn Numbers,
) -> TokenStream {
    let (shape, owner) = (&program[param].shape, program[param].owner);
    let initializer = imports.name("burn::nn", "Initializer");
    let mut sizes: Vec<TokenStream> = if shape.is_empty() {
        vec![token::size(1)]
    } else {
        shape
            .iter()
            .map(|size| numbers.size("size", *size))
            .collect()
    };
    if program[param].transposed {
        sizes.reverse();
    }
    match &program[owner].kind {
        ModuleKind::Layer {
            layer: Layer::Linear { d_input, .. },
            ..
        } => {
            let fan_in = numbers.size("in", *d_input);
            quote! {
                #initializer::KaimingUniform { gain: 1.0 / f64::sqrt(3.0), fan_out_only: false }
                    .init_with([#(#sizes),*], Some(#fan_in), None, device)
            }
        }
        _ if program[param].role == Role::Scratch => {
            let tensor = token::tensor_path(imports, program[param].dtype, sizes.len());
            quote!(#tensor::zeros([#(#sizes),*], device))
        }
        _ => {
            let frozen = (!program[param].trainable).then(|| quote!(.set_require_grad(false)));
            // A normalisation layer's weight that the reply holds itself.
            let is_scale =
                program[param].role == Role::Norm && !program[param].name.ends_with("bias");
            let first = if is_scale {
                quote!(#initializer::Ones)
            } else {
                quote!(#initializer::Zeros)
            };
            quote!(#first.init([#(#sizes),*], device)#frozen)
        }
    }
}
