//! Methods of strings, lists, dicts, sets, and of the objects that stand for torch's.
use super::call::Args;
use super::interp::{Eval, Interp, raised, unsupported};
use super::value::{DictId, List, ListId, Object, Value};
use crate::diagnostic::Span;

const STR: &[&str] = &[
    "join",
    "format",
    "lower",
    "upper",
    "startswith",
    "endswith",
    "split",
    "strip",
    "replace",
    "capitalize",
    "title",
];
const LIST: &[&str] = &[
    "append", "extend", "insert", "pop", "index", "count", "reverse", "copy", "clear", "sort",
];
const DICT: &[&str] = &[
    "get",
    "items",
    "keys",
    "values",
    "update",
    "pop",
    "setdefault",
    "copy",
    "add",
    "union",
];

impl Interp<'_, '_> {
    /// Whether a value of Python's own types has the method.
    pub(super) fn has_method(&self, value: &Value, name: &str) -> bool {
        match value {
            Value::Str(_) => STR.contains(&name),
            Value::List(_) => LIST.contains(&name),
            Value::Tuple(_) => matches!(name, "index" | "count"),
            Value::Dict(_) | Value::Set(_) => DICT.contains(&name),
            Value::Tensor(_) | Value::Param(_) => super::torch::has_tensor_method(name),
            Value::Module(_) => super::torch::is_module_method(name),
            Value::Object(id) => !matches!(
                self.state.objects[*id],
                Object::Loader | Object::NumberedLoader
            ),
            _ => true,
        }
    }

    /// A method of a value that is not of the reply's own making.
    pub(super) fn call_bound(
        &mut self,
        this: &Value,
        name: &str,
        args: Args,
        span: Span,
    ) -> Eval<Value> {
        if !self.has_method(this, name) {
            if Self::is_tensor(this) && super::torch::is_known_tensor_method(name) {
                return Err(super::torch::unknown_name(
                    &format!("torch.Tensor.{name}"),
                    span,
                ));
            }
            let found = self.describe(this);
            return Err(raised(
                "AttributeError",
                span,
                format!("{found} has no attribute `{name}`"),
            ));
        }
        match this {
            Value::Str(text) => self.str_method(text, name, &args, span),
            Value::List(id) => self.list_method(*id, name, args, span),
            Value::Tuple(_) => self.sequence_method(this, name, &args, span),
            Value::Dict(id) => self.dict_method(*id, name, &args, span),
            Value::Set(id) => self.set_method(*id, name, &args, span),
            Value::Tensor(_) | Value::Param(_) => self.tensor_method(this, name, args, span),
            Value::Module(id) => self.module_method(*id, name, args, span),
            Value::Object(id) => self.object_method(*id, name, &args, span),
            _ => Err(unsupported(span, format!("the method `{name}`"))),
        }
    }

