//! Calls: arguments bound to parameters, functions of the reply run or traced, modules applied.
use std::rc::Rc;

use ruff_python_ast as ast;

use super::container::Container;
use super::interp::{Eval, Interp, raised, stop, unsupported};
use super::limits::MAX_DEPTH;
use super::module::ModuleClass;
use super::specialise::Traced;
use super::stmt::Flow;
use super::value::{Body, ClassId, FnId, FnKind, Object, Scope, ScopeId, Value};
use crate::diagnostic::Span;
use crate::ir::ModuleId;
use crate::rules::Rule;

/// The arguments of a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Args {
    pub(super) positional: Vec<Value>,
    pub(super) keywords: Vec<(Rc<str>, Value)>,
}

impl Args {
    pub(super) fn of(positional: Vec<Value>) -> Self {
        Self {
            positional,
            keywords: Vec::new(),
        }
    }

    pub(super) fn with_first(mut self, first: Value) -> Self {
        self.positional.insert(0, first);
        self
    }
}

impl<'a> Interp<'a, '_> {
    pub(super) fn eval_call(&mut self, call: &'a ast::ExprCall, scope: ScopeId) -> Eval<Value> {
        let span = self.span(call);
        if let Some(value) = self.super_call(call, scope)? {
            return Ok(value);
        }
        let callee = self.eval(&call.func, scope)?;
        if let (Value::Bound(this, name), [ast::Expr::Generator(items)]) =
            (&callee, &*call.arguments.args)
            && let (Value::List(list), "extend") = (&**this, &**name)
        {
            self.extend_lazily(*list, items, scope)?;
            return Ok(Value::None);
        }
        let args = self.eval_args(&call.arguments, scope)?;
        self.call(&callee, args, span)
    }

    fn eval_args(&mut self, arguments: &'a ast::Arguments, scope: ScopeId) -> Eval<Args> {
        let mut args = Args::default();
        for arg in &arguments.args {
            if let ast::Expr::Starred(starred) = arg {
                let value = self.eval(&starred.value, scope)?;
                let span = self.span(arg);
                args.positional.extend(self.iterate(&value, span)?);
            } else {
                args.positional.push(self.eval(arg, scope)?);
            }
        }
        for keyword in &arguments.keywords {
            let value = self.eval(&keyword.value, scope)?;
            match (&keyword.arg, &value) {
                (Some(name), _) => args.keywords.push((name.as_str().into(), value)),
                (None, Value::Dict(id)) => {
                    for (key, value) in self.pairs(*id) {
                        if let Value::Str(name) = key {
                            args.keywords.push((name, value));
                        }
                    }
                }
                (None, _) => {
                    return Err(unsupported(
                        self.span(&keyword.value),
                        "`**` of anything but a dict",
                    ));
                }
            }
        }
        Ok(args)
    }

    /// `super().method(...)`: the method of the first base that has it.
    fn super_call(&mut self, call: &'a ast::ExprCall, scope: ScopeId) -> Eval<Option<Value>> {
        let ast::Expr::Attribute(attribute) = &*call.func else {
            return Ok(None);
        };
        let ast::Expr::Call(inner) = &*attribute.value else {
            return Ok(None);
        };
        let ast::Expr::Name(name) = &*inner.func else {
            return Ok(None);
        };
        if name.id.as_str() != "super"
            || self.lookup(scope, "super") != Some(Value::Native("builtins.super".into()))
        {
            return Ok(None);
        }
        let span = self.span(call);
        let (this, class) = self
            .method_of(scope)
            .ok_or_else(|| raised("RuntimeError", span, "`super()` outside a method"))?;
        let args = self.eval_args(&call.arguments, scope)?;
        for base in self.state.classes[class].bases.clone() {
            let Value::Class(base) = base else { continue };
            if let Some(function) = self.class_function(base, attribute.attr.as_str()) {
                return self
                    .call_user(function, args.with_first(this), span)
                    .map(Some);
            }
            if attribute.attr.as_str() == "__init__" && self.is_dataclass(base) {
                self.fill_fields(base, &this, args, span)?;
                return Ok(Some(Value::None));
            }
        }
        // The base is one of torch's containers, its `Module`, or Python's `object`.
        if let (Value::Module(id), Some(container)) = (&this, self.container_of(class)) {
            let method = attribute.attr.as_str();
            return self
                .container_method(*id, container, method, args, span)
                .map(Some);
        }
        if let (Value::Module(id), Some(layer)) = (&this, self.layer_of(class)) {
            let method = attribute.attr.as_str();
            return self
                .inherited_method(*id, &layer, method, args, span)
                .map(Some);
        }
        match attribute.attr.as_str() {
            "__init__" | "__init_subclass__" => Ok(Some(Value::None)),
            "train" | "eval" | "to" => Ok(Some(this)),
            other => Err(unsupported(span, format!("`super().{other}`"))),
        }
    }

    fn method_of(&self, scope: ScopeId) -> Option<(Value, ClassId)> {
        let mut at = Some(scope);
        while let Some(id) = at {
            let scope = &self.state.scopes[id];
            if scope.method.is_some() && !scope.is_class {
                return scope.method.clone();
            }
            at = scope.parent;
        }
        None
    }

    /// Calls a value.
    pub(super) fn call(&mut self, callee: &Value, args: Args, span: Span) -> Eval<Value> {
        self.step(span)?;
        match callee {
            Value::Function(function) => self.call_user(*function, args, span),
            Value::Method(this, function) => {
                self.call_user(*function, args.with_first((**this).clone()), span)
            }
            Value::Class(class) => self.construct(*class, args, span),
            Value::Module(module) => self.call_module(*module, args, span),
            Value::Native(path) => self.call_native(path, args, span),
            Value::Bound(this, name) => self.call_bound(this, name, args, span),
            Value::DType(_) | Value::Device => Err(unsupported(span, "calling this")),
            Value::Object(id) => self.call_object(*id, args, span),
            Value::Unknown => Ok(Value::Unknown),
            other => {
                let found = self.describe(other);
                Err(raised(
                    "TypeError",
                    span,
                    format!("{found} cannot be called"),
                ))
            }
        }
    }

    /// A function of a class or of its bases.
    pub(super) fn class_function(&self, class: ClassId, name: &str) -> Option<FnId> {
        match self.class_attribute(class, name)? {
            Value::Function(function) => Some(function),
            _ => None,
        }
    }

    pub(super) fn class_attribute(&self, class: ClassId, name: &str) -> Option<Value> {
        let class = &self.state.classes[class];
        if let Some(value) = self.state.scopes[class.scope].vars.get(name) {
            return Some(value.clone());
        }
        class.bases.iter().find_map(|base| match base {
            Value::Class(base) => self.class_attribute(*base, name),
            _ => None,
        })
    }

    /// A module applied to its inputs.
    pub(super) fn call_module(&mut self, id: ModuleId, args: Args, span: Span) -> Eval<Value> {
        match self.state.modules[id].class.clone() {
            ModuleClass::User(class) => {
                let Some(forward) = self.class_function(class, "forward") else {
                    if self.container_of(class) == Some(Container::Sequential) {
                        return self.call_sequential(id, &args, span);
                    }
                    if let Some(inherited) = self.inherited(id) {
                        return self.call_module(inherited, args, span);
                    }
                    let name = self.state.classes[class].name;
                    return Err(raised(
                        "NotImplementedError",
                        span,
                        format!("`{name}` has no `forward`"),
                    ));
                };
                self.call_user(forward, args.with_first(Value::Module(id)), span)
            }
            ModuleClass::Layer(layer) => self.call_layer(id, &layer, args, span),
            ModuleClass::Function { path, args: rest } => {
                self.state.modules[id].used = true;
                let mut all = args;
                all.keywords.extend(rest);
                self.call_native(&path, all, span)
            }
            ModuleClass::Sequential => self.call_sequential(id, &args, span),
            ModuleClass::ModuleList | ModuleClass::ModuleDict => Err(raised(
                "NotImplementedError",
                span,
                "a list of modules has no `forward`",
            )),
        }
    }

    /// A function of the reply: traced as a function of the Program when it is a method of a module and gets or makes
    /// tensors, else run in place.
    pub(super) fn call_user(&mut self, id: FnId, args: Args, span: Span) -> Eval<Value> {
        if self.depth >= MAX_DEPTH {
            return Err(stop(
                Rule::LimitExceeded,
                span,
                format!("more than {MAX_DEPTH} calls within calls"),
            ));
        }
        self.depth += 1;
        let outside = self.library_call;
        self.library_call = self.state.fns[id]
            .is_library
            .then(|| outside.unwrap_or(span));
        let result = self.call_bound_args(id, args, span);
        self.library_call = outside;
        self.depth -= 1;
        result
    }

    /// Runs a function of the reply as part of the function being traced.
    pub(super) fn call_inline(&mut self, id: FnId, args: Args, span: Span) -> Eval<Value> {
        let bound = self.bind(id, args, span)?;
        self.run_function(id, bound)
    }

    fn call_bound_args(&mut self, id: FnId, args: Args, span: Span) -> Eval<Value> {
        let bound = self.bind(id, args, span)?;
        let takes_rest = bound
            .iter()
            .any(|(_, value)| self.is_dict_of_tensors(value));
        let traced = !self.is_constructing() && !self.state.fns[id].nested && !takes_rest;
        if traced && let Some(home) = self.home_of(id, &bound) {
            return self.call_traced(Traced::Function(id), home, &bound, span);
        }
        self.run_function(id, bound)
    }

    /// The module beside whose struct a function is printed: of a method its `self`, of a static method the module that
    /// is being traced. None where it is to be run in place.
    fn home_of(&self, id: FnId, bound: &[(Rc<str>, Value)]) -> Option<ModuleId> {
        let function = &self.state.fns[id];
        let class = function.class?;
        if function.kind == FnKind::Plain {
            return match bound.first() {
                Some((_, Value::Module(module))) => {
                    (!self.state.modules[*module].is_fresh).then_some(*module)
                }
                _ => None,
            };
        }
        let frame = self.state.frames.last()?;
        let ModuleClass::User(home_class) = self.state.modules[frame.home].class else {
            return None;
        };
        (home_class == class).then_some(frame.home)
    }

    /// Runs a function of the reply on bound arguments, in the function being traced (if any).
    pub(super) fn run_function(&mut self, id: FnId, bound: Vec<(Rc<str>, Value)>) -> Eval<Value> {
        let function = self.state.fns[id].clone();
        let method = function
            .class
            .and_then(|class| Some((bound.first()?.1.clone(), class)));
        let scope = self.state.scopes.push(Scope {
            parent: Some(function.scope),
            method,
            ..Scope::default()
        });
        for (name, value) in bound {
            self.state.scopes[scope]
                .vars
                .insert(name.to_string(), value);
        }
        self.state.call_scopes.push(scope);
        let run = |interp: &mut Self| match function.body {
            Body::Expr(expr) => interp.eval(expr, scope),
            Body::Stmts(body) => interp.exec_block(body, scope).map(|flow| match flow {
                Flow::Return(value) => value,
                _ => Value::None,
            }),
        };
        let result = if function.has_gradients {
            run(self)
        } else {
            self.without_gradients(run)
        };
        self.state.call_scopes.pop();
        result
    }

    /// Binds arguments to the parameters of a function of the reply.
    fn bind(&mut self, id: FnId, args: Args, span: Span) -> Eval<Vec<(Rc<str>, Value)>> {
        let function = self.state.fns[id].clone();
        let name = self.called(id);
        let Some(params) = function.params else {
            return if args.positional.is_empty() {
                Ok(Vec::new())
            } else {
                Err(too_many(name, 0, &args, span))
            };
        };
        let n_positional = params.posonlyargs.len() + params.args.len();
        let mut positional = args.positional.clone();
        let extra = positional.split_off(positional.len().min(n_positional));
        if !extra.is_empty() && params.vararg.is_none() {
            return Err(too_many(name, n_positional, &args, span));
        }
        let all = parameter_names(params);
        let given = all.iter().map(|name| (*name).into()).zip(positional);
        let mut bound: Vec<(Rc<str>, Value)> = given.collect();
        let has_rest = params.kwarg.is_some();
        let rest = bind_keywords(name, &all, &mut bound, args.keywords, has_rest, span)?;
        let mut ordered = Vec::with_capacity(all.len());
        for param in all {
            let given = bound.iter().find(|(name, _)| **name == *param);
            let default = || self.default_of(id, &function.defaults, param, span);
            let value = given.map_or_else(default, |(_, value)| Ok(value.clone()))?;
            ordered.push((param.into(), value));
        }
        if let Some(vararg) = &params.vararg {
            ordered.push((vararg.name.as_str().into(), Value::tuple(extra)));
        }
        if let Some(kwarg) = &params.kwarg {
            let dict = self.new_dict(rest);
            ordered.push((kwarg.name.as_str().into(), dict));
        }
        Ok(ordered)
    }

    fn default_of(
        &self,
        id: FnId,
        defaults: &[(&str, Value)],
        param: &str,
        span: Span,
    ) -> Eval<Value> {
        let found = defaults
            .iter()
            .find(|(name, _)| *name == param)
            .map(|(_, value)| value.clone());
        found.ok_or_else(|| {
            let message = format!("`{}` needs an argument for `{param}`", self.called(id));
            raised("TypeError", span, message).label(self.state.fns[id].span, "defined here")
        })
    }

    /// What a call of the function names: a constructor goes by its class.
    fn called(&self, id: FnId) -> &'a str {
        let function = &self.state.fns[id];
        match function.class {
            Some(class) if function.name == "__init__" => self.state.classes[class].name,
            _ => function.name,
        }
    }

    /// Calls of objects: a criterion is a module, so only what is inert is left.
    fn call_object(&mut self, id: super::value::ObjectId, args: Args, span: Span) -> Eval<Value> {
        match self.state.objects[id].clone() {
            Object::Instance { class, .. } => {
                if let Some(function) = self.class_function(class, "__call__") {
                    self.call_user(function, args.with_first(Value::Object(id)), span)
                } else {
                    let name = self.state.classes[class].name;
                    let message = format!("an instance of `{name}` cannot be called");
                    Err(self.lacks(class, span, raised("TypeError", span, message)))
                }
            }
            Object::Partial(function, first) => {
                let mut all = first;
                all.positional.extend(args.positional);
                all.keywords
                    .retain(|(name, _)| !args.keywords.iter().any(|(other, _)| other == name));
                all.keywords.extend(args.keywords);
                self.call(&function, all, span)
            }
            Object::Context(_) => Ok(args.positional.into_iter().next().unwrap_or(Value::None)),
            _ => Err(raised("TypeError", span, "this object cannot be called")),
        }
    }
}

