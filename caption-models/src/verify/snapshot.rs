//! The whole state of a net, to go back to.

use std::collections::BTreeMap;

use burn::tensor::Tensor;

use crate::harness::CaptionNet;

/// Every stored entry of a state, running statistics included.
pub(super) struct Snapshot(BTreeMap<&'static str, Tensor<1>>);

impl Snapshot {
    pub(super) fn of(net: &dyn CaptionNet) -> Self {
        let mut values = BTreeMap::new();
        net.for_each_param(&mut |param| {
            values.insert(param.entry.name, param.value);
        });
        Self(values)
    }

    pub(super) fn restore(mut self, net: &mut dyn CaptionNet) {
        net.set_params(&mut |entry, _| self.0.remove(entry.name));
    }
}
