//! `with`, and Python without gradients.
use ruff_python_ast as ast;

use super::interp::{Eval, Interp, Mode, unsupported};
use super::stmt::Flow;
use super::value::{Context, Object, ScopeId, Value};

impl<'a> Interp<'a, '_> {
    /// A `with` statement.
    pub(super) fn exec_with(&mut self, with: &'a ast::StmtWith, scope: ScopeId) -> Eval<Flow> {
        let mut has_gradients = true;
        for item in &with.items {
            let context = self.eval(&item.context_expr, scope)?;
            let span = self.span(&item.context_expr);
            match self.context(&context) {
                Some(Context::NoGradients) => has_gradients = false,
                Some(Context::Other) => {}
                None => {
                    let found = self.describe(&context);
                    return Err(unsupported(span, format!("`with` on {found}")));
                }
            }
            if let Some(target) = &item.optional_vars {
                self.assign(target, context, scope)?;
            }
        }
        if has_gradients {
            self.exec_block(&with.body, scope)
        } else {
            self.without_gradients(|interp| interp.exec_block(&with.body, scope))
        }
    }

    /// What kind of context a value is.
    pub(super) fn context(&self, value: &Value) -> Option<Context> {
        match value {
            Value::Object(id) => match self.state.objects[*id] {
                Object::Context(context) => Some(context),
                _ => None,
            },
            _ => None,
        }
    }

    /// Runs Python under `torch.no_grad()`: in training no gradient leaves what it computes.
    pub(super) fn without_gradients<T>(
        &mut self,
        run: impl FnOnce(&mut Self) -> Eval<T>,
    ) -> Eval<T> {
        if self.is_constructing() || self.state.mode == Mode::Eval {
            return run(self);
        }
        let n_vars =
            |interp: &mut Self| u32::try_from(interp.frame().vars.len()).unwrap_or(u32::MAX);
        let first = n_vars(self);
        let result = run(self)?;
        let made = first..n_vars(self);
        self.frame().without_gradients.push(made);
        Ok(result)
    }
}