/// The parameters in order, those by keyword only last.
fn parameter_names(params: &ast::Parameters) -> Vec<&str> {
    let all = params
        .posonlyargs
        .iter()
        .chain(&params.args)
        .chain(&params.kwonlyargs);
    all.map(|param| param.parameter.name.as_str()).collect()
}

/// Adds keyword arguments to the bound ones; gives what only `**` takes.
fn bind_keywords(
    name: &str,
    all: &[&str],
    bound: &mut Vec<(Rc<str>, Value)>,
    keywords: Vec<(Rc<str>, Value)>,
    has_rest: bool,
    span: Span,
) -> Eval<Vec<(Value, Value)>> {
    let mut rest = Vec::new();
    for (key, value) in keywords {
        if bound.iter().any(|(name, _)| *name == key) {
            let message = format!("`{name}` gets `{key}` twice");
            return Err(raised("TypeError", span, message));
        }
        if all.contains(&&*key) {
            bound.push((key, value));
        } else if has_rest {
            rest.push((Value::Str(key), value));
        } else {
            let message = format!("`{name}` has no parameter `{key}`");
            return Err(stop(Rule::UnknownArgument, span, message).raises("TypeError"));
        }
    }
    Ok(rest)
}

fn too_many(name: &str, n_params: usize, args: &Args, span: Span) -> Box<super::interp::Stop> {
    let message = format!(
        "`{name}` takes {n_params} positional arguments and gets {}",
        args.positional.len()
    );
    stop(Rule::WrongArgument, span, message).raises("TypeError")
}
