//! PyTorch's modes.

use burn::module::{Flag, Module, ModuleMapper, Param};
use nn_core::StatePath;

/// The model in a mode of PyTorch, with all gradients: dropout and drop path are off, and batch
/// norm takes a batch's statistics in training, the running ones in evaluation.
pub(crate) fn in_mode<M: Module>(model: M, trained: bool) -> M {
    let path = StatePath::default();
    model.map(&mut Flags { path, trained })
}

struct Flags {
    path: StatePath,
    trained: bool,
}

impl ModuleMapper for Flags {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn map_flag(&mut self, flag: Param<Flag>) -> Param<Flag> {
        let trained = self.trained && self.path.is_in("BatchNorm");
        flag.with_value(trained)
    }
}
