//! Parameters of a Burn module under the names PyTorch gives them.

use std::collections::BTreeMap;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Gradients, Tensor, TensorData};

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
        place: Place::default(),
        gradients,
        found: BTreeMap::new(),
    };
    module.visit(&mut norms);
    norms.found
}

/// Where a traversal is: names and container types from the root.
#[derive(Default)]
struct Place {
    names: Vec<String>,
    types: Vec<String>,
}

impl Place {
    fn enter(&mut self, name: &str, container: &str) {
        self.names.push(name.to_owned());
        self.types.push(container.to_owned());
    }

    fn exit(&mut self) {
        self.names.pop();
        self.types.pop();
    }

    fn is_in(&self, layer: &str) -> bool {
        let layer = format!("Struct:{layer}");
        self.types.last().is_some_and(|found| *found == layer)
    }

    /// Whether the fill leaves the layer alone. It does not leave instance norm alone.
    fn is_norm(&self) -> bool {
        ["BatchNorm", "LayerNorm", "GroupNorm"]
            .iter()
            .any(|norm| self.is_in(norm))
    }

    /// The `state_dict` name.
    fn torch_name(&self) -> String {
        let [outer @ .., name] = self.names.as_slice() else {
            return String::new();
        };
        let name = match name.as_str() {
            "gamma" | "alpha" => "weight",
            "beta" => "bias",
            name => name,
        };
        match outer {
            [layers, index]
                if ["LstmCell", "GruCell", "RnnCell"]
                    .iter()
                    .any(|cell| self.is_in(cell)) =>
            {
                let reverse = if layers == "reverse_layers" {
                    "_reverse"
                } else {
                    ""
                };
                format!("{name}_l{index}{reverse}")
            }
            [] => name.to_owned(),
            outer => format!("{}.{name}", outer.join(".")),
        }
    }

    /// Whether Burn stores the parameter transposed.
    fn is_transposed(&self) -> bool {
        self.is_in("Linear") && self.names.last().is_some_and(|name| name == "weight")
    }
}

#[derive(Default)]
struct Filler {
    place: Place,
}

impl ModuleMapper for Filler {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.place.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.place.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.place.is_norm() {
            return param;
        }
        let name = self.place.torch_name();
        let mut shape = param.shape().to_vec();
        if self.place.is_transposed() {
            shape.reverse();
        }
        let values = fill_parameter(&name, &shape);
        let transposed = self.place.is_transposed();
        let device = param.device();
        param.map(|_| load(values, transposed, &device))
    }
}

fn load<const D: usize>(
    values: TensorData,
    transposed: bool,
    device: &burn::tensor::Device,
) -> Tensor<D> {
    let tensor = Tensor::from_data(values, device);
    let tensor = if transposed {
        tensor.transpose()
    } else {
        tensor
    };
    tensor.detach().require_grad()
}

struct Norms<'a> {
    place: Place,
    gradients: &'a Gradients,
    found: BTreeMap<String, f64>,
}

impl ModuleVisitor for Norms<'_> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.place.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.place.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let Some(gradient) = param.val().grad(self.gradients) else {
            return;
        };
        let square: f32 = gradient.powi_scalar(2).sum().into_scalar();
        self.found
            .insert(self.place.torch_name(), f64::from(square).sqrt());
    }
}
