//! Types of variables as source, and the documentation of what a function takes and gives.
use proc_macro2::TokenStream;
use quote::quote;

use super::body::{Body, SlotType};
use crate::emit::imports::Imports;
use crate::emit::{doc, ident, token};
use crate::ir::DType;

/// What clippy takes for a complex type.
const MAX_COMPLEXITY: usize = 250;

impl SlotType {
    /// Whether clippy would ask for a name of its own.
    pub(super) fn is_complex(&self) -> bool {
        self.complexity(1) > MAX_COMPLEXITY
    }

    /// Clippy's measure: each path and tuple counts ten times its nesting.
    fn complexity(&self, nesting: usize) -> usize {
        10 * nesting
            + match self {
                Self::Tensor(ty) if ty.dtype == DType::Float => 0,
                Self::Tensor(_) => 10 * (nesting + 1),
                Self::List { item, .. } => Self::Tensor(item.clone()).complexity(nesting + 1),
                Self::Tuple(parts) => parts.iter().map(|part| part.complexity(nesting + 1)).sum(),
            }
    }

    /// The type as the source spells it.
    pub(in crate::emit) fn tokens(&self, imports: &Imports) -> TokenStream {
        match self {
            Self::Tensor(ty) => token::tensor_type(imports, ty.dtype, ty.shape.len().max(1)),
            Self::List { item, .. } => {
                let item = token::tensor_type(imports, item.dtype, item.shape.len().max(1));
                quote!(Vec<#item>)
            }
            Self::Tuple(parts) => {
                let parts = parts.iter().map(|part| part.tokens(imports));
                quote!((#(#parts),*))
            }
        }
    }

    /// The shapes for documentation, tensor by tensor.
    fn shapes(&self, shapes: &mut Vec<Vec<String>>) {
        match self {
            Self::Tensor(ty) | Self::List { item: ty, .. } => {
                shapes.push(ty.shape.iter().map(doc::dim).collect());
            }
            Self::Tuple(parts) => parts.iter().for_each(|part| part.shapes(shapes)),
        }
    }

    /// The type with its shapes, taken in order.
    fn shown(&self, shapes: &mut impl Iterator<Item = String>) -> String {
        match self {
            Self::Tensor(_) => shapes.next().unwrap_or_default(),
            Self::List { .. } => format!("a list of {}", shapes.next().unwrap_or_default()),
            Self::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| part.shown(shapes)).collect();
                match parts.split_first() {
                    Some((first, rest)) if rest.len() == 1 && rest.first() == Some(first) => {
                        format!("{first} twice")
                    }
                    _ => format!("({})", parts.join(", ")),
                }
            }
        }
    }
}

/// The documentation of functions that one method stands for: the shapes they have in common.
pub(in crate::emit) fn docs(bodies: &[&Body]) -> Vec<String> {
    let Some(first) = bodies.first() else {
        return Vec::new();
    };
    let shapes_of = |body: &Body| {
        let mut shapes = Vec::new();
        for param in &body.params {
            body.tree_type(&param.tree).shapes(&mut shapes);
        }
        body.tree_type(&body.returns).shapes(&mut shapes);
        shapes
    };
    let all: Vec<Vec<Vec<String>>> = bodies.iter().map(|body| shapes_of(body)).collect();
    let n_shapes = all.first().map_or(0, Vec::len);
    let mut common = (0..n_shapes).map(|at| {
        let same: Vec<Vec<String>> = all
            .iter()
            .filter_map(|shapes| shapes.get(at).cloned())
            .collect();
        doc::shape(&doc::common(&same))
    });
    let mut lines = Vec::new();
    let params: Vec<String> = first
        .params
        .iter()
        .map(|param| {
            format!(
                "{}: {}",
                ident::local(&param.name),
                first.tree_type(&param.tree).shown(&mut common)
            )
        })
        .collect();
    let is_short = params.iter().map(String::len).sum::<usize>() < 90;
    if is_short && !params.is_empty() {
        lines.push(format!("- {}", params.join(", ")));
    } else {
        lines.extend(params.iter().map(|param| format!("- {param}")));
    }
    if !first.returns.is_empty() {
        lines.push(format!(
            "- returns: {}",
            first.tree_type(&first.returns).shown(&mut common)
        ));
    }
    lines
}
