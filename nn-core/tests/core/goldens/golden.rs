//! Goldens: what PyTorch computed for a layer.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use burn::module::Module;
use burn::tensor::{Device, Gradients, Int, Tensor, TensorData};
use serde_json::Value;

use super::fill::fill;
use super::parameters::{filled, gradient_norms};

/// A folder of goldens, or nothing, said on stderr, where there is no shared folder.
pub(crate) fn folder(name: &str) -> Option<PathBuf> {
    let shared = std::env::var_os("NN_CAPTION_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    if shared.is_dir() {
        return Some(shared.join("golden").join(name));
    }
    #[expect(clippy::print_stderr, reason = "a skipped test says so")]
    {
        eprintln!("skipped: no shared folder at {}", shared.display());
    }
    None
}

/// One case: a layer, its inputs, and what PyTorch got.
pub(crate) struct Golden {
    expected: Value,
    device: Device,
    inputs: RefCell<BTreeMap<String, Tensor<1>>>,
    failures: RefCell<Vec<String>>,
}

impl Golden {
    pub(crate) fn open(folder: &Path, case: &str) -> Self {
        let path = folder.join(format!("{case}.json"));
        let text = std::fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Self {
            expected: serde_json::from_str(&text).unwrap(),
            device: Device::default().autodiff(),
            inputs: RefCell::default(),
            failures: RefCell::default(),
        }
    }

    /// The device to build the layer on.
    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    /// An input that takes gradients.
    pub(crate) fn input<const D: usize>(&self, name: &str) -> Tensor<D> {
        let shape = numbers(&self.expected["inputs"][name]);
        let shape: [usize; D] = shape.try_into().expect("the golden's rank");
        let values = fill(name, &shape, 1.0);
        let n_values = values.num_elements();
        let values = TensorData::new(values.try_into_vec::<f32>().unwrap(), [n_values]);
        let leaf = Tensor::<1>::from_data(values, &self.device).require_grad();
        let input = leaf.clone().reshape(shape);
        self.inputs.borrow_mut().insert(name.to_owned(), leaf);
        input
    }

    /// Ids written out.
    pub(crate) fn ids(&self, ids: &[i64]) -> Tensor<1, Int> {
        Tensor::from_data(TensorData::new(ids.to_vec(), [ids.len()]), &self.device)
    }

    /// Compares everything the golden holds for a layer with filled parameters.
    pub(crate) fn compare<M: Module, F>(&self, layer: M, forward: F)
    where
        F: FnOnce(&M) -> Vec<Output>,
    {
        let layer = filled(layer);
        let outputs = forward(&layer);
        let expected = self.expected["outputs"].as_array().unwrap();
        assert_eq!(outputs.len(), expected.len(), "number of outputs");
        let mut total = Tensor::<1>::zeros([1], &self.device);
        for (idx, (output, expected)) in outputs.into_iter().zip(expected).enumerate() {
            self.close(&format!("output {idx}"), &output, expected, 1e-4);
            total = total + output.weighted_sum();
        }
        self.compare_gradients(&layer, &total.backward());
    }

    /// Compares a buffer after the pass.
    pub(crate) fn compare_buffer(&self, name: &str, buffer: Tensor<1>) {
        let expected = &self.expected["buffers"][name];
        self.close(name, &Output::from(buffer), expected, 1e-4);
    }

    fn compare_gradients<M: Module>(&self, layer: &M, gradients: &Gradients) {
        for (name, leaf) in self.inputs.borrow().iter() {
            let expected = &self.expected["input_grads"][name];
            let gradient = leaf.grad(gradients).expect("every input has a gradient");
            let gradient = Output {
                shape: numbers(&expected["shape"]),
                values: gradient,
            };
            self.close(&format!("gradient of {name}"), &gradient, expected, 1e-3);
        }
        let found = gradient_norms(layer, gradients);
        let expected = self.expected["grad_norms"].as_object().unwrap();
        let names: Vec<_> = expected.keys().collect();
        let mut found_names: Vec<_> = found.keys().collect();
        found_names.sort_by_key(|name| names.iter().position(|other| other == name));
        if names != found_names {
            self.fail(format!("parameters {found_names:?}, expected {names:?}"));
        }
        for (name, expected) in expected {
            let (found, expected) = (found.get(name), expected.as_f64().unwrap());
            if found.is_none_or(|found| (found - expected).abs() > 1e-3 * (1.0 + expected)) {
                self.fail(format!(
                    "gradient norm of {name}: {found:?}, expected {expected}"
                ));
            }
        }
    }

    fn close(&self, what: &str, found: &Output, expected: &Value, tolerance: f64) {
        let shape = numbers(&expected["shape"]);
        if found.shape != shape && !shape.is_empty() {
            return self.fail(format!("{what}: shape {:?} not {shape:?}", found.shape));
        }
        let values: Vec<f32> = found.values.try_to_vec_as().unwrap();
        let expected = expected["values"].as_array().unwrap();
        assert_eq!(values.len(), expected.len(), "{what}: number of values");
        for (idx, (found, expected)) in values.into_iter().zip(expected).enumerate() {
            let (found, expected) = (f64::from(found), expected.as_f64().unwrap());
            let limit = tolerance * (1.0 + expected.abs());
            if found.is_nan() || (found - expected).abs() > limit {
                return self.fail(format!("{what}[{idx}]: {found}, expected {expected}"));
            }
        }
    }

    fn fail(&self, failure: String) {
        self.failures.borrow_mut().push(failure);
    }

    /// What differed.
    pub(crate) fn into_failures(self) -> Vec<String> {
        self.failures.into_inner()
    }
}

/// An output of any rank.
pub(crate) struct Output {
    shape: Vec<usize>,
    values: Tensor<1>,
}

impl Output {
    /// The sum over `i` of `output[i] * cos(i)`: the function whose gradients goldens hold.
    fn weighted_sum(self) -> Tensor<1> {
        let n_values = self.values.dims()[0];
        let device = self.values.device();
        let weights: Vec<f32> = (0..u16::try_from(n_values).unwrap())
            .map(|i| f32::from(i).cos())
            .collect();
        let weights = Tensor::from_data(TensorData::new(weights, [n_values]), &device);
        (self.values * weights).sum()
    }
}

impl<const D: usize> From<Tensor<D>> for Output {
    fn from(tensor: Tensor<D>) -> Self {
        let shape = tensor.dims().to_vec();
        let n_values = shape.iter().product::<usize>();
        Self {
            shape,
            values: tensor.reshape([n_values]),
        }
    }
}

/// A list of counts.
pub(crate) fn numbers(list: &Value) -> Vec<usize> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|number| usize::try_from(number.as_u64().unwrap()).unwrap())
        .collect()
}
