//! Names for the versions of a method that was traced more than once.
use std::rc::Rc;

use super::interp::Interp;
use super::pattern::Pattern;
use super::specialise::Traced;
use super::value::Value;
use crate::ir::ModuleId;

impl Interp<'_, '_> {
    /// What tells a second version of a method from the first.
    pub(super) fn variant(
        &self,
        what: Traced,
        home: ModuleId,
        params: &[(Rc<str>, Pattern)],
    ) -> Option<String> {
        let earlier = self
            .state
            .specialisations
            .iter()
            .find(|made| made.what == what && made.home == home && made.traced.is_some())?;
        let differs =
            earlier
                .params
                .iter()
                .zip(params)
                .find_map(|((name, before), (_, now))| match (before, now) {
                    (_, Pattern::Known(Value::None)) if before != now => {
                        Some(format!("without_{name}"))
                    }
                    (Pattern::Known(Value::None), _) => Some(format!("with_{name}")),
                    (Pattern::Tensor(_, a), Pattern::Tensor(_, b))
                        if a.shape.len() != b.shape.len() =>
                    {
                        Some(format!("{name}_{}d", b.shape.len()))
                    }
                    _ => None,
                });
        Some(differs.unwrap_or_else(|| "again".to_owned()))
    }
}
