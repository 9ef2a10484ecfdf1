//! Python's own functions, and `math`.

use super::call::Args;
use super::interp::{Eval, Interp, raised, stop, unsupported};
use super::module::ModuleClass;
use super::value::{List, Object, Value};
use crate::diagnostic::Span;
use crate::ir::Dim;
use crate::rules::Rule;

const NAMES: &[&str] = &[
    "abs",
    "all",
    "any",
    "bool",
    "callable",
    "classmethod",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "filter",
    "float",
    "getattr",
    "hasattr",
    "id",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "map",
    "max",
    "min",
    "next",
    "object",
    "pow",
    "print",
    "property",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "zip",
    "frozenset",
    "NotImplemented",
    "__name__",
];

const EXCEPTIONS: &[&str] = &[
    "Exception",
    "BaseException",
    "ValueError",
    "TypeError",
    "KeyError",
    "IndexError",
    "AttributeError",
    "ImportError",
    "ModuleNotFoundError",
    "NameError",
    "RuntimeError",
    "NotImplementedError",
    "AssertionError",
    "ZeroDivisionError",
    "StopIteration",
    "LookupError",
    "ArithmeticError",
    "OverflowError",
    "Warning",
    "UserWarning",
];

const FORBIDDEN: &[&str] = &[
    "exec",
    "eval",
    "open",
    "compile",
    "__import__",
    "input",
    "globals",
    "locals",
    "vars",
    "breakpoint",
    "exit",
    "quit",
    "delattr",
    "memoryview",
    "help",
];

/// Whether Python defines the name without an import.
pub(super) fn is_builtin(name: &str) -> bool {
    NAMES.contains(&name) || EXCEPTIONS.contains(&name) || FORBIDDEN.contains(&name)
}

/// Whether `except handler` catches `exception`.
pub(super) fn catches(handler: &str, exception: &str) -> bool {
    handler == exception
        || matches!(handler, "Exception" | "BaseException")
        || matches!(
            (handler, exception),
            ("ImportError", "ModuleNotFoundError")
                | ("LookupError", "KeyError" | "IndexError")
                | ("ArithmeticError", "ZeroDivisionError")
                | ("RuntimeError", "NotImplementedError")
        )
}

/// A float as Python prints it.
pub(super) fn float_text(number: f64) -> String {
    format!("{number:?}")
}

impl Interp<'_, '_> {
    /// A function of Python itself.
    pub(super) fn call_builtin(&mut self, name: &str, args: Args, span: Span) -> Eval<Value> {
        if FORBIDDEN.contains(&name) {
            return Err(stop(
                Rule::ForbiddenCall,
                span,
                format!("`{name}` is not allowed in a net"),
            )
            .help(format!("remove the call of `{name}`")));
        }
        if EXCEPTIONS.contains(&name) {
            return Ok(Value::Unknown);
        }
        let first = args.positional.first().cloned();
        match (name, first) {
            ("print", _) => {
                self.note_dropped(span, "`print`");
                Ok(Value::None)
            }
            ("dict", _) => self.builtin_dict(args, span),
            ("max" | "min", Some(_)) => self.extreme(name, &args, span),
            ("zip", _) => self.builtin_zip(&args, span),
            ("range", Some(_)) => self.builtin_range(&args.positional, span),
            ("list" | "tuple" | "set" | "frozenset", None) => match name {
                "list" => self.new_list(Vec::new(), span),
                "tuple" => Ok(Value::tuple(Vec::new())),
                _ => Ok(self.new_set(Vec::new())),
            },
            ("int", None) => Ok(Value::int(0)),
            ("float", None) => Ok(Value::Float(0.0)),
            ("str", None) => Ok(Value::str("")),
            ("object", None) => Err(unsupported(span, "`object()`")),
            (_, Some(first)) => self.builtin_of(name, &first, &args, span),
            _ => Err(raised(
                "TypeError",
                span,
                format!("`{name}` needs an argument"),
            )),
        }
    }

