//! Hyper-parameters: those declared against those used, and the learning rate against the one in force.
use super::interp::Interp;
use super::value::{ClassId, Value};
use crate::diagnostic::Cause;
use crate::ir::Recipe;
use crate::rules::Rule;

impl Interp<'_, '_> {
    /// Hyper-parameters used and declared must be the same.
    pub(super) fn check_hyperparameters(&mut self, declared: &[String]) {
        let declaration = match self.lookup(self.globals, "supported_hyperparameters") {
            Some(Value::Function(function)) => self.state.fns[function].span,
            _ => self.block.whole(),
        };
        let used = || {
            let used = self.prm_reads.keys().filter(|name| *name != "batch");
            used.cloned().collect::<Vec<_>>()
        };
        let (used, mut all) = (used(), declared.to_vec());
        all.extend(used.iter().filter(|name| !declared.contains(name)).cloned());
        for name in declared {
            if !self.prm_reads.contains_key(name) {
                self.diags
                    .warn(
                        Rule::UnusedHyperparameter,
                        declaration,
                        format!("the hyper-parameter `{name}` is declared and never used"),
                    )
                    .help(format!(
                        "read `prm['{name}']`, or leave it out of `supported_hyperparameters`"
                    ))
                    .because(Cause::Declared {
                        wanted: used.clone(),
                    });
            }
        }
        for (name, span) in &self.prm_reads {
            if name != "batch" && !declared.contains(name) {
                self.diags
                    .warn(
                        Rule::HyperparametersOutOfStep,
                        *span,
                        format!("the hyper-parameter `{name}` is used and not declared"),
                    )
                    .help(format!("add `'{name}'` to `supported_hyperparameters`"))
                    .because(Cause::Declared {
                        wanted: all.clone(),
                    });
            }
        }
    }

    /// The rate that trains is to be the one that is recorded for the trial.
    pub(super) fn warn_learning_rate(&mut self, class: ClassId, recipe: &Recipe) {
        let given = self.prm.map(|id| &self.state.dicts[id]);
        let given = given.into_iter().flatten();
        let mut rate = given.filter_map(|(key, value)| {
            (*key == Value::str("lr"))
                .then(|| value.as_float())
                .flatten()
        });
        let Some(rate) = rate.next() else { return };
        let setup = self.class_function(class, "train_setup");
        let place = setup.map_or_else(
            || self.class_span(class),
            |setup| self.state.fns[setup].span,
        );
        let other =
            |group: &crate::ir::ParamGroup| group.optimizer.rate().to_bits() != rate.to_bits();
        if let Some(group) = recipe.groups.iter().find(|group| other(group)) {
            let message = format!(
                "the optimizer learns at {:?}, and `prm['lr']` is {rate:?}",
                group.optimizer.rate()
            );
            self.diags
                .warn(Rule::LearningRateAdjusted, place, message)
                .help("use `prm['lr']` as it is");
        }
    }
}
