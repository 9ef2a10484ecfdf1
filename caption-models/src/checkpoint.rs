//! Checkpoints: `model.safetensors` with PyTorch's names and layouts, and `checkpoint.json`.
//!
//! Tied names are written too, and counters of batches are not: PyTorch's strict
//! `load_state_dict` takes the file as it is. Files appear whole or not at all.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensorError, SafeTensors};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::harness::{CaptionNet, Kind, StateEntry, from_torch};

/// The weights' file in a checkpoint's folder.
pub const MODEL: &str = "model.safetensors";
/// The other file.
pub const INFO: &str = "checkpoint.json";

/// What a checkpoint says beside its weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckpointInfo {
    /// Epochs behind the weights.
    pub epoch: usize,
    /// Optimizer steps behind the weights.
    pub step: usize,
    /// The run's seed.
    pub seed: u64,
    /// Words of the vocabulary.
    pub vocab: usize,
    /// `[channels, height, width]`
    pub image: [usize; 3],
}

/// A checkpoint that cannot be written or does not fit.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// A file of it cannot be read or written.
    #[error("checkpoint file {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file of it holds something else.
    #[error("{path} is no checkpoint: {reason}")]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The net has a parameter that the file lacks.
    #[error("{path} has no tensor `{name}`")]
    Missing {
        /// The file.
        path: PathBuf,
        /// The parameter.
        name: &'static str,
    },
    /// The file has a tensor that the net lacks.
    #[error("{path} has a tensor `{name}` that the net does not know")]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
    },
    /// A tensor of another shape.
    #[error("`{name}` has shape {found:?} in {path}, the net needs {expected:?}")]
    Shape {
        /// The file.
        path: PathBuf,
        /// The parameter.
        name: &'static str,
        /// Shape in the file.
        found: Vec<usize>,
        /// Shape of the net.
        expected: Vec<usize>,
    },
    /// A tensor that is not `F32`.
    #[error("`{name}` in {path} is {found}, not F32")]
    Type {
        /// The file.
        path: PathBuf,
        /// The parameter.
        name: &'static str,
        /// Type in the file.
        found: String,
    },
}

/// Writes the checkpoint into `folder`, which is made if need be.
///
/// # Errors
///
/// When the folder or a file cannot be written.
pub fn save(
    net: &dyn CaptionNet,
    folder: &Path,
    info: &CheckpointInfo,
) -> Result<(), CheckpointError> {
    fs::create_dir_all(folder).map_err(|source| io(folder, source))?;
    let path = folder.join(MODEL);
    let bytes = to_bytes(net).map_err(|error| format_error(&path, &error))?;
    write_whole(&path, &bytes)?;
    let path = folder.join(INFO);
    let json = serde_json::to_vec_pretty(info).map_err(|error| format_error(&path, &error))?;
    write_whole(&path, &json)
}

/// Reads the checkpoint in `folder` into the net; the net is unchanged after an error.
///
/// # Errors
///
/// When a file is missing or broken, or its names, shapes or types are not the net's.
pub fn load(net: &mut dyn CaptionNet, folder: &Path) -> Result<CheckpointInfo, CheckpointError> {
    let path = folder.join(INFO);
    let json = fs::read(&path).map_err(|source| io(&path, source))?;
    let info = serde_json::from_slice(&json).map_err(|error| format_error(&path, &error))?;
    load_model(net, &folder.join(MODEL))?;
    Ok(info)
}

/// Reads weights with PyTorch's names into the net; the net is unchanged after an error.
///
/// # Errors
///
/// When the file is missing or broken, or its names, shapes or types are not the net's.
pub fn load_model(net: &mut dyn CaptionNet, path: &Path) -> Result<(), CheckpointError> {
    let bytes = fs::read(path).map_err(|source| io(path, source))?;
    let file = SafeTensors::deserialize(&bytes).map_err(|error| format_error(path, &error))?;
    check_names(net.state(), &file, path)?;
    let mut values = read_values(net, &file, path)?;
    let device = net.device().clone();
    net.set_params(&mut |entry, dims| {
        let values = values.remove(entry.name)?;
        Some(from_torch(entry, dims, values, &device))
    });
    Ok(())
}