    fn builtin_of(&mut self, name: &str, value: &Value, args: &Args, span: Span) -> Eval<Value> {
        let second = args.positional.get(1);
        match (name, second) {
            ("len", _) => self.builtin_len(value, span),
            ("int", _) => self.to_int(value, span),
            ("float", _) => self.to_float(value, span),
            ("str" | "repr", _) => Ok(Value::str(&self.to_str(value))),
            ("bool", _) => match self.truth(value) {
                Some(flag) => Ok(Value::Bool(flag)),
                None if Self::is_tensor(value) => Ok(value.clone()),
                None => Ok(Value::Unknown),
            },
            ("abs", _) => self.absolute(value, span),
            ("round", digits) => self.round(value, digits, span),
            ("sum", start) => self.sum(value, start, span),
            ("any" | "all", _) => self.any_or_all(name, value, span),
            ("enumerate", _) => self.builtin_enumerate(value, args, span),
            ("list" | "tuple" | "set" | "frozenset" | "sorted" | "reversed" | "iter", _) => {
                self.collect(name, value, args, span)
            }
            ("isinstance" | "issubclass", Some(class)) => {
                self.isinstance(value, class, span).map(Value::Bool)
            }
            ("hasattr" | "getattr" | "setattr", Some(attr)) => {
                let attr = self.to_str(attr);
                self.attribute_function(name, value, &attr, args.positional.get(2), span)
            }
            ("callable", _) => Ok(Value::Bool(is_callable(value))),
            ("map" | "filter", Some(items)) => self.map_or_filter(name, value, items, span),
            ("pow", Some(exponent)) => {
                self.binary(ruff_python_ast::Operator::Pow, value, exponent, span)
            }
            ("divmod", Some(divisor)) => {
                let quotient =
                    self.binary(ruff_python_ast::Operator::FloorDiv, value, divisor, span)?;
                let rest = self.binary(ruff_python_ast::Operator::Mod, value, divisor, span)?;
                Ok(Value::tuple(vec![quotient, rest]))
            }
            ("dir", None) => self.names_of_module(value, span),
            ("next", _) => match (self.iterate(value, span)?.into_iter().next(), second) {
                (Some(item), _) => Ok(item),
                (None, Some(default)) => Ok(default.clone()),
                (None, None) => Err(raised("StopIteration", span, "nothing is left")),
            },
            ("type", None) => Ok(self.class_of(value)),
            ("slice", _) => {
                let part = |i: usize| args.positional.get(i).cloned().unwrap_or(Value::None);
                Ok(Value::Slice(match args.positional.as_slice() {
                    [end] => [Value::None, end.clone(), Value::None].into(),
                    _ => [part(0), part(1), part(2)].into(),
                }))
            }
            ("id", _) => Ok(Value::Unknown),
            _ => Err(unsupported(span, format!("`{name}` with these arguments"))),
        }
    }

    /// `type(value)`.
    fn class_of(&self, value: &Value) -> Value {
        match value {
            Value::Module(id) => {
                let module = &self.state.modules[*id];
                if let ModuleClass::User(class) = module.class {
                    return Value::Class(class);
                }
                Value::Native(format!("torch.nn.{}", module.class_name).into())
            }
            other => Value::Native(format!("builtins.{}", other.type_name()).into()),
        }
    }

