//! torch as a table: an operation is one entry, which names it, its signature, and the function that checks shapes and
//! adds it to the Program. A layer is one entry likewise.
mod apply;
mod convert;
mod create;
mod einsum;
mod functions;
mod init;
mod join;
mod layers;
mod linear;
mod modules;
mod optim;
mod parameter;
mod pointwise;
mod pool;
mod pools;
mod reduce;
mod shape;
mod signature;
mod transformer;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::call::Args;
use super::expr::last_part;
use super::interp::{Eval, Interp, raised, stop, unsupported};
use super::value::{Object, Value};
use crate::diagnostic::Span;
use crate::ir::DType;
use crate::rules::Rule;

pub(super) use modules::{is_module_method, join};
pub(super) use signature::Call;

/// An operation of torch.
pub(super) struct Entry {
    /// Dotted names; a method of a tensor is `Tensor.name`.
    pub(super) names: &'static [&'static str],
    /// Parameters as Python declares them.
    pub(super) signature: &'static str,
    /// Adds the operation.
    pub(super) eval: fn(&mut Interp<'_, '_>, &Call) -> Eval<Value>,
}

type Table = BTreeMap<&'static str, &'static Entry>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let families = [
            convert::ENTRIES,
            create::ENTRIES,
            einsum::ENTRIES,
            init::ENTRIES,
            join::ENTRIES,
            layers::ENTRIES,
            linear::ENTRIES,
            optim::ENTRIES,
            parameter::ENTRIES,
            pointwise::ENTRIES,
            pools::ENTRIES,
            reduce::ENTRIES,
            shape::ENTRIES,
            transformer::ENTRIES,
        ];
        let entries = families.into_iter().flatten();
        entries
            .flat_map(|entry| entry.names.iter().map(move |name| (*name, entry)))
            .collect()
    })
}

/// Whether tensors have the method, in place or not.
pub(super) fn has_tensor_method(name: &str) -> bool {
    let full = format!("Tensor.{name}");
    table().contains_key(full.as_str()) || in_place_of(name).is_some()
}

/// `relu_` to `Tensor.relu`.
fn in_place_of(name: &str) -> Option<&'static Entry> {
    let plain = name.strip_suffix('_')?;
    table().get(format!("Tensor.{plain}").as_str()).copied()
}

/// The value of a constant of torch or `math`.
pub(super) fn constant(path: &str) -> Option<Value> {
    let value = match path {
        "math.pi" | "torch.pi" => Value::Float(std::f64::consts::PI),
        "math.e" => Value::Float(std::f64::consts::E),
        "math.inf" | "torch.inf" => Value::Float(f64::INFINITY),
        "torch.float" | "torch.float32" | "torch.float16" | "torch.half" | "torch.bfloat16"
        | "torch.float64" | "torch.double" => Value::DType(DType::Float),
        "torch.long" | "torch.int64" | "torch.int" | "torch.int32" | "torch.uint8" => {
            Value::DType(DType::Int)
        }
        "torch.bool" => Value::DType(DType::Bool),
        _ => return None,
    };
    Some(value)
}

/// The import that defines a name that nets use by habit.
pub(super) fn suggest_import(name: &str) -> Option<&'static str> {
    match name {
        "torch" => Some("import torch"),
        "nn" => Some("import torch.nn as nn"),
        "F" => Some("import torch.nn.functional as F"),
        "math" => Some("import math"),
        "optim" => Some("import torch.optim as optim"),
        "Optional" | "List" | "Tuple" | "Dict" | "Any" | "Union" => {
            Some("from typing import Any, Dict, List, Optional, Tuple, Union")
        }
        "OrderedDict" => Some("from collections import OrderedDict"),
        "partial" => Some("from functools import partial"),
        _ => None,
    }
}

impl Interp<'_, '_> {
    /// A function or class of torch, of Python or of a known package.
    pub(super) fn call_native(&mut self, path: &str, args: Args, span: Span) -> Eval<Value> {
        if let Some(name) = path.strip_prefix("builtins.") {
            return self.call_builtin(name, args, span);
        }
        if let Some(name) = path.strip_prefix("math.") {
            return self.call_math(name, &args, span);
        }
        if let Some(entry) = table().get(path) {
            return self.call_entry(entry, path, args, span);
        }
        if let Some(layer) = functions::FUNCTION_LAYERS
            .iter()
            .find(|layer| layer.name == path)
        {
            return self.function_layer(layer, args, span);
        }
        if let Some(value) = self.call_known_package(path, &args, span)? {
            return Ok(value);
        }
        if let Some(value) = self.call_prelude(path, args, span)? {
            return Ok(value);
        }
        Err(unknown_name(path, span))
    }

    pub(super) fn call_entry(
        &mut self,
        entry: &'static Entry,
        path: &str,
        args: Args,
        span: Span,
    ) -> Eval<Value> {
        let call = self.bind_signature(entry.signature, path, args, span)?;
        (entry.eval)(self, &call)
    }

    /// A method of a tensor; a name with `_` at its end writes the tensor in place.
    pub(super) fn tensor_method(
        &mut self,
        tensor: &Value,
        name: &str,
        args: Args,
        span: Span,
    ) -> Eval<Value> {
        let full = format!("Tensor.{name}");
        if let Some(entry) = table().get(full.as_str()) {
            return self.call_entry(entry, &full, args.with_first(tensor.clone()), span);
        }
        let Some(entry) = in_place_of(name) else {
            return Err(unknown_name(&format!("torch.{full}"), span));
        };
        if self.is_constructing() && self.is_of_layer(tensor) {
            self.note_dropped(span, "writing a layer's first values");
            return Ok(tensor.clone());
        }
        let value = self.call_entry(entry, &full, args.with_first(tensor.clone()), span)?;
        self.write_cell(tensor, &value, span)?;
        Ok(tensor.clone())
    }