fn to_bytes(net: &dyn CaptionNet) -> Result<Vec<u8>, SafeTensorError> {
    let mut stored = BTreeMap::new();
    net.for_each_param(&mut |param| {
        let bytes: Vec<u8> = param
            .to_torch()
            .into_iter()
            .flat_map(f32::to_le_bytes)
            .collect();
        stored.insert(param.entry.path, (param.torch_shape(), bytes));
    });
    let named = net
        .state()
        .iter()
        .filter(|entry| entry.kind != Kind::Counter);
    let mut views = Vec::new();
    for entry in named {
        if let Some((shape, bytes)) = stored.get(entry.path) {
            views.push((
                entry.name,
                TensorView::new(Dtype::F32, shape.clone(), bytes)?,
            ));
        }
    }
    safetensors::serialize(views, None)
}

fn check_names(
    state: &[StateEntry],
    file: &SafeTensors<'_>,
    path: &Path,
) -> Result<(), CheckpointError> {
    let is_known = |name: &str| state.iter().any(|entry| entry.name == name);
    match file.names().into_iter().find(|name| !is_known(name)) {
        Some(name) => Err(CheckpointError::Unknown {
            path: path.to_owned(),
            name: name.to_owned(),
        }),
        None => Ok(()),
    }
}

fn read_values(
    net: &dyn CaptionNet,
    file: &SafeTensors<'_>,
    path: &Path,
) -> Result<BTreeMap<&'static str, Vec<f32>>, CheckpointError> {
    let mut values = BTreeMap::new();
    let mut first_error = None;
    net.for_each_param(&mut |param| match read_tensor(
        file,
        param.entry.name,
        &param.torch_shape(),
        path,
    ) {
        Ok(tensor) => {
            values.insert(param.entry.name, tensor);
        }
        Err(error) => {
            first_error.get_or_insert(error);
        }
    });
    first_error.map_or(Ok(values), Err)
}

fn read_tensor(
    file: &SafeTensors<'_>,
    name: &'static str,
    expected: &[usize],
    path: &Path,
) -> Result<Vec<f32>, CheckpointError> {
    let path = path.to_owned();
    let Ok(tensor) = file.tensor(name) else {
        return Err(CheckpointError::Missing { path, name });
    };
    if tensor.dtype() != Dtype::F32 {
        let found = format!("{:?}", tensor.dtype());
        return Err(CheckpointError::Type { path, name, found });
    }
    if tensor.shape() != expected {
        let (found, expected) = (tensor.shape().to_vec(), expected.to_vec());
        return Err(CheckpointError::Shape {
            path,
            name,
            found,
            expected,
        });
    }
    let (numbers, _) = tensor.data().as_chunks::<4>();
    Ok(numbers
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect())
}

/// Writes a file beside `path` and moves it there, so that `path` is never half written.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), CheckpointError> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".partial-{}", std::process::id()));
    let partial = PathBuf::from(partial);
    let write = || -> std::io::Result<()> {
        let mut file = File::create(&partial)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&partial, path)
    };
    write().map_err(|source| {
        // The error that counts is the first one.
        let _gone = fs::remove_file(&partial);
        io(path, source)
    })
}

/// Writes a value as JSON; the file appears whole or not at all.
pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<(), CheckpointError> {
    let json = serde_json::to_vec_pretty(value).map_err(|error| format_error(path, &error))?;
    write_whole(path, &json)
}

fn io(path: &Path, source: std::io::Error) -> CheckpointError {
    CheckpointError::Io {
        path: path.to_owned(),
        source,
    }
}

fn format_error(path: &Path, error: &dyn std::error::Error) -> CheckpointError {
    CheckpointError::Format {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}
