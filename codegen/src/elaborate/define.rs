//! Functions and classes of the reply as they are defined.
use super::interp::{Eval, Interp, unsupported};
use super::value::{Body, Class, Context, FnKind, Scope, ScopeId, UserFn, Value};
use crate::diagnostic::Span;
use ruff_python_ast as ast;

impl<'a> Interp<'a, '_> {
    pub(super) fn define_function(
        &mut self,
        def: &'a ast::StmtFunctionDef,
        scope: ScopeId,
    ) -> Eval<()> {
        let span = self.span(&def.name);
        if def.is_async {
            return Err(unsupported(span, "`async def`"));
        }
        let mut kind = FnKind::Plain;
        let mut has_gradients = true;
        for decorator in &def.decorator_list {
            let value = self.eval(&decorator.expression, scope)?;
            has_gradients &= !self.stops_gradients(&value);
            if let Some(found) = self.decorator(&value, self.span(&decorator.expression))? {
                kind = found;
            }
        }
        let class = self.state.scopes[scope]
            .method
            .as_ref()
            .map(|(_, class)| *class);
        let is_class = self.state.scopes[scope].is_class;
        let function = UserFn {
            name: def.name.as_str(),
            params: Some(&def.parameters),
            defaults: self.defaults(&def.parameters, scope)?,
            body: Body::Stmts(&def.body),
            scope,
            class: if is_class { class } else { None },
            kind,
            nested: !is_class && scope != self.globals,
            is_library: self.library_call.is_some(),
            has_gradients,
            span,
        };
        let value = Value::Function(self.state.fns.push(function));
        self.assign_name(scope, def.name.as_str(), value);
        Ok(())
    }

    /// `@torch.no_grad()`, or without its parentheses.
    fn stops_gradients(&self, decorator: &Value) -> bool {
        match decorator {
            Value::Native(path) => matches!(&**path, "torch.no_grad" | "torch.inference_mode"),
            other => self.context(other) == Some(Context::NoGradients),
        }
    }

    pub(super) fn decorator(&self, value: &Value, span: Span) -> Eval<Option<FnKind>> {
        match value {
            Value::Native(path) => match &**path {
                "builtins.staticmethod" => Ok(Some(FnKind::Static)),
                "builtins.classmethod" => Ok(Some(FnKind::Class)),
                "builtins.property" => Ok(Some(FnKind::Property)),
                "torch.no_grad"
                | "torch.inference_mode"
                | "torch.enable_grad"
                | "torch.jit.export"
                | "torch.jit.ignore"
                | "torch.jit.unused"
                | "torch.jit._overload_method"
                | "functools.lru_cache"
                | "functools.wraps" => Ok(None),
                other => Err(unsupported(span, format!("the decorator `{other}`"))),
            },
            context if self.context(context).is_some() => Ok(None),
            other => {
                let found = self.describe(other);
                Err(unsupported(span, format!("a decorator that is {found}")))
            }
        }
    }

    /// Default values are computed once, where the function is defined.
    pub(super) fn defaults(
        &mut self,
        params: &'a ast::Parameters,
        scope: ScopeId,
    ) -> Eval<Vec<(&'a str, Value)>> {
        let all = params
            .posonlyargs
            .iter()
            .chain(&params.args)
            .chain(&params.kwonlyargs);
        let mut defaults = Vec::new();
        for param in all {
            if let Some(default) = &param.default {
                defaults.push((param.parameter.name.as_str(), self.eval(default, scope)?));
            }
        }
        Ok(defaults)
    }

    pub(super) fn define_class(&mut self, def: &'a ast::StmtClassDef, scope: ScopeId) -> Eval<()> {
        let span = self.span(&def.name);
        let mut bases = Vec::new();
        if let Some(arguments) = &def.arguments {
            for base in &arguments.args {
                let mut value = self.eval(base, scope)?;
                if let Value::Native(path) = &value
                    && let Some(class) = self.of_prelude(path, self.span(base))?
                {
                    value = class;
                }
                bases.push(value);
            }
        }
        let mut fields = None;
        for decorator in &def.decorator_list {
            let value = self.eval(&decorator.expression, scope)?;
            if !super::dataclass::is_native(&value, super::dataclass::DECORATOR) {
                let found = self.describe(&value);
                return Err(unsupported(
                    self.span(&decorator.expression),
                    format!("the class decorator {found}"),
                ));
            }
            fields = Some(super::dataclass::fields(&def.body));
        }
        let body = self.state.scopes.push(Scope {
            parent: Some(scope),
            is_class: true,
            ..Scope::default()
        });
        let class = self.state.classes.push(Class {
            name: def.name.as_str(),
            bases,
            scope: body,
            fields,
            span,
        });
        self.state.scopes[body].method = Some((Value::None, class));
        self.exec_block(&def.body, body)?;
        self.assign_name(scope, def.name.as_str(), Value::Class(class));
        Ok(())
    }
}
