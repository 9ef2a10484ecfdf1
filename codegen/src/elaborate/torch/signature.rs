//! Signatures of torch's functions, written as Python declares them, and arguments bound to them.
use std::rc::Rc;

use super::super::call::Args;
use super::super::interp::{Eval, Interp, raised, stop};
use super::super::value::Value;
use crate::diagnostic::{Cause, Span};
use crate::ir::Dim;
use crate::rules::Rule;

/// The arguments of a call, in the order of the signature.
pub(in crate::elaborate) struct Call {
    /// The name it was called by.
    pub(in crate::elaborate) name: String,
    pub(in crate::elaborate) args: Vec<Value>,
    pub(in crate::elaborate) span: Span,
}

impl Call {
    pub(in crate::elaborate) fn arg(&self, position: usize) -> &Value {
        self.args.get(position).unwrap_or(&Value::None)
    }

    /// The last part of the name.
    pub(in crate::elaborate) fn short_name(&self) -> &str {
        super::super::expr::last_part(&self.name)
    }
}

/// A parameter of a signature.
pub(super) struct Param<'s> {
    pub(super) name: &'s str,
    pub(super) default: Option<Value>,
    pub(super) kind: ParamKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ParamKind {
    Plain,
    /// After `*`: by keyword only.
    Keyword,
    /// `*name`: all positional arguments that are left, as one tuple.
    Rest,
}

/// The parameters of a signature; nothing where it is malformed.
pub(super) fn parse(signature: &str) -> Option<Vec<Param<'_>>> {
    let mut params = Vec::new();
    let mut kind = ParamKind::Plain;
    for part in signature.split(", ").filter(|part| !part.is_empty()) {
        if part == "*" {
            kind = ParamKind::Keyword;
            continue;
        }
        if let Some(name) = part.strip_prefix('*') {
            params.push(Param {
                name,
                default: None,
                kind: ParamKind::Rest,
            });
            kind = ParamKind::Keyword;
            continue;
        }
        let (name, default) = match part.split_once('=') {
            Some((name, text)) => (name, Some(parse_default(text)?)),
            None => (part, None),
        };
        params.push(Param {
            name,
            default,
            kind,
        });
    }
    Some(params)
}

fn parse_default(text: &str) -> Option<Value> {
    match text {
        "None" => Some(Value::None),
        "True" => Some(Value::Bool(true)),
        "False" => Some(Value::Bool(false)),
        _ => {
            if let Some(quoted) = text
                .strip_prefix('\'')
                .and_then(|rest| rest.strip_suffix('\''))
            {
                return Some(Value::str(quoted));
            }
            if let Ok(number) = text.parse::<i64>() {
                return Some(Value::Int(Dim::constant(number)));
            }
            text.parse().ok().map(Value::Float)
        }
    }
}

impl Interp<'_, '_> {
    /// Binds arguments to a signature of the table.
    pub(in crate::elaborate) fn bind_signature(
        &mut self,
        signature: &str,
        name: &str,
        args: Args,
        span: Span,
    ) -> Eval<Call> {
        let params = parse(signature).unwrap_or_default();
        let mut positional = args.positional.into_iter();
        let mut bound: Vec<Option<Value>> = Vec::with_capacity(params.len());
        for param in &params {
            bound.push(match param.kind {
                ParamKind::Plain => positional.next(),
                ParamKind::Rest => Some(Value::tuple(positional.by_ref().collect())),
                ParamKind::Keyword => None,
            });
        }
        if positional.next().is_some() {
            let n_params = params
                .iter()
                .filter(|param| param.kind == ParamKind::Plain)
                .count();
            let message = format!("`{name}` takes {n_params} positional arguments");
            return Err(stop(Rule::WrongArgument, span, message).raises("TypeError"));
        }
        bind_keywords(name, &params, &mut bound, args.keywords, span)?;
        let mut all = Vec::with_capacity(params.len());
        for (param, value) in params.into_iter().zip(bound) {
            let value = value.or(param.default).ok_or_else(|| {
                stop(
                    Rule::WrongArgument,
                    span,
                    format!("`{name}` needs an argument for `{}`", param.name),
                )
                .raises("TypeError")
            })?;
            all.push(value);
        }
        Ok(Call {
            name: name.to_owned(),
            args: all,
            span,
        })
    }
}

/// Puts keyword arguments into the places of their parameters.
fn bind_keywords(
    name: &str,
    params: &[Param<'_>],
    bound: &mut [Option<Value>],
    keywords: Vec<(Rc<str>, Value)>,
    span: Span,
) -> Eval<()> {
    for (key, value) in keywords {
        let Some(position) = position_of(params, &key) else {
            let known: Vec<String> = params
                .iter()
                .map(|param| format!("`{}`", param.name))
                .collect();
            return Err(stop(
                Rule::UnknownArgument,
                span,
                format!("`{name}` has no argument `{key}`"),
            )
            .help(format!("its arguments are {}", known.join(", ")))
            .raises("TypeError")
            .because(Cause::UnknownArgument {
                callee: name.to_owned(),
                argument: key.to_string(),
                known: params.iter().map(|param| param.name.to_owned()).collect(),
            }));
        };
        match bound.get_mut(position) {
            Some(slot) if slot.is_none() || is_empty_tuple(slot.as_ref()) => {
                *slot = Some(value);
            }
            _ => {
                return Err(raised(
                    "TypeError",
                    span,
                    format!("`{name}` gets `{key}` twice"),
                ));
            }
        }
    }
    Ok(())
}

fn is_empty_tuple(value: Option<&Value>) -> bool {
    matches!(value, Some(Value::Tuple(items)) if items.is_empty())
}

/// Torch and its numpy-like synonyms.
fn position_of(params: &[Param<'_>], key: &str) -> Option<usize> {
    let key = match key {
        "axis" => "dim",
        "x" | "self" => "input",
        "keepdims" => "keepdim",
        other => other,
    };
    params.iter().position(|param| param.name == key)
}
