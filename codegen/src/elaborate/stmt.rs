//! Statements.
use ruff_python_ast as ast;
use ruff_python_ast::{ExceptHandler, Stmt as Syntax};

use super::container::Container;
use super::interp::{Eval, Interp, raised, unsupported};
use super::value::{List, ScopeId, Value};
use crate::diagnostic::Span;

/// How a statement ends.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Flow {
    Next,
    Return(Value),
    Break,
    Continue,
}

impl<'a> Interp<'a, '_> {
    pub(super) fn exec_block(&mut self, body: &'a [Syntax], scope: ScopeId) -> Eval<Flow> {
        for stmt in body {
            match self.exec(stmt, scope)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    fn exec(&mut self, stmt: &'a Syntax, scope: ScopeId) -> Eval<Flow> {
        let span = self.span(stmt);
        self.step(span)?;
        match stmt {
            Syntax::Expr(expr) => self.eval(&expr.value, scope).map(|_| Flow::Next),
            Syntax::Assign(assign) => {
                let value = self.eval(&assign.value, scope)?;
                for target in &assign.targets {
                    self.assign(target, value.clone(), scope)?;
                }
                Ok(Flow::Next)
            }
            Syntax::AugAssign(assign) => self.aug_assign(assign, scope).map(|()| Flow::Next),
            Syntax::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let value = self.eval(value, scope)?;
                    self.assign(&assign.target, value, scope)?;
                }
                Ok(Flow::Next)
            }
            Syntax::Return(ret) => {
                let value = ret
                    .value
                    .as_ref()
                    .map_or(Ok(Value::None), |value| self.eval(value, scope))?;
                Ok(Flow::Return(value))
            }
            Syntax::If(branch) => self.exec_if(branch, scope),
            Syntax::For(repeat) => self.exec_for(repeat, scope),
            Syntax::While(repeat) => self.exec_while(repeat, scope),
            Syntax::FunctionDef(def) => self.define_function(def, scope).map(|()| Flow::Next),
            Syntax::ClassDef(def) => self.define_class(def, scope).map(|()| Flow::Next),
            Syntax::Import(import) => self.import(import, scope).map(|()| Flow::Next),
            Syntax::ImportFrom(import) => self.import_from(import, scope).map(|()| Flow::Next),
            Syntax::With(with) => self.exec_with(with, scope),
            Syntax::Try(attempt) => self.exec_try(attempt, scope),
            Syntax::Raise(raise) => Err(self.exec_raise(raise, scope)?),
            Syntax::Assert(assert) => self.exec_assert(assert, scope).map(|()| Flow::Next),
            Syntax::Pass(_) | Syntax::TypeAlias(_) => Ok(Flow::Next),
            Syntax::Break(_) => Ok(Flow::Break),
            Syntax::Continue(_) => Ok(Flow::Continue),
            Syntax::Global(global) => Ok(self.declare_outer(&global.names, scope)),
            Syntax::Nonlocal(nonlocal) => Ok(self.declare_outer(&nonlocal.names, scope)),
            Syntax::Delete(delete) => self.delete(delete, scope).map(|()| Flow::Next),
            Syntax::Match(_) => Err(unsupported(span, "`match`")),
            Syntax::IpyEscapeCommand(_) => Err(unsupported(span, "a notebook command")),
        }
    }

    fn declare_outer(&mut self, names: &'a [ast::Identifier], scope: ScopeId) -> Flow {
        let outer = names.iter().map(|name| name.as_str().to_owned());
        self.state.scopes[scope].outer.extend(outer);
        Flow::Next
    }

    fn delete(&mut self, delete: &'a ast::StmtDelete, scope: ScopeId) -> Eval<()> {
        for target in &delete.targets {
            match target {
                ast::Expr::Name(name) => {
                    self.state.scopes[scope].vars.shift_remove(name.id.as_str());
                }
                other => {
                    return Err(unsupported(
                        self.span(other),
                        "`del` of anything but a name",
                    ));
                }
            }
        }
        Ok(())
    }

    /// Binds a target: a name, an attribute, an item, or a pattern of them.
    pub(super) fn assign(
        &mut self,
        target: &'a ast::Expr,
        value: Value,
        scope: ScopeId,
    ) -> Eval<()> {
        let span = self.span(target);
        match target {
            ast::Expr::Name(name) => {
                self.hint(&value, name.id.as_str());
                self.assign_name(scope, name.id.as_str(), value);
                Ok(())
            }
            ast::Expr::Attribute(attribute) => {
                let object = self.eval(&attribute.value, scope)?;
                self.set_attribute(&object, attribute.attr.as_str(), value, span)
            }
            ast::Expr::Subscript(subscript) => {
                let object = self.eval(&subscript.value, scope)?;
                let index = self.eval(&subscript.slice, scope)?;
                self.set_item(&object, &index, value, span)
            }
            ast::Expr::Tuple(tuple) => self.unpack(&tuple.elts, &value, scope, span),
            ast::Expr::List(list) => self.unpack(&list.elts, &value, scope, span),
            _ => Err(unsupported(span, "this assignment")),
        }
    }

    fn unpack(
        &mut self,
        targets: &'a [ast::Expr],
        value: &Value,
        scope: ScopeId,
        span: Span,
    ) -> Eval<()> {
        let items = self.iterate(value, span)?;
        let starred = targets
            .iter()
            .position(|target| matches!(target, ast::Expr::Starred(_)));
        let fits = match starred {
            Some(_) => items.len() + 1 >= targets.len(),
            None => items.len() == targets.len(),
        };
        if !fits {
            let message = format!("{} values for {} targets", items.len(), targets.len());
            return Err(raised("ValueError", span, message));
        }
        let n_rest = (items.len() + 1).saturating_sub(targets.len());
        let mut items = items.into_iter();
        for target in targets {
            match target {
                ast::Expr::Starred(rest) => {
                    let rest_items: Vec<Value> = items.by_ref().take(n_rest).collect();
                    let list = self.new_list(rest_items, span)?;
                    self.assign(&rest.value, list, scope)?;
                }
                other => {
                    if let Some(item) = items.next() {
                        self.assign(other, item, scope)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn aug_assign(&mut self, assign: &'a ast::StmtAugAssign, scope: ScopeId) -> Eval<()> {
        let span = self.span(assign);
        let old = self.eval(&assign.target, scope)?;
        if let (Value::List(id), ast::Operator::Add, ast::Expr::Generator(items)) =
            (&old, assign.op, &*assign.value)
        {
            return self.extend_lazily(*id, items, scope);
        }
        let value = self.eval(&assign.value, scope)?;
        if let (Value::List(id), ast::Operator::Add) = (&old, assign.op) {
            let items = self.iterate(&value, span)?;
            return self.extend_list(*id, items, span);
        }
        let new = self.binary(assign.op, &old, &value, span)?;
        if let (Value::Tensor(_), ast::Expr::Name(name)) = (&old, &*assign.target) {
            self.hint(&new, name.id.as_str());
        }
        if matches!(old, Value::Tensor(_)) && !self.is_item_of_tensor(&assign.target, scope)? {
            let dtypes = (self.type_of(&old), self.type_of(&new));
            if let (Some(before), Some(after)) = &dtypes
                && before.dtype == after.dtype
            {
                return self.write_cell(&old, &new, span);
            }
        }
        self.assign(&assign.target, new, scope)
    }

    /// Whether a target is `tensor[index]`, which the tensor is written by.
    fn is_item_of_tensor(&mut self, target: &'a ast::Expr, scope: ScopeId) -> Eval<bool> {
        let ast::Expr::Subscript(item) = target else {
            return Ok(false);
        };
        let holder = self.eval(&item.value, scope)?;
        Ok(matches!(holder, Value::Tensor(_) | Value::Param(_)))
    }

    /// Names the variables behind a value after the Python name it is bound to.
    pub(super) fn hint(&mut self, value: &Value, name: &str) {
        match value {
            Value::Tensor(cell) => {
                let cell = &self.state.cells[*cell];
                let (level, var) = (cell.level, cell.var);
                self.frame_at(level).name_var(var, name);
            }
            Value::List(id) => {
                if let List::Grown(grown) = &self.state.lists[*id] {
                    let (level, var) = (grown.level, grown.var);
                    self.frame_at(level).name_var(var, name);
                }
            }
            _ => {}
        }
    }

    fn exec_if(&mut self, branch: &'a ast::StmtIf, scope: ScopeId) -> Eval<Flow> {
        let test = self.eval(&branch.test, scope)?;
        let span = self.span(&*branch.test);
        if self.truth(&test).is_none() && self.break_if(&test, branch, span)? {
            return Ok(Flow::Next);
        }
        if matches!(test, Value::Unknown)
            && changes_nothing(&branch.body)
            && branch.elif_else_clauses.is_empty()
        {
            self.note_dropped(span, "an `if` on a run-time number that changes nothing");
            return Ok(Flow::Next);
        }
        if self.decide(&test, span)? {
            return self.exec_block(&branch.body, scope);
        }
        for clause in &branch.elif_else_clauses {
            let taken = match &clause.test {
                Some(test) => {
                    let value = self.eval(test, scope)?;
                    self.decide(&value, self.span(test))?
                }
                None => true,
            };
            if taken {
                return self.exec_block(&clause.body, scope);
            }
        }
        Ok(Flow::Next)
    }

    fn exec_while(&mut self, repeat: &'a ast::StmtWhile, scope: ScopeId) -> Eval<Flow> {
        loop {
            let span = self.span(&*repeat.test);
            self.step(span)?;
            let test = self.eval(&repeat.test, scope)?;
            if !self.decide(&test, span)? {
                return self.exec_block(&repeat.orelse, scope);
            }
            match self.exec_block(&repeat.body, scope)? {
                Flow::Break => return Ok(Flow::Next),
                Flow::Return(value) => return Ok(Flow::Return(value)),
                Flow::Next | Flow::Continue => {}
            }
        }
    }

    fn exec_try(&mut self, attempt: &'a ast::StmtTry, scope: ScopeId) -> Eval<Flow> {
        let outcome = match self.exec_block(&attempt.body, scope) {
            Ok(Flow::Next) => self.exec_block(&attempt.orelse, scope),
            Err(finding) => match &finding.exception {
                Some(exception) => match self.handler(attempt, exception, scope)? {
                    Some(handler) => {
                        if let Some(name) = &handler.name {
                            self.assign_name(scope, name.as_str(), Value::Unknown);
                        }
                        self.exec_block(&handler.body, scope)
                    }
                    None => Err(finding),
                },
                None => Err(finding),
            },
            flow => flow,
        };
        match self.exec_block(&attempt.finalbody, scope)? {
            Flow::Next => outcome,
            flow => Ok(flow),
        }
    }

    fn handler(
        &mut self,
        attempt: &'a ast::StmtTry,
        exception: &str,
        scope: ScopeId,
    ) -> Eval<Option<&'a ast::ExceptHandlerExceptHandler>> {
        for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
            let catches = match &handler.type_ {
                None => true,
                Some(expr) => {
                    let class = self.eval(expr, scope)?;
                    let classes = self.items(&class).unwrap_or_else(|| vec![class]);
                    classes.iter().any(|class| match class {
                        Value::Native(path) => {
                            super::builtins::catches(super::expr::last_part(path), exception)
                        }
                        _ => false,
                    })
                }
            };
            if catches {
                return Ok(Some(handler));
            }
        }
        Ok(None)
    }

    fn exec_raise(
        &mut self,
        raise: &'a ast::StmtRaise,
        scope: ScopeId,
    ) -> Eval<Box<super::interp::Stop>> {
        let span = self.span(raise);
        let Some(expr) = &raise.exc else {
            return Ok(raised("RuntimeError", span, "no exception to raise again"));
        };
        let (class, args) = match &**expr {
            ast::Expr::Call(call) => (self.eval(&call.func, scope)?, call.arguments.args.as_ref()),
            other => (self.eval(other, scope)?, &[][..]),
        };
        let name = match &class {
            Value::Native(path) => super::expr::last_part(path).to_owned(),
            Value::Class(id) => self.state.classes[*id].name.to_owned(),
            _ => "Exception".to_owned(),
        };
        let text = match args.first() {
            Some(arg) => self.eval(arg, scope).map(|value| self.to_str(&value))?,
            None => String::new(),
        };
        if self.library_call.is_some() && name == "NotImplementedError" {
            return Ok(unsupported(span, shortened(&text)));
        }
        Ok(raised(&name, span, shortened(&text)))
    }

    fn exec_assert(&mut self, assert: &'a ast::StmtAssert, scope: ScopeId) -> Eval<()> {
        let span = self.span(assert);
        let test = self.eval(&assert.test, scope)?;
        match self.truth(&test) {
            Some(true) => Ok(()),
            Some(false) => {
                let text = match &assert.msg {
                    Some(message) => self.eval(message, scope).map(|value| self.to_str(&value))?,
                    None => "the condition is false".to_owned(),
                };
                Err(raised("AssertionError", span, shortened(&text)))
            }
            None => {
                self.note_dropped(span, "an `assert` on run-time values");
                Ok(())
            }
        }
    }

    /// The items of anything that Python can iterate over at once.
    pub(super) fn iterate(&mut self, value: &Value, span: Span) -> Eval<Vec<Value>> {
        match value {
            Value::Tensor(_) | Value::Param(_) => self.rows(value, span),
            Value::Module(id) => {
                let children = &self.state.modules[*id].children;
                match self.container_of_module(*id) {
                    Some(Container::ModuleDict) => {
                        Ok(children.keys().map(|key| Value::str(key)).collect())
                    }
                    _ => Ok(children
                        .values()
                        .map(|child| Value::Module(*child))
                        .collect()),
                }
            }
            Value::Object(id) => self.iterate_object(*id, span),
            other => self.iterate_known(other, span),
        }
    }

    /// The items of a sequence of known length.
    pub(super) fn iterate_known(&self, value: &Value, span: Span) -> Eval<Vec<Value>> {
        if let Some(items) = self.items(value) {
            return Ok(items);
        }
        match value {
            Value::Dict(id) => Ok(self.state.dicts[*id]
                .iter()
                .map(|(key, _)| key.clone())
                .collect()),
            Value::Str(text) => Ok(text
                .chars()
                .map(|c| Value::str(c.encode_utf8(&mut [0; 4])))
                .collect()),
            Value::Range(range) => super::lists::range_items(range, span),
            Value::List(_) => Err(unsupported(
                span,
                "iterating over a list that a kept loop fills",
            )),
            Value::Unknown => Err(unsupported(span, "iterating over what only the run knows")),
            other => {
                let found = self.describe(other);
                Err(raised(
                    "TypeError",
                    span,
                    format!("{found} is not iterable"),
                ))
            }
        }
    }

    /// Appends to a list of known length, or to the variable that stands for it.
    pub(super) fn extend_list(
        &mut self,
        id: super::value::ListId,
        items: Vec<Value>,
        span: Span,
    ) -> Eval<()> {
        for item in items {
            self.append(id, item, span)?;
        }
        Ok(())
    }

    /// `dict[key] = value`
    pub(super) fn set_dict_item(&mut self, id: super::value::DictId, key: Value, value: Value) {
        self.charge(self.state.dicts[id].len());
        let pairs = &mut self.state.dicts[id];
        match pairs.iter_mut().find(|(existing, _)| *existing == key) {
            Some(pair) => pair.1 = value,
            None => pairs.push((key, value)),
        }
    }
}

/// A text of the reply's own, cut for a message.
fn shortened(text: &str) -> String {
    text.chars().take(200).collect()
}

/// Whether a block only prints and clears away: then it cannot matter to the net.
fn changes_nothing(body: &[Syntax]) -> bool {
    body.iter().all(|stmt| match stmt {
        Syntax::Pass(_) => true,
        Syntax::Expr(expr) => expr.value.is_literal_expr() || is_idle_call(&expr.value),
        Syntax::If(branch) => {
            is_idle_call(&branch.test)
                && changes_nothing(&branch.body)
                && (branch.elif_else_clauses.iter())
                    .all(|clause| clause.test.is_none() && changes_nothing(&clause.body))
        }
        _ => false,
    })
}

/// A call that changes nothing that a net reads.
fn is_idle_call(expr: &ast::Expr) -> bool {
    let ast::Expr::Call(call) = expr else {
        return false;
    };
    let idle = [
        "print",
        "gc.collect",
        "torch.cuda.empty_cache",
        "torch.cuda.is_available",
    ];
    dotted(&call.func).is_some_and(|name| idle.contains(&name.as_str()))
}

/// The names of `a.b.c`.
fn dotted(expr: &ast::Expr) -> Option<String> {
    match expr {
        ast::Expr::Name(name) => Some(name.id.to_string()),
        ast::Expr::Attribute(access) => {
            dotted(&access.value).map(|before| format!("{before}.{}", access.attr))
        }
        _ => None,
    }
}
