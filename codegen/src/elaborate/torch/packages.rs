//! Functions of Python's own packages.
use super::super::call::Args;
use super::super::interp::{Eval, Interp, stop, unsupported};
use super::super::value::{Object, Value};
use crate::diagnostic::Span;
use crate::ir::Task;
use crate::rules::Rule;

/// Items that `itertools.repeat` gives.
const MAX_REPEATS: usize = 10_000;

impl Interp<'_, '_> {
    /// Functions of Python's own packages.
    pub(super) fn call_python_package(
        &mut self,
        path: &str,
        args: &Args,
        span: Span,
    ) -> Eval<Option<Value>> {
        let second = args.positional.get(1);
        let value = match path {
            // `@dataclass(frozen=True)` decorates as `@dataclass` does.
            super::super::dataclass::DECORATOR if args.positional.is_empty() => {
                Value::Native(super::super::dataclass::DECORATOR.into())
            }
            super::super::dataclass::FIELD => {
                let field = Value::Native(super::super::dataclass::FIELD.into());
                self.object(Object::Partial(Box::new(field), args.clone()))
            }
            // A net sees an empty environment.
            "os.environ.get" | "os.getenv" if self.sizes.task == Task::Classify => {
                second.cloned().unwrap_or(Value::None)
            }
            "itertools.repeat" => {
                let (Some(item), Some(count)) = (args.positional.first(), second) else {
                    return Err(unsupported(span, "`itertools.repeat` without an end"));
                };
                let count = self.known_size(count, "the number of repeats", span)?;
                if count > MAX_REPEATS {
                    let message = format!("{count} repeats, and {MAX_REPEATS} are the most");
                    return Err(stop(Rule::LimitExceeded, span, message));
                }
                self.new_list(vec![item.clone(); count], span)?
            }
            _ => return Ok(None),
        };
        Ok(Some(value))
    }
}