    fn str_method(&mut self, text: &str, name: &str, args: &Args, span: Span) -> Eval<Value> {
        let texts: Vec<String> = args.positional.iter().map(|arg| self.to_str(arg)).collect();
        let value = match (name, texts.as_slice()) {
            ("lower", []) => text.to_lowercase(),
            ("upper", []) => text.to_uppercase(),
            ("strip", []) => text.trim().to_owned(),
            ("replace", [from, to]) => {
                let n_places = text.matches(from.as_str()).count();
                self.check_length(text.len() + n_places.saturating_mul(to.len()), span)?;
                text.replace(from, to)
            }
            ("startswith", [prefix]) => return Ok(Value::Bool(text.starts_with(prefix.as_str()))),
            ("endswith", [suffix]) => return Ok(Value::Bool(text.ends_with(suffix.as_str()))),
            ("split", []) => {
                let parts = text.split_whitespace().map(Value::str).collect();
                return self.new_list(parts, span);
            }
            ("split", [separator]) if !separator.is_empty() => {
                let parts = text.split(separator.as_str()).map(Value::str).collect();
                return self.new_list(parts, span);
            }
            ("join", [_]) => {
                let items = args
                    .positional
                    .first()
                    .map_or(Ok(Vec::new()), |arg| self.iterate(arg, span))?;
                let mut joined = String::new();
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        joined.push_str(text);
                    }
                    joined.push_str(&self.to_str(item));
                    self.check_length(joined.len(), span)?;
                }
                joined
            }
            ("format", _) => return self.format_str(text, args, span),
            ("capitalize", []) => {
                let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
                first.to_uppercase() + &rest.to_lowercase()
            }
            _ => {
                return Err(unsupported(
                    span,
                    format!("`str.{name}` with these arguments"),
                ));
            }
        };
        Ok(Value::str(&value))
    }

    fn list_method(&mut self, id: ListId, name: &str, args: Args, span: Span) -> Eval<Value> {
        let mut args = args.positional.into_iter();
        match (name, args.next(), args.next()) {
            ("append", Some(item), None) => self.append(id, item, span).map(|()| Value::None),
            ("extend", Some(items), None) => {
                let items = self.iterate(&items, span)?;
                self.extend_list(id, items, span).map(|()| Value::None)
            }
            ("index" | "count", Some(item), None) => {
                self.sequence_method(&Value::List(id), name, &Args::of(vec![item]), span)
            }
            (_, first, second) => self.known_list_method(id, name, first.as_ref(), second, span),
        }
    }

    fn known_list_method(
        &mut self,
        id: ListId,
        name: &str,
        first: Option<&Value>,
        second: Option<Value>,
        span: Span,
    ) -> Eval<Value> {
        let position = match (name, first) {
            ("insert" | "pop", Some(at)) => Some(self.known_int(at, "the position", span)?),
            _ => None,
        };
        let List::Known { items, .. } = &mut self.state.lists[id] else {
            return Err(unsupported(
                span,
                format!("`list.{name}` of a list that a kept loop fills"),
            ));
        };
        let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
        let at =
            position.map(|at| usize::try_from(if at < 0 { at + length } else { at }).unwrap_or(0));
        match (name, second) {
            ("insert", Some(item)) => items.insert(at.unwrap_or(0).min(items.len()), item),
            ("pop", None) => {
                let at = at.unwrap_or_else(|| items.len().saturating_sub(1));
                if at >= items.len() {
                    return Err(raised(
                        "IndexError",
                        span,
                        "pop from a list that has no such item",
                    ));
                }
                return Ok(items.remove(at));
            }
            ("reverse", None) => items.reverse(),
            ("clear", None) => items.clear(),
            ("copy", None) => {
                let items = items.clone();
                return self.new_list(items, span);
            }
            _ => {
                return Err(unsupported(
                    span,
                    format!("`list.{name}` with these arguments"),
                ));
            }
        }
        Ok(Value::None)
    }

    fn sequence_method(
        &mut self,
        this: &Value,
        name: &str,
        args: &Args,
        span: Span,
    ) -> Eval<Value> {
        let wanted = args.positional.first().cloned().unwrap_or(Value::None);
        let items = self.iterate(this, span)?;
        let mut found = Vec::new();
        for (position, item) in items.iter().enumerate() {
            if self.equal(item, &wanted, span)? {
                found.push(position);
            }
        }
        match (name, found.first()) {
            ("count", _) => Ok(Value::int(found.len())),
            (_, Some(position)) => Ok(Value::int(*position)),
            _ => Err(raised(
                "ValueError",
                span,
                "the item is not in the sequence",
            )),
        }
    }

    fn dict_method(&mut self, id: DictId, name: &str, args: &Args, span: Span) -> Eval<Value> {
        let pairs = self.pairs(id);
        let key = args.positional.first().cloned();
        let default = args
            .positional
            .get(1)
            .or(args.keywords.first().map(|(_, value)| value))
            .cloned();
        let found = key.as_ref().and_then(|key| {
            pairs
                .iter()
                .find(|(k, _)| k == key)
                .map(|(_, value)| value.clone())
        });
        if let Some(key) = &key
            && self.prm == Some(id)
        {
            self.note_prm(key, span);
        }
        match (name, key) {
            ("get", Some(_)) => Ok(found.or(default).unwrap_or(Value::None)),
            ("items", None) => {
                let items = pairs
                    .into_iter()
                    .map(|(key, value)| Value::tuple(vec![key, value]))
                    .collect();
                self.new_list(items, span)
            }
            ("keys", None) => self.new_list(pairs.into_iter().map(|(key, _)| key).collect(), span),
            ("values", None) => {
                self.new_list(pairs.into_iter().map(|(_, value)| value).collect(), span)
            }
            ("copy", None) => Ok(self.new_dict(pairs)),
            ("update", Some(Value::Dict(other))) => {
                for (key, value) in self.pairs(other) {
                    self.set_dict_item(id, key, value);
                }
                Ok(Value::None)
            }
            ("setdefault", Some(key)) => {
                let value = found.unwrap_or_else(|| default.unwrap_or(Value::None));
                self.set_dict_item(id, key, value.clone());
                Ok(value)
            }
            ("pop", Some(key)) => {
                self.state.dicts[id].retain(|(k, _)| *k != key);
                found
                    .or(default)
                    .ok_or_else(|| raised("KeyError", span, "the dict has no such key"))
            }
            _ => Err(unsupported(
                span,
                format!("`dict.{name}` with these arguments"),
            )),
        }
    }

    fn set_method(&mut self, id: DictId, name: &str, args: &Args, span: Span) -> Eval<Value> {
        let items = match (name, args.positional.first()) {
            ("add", Some(item)) => vec![item.clone()],
            ("update" | "union", Some(items)) => self.iterate(items, span)?,
            _ => {
                return Err(unsupported(
                    span,
                    format!("`set.{name}` with these arguments"),
                ));
            }
        };
        let target = if name == "union" {
            self.state.dicts.push(self.pairs(id))
        } else {
            id
        };
        for item in items {
            self.set_dict_item(target, item, Value::None);
        }
        Ok(if name == "union" {
            Value::Set(target)
        } else {
            Value::None
        })
    }

    /// Methods of optimizers, schedulers and other helpers.
    fn object_method(
        &mut self,
        id: super::value::ObjectId,
        name: &str,
        args: &Args,
        span: Span,
    ) -> Eval<Value> {
        match self.state.objects[id].clone() {
            Object::Optimizer { .. } => self.optimizer_method(id, name, args, span),
            Object::Inert(what) => self.inert_method(what, name, args, span),
            Object::Context(_) => Ok(Value::None),
            rows @ Object::Rows { .. } => {
                self.rows_method(&rows, name, args.positional.first(), span)?;
                Ok(Value::Object(id))
            }
            Object::Loader
            | Object::NumberedLoader
            | Object::Partial(..)
            | Object::Parameters(_)
            | Object::NamedParameters(_)
            | Object::Instance { .. } => {
                Err(unsupported(span, format!("the method `{name}` here")))
            }
        }
    }

    /// The items of a torch object that can be iterated over.
    pub(super) fn iterate_object(
        &mut self,
        id: super::value::ObjectId,
        span: Span,
    ) -> Eval<Vec<Value>> {
        match self.state.objects[id].clone() {
            Object::Parameters(module) => Ok(self
                .parameters_of(module)
                .into_iter()
                .map(|(_, param)| Value::Param(param))
                .collect()),
            Object::NamedParameters(module) => Ok(self
                .parameters_of(module)
                .into_iter()
                .map(|(name, param)| Value::tuple(vec![Value::str(&name), Value::Param(param)]))
                .collect()),
            Object::Loader | Object::NumberedLoader => Err(unsupported(
                span,
                "reading the batches anywhere but in the loop of `learn`",
            )
            .help("write `for images, captions in train_data:`")),
            _ => Err(raised("TypeError", span, "this object is not iterable")),
        }
    }
}
