//! Parameters that nothing trains.

use super::overfit::Fit;
use super::{Check, CheckName};
use crate::harness::StateEntry;

/// Every trainable parameter must have had a gradient that is not zero, in one step at least.
pub(super) fn dead_parameters(state: &[StateEntry], fit: &Fit) -> Check {
    let trainable = || state.iter().filter(|entry| entry.kind.is_trainable());
    let named = |is_dead: &dyn Fn(Option<&f64>) -> bool| -> Vec<&str> {
        let dead = trainable().filter(|entry| is_dead(fit.reached.get(entry.name)));
        dead.map(|entry| entry.name).collect()
    };
    let unreached = named(&|norm| norm.is_none());
    let zero = named(&|norm| norm.is_some_and(|norm| *norm == 0.0));
    let n_params = trainable().count();
    let n_alive = n_params - unreached.len() - zero.len();
    let list = |why: &str, dead: &[&str]| match dead {
        [] => String::new(),
        dead => format!("; {why} `{}`", dead.join("`, `")),
    };
    let detail = format!(
        "{n_alive} of {n_params} trainable parameters get a gradient, all must{}{}",
        list("the loss does not reach", &unreached),
        list("always zero for", &zero),
    );
    Check::new(CheckName::DeadParameters, n_alive == n_params, detail)
}