    fn builtin_len(&mut self, value: &Value, span: Span) -> Eval<Value> {
        match value {
            Value::List(id) => match &self.state.lists[*id] {
                List::Known { items, .. } => Ok(Value::int(items.len())),
                List::Grown(grown) => match &grown.length {
                    Some(length) => Ok(Value::Int(length.clone())),
                    None => Err(unsupported(
                        span,
                        "the length of a list while a kept loop fills it",
                    )),
                },
            },
            Value::Str(text) => Ok(Value::int(text.chars().count())),
            Value::Range(range) => {
                let [start, end, step] = &**range;
                match (end.sub(start), step.as_constant()) {
                    (Some(length), Some(1)) => Ok(Value::Int(length)),
                    _ => Ok(Value::int(self.iterate(value, span)?.len())),
                }
            }
            Value::Tensor(_) | Value::Param(_) => {
                let first = self.type_of(value).and_then(|ty| ty.shape.first().cloned());
                first
                    .map(Value::Int)
                    .ok_or_else(|| raised("TypeError", span, "a tensor without dimensions"))
            }
            Value::Object(id) if self.state.objects[*id] == Object::Loader => Ok(Value::Unknown),
            Value::Dict(id) | Value::Set(id) => Ok(Value::int(self.state.dicts[*id].len())),
            other => Ok(Value::int(self.iterate(other, span)?.len())),
        }
    }

    pub(super) fn to_int(&self, value: &Value, span: Span) -> Eval<Value> {
        match value {
            Value::Unknown => Ok(Value::Unknown),
            Value::Float(number) if number.is_finite() && number.abs() < 9e18 =>
            {
                #[expect(
                    clippy::cast_possible_truncation,
                    reason = "within 64 bits, and Python cuts the same way"
                )]
                Ok(Value::Int(Dim::constant(number.trunc() as i64)))
            }
            Value::Str(text) => text
                .trim()
                .parse()
                .map(|number| Value::Int(Dim::constant(number)))
                .map_err(|_| raised("ValueError", span, "the string is no integer")),
            Value::Tensor(_) => Err(stop(
                Rule::DataDependentControl,
                span,
                "a Python number made from a tensor is known only at run time",
            )
            .help("keep the value a tensor")),
            other => self
                .known_dim(other, "the argument of `int`", span)
                .map(Value::Int),
        }
    }

    fn to_float(&self, value: &Value, span: Span) -> Eval<Value> {
        match value {
            Value::Unknown => Ok(Value::Unknown),
            Value::Str(text) => match text.trim().to_ascii_lowercase().as_str() {
                "inf" | "+inf" | "infinity" => Ok(Value::Float(f64::INFINITY)),
                "-inf" | "-infinity" => Ok(Value::Float(f64::NEG_INFINITY)),
                "nan" => Ok(Value::Float(f64::NAN)),
                number => number
                    .parse()
                    .map(Value::Float)
                    .map_err(|_| raised("ValueError", span, "the string is no number")),
            },
            Value::Tensor(_) => Ok(Value::Unknown),
            other => self
                .known_float(other, "the argument of `float`", span)
                .map(Value::Float),
        }
    }

    fn absolute(&mut self, value: &Value, span: Span) -> Eval<Value> {
        match value {
            Value::Float(number) => Ok(Value::Float(number.abs())),
            value if Self::is_tensor(value) => self.pointwise(crate::ir::Unary::Abs, value, span),
            other => Ok(Value::Int(Dim::constant(
                self.known_int(other, "the argument of `abs`", span)?
                    .saturating_abs(),
            ))),
        }
    }

    fn round(&mut self, value: &Value, digits: Option<&Value>, span: Span) -> Eval<Value> {
        if value.as_int().is_some() || matches!(value, Value::Unknown) {
            return Ok(value.clone());
        }
        let number = self.known_float(value, "the argument of `round`", span)?;
        match digits {
            None => self.to_int(&Value::Float(number.round_ties_even()), span),
            Some(digits) => {
                let digits = self
                    .known_int(digits, "the number of digits", span)?
                    .clamp(-300, 300);
                let scale = 10_f64.powi(i32::try_from(digits).unwrap_or(0));
                Ok(Value::Float((number * scale).round_ties_even() / scale))
            }
        }
    }
}

fn is_callable(value: &Value) -> bool {
    matches!(
        value,
        Value::Function(_)
            | Value::Method(..)
            | Value::Class(_)
            | Value::Module(_)
            | Value::Native(_)
            | Value::Bound(..)
    )
}
