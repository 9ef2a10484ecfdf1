//! torch as a table: an operation is one entry, which names it, its signature, and the function that checks shapes and
//! adds it to the Program. A layer is one entry likewise.
mod adopt;
mod apply;
mod batch_norm;
mod change;
mod conv;
mod convert;
mod create;
mod einsum;
mod functions;
mod grid;
mod init;
mod join;
mod layers;
mod linear;
mod modules;
mod names;
mod optim;
mod packages;
mod parameter;
mod parts;
mod pointwise;
mod pool;
mod pools;
mod reduce;
mod resize;
mod rows;
mod shape;
mod signature;
mod transformer;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::call::Args;
use super::expr::last_part;
use super::interp::{Eval, Interp, raised, stop, unsupported};
use super::value::{Context, Object, Value};
use crate::diagnostic::{Cause, Span};
use crate::ir::DType;
use crate::rules::Rule;

pub(super) use functions::is_function_layer;
pub(super) use modules::{is_foreign_module_method, is_module_method, join};
pub(crate) use names::of as names_of;
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

/// The functions and classes that are translated, by what they do.
const FAMILIES: [&[Entry]; 18] = [
    batch_norm::ENTRIES,
    conv::ENTRIES,
    convert::ENTRIES,
    create::ENTRIES,
    einsum::ENTRIES,
    grid::ENTRIES,
    init::ENTRIES,
    join::ENTRIES,
    layers::ENTRIES,
    linear::ENTRIES,
    optim::ENTRIES,
    parameter::ENTRIES,
    pointwise::ENTRIES,
    pools::ENTRIES,
    reduce::ENTRIES,
    resize::ENTRIES,
    shape::ENTRIES,
    transformer::ENTRIES,
];

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| {
        let entries = FAMILIES.into_iter().flatten();
        entries
            .flat_map(|entry| entry.names.iter().map(move |name| (*name, entry)))
            .collect()
    })
}

/// Whether tensors have the method, in place or not.
pub(super) fn has_tensor_method(name: &str) -> bool {
    let full = format!("Tensor.{name}");
    table().contains_key(full.as_str())
        || in_place_of(name).is_some()
        || super::prelude::is_tensor_method(name)
}

/// Whether torch has the method, translated or not.
pub(super) fn is_known_tensor_method(name: &str) -> bool {
    names::has(&format!("torch.Tensor.{name}"))
}

/// `relu_` to `Tensor.relu`.
fn in_place_of(name: &str) -> Option<&'static Entry> {
    let plain = name.strip_suffix('_')?;
    table().get(format!("Tensor.{plain}").as_str()).copied()
}

/// The value of a constant of torch or `math`.
pub(super) fn constant(path: &str) -> Option<Value> {
    let value = match path {
        "math.pi" | "torch.pi" | "numpy.pi" => Value::Float(std::f64::consts::PI),
        "math.e" => Value::Float(std::f64::consts::E),
        "math.inf" | "torch.inf" | "numpy.inf" => Value::Float(f64::INFINITY),
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
pub(crate) fn suggest_import(name: &str) -> Option<String> {
    known_import(name).map(str::to_owned).or_else(|| {
        let owners = ["torch.nn", "torch.nn.functional", "torch.optim"];
        let owner = owners
            .iter()
            .find(|owner| is_known(&format!("{owner}.{name}")))?;
        Some(format!("from {owner} import {name}"))
    })
}

/// Whether torch has the name, and it is translated.
pub(crate) fn is_known(path: &str) -> bool {
    table().contains_key(path)
        || functions::FUNCTION_LAYERS
            .iter()
            .any(|layer| layer.name == path)
}

fn known_import(name: &str) -> Option<&'static str> {
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
        if let Some(name) = path.strip_prefix("numpy.").filter(|name| is_shared(name)) {
            return self.call_math(name, &args, span);
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
            return match self.call_prelude(
                &format!("torch.{full}"),
                args.with_first(tensor.clone()),
                span,
            )? {
                Some(value) => Ok(value),
                None => Err(unknown_name(&format!("torch.{full}"), span)),
            };
        };
        if self.is_constructing() && self.is_of_layer(tensor) {
            let call = self.bind_signature(
                entry.signature,
                &full,
                args.with_first(tensor.clone()),
                span,
            )?;
            self.write_layers_own(tensor, name, &call)?;
            return Ok(tensor.clone());
        }
        let value = self.call_entry(entry, &full, args.with_first(tensor.clone()), span)?;
        self.write_cell(tensor, &value, span)?;
        Ok(tensor.clone())
    }

    /// Whether `learn` itself runs, and no method of the net that it calls. A batch whose loss is no number ends the
    /// training of a translated net, so `learn` need not skip it.
    fn is_in_learn(&self) -> bool {
        self.state.mode == super::interp::Mode::Train && self.state.frames.len() == 1
    }

    /// N046: a method that `learn` or an evaluation calls changes the mode for whatever comes next.
    fn warn_mode_switch(&mut self, name: &str, span: Span) {
        if self.state.frames.is_empty() || self.is_in_learn() {
            return;
        }
        let message = format!("`{name}()` switches the mode of the net while it is called");
        self.diags
            .warn(Rule::ModeSwitch, span, message)
            .help("leave the switch to whoever calls the net");
    }

    /// `dir(torch.nn.functional)`
    pub(super) fn names_of_module(&mut self, value: &Value, span: Span) -> Eval<Value> {
        let names = match value {
            Value::Native(path) => names::of(path),
            _ => None,
        };
        let names = names.ok_or_else(|| unsupported(span, "`dir` of this value"))?;
        self.new_list(names.into_iter().map(Value::str).collect(), span)
    }

    /// Functions outside the table: small helpers of Python's packages.
    fn call_known_package(&mut self, path: &str, args: &Args, span: Span) -> Eval<Option<Value>> {
        let first = args.positional.first();
        let value = match path {
            "collections.OrderedDict" => self.call_builtin("dict", args.clone(), span)?,
            "functools.partial" => {
                let (function, args) = split_function(args, "partial", span)?;
                self.object(Object::Partial(Box::new(function), args))
            }
            // Recomputes in the backward pass what it did not keep: the numbers are the same.
            "torch.utils.checkpoint.checkpoint" => {
                let (function, mut args) = split_function(args, "checkpoint", span)?;
                let own = ["use_reentrant", "preserve_rng_state"];
                args.keywords.retain(|(name, _)| !own.contains(&&**name));
                self.call(&function, args, span)?
            }
            "typing.cast" => args.positional.get(1).cloned().unwrap_or(Value::None),
            "copy.deepcopy" => match first.cloned() {
                Some(value) => self.deep_copy(&value, span)?,
                None => return Err(raised("TypeError", span, "`deepcopy` needs a value")),
            },
            "collections.defaultdict" | "copy.copy" => {
                return Err(unsupported(span, format!("`{path}`")));
            }
            "torch.device" => Value::Device,
            "torch.cuda.is_available"
            | "torch.is_autocast_enabled"
            | "torch.jit.is_scripting"
            | "torch.jit.is_tracing" => Value::Bool(false),
            "torch.manual_seed"
            | "torch.cuda.empty_cache"
            | "torch.set_grad_enabled"
            | "torch._C._log_api_usage_once" => Value::None,
            "gc.collect" | "traceback.print_exc" => {
                self.note_dropped(span, &format!("`{path}`"));
                Value::None
            }
            "torch.isfinite" | "torch.isnan" | "torch.isinf" if self.is_in_learn() => {
                self.note_dropped(span, "a check for numbers that are none");
                Value::Bool(path == "torch.isfinite")
            }
            "torch.is_tensor" => Value::Bool(first.is_some_and(Self::is_tensor)),
            "torch.no_grad" | "torch.inference_mode" => {
                self.object(Object::Context(Context::NoGradients))
            }
            "torch.enable_grad"
            | "torch.amp.autocast"
            | "torch.cuda.amp.autocast"
            | "torch.autocast"
            | "torch.amp.autocast_mode.autocast" => self.object(Object::Context(Context::Other)),
            "torch.amp.GradScaler"
            | "torch.cuda.amp.GradScaler"
            | "torch.amp.grad_scaler.GradScaler" => self.object(Object::Inert("a gradient scaler")),
            "tqdm.tqdm" | "tqdm" => first.cloned().unwrap_or(Value::None),
            _ if path.starts_with("torch.optim.lr_scheduler.") => {
                self.note_dropped(span, "a learning-rate scheduler");
                self.object(Object::Inert("a learning-rate scheduler"))
            }
            _ => return self.call_python_package(path, args, span),
        };
        Ok(Some(value))
    }
}

