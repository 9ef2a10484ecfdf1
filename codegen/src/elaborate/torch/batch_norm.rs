//! `torch.nn.functional.batch_norm` with the tensors of a layer, as classes that derive from one call it.
use super::super::call::Args;
use super::super::interp::{Interp, Mode, unsupported};
use super::super::module::ModuleClass;
use super::super::value::Value;
use super::{Call, Entry};
use crate::ir::{Layer, ModuleId};

pub(super) const ENTRIES: &[Entry] = &[Entry {
    names: &["torch.nn.functional.batch_norm"],
    signature: "input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05",
    eval: |cx, call| {
        let what = "`F.batch_norm` of anything but the tensors and numbers of one `BatchNorm`";
        let layer = cx.layer_with(call);
        let (id, layer) = layer.ok_or_else(|| {
            unsupported(call.span, what).help("call an `nn.BatchNorm2d` that the net holds")
        })?;
        let input = Args::of(vec![call.arg(0).clone()]);
        cx.call_layer(id, &layer, input, call.span)
    },
}];

impl Interp<'_, '_> {
    /// The batch norm whose tensors and numbers these are, in the mode that it is in.
    fn layer_with(&self, call: &Call) -> Option<(ModuleId, Layer)> {
        let holds = |id: ModuleId, position: usize, name: &str| {
            let module = &self.state.modules[id];
            let own = module.params.get(name).or_else(|| module.buffers.get(name));
            *call.arg(position) == own.map_or(Value::None, |param| Value::Param(*param))
        };
        let is_training = Value::Bool(self.state.mode == Mode::Train);
        self.state.modules.iter().find_map(|(id, module)| {
            let ModuleClass::Layer(
                layer @ Layer::BatchNorm {
                    epsilon, momentum, ..
                },
            ) = &module.class
            else {
                return None;
            };
            let fits = holds(id, 1, "running_mean")
                && holds(id, 2, "running_var")
                && holds(id, 3, "weight")
                && holds(id, 4, "bias")
                && *call.arg(5) == is_training
                && *call.arg(6) == Value::Float(*momentum)
                && *call.arg(7) == Value::Float(*epsilon);
            fits.then(|| (id, layer.clone()))
        })
    }
}
