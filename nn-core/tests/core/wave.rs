//! Numbers for tests: the same in every run, in every order of tests.

use burn::module::{Module, ModuleMapper, Param};
use burn::tensor::{Device, Tensor, TensorData, Tolerance};
use nn_core::StatePath;

/// A tensor whose values look like noise in [-1, 1]; each `phase` has its own.
pub(crate) fn wave<const D: usize>(shape: [usize; D], phase: f32, device: &Device) -> Tensor<D> {
    let n_values = u16::try_from(shape.iter().product::<usize>()).unwrap();
    let values: Vec<f32> = (0..n_values)
        .map(|i| (f32::from(i) * 2.399_963 + phase * 7.3).sin() * (f32::from(i) * 0.7).cos())
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// The module with waves for parameters.
pub(crate) fn waved<M: Module>(module: M) -> M {
    module.map(&mut Waves::default())
}

/// The module with waves for parameters, its batch normalisation as it starts.
pub(crate) fn waved_but_norms<M: Module>(module: M) -> M {
    module.map(&mut Waves {
        spare_norms: true,
        ..Waves::default()
    })
}

#[derive(Default)]
struct Waves {
    phase: f32,
    path: StatePath,
    spare_norms: bool,
}

impl ModuleMapper for Waves {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.path.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.path.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        if self.spare_norms && self.path.is_in("BatchNorm") {
            return param;
        }
        self.phase += 1.0;
        let phase = self.phase;
        param.map(|tensor| {
            let tracked = tensor.is_require_grad();
            let values = wave(tensor.dims(), phase, &tensor.device());
            if tracked {
                values.require_grad()
            } else {
                values
            }
        })
    }
}

/// The values, row-major.
pub(crate) fn values<const D: usize>(tensor: &Tensor<D>) -> Vec<f32> {
    tensor.try_to_vec_as().unwrap()
}

/// Asserts that two tensors hold the same numbers, up to rounding.
#[track_caller]
pub(crate) fn assert_close<const D: usize>(found: &Tensor<D>, expected: &Tensor<D>) {
    found
        .to_data()
        .assert_approx_eq::<f32>(&expected.to_data(), Tolerance::rel_abs(1e-4, 1e-5));
}

/// Asserts that a tensor holds the numbers a loop computed, up to rounding.
#[track_caller]
pub(crate) fn assert_values<const D: usize>(found: &Tensor<D>, expected: &[f64]) {
    let found = values(found);
    assert_eq!(found.len(), expected.len(), "number of values");
    for (idx, (found, expected)) in found.iter().zip(expected).enumerate() {
        let difference = (f64::from(*found) - expected).abs();
        assert!(
            difference <= 1e-4 * (1.0 + expected.abs()),
            "value {idx}: {found}, expected {expected}"
        );
    }
}
