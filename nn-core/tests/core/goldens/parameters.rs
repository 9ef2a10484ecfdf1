//! Parameters of a Burn module under the names PyTorch gives them.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Device, Gradients, Tensor, TensorData};
use nn_core::StatePath;

use super::fill::fill_parameter;

/// Fills every parameter that PyTorch's fill touches; normalisation layers keep theirs.
pub(crate) fn filled<M: Module>(module: M) -> M {
    module.map(&mut Filler::default())
}

/// Euclidean norms of the parameters' gradients.
pub(crate) fn gradient_norms<M: Module>(
    module: &M,
    gradients: &Gradients,
) -> BTreeMap<String, f64> {
    let mut norms = Norms {
        path: StatePath::default(),
        gradients,
        found: BTreeMap::new(),
    };
    module.visit(&mut norms);
    norms.found
}

/// Whether the fill leaves the layer alone. It does not leave instance norm alone.
fn is_norm(path: &StatePath) -> bool {
    ["BatchNorm", "LayerNorm", "GroupNorm"]
        .iter()
        .any(|norm| path.is_in(norm))
}

#[derive(Default)]
struct Filler {
    path: StatePath,
}

impl ModuleMapper for Filler {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if is_norm(&self.path) {
            return param;
        }
        let shape = self.path.torch_shape(&param.lazy_shape());
        let values = fill_parameter(&self.path.name(), &shape);
        let transposed = self.path.is_transposed();
        let device = param.lazy_device();
        Param::initialized(param.id, load(values, transposed, &device))
    }
}

fn load<const D: usize>(values: TensorData, transposed: bool, device: &Device) -> Tensor<D> {
    let tensor = Tensor::from_data(values, device);
    let tensor = if transposed {
        tensor.transpose()
    } else {
        tensor
    };
    tensor.detach().require_grad()
}

struct Norms<'a> {
    path: StatePath,
    gradients: &'a Gradients,
    found: BTreeMap<String, f64>,
}

impl ModuleVisitor for Norms<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(gradient) = param.val().grad(self.gradients) else {
            return;
        };
        let square: f32 = gradient.powi_scalar(2).sum().into_scalar();
        self.found
            .insert(self.path.name(), f64::from(square).sqrt());
    }
}
