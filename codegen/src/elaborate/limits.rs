//! Fuel and limits: no net may run, grow or nest for ever.
use super::interp::{Eval, Interp, stop};
use super::value::{List, Value};
use crate::diagnostic::Span;
use crate::rules::Rule;

/// Statements and expressions that are run before elaboration gives up.
pub(super) const MAX_STEPS: u64 = 2_000_000;
/// Items or characters that are looked at, or copied, in the time of a step.
const ITEMS_PER_STEP: usize = 16;
/// Containers within containers.
const MAX_NESTING: usize = 50;
/// Python calls within calls.
pub(super) const MAX_DEPTH: usize = 100;
/// Modules of a net.
pub(super) const MAX_MODULES: usize = 5_000;
/// Statements of all traced functions.
pub(super) const MAX_STATEMENTS: usize = 50_000;
/// Items of one list, characters of one string.
pub(super) const MAX_ITEMS: usize = 100_000;
/// Any one size of a layer.
pub(super) const MAX_SIZE: usize = 1 << 24;
/// Layers of one recurrent module or Transformer.
pub(super) const MAX_LAYERS: usize = 64;
/// Elements of all parameters.
pub(super) const MAX_PARAMETERS: usize = 2_000_000_000;

impl Interp<'_, '_> {
    /// Uses up fuel.
    pub(super) fn step(&self, span: Span) -> Eval<()> {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > MAX_STEPS {
            return Err(stop(
                Rule::LimitExceeded,
                span,
                format!("the net runs more than {MAX_STEPS} steps of Python"),
            ));
        }
        Ok(())
    }

    /// Uses up the fuel that looking at many items or characters takes; the next step tells when none is left.
    pub(super) fn charge(&self, n_items: usize) {
        self.steps
            .set(self.steps.get() + (n_items / ITEMS_PER_STEP) as u64);
    }

    /// A finding where a text is longer than strings may be.
    pub(super) fn check_length(&self, n_bytes: usize, span: Span) -> Eval<()> {
        self.charge(n_bytes);
        if n_bytes > MAX_ITEMS {
            let message = format!("a string is longer than {MAX_ITEMS} bytes");
            return Err(stop(Rule::LimitExceeded, span, message));
        }
        Ok(())
    }

    /// A finding where containers in a value nest too deep, hold themselves, or hold too much when written out.
    pub(super) fn check_nesting(&self, value: &Value, span: Span) -> Eval<()> {
        let size = self.unfolded(value, MAX_NESTING);
        self.charge(size.unwrap_or(MAX_ITEMS));
        if size.is_none() {
            let message = format!(
                "containers nest deeper than {MAX_NESTING}, or hold more than {MAX_ITEMS} items together"
            );
            return Err(stop(Rule::LimitExceeded, span, message));
        }
        Ok(())
    }

    /// How many values there are in a value, itself included, where containers nest at most `depth` deep.
    fn unfolded(&self, value: &Value, depth: usize) -> Option<usize> {
        let mut size = 1;
        let mut add = |item: &Value| {
            size += self.unfolded(item, depth.checked_sub(1)?)?;
            (size <= MAX_ITEMS).then_some(())
        };
        match value {
            Value::Tuple(items) => items.iter().try_for_each(&mut add)?,
            Value::List(id) => match &self.state.lists[*id] {
                List::Known { items, .. } => items.iter().try_for_each(&mut add)?,
                List::Grown(_) => {}
            },
            Value::Dict(id) => {
                let mut items = self.state.dicts[*id].iter();
                items.try_for_each(|(_, item)| add(item))?;
            }
            _ => {}
        }
        Some(size)
    }
}