    /// `functools.partial(callee, ...)`.
    fn partial(&mut self, args: &Args, span: Span) -> Eval<Value> {
        let Some((callee, positional)) = args.positional.split_first() else {
            return Err(raised("TypeError", span, "`partial` needs a function"));
        };
        Ok(self.object(Object::Partial {
            callee: callee.clone(),
            positional: positional.to_vec(),
            keywords: args.keywords.clone(),
        }))
    }

    /// Functions outside the table: small helpers of Python's packages.
    fn call_known_package(&mut self, path: &str, args: &Args, span: Span) -> Eval<Option<Value>> {
        let first = args.positional.first();
        let value = match path {
            "collections.OrderedDict" => self.call_builtin("dict", args.clone(), span)?,
            "functools.partial" => self.partial(args, span)?,
            "collections.defaultdict" | "copy.deepcopy" | "copy.copy" => {
                return Err(unsupported(span, format!("`{path}`")));
            }
            "torch.device" => Value::Device,
            "torch.cuda.is_available" | "torch.is_autocast_enabled" => Value::Bool(false),
            "torch.manual_seed" | "torch.cuda.empty_cache" | "torch.set_grad_enabled" => {
                Value::None
            }
            "torch.is_tensor" => Value::Bool(first.is_some_and(Self::is_tensor)),
            "torch.no_grad"
            | "torch.enable_grad"
            | "torch.inference_mode"
            | "torch.amp.autocast"
            | "torch.cuda.amp.autocast"
            | "torch.autocast"
            | "torch.amp.autocast_mode.autocast" => self.object(Object::Context("a torch context")),
            "torch.amp.GradScaler"
            | "torch.cuda.amp.GradScaler"
            | "torch.amp.grad_scaler.GradScaler" => self.object(Object::Inert("a gradient scaler")),
            "tqdm.tqdm" | "tqdm" => first.cloned().unwrap_or(Value::None),
            _ if path.starts_with("torch.optim.lr_scheduler.") => {
                self.note_dropped(span, "a learning-rate scheduler");
                self.object(Object::Inert("a learning-rate scheduler"))
            }
            _ => return Ok(None),
        };
        Ok(Some(value))
    }
}

/// A name that torch does not have, or that is not translated yet.
fn unknown_name(path: &str, span: Span) -> Box<super::interp::Stop> {
    let name = path.replace("torch.Tensor.", "Tensor.");
    if path.starts_with("torch.") {
        let finding = stop(
            Rule::UnknownTorchName,
            span,
            format!("`{name}` is not known here"),
        );
        return match nearest(path) {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding,
        };
    }
    match path.split('.').next() {
        Some("torchvision") => unsupported(span, format!("`{name}`")),
        _ => raised("TypeError", span, format!("`{name}` cannot be called here")),
    }
}

/// The name of the table that is spelt most like `path`.
fn nearest(path: &str) -> Option<&'static str> {
    let wanted = last_part(path).to_lowercase();
    let same = table()
        .keys()
        .find(|name| last_part(name).to_lowercase() == wanted);
    let near = || {
        table()
            .keys()
            .find(|name| within_one_edit(last_part(name), last_part(path)))
    };
    same.or_else(near).copied()
}

/// Whether one letter changed, added or left out makes one word the other.
fn within_one_edit(a: &str, b: &str) -> bool {
    let (short, long) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if long.len() - short.len() > 1 || short.len() < 4 {
        return false;
    }
    let same_start = short
        .bytes()
        .zip(long.bytes())
        .take_while(|(x, y)| x == y)
        .count();
    let same_end = short
        .bytes()
        .rev()
        .zip(long.bytes().rev())
        .take_while(|(x, y)| x == y)
        .count();
    same_start + same_end + 1 >= long.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_signature_is_well_formed() {
        for entry in table().values() {
            assert!(
                signature::parse(entry.signature).is_some(),
                "{:?}: {}",
                entry.names,
                entry.signature
            );
        }
    }

    #[test]
    fn no_name_is_registered_twice() {
        let families = [
            convert::ENTRIES,
            create::ENTRIES,
            einsum::ENTRIES,
            init::ENTRIES,
            join::ENTRIES,
            layers::ENTRIES,
            linear::ENTRIES,
            optim::ENTRIES,
            parameter::ENTRIES,
            pointwise::ENTRIES,
            pools::ENTRIES,
            reduce::ENTRIES,
            shape::ENTRIES,
            transformer::ENTRIES,
        ];
        let n_names: usize = families
            .into_iter()
            .flatten()
            .map(|entry| entry.names.len())
            .sum();
        assert_eq!(n_names, table().len());
    }

    #[test]
    fn a_misspelt_name_finds_its_neighbour() {
        assert_eq!(nearest("torch.nn.Conv2D"), Some("torch.nn.Conv2d"));
        assert_eq!(nearest("torch.sigmod"), Some("Tensor.sigmoid"));
        assert_eq!(nearest("torch.quantum_leap"), None);
    }
}
