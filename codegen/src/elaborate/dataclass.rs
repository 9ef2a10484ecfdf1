//! `@dataclass`: classes whose constructor takes the annotated names of their body.
use std::rc::Rc;

use ruff_python_ast as ast;

use super::call::Args;
use super::interp::{Eval, Interp, raised};
use super::value::{ClassId, Object, Value};
use crate::diagnostic::Span;

/// The decorator, with arguments or without.
pub(super) const DECORATOR: &str = "dataclasses.dataclass";
/// A field's default that is made anew for each instance.
pub(super) const FIELD: &str = "dataclasses.field";

/// The names that a class body annotates, in order.
pub(super) fn fields(body: &[ast::Stmt]) -> Vec<&str> {
    let names = body.iter().filter_map(|stmt| match stmt {
        ast::Stmt::AnnAssign(assign) => match &*assign.target {
            ast::Expr::Name(name) => Some(name.id.as_str()),
            _ => None,
        },
        _ => None,
    });
    names.collect()
}

pub(super) fn is_native(value: &Value, path: &str) -> bool {
    matches!(value, Value::Native(own) if &**own == path)
}

impl<'a> Interp<'a, '_> {
    pub(super) fn is_dataclass(&self, class: ClassId) -> bool {
        !self.all_fields(class).is_empty()
    }

    /// The fields of the class, those of its bases first.
    fn all_fields(&self, class: ClassId) -> Vec<&'a str> {
        let class = &self.state.classes[class];
        let mut all: Vec<&str> = Vec::new();
        for base in class.bases.iter().rev() {
            if let Value::Class(base) = base {
                all.extend(self.all_fields(*base));
            }
        }
        for name in class.fields.iter().flatten() {
            if !all.contains(name) {
                all.push(name);
            }
        }
        all
    }

    /// What the constructor of a dataclass does: every field gets its argument, or its default.
    pub(super) fn fill_fields(
        &mut self,
        class: ClassId,
        this: &Value,
        args: Args,
        span: Span,
    ) -> Eval<()> {
        let fields = self.all_fields(class);
        let name = self.state.classes[class].name;
        let n_given = args.positional.len();
        if n_given > fields.len() {
            let message = format!(
                "`{name}` has {} fields, found {n_given} values",
                fields.len()
            );
            return Err(raised("TypeError", span, message));
        }
        let mut given: Vec<(Rc<str>, Value)> = fields
            .iter()
            .map(|field| Rc::from(*field))
            .zip(args.positional)
            .collect();
        for (keyword, value) in args.keywords {
            if !fields.contains(&&*keyword) || given.iter().any(|(field, _)| *field == keyword) {
                let message = format!("`{name}` has no field `{keyword}` left to give");
                return Err(raised("TypeError", span, message));
            }
            given.push((keyword, value));
        }
        for field in fields {
            let own = given.iter().find(|(given, _)| &**given == field);
            let value = match own {
                Some((_, value)) => value.clone(),
                None => self.field_default(class, field, span)?,
            };
            self.set_attribute(this, field, value, span)?;
        }
        match self.class_function(class, "__post_init__") {
            Some(function) => self
                .call_user(function, Args::of(vec![this.clone()]), span)
                .map(|_| ()),
            None => Ok(()),
        }
    }

    fn field_default(&mut self, class: ClassId, field: &str, span: Span) -> Eval<Value> {
        let written = self.class_attribute(class, field);
        let Some(Value::Object(id)) = written else {
            return written.ok_or_else(|| {
                let name = self.state.classes[class].name;
                let message = format!("`{name}` needs a value for its field `{field}`");
                raised("TypeError", span, message)
            });
        };
        let Object::Partial(function, args) = self.state.objects[id].clone() else {
            return Ok(Value::Object(id));
        };
        if !is_native(&function, FIELD) {
            return Ok(Value::Object(id));
        }
        let keyword = |wanted: &str| {
            let mut keywords = args.keywords.iter();
            keywords.find_map(|(name, value)| (&**name == wanted).then(|| value.clone()))
        };
        match (keyword("default"), keyword("default_factory")) {
            (Some(value), _) => Ok(value),
            (None, Some(factory)) => self.call(&factory, Args::default(), span),
            (None, None) => {
                let message = format!("the field `{field}` has no default and was not given");
                Err(raised("TypeError", span, message))
            }
        }
    }
}
