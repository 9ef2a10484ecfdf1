//! Weights by PyTorch's names: `.pth` and `.safetensors` into a module, a module into
//! `.safetensors`.
//!
//! Any module of `nn-core`, or made of its layers, has the names and layouts of its PyTorch
//! original ([`nn_core::state_dict`]), so torchvision's files load as they are. A pickle is read,
//! never run: what it would call is an error.
//!
//! ```no_run
//! use burn::tensor::Device;
//! use caption_models::weights::{self, LoadOptions};
//! use nn_core::encoder::mobilenet_v2;
//!
//! let mut encoder = mobilenet_v2().init(&Device::default());
//! let options = LoadOptions::default();
//! let report = weights::load(&mut encoder, "mobilenet_v2-b0353104.pth".as_ref(), &options)?;
//! println!("{} tensors loaded", report.loaded.len());
//! weights::save(&encoder, "mobilenet_v2.safetensors".as_ref())?;
//! # Ok::<(), caption_models::weights::WeightsError>(())
//! ```

mod error;
mod file;
mod report;

pub use error::WeightsError;
pub use report::{LoadReport, WrongShape};

use std::collections::BTreeMap;
use std::path::Path;

use burn::module::{Module, ModuleMapper, ModuleVisitor, Param};
use burn::tensor::{Tensor, TensorData};
use nn_core::{StatePath, state_dict};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

use crate::checkpoint::write_whole;
use file::WeightsFile;

/// How strictly a file must fit a module.
#[derive(Clone, Copy, Debug, Default)]
pub struct LoadOptions {
    /// Whether to load what fits and to leave the rest of the module as it is. Default: no, every
    /// parameter must be in the file with its shape, and nothing else may be
    pub partial: bool,
}

/// Reads a file's weights into the module. After an error the module is unchanged.
///
/// The file is PyTorch's, of any age, or safetensors, told apart by their content. Where its names
/// share a prefix that the module's lack (`state_dict.`, `module.`), the part under the prefix is
/// read. Numbers of other float types become 32-bit floats. `num_batches_tracked` and Swin's
/// `relative_position_index` are skipped.
///
/// # Errors
///
/// When the file is missing, truncated or of another kind, holds a tensor that is no float, or,
/// unless `partial`, does not fit the module.
pub fn load<M: Module>(
    module: &mut M,
    path: &Path,
    options: &LoadOptions,
) -> Result<LoadReport, WeightsError> {
    let file = WeightsFile::open(path)?;
    let entries = state_dict(module);
    let stored = file.tensors_of(&entries);
    let report = LoadReport::compare(&entries, &stored);
    if !options.partial && !report.fits() {
        return Err(WeightsError::Unfit {
            path: path.to_owned(),
            report,
        });
    }
    let mut values = BTreeMap::new();
    for name in &report.loaded {
        values.insert(name.clone(), file.read(stored[name].key)?);
    }
    let mut write = Write {
        place: StatePath::default(),
        values,
    };
    *module = module.clone().map(&mut write);
    Ok(report)
}

/// Writes the module's parameters and running statistics as safetensors with PyTorch's names and
/// layouts. The file appears whole or not at all.
///
/// # Errors
///
/// When the file cannot be written.
pub fn save<M: Module>(module: &M, path: &Path) -> Result<(), WeightsError> {
    let mut read = Read::default();
    module.visit(&mut read);
    let format = |error: &dyn std::error::Error| WeightsError::format(path, error.to_string());
    let views = read.tensors.iter().map(|(name, (shape, bytes))| {
        let view = TensorView::new(Dtype::F32, shape.clone(), bytes);
        view.map(|view| (name, view))
    });
    let views: Result<Vec<_>, _> = views.collect();
    let views = views.map_err(|error| format(&error))?;
    let bytes = safetensors::serialize(views, None).map_err(|error| format(&error))?;
    write_whole(path, &bytes).map_err(|error| WeightsError::write(path, error))
}

/// Puts stored values into a module.
struct Write {
    place: StatePath,
    values: BTreeMap<String, Vec<f32>>,
}

impl ModuleMapper for Write {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.place.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.place.exit();
    }

    fn map_float<const D: usize>(&mut self, param: Param<Tensor<D>>) -> Param<Tensor<D>> {
        let Some(values) = self.values.remove(&self.place.name()) else {
            return param;
        };
        let shape = self.place.torch_shape(&param.lazy_shape());
        let values = TensorData::new(values, shape);
        let tensor = Tensor::from_data(values, &param.lazy_device().without_autodiff());
        let tensor = if self.place.is_transposed() {
            tensor.transpose()
        } else {
            tensor
        };
        let id = param.id;
        param.transform_for_load(tensor, id)
    }
}

/// Collects a module's values under PyTorch's names.
#[derive(Default)]
struct Read {
    place: StatePath,
    tensors: BTreeMap<String, (Vec<usize>, Vec<u8>)>,
}

impl ModuleVisitor for Read {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.place.enter(name, container);
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.place.exit();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let value = param.val();
        let value = if self.place.is_transposed() {
            value.transpose()
        } else {
            value
        };
        let shape = value.dims().to_vec();
        let data = value.into_data();
        let bytes = data.iter::<f32>().flat_map(f32::to_le_bytes).collect();
        self.tensors.insert(self.place.name(), (shape, bytes));
    }
}
