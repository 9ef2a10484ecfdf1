//! Initial values by kind of layer, as PyTorch code gives them: a loop over all modules that looks
//! at their types.

use burn::module::{Module, ModuleMapper, Param};
use burn::nn::Initializer;
use burn::tensor::{Device, Tensor};

use crate::state_dict::StatePath;

/// A parameter of a model under construction.
pub(crate) struct Leaf<'a> {
    path: &'a StatePath,
}

impl Leaf<'_> {
    /// Whether the parameter is the `field` of a `layer`: `is("Conv2d", "weight")`.
    pub(crate) fn is(&self, layer: &str, field: &str) -> bool {
        self.path.is_in(layer) && self.path.field() == Some(field)
    }

    /// The innermost field.
    pub(crate) fn field(&self) -> Option<&str> {
        self.path.field()
    }

    /// The parameter's name in PyTorch's `state_dict`.
    pub(crate) fn name(&self) -> String {
        self.path.name()
    }
}

/// He et al. 2015, <https://arxiv.org/abs/1502.01852>: `kaiming_normal_(mode="fan_out",
/// nonlinearity="relu")`.
pub(crate) const KAIMING_NORMAL_FAN_OUT: Initializer = Initializer::KaimingNormal {
    gain: std::f64::consts::SQRT_2,
    fan_out_only: true,
};

/// He et al. 2015: `kaiming_normal_()`.
pub(crate) const KAIMING_NORMAL: Initializer = Initializer::KaimingNormal {
    gain: std::f64::consts::SQRT_2,
    fan_out_only: false,
};

/// He et al. 2015: `kaiming_uniform_()`.
pub(crate) const KAIMING_UNIFORM: Initializer = Initializer::KaimingUniform {
    gain: std::f64::consts::SQRT_2,
    fan_out_only: false,
};

/// The normal distribution around 0. PyTorch's truncated one, which cuts at ±2 however small the
/// standard deviation is, differs only in values that never occur.
pub(crate) const fn normal(std: f64) -> Initializer {
    Initializer::Normal { mean: 0.0, std }
}

/// Gives new initial values where `rule` has some; other parameters keep those of their layer.
pub(crate) fn initialise<M: Module>(
    model: M,
    rule: impl Fn(&Leaf<'_>) -> Option<Initializer>,
) -> M {
    model.map(&mut Rules {
        path: StatePath::default(),
        rule,
    })
}

struct Rules<F> {
    path: StatePath,
    rule: F,
}

impl<F: Fn(&Leaf<'_>) -> Option<Initializer>> ModuleMapper for Rules<F> {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        match (self.rule)(&Leaf { path: &self.path }) {
            None => param,
            Some(initial) => {
                let shape = self.path.torch_shape(&param.lazy_shape());
                redraw(&param, &initial, &shape, &param.lazy_device())
            }
        }
    }
}

/// A parameter of the same shape. Fans are those of PyTorch's layout `[out, in, kernel ..]`.
fn redraw<const D: usize>(
    param: &Param<Tensor<D>>,
    initial: &Initializer,
    torch_shape: &[usize],
    device: &Device,
) -> Param<Tensor<D>> {
    let [n_out, kernel @ ..] = torch_shape else {
        return initial.init(param.lazy_shape(), device);
    };
    let fan_in = kernel.iter().product::<usize>();
    let fan_out = n_out * kernel.iter().skip(1).product::<usize>();
    initial.init_with(param.lazy_shape(), Some(fan_in), Some(fan_out), device)
}