/// Whether a function of numpy is that of `math` for numbers.
fn is_shared(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "sqrt", "exp", "log", "log2", "log10", "sin", "cos", "tanh", "prod",
    ];
    NAMES.contains(&name)
}

/// A name that torch does not have, or that is not translated yet.
pub(super) fn unknown_name(path: &str, span: Span) -> Box<super::interp::Stop> {
    let name = path.replace("torch.Tensor.", "Tensor.");
    if path.starts_with("torch.") {
        if names::has(path) {
            let message = format!("`{name}` is not translated yet");
            let help = if path.starts_with("torch.nn.utils.rnn.pack") {
                "run the layer over the padded tokens: the criterion's `ignore_index` keeps them out of the loss"
            } else {
                "write it with operations that are translated"
            };
            return stop(Rule::UnknownTorchName, span, message).help(help);
        }
        let message = format!("torch has no `{name}`");
        let near = nearest(path);
        let finding = stop(Rule::UnknownTorchName, span, message).because(Cause::UnknownName {
            path: path.to_owned(),
            near,
        });
        return match near {
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding,
        };
    }
    if super::import::is_idle(path) {
        return stop(
            Rule::ForbiddenImport,
            span,
            format!("`{name}` may not be used by a net"),
        )
        .help("a net needs `torch` and `math`, and reads its data from `learn`");
    }
    match path.split('.').next() {
        Some("random") => unsupported(span, "a random number that Python decides by"),
        Some("numpy") if path.starts_with("numpy.random.") => {
            unsupported(span, "a random number that Python decides by")
        }
        Some(
            "torchvision" | "numpy" | "itertools" | "collections" | "functools" | "timm" | "einops"
            | "warnings",
        ) => unsupported(span, format!("`{name}`")),
        _ => raised("TypeError", span, format!("`{name}` cannot be called here")),
    }
}

/// The name of the table that is spelt most like `path`.
fn nearest(path: &str) -> Option<&'static str> {
    let wanted = last_part(path).to_lowercase();
    let owner = |name: &str| name.rsplit_once('.').map(|(owner, _)| owner.to_owned());
    let is_same = |name: &&&'static str| last_part(name).to_lowercase() == wanted;
    let mut beside = table().keys().filter(|name| owner(name) == owner(path));
    let same = beside
        .find(is_same)
        .or_else(|| table().keys().find(is_same));
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

/// The function that comes first, and the arguments after it.
fn split_function(args: &Args, name: &str, span: Span) -> Eval<(Value, Args)> {
    let mut args = args.clone();
    if args.positional.is_empty() {
        let message = format!("`{name}` needs a function");
        return Err(raised("TypeError", span, message));
    }
    let function = args.positional.remove(0);
    Ok((function, args))
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
        let n_names: usize = FAMILIES
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
