//! Expressions.

use indexmap::IndexMap;
use ruff_python_ast as ast;
use ruff_python_ast::Expr;

use super::interp::{Eval, Interp, rc, stop, unsupported};
use super::value::{Body, FnKind, ListId, ScopeId, UserFn, Value};
use crate::diagnostic::Span;
use crate::ir::{Dim, Unary};
use crate::rules::Rule;

/// The data decides: `None` where a tensor or a run-time number would have to be known.
pub(super) type Truth = Option<bool>;

impl<'a> Interp<'a, '_> {
    /// Evaluates an expression in a scope.
    pub(super) fn eval(&mut self, expr: &'a Expr, scope: ScopeId) -> Eval<Value> {
        let span = self.span(expr);
        self.step(span)?;
        let value = self.eval_part(expr, scope, span)?;
        match &value {
            Value::Tuple(_) => self.check_nesting(&value, span)?,
            Value::Str(text) if !expr.is_string_literal_expr() => {
                self.check_length(text.len(), span)?;
            }
            _ => {}
        }
        Ok(value)
    }

    fn eval_part(&mut self, expr: &'a Expr, scope: ScopeId, span: Span) -> Eval<Value> {
        match expr {
            Expr::NoneLiteral(_) => Ok(Value::None),
            Expr::BooleanLiteral(literal) => Ok(Value::Bool(literal.value)),
            Expr::EllipsisLiteral(_) => Ok(Value::Ellipsis),
            Expr::NumberLiteral(literal) => number(&literal.value, span),
            Expr::StringLiteral(literal) => Ok(Value::str(literal.value.to_str())),
            Expr::FString(fstring) => self.eval_fstring(fstring, scope),
            Expr::Name(name) => self.eval_name(name, scope),
            Expr::Tuple(tuple) => Ok(Value::tuple(self.eval_items(&tuple.elts, scope)?)),
            Expr::List(list) => {
                let items = self.eval_items(&list.elts, scope)?;
                self.new_list(items, span)
            }
            Expr::Set(set) => {
                let items = self.eval_items(&set.elts, scope)?;
                Ok(self.new_set(items))
            }
            Expr::Dict(dict) => self.eval_dict(dict, scope),
            Expr::Attribute(attribute) => {
                let object = self.eval(&attribute.value, scope)?;
                self.attribute(&object, attribute.attr.as_str(), span)
            }
            Expr::Subscript(subscript) => {
                let object = self.eval(&subscript.value, scope)?;
                let index = self.eval(&subscript.slice, scope)?;
                self.subscript(&object, &index, span)
            }
            Expr::Slice(slice) => self.eval_slice(slice, scope),
            Expr::Call(call) => self.eval_call(call, scope),
            Expr::BinOp(operation) => self.eval_bin_op(operation, scope),
            Expr::UnaryOp(operation) => {
                let operand = self.eval(&operation.operand, scope)?;
                self.unary(operation.op, &operand, span)
            }
            Expr::BoolOp(operation) => self.eval_bool_op(operation, scope),
            Expr::Compare(compare) => self.eval_compare(compare, scope),
            Expr::If(conditional) => self.eval_conditional(conditional, scope),
            Expr::Named(named) => self.eval_named(named, scope),
            Expr::Lambda(lambda) => Ok(self.lambda(lambda, scope, span)),
            Expr::ListComp(ast::ExprListComp {
                elt, generators, ..
            })
            | Expr::Generator(ast::ExprGenerator {
                elt, generators, ..
            }) => {
                let items = self.comprehension(elt, None, generators, scope)?;
                self.new_list(items.into_iter().map(|(item, _)| item).collect(), span)
            }
            Expr::SetComp(comp) => {
                let items = self.comprehension(&comp.elt, None, &comp.generators, scope)?;
                Ok(self.new_set(items.into_iter().map(|(item, _)| item).collect()))
            }
            Expr::DictComp(comp) => self.eval_dict_comp(comp, scope),
            Expr::Starred(_) => Err(unsupported(span, "`*` here")),
            other => Err(unsupported(span, construct_name(other))),
        }
    }

    fn eval_named(&mut self, named: &'a ast::ExprNamed, scope: ScopeId) -> Eval<Value> {
        let value = self.eval(&named.value, scope)?;
        self.assign(&named.target, value.clone(), scope)?;
        Ok(value)
    }

    fn eval_bin_op(&mut self, operation: &'a ast::ExprBinOp, scope: ScopeId) -> Eval<Value> {
        let left = self.eval(&operation.left, scope)?;
        let right = self.eval(&operation.right, scope)?;
        self.binary(operation.op, &left, &right, self.span(operation))
    }

    fn eval_conditional(&mut self, conditional: &'a ast::ExprIf, scope: ScopeId) -> Eval<Value> {
        let test = self.eval(&conditional.test, scope)?;
        let chosen = if self.decide(&test, self.span(&*conditional.test))? {
            &conditional.body
        } else {
            &conditional.orelse
        };
        self.eval(chosen, scope)
    }

    fn eval_dict_comp(&mut self, comp: &'a ast::ExprDictComp, scope: ScopeId) -> Eval<Value> {
        let Some(key) = &comp.key else {
            return Err(unsupported(self.span(comp), "`**` in a comprehension"));
        };
        let items = self.comprehension(key, Some(&comp.value), &comp.generators, scope)?;
        Ok(self.new_dict(dedup(items)))
    }

    fn eval_name(&mut self, name: &'a ast::ExprName, scope: ScopeId) -> Eval<Value> {
        let span = self.span(name);
        let text = name.id.as_str();
        if self.state.scopes[scope]
            .poisoned
            .iter()
            .any(|poisoned| poisoned == text)
        {
            let message = format!("`{text}` is set by a loop that stays a loop, and read after it");
            return Err(unsupported(span, message));
        }
        self.lookup(scope, text).ok_or_else(|| {
            let finding = stop(
                Rule::UndefinedName,
                span,
                format!("`{text}` is not defined"),
            )
            .raises("NameError");
            match super::torch::suggest_import(text) {
                Some(import) => finding.help(format!("add `{import}`")),
                None if text == "prm" => finding.help(
                    "only `__init__` and `train_setup` are given `prm`: keep in `self` what other methods need of it",
                ),
                None => finding,
            }
        })
    }

    /// Items with `*` spread out.
    fn eval_items(&mut self, exprs: &'a [Expr], scope: ScopeId) -> Eval<Vec<Value>> {
        let mut items = Vec::with_capacity(exprs.len());
        for expr in exprs {
            match expr {
                Expr::Starred(starred) => {
                    let value = self.eval(&starred.value, scope)?;
                    let span = self.span(expr);
                    items.extend(self.iterate(&value, span)?);
                }
                other => items.push(self.eval(other, scope)?),
            }
        }
        Ok(items)
    }

    pub(super) fn new_set(&mut self, items: Vec<Value>) -> Value {
        let pairs = items.into_iter().map(|item| (item, Value::None)).collect();
        Value::Set(self.state.dicts.push(dedup(pairs)))
    }

    fn eval_dict(&mut self, dict: &'a ast::ExprDict, scope: ScopeId) -> Eval<Value> {
        let mut pairs = Vec::with_capacity(dict.items.len());
        for item in &dict.items {
            let value = self.eval(&item.value, scope)?;
            match &item.key {
                Some(key) => pairs.push((self.eval(key, scope)?, value)),
                None => match value {
                    Value::Dict(id) => pairs.extend(self.pairs(id)),
                    _ => {
                        return Err(unsupported(
                            self.span(&item.value),
                            "`**` of anything but a dict",
                        ));
                    }
                },
            }
        }
        Ok(self.new_dict(dedup(pairs)))
    }

    fn eval_slice(&mut self, slice: &'a ast::ExprSlice, scope: ScopeId) -> Eval<Value> {
        let mut part = |bound: &'a Option<Box<Expr>>| match bound {
            Some(expr) => self.eval(expr, scope),
            None => Ok(Value::None),
        };
        let parts = [part(&slice.lower)?, part(&slice.upper)?, part(&slice.step)?];
        Ok(Value::Slice(parts.into()))
    }

    fn eval_fstring(&mut self, fstring: &'a ast::ExprFString, scope: ScopeId) -> Eval<Value> {
        let mut text = String::new();
        for part in fstring.value.as_slice() {
            match part {
                ast::FStringPart::Literal(literal) => text.push_str(&literal.value),
                ast::FStringPart::FString(inner) => {
                    for element in &inner.elements {
                        match element {
                            ast::InterpolatedStringElement::Literal(literal) => {
                                text.push_str(&literal.value);
                            }
                            ast::InterpolatedStringElement::Interpolation(hole) => {
                                let value = self.eval(&hole.expression, scope)?;
                                text.push_str(&self.to_str(&value));
                                self.check_length(text.len(), self.span(hole))?;
                            }
                        }
                    }
                }
            }
        }
        Ok(Value::str(&text))
    }

    /// `str(value)`, with `?` where the value exists only at run time.
    pub(super) fn to_str(&self, value: &Value) -> String {
        match value {
            Value::Str(text) => text.to_string(),
            Value::Int(dim) => dim.to_string(),
            Value::Float(number) => super::builtins::float_text(*number),
            Value::Bool(flag) => if *flag { "True" } else { "False" }.to_owned(),
            Value::None => "None".to_owned(),
            _ => "?".to_owned(),
        }
    }

    fn eval_bool_op(&mut self, operation: &'a ast::ExprBoolOp, scope: ScopeId) -> Eval<Value> {
        let stops_at = operation.op == ast::BoolOp::Or;
        let mut last = Value::None;
        for (position, expr) in operation.values.iter().enumerate() {
            last = self.eval(expr, scope)?;
            if position + 1 < operation.values.len()
                && self.decide(&last, self.span(expr))? == stops_at
            {
                break;
            }
        }
        Ok(last)
    }

    fn eval_compare(&mut self, compare: &'a ast::ExprCompare, scope: ScopeId) -> Eval<Value> {
        let span = self.span(compare);
        let mut left = self.eval(&compare.left, scope)?;
        let mut result = Value::Bool(true);
        for (op, expr) in compare.ops.iter().zip(&compare.comparators) {
            let right = self.eval(expr, scope)?;
            result = self.compare(*op, &left, &right, span)?;
            if compare.ops.len() > 1 && !self.decide(&result, span)? {
                return Ok(Value::Bool(false));
            }
            left = right;
        }
        Ok(result)
    }

    fn unary(&mut self, op: ast::UnaryOp, operand: &Value, span: Span) -> Eval<Value> {
        use ast::UnaryOp::{Invert, Not, UAdd, USub};
        match (op, operand) {
            (Not, Value::Unknown) => Ok(Value::Unknown),
            (Not, value) => Ok(Value::Bool(!self.decide(value, span)?)),
            (Invert, value) if Self::is_tensor(value) => self.pointwise(Unary::Not, value, span),
            (USub, value) if Self::is_tensor(value) => self.pointwise(Unary::Neg, value, span),
            (UAdd, value) => Ok(value.clone()),
            (USub, Value::Float(number)) => Ok(Value::Float(-number)),
            (USub, Value::Unknown) => Ok(Value::Unknown),
            (USub, value) => {
                let dim = self.known_dim(value, "the operand of `-`", span)?;
                Dim::constant(0)
                    .sub(&dim)
                    .map(Value::Int)
                    .ok_or_else(|| overflow(span))
            }
            (Invert, _) => Err(unsupported(span, "`~` of anything but a tensor")),
        }
    }

    fn lambda(&mut self, lambda: &'a ast::ExprLambda, scope: ScopeId, span: Span) -> Value {
        let function = UserFn {
            name: "lambda",
            params: lambda.parameters.as_deref(),
            defaults: Vec::new(),
            body: Body::Expr(&lambda.body),
            scope,
            class: None,
            kind: FnKind::Plain,
            nested: true,
            is_library: self.library_call.is_some(),
            has_gradients: true,
            span,
        };
        Value::Function(self.state.fns.push(function))
    }

    /// The items (and values) of a comprehension.
    fn comprehension(
        &mut self,
        item: &'a Expr,
        value: Option<&'a Expr>,
        generators: &'a [ast::Comprehension],
        scope: ScopeId,
    ) -> Eval<Vec<(Value, Value)>> {
        let inner = self.child_scope(scope);
        let mut out = Vec::new();
        self.generate((item, value), generators, inner, &mut |_, item, value| {
            out.push((item, value));
            Ok(())
        })?;
        Ok(out)
    }

    /// `list.extend(item for ..)`: each item is in the list when the next is computed.
    pub(super) fn extend_lazily(
        &mut self,
        list: ListId,
        items: &'a ast::ExprGenerator,
        scope: ScopeId,
    ) -> Eval<()> {
        let (inner, span) = (self.child_scope(scope), self.span(items));
        self.generate(
            (&items.elt, None),
            &items.generators,
            inner,
            &mut |interp, item, _| interp.append(list, item, span),
        )
    }

    fn generate(
        &mut self,
        (item, value): (&'a Expr, Option<&'a Expr>),
        generators: &'a [ast::Comprehension],
        scope: ScopeId,
        take: &mut dyn FnMut(&mut Self, Value, Value) -> Eval<()>,
    ) -> Eval<()> {
        let Some((first, rest)) = generators.split_first() else {
            let item = self.eval(item, scope)?;
            let value = value.map_or(Ok(Value::None), |value| self.eval(value, scope))?;
            return take(self, item, value);
        };
        let iterable = self.eval(&first.iter, scope)?;
        let span = self.span(&first.iter);
        for element in self.iterate(&iterable, span)? {
            self.step(span)?;
            self.assign(&first.target, element, scope)?;
            if self.all_hold(&first.ifs, scope)? {
                self.generate((item, value), rest, scope, take)?;
            }
        }
        Ok(())
    }

    fn all_hold(&mut self, conditions: &'a [Expr], scope: ScopeId) -> Eval<bool> {
        for condition in conditions {
            let test = self.eval(condition, scope)?;
            if !self.decide(&test, self.span(condition))? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Later values win, first places stay.
pub(super) fn dedup(pairs: Vec<(Value, Value)>) -> Vec<(Value, Value)> {
    let pairs: IndexMap<Value, Value> = pairs.into_iter().collect();
    pairs.into_iter().collect()
}

fn number(number: &ast::Number, span: Span) -> Eval<Value> {
    match number {
        ast::Number::Int(int) => match int.as_i64() {
            Some(value) => Ok(Value::Int(Dim::constant(value))),
            None => Err(unsupported(span, "an integer of more than 64 bits")),
        },
        ast::Number::Float(value) => Ok(Value::Float(*value)),
        ast::Number::Complex { .. } => Err(unsupported(span, "a complex number")),
    }
}

pub(super) fn overflow(span: Span) -> Box<super::interp::Stop> {
    stop(
        Rule::LimitExceeded,
        span,
        "an integer has more than 64 bits",
    )
}

fn construct_name(expr: &Expr) -> &'static str {
    match expr {
        Expr::Await(_) => "`await`",
        Expr::Yield(_) | Expr::YieldFrom(_) => "`yield`",
        Expr::BytesLiteral(_) => "a bytes literal",
        Expr::TString(_) => "a template string",
        _ => "this expression",
    }
}

/// Keeps the name of a native path's last part: `torch.nn.Conv2d` to `Conv2d`.
pub(super) fn last_part(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// A native name below another: `torch.nn` and `Conv2d` to `torch.nn.Conv2d`.
pub(super) fn native(parent: &str, name: &str) -> Value {
    Value::Native(rc(format!("{parent}.{name}")))
}
