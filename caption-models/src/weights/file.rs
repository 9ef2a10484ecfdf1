//! A file of named tensors, whoever wrote it.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use burn::tensor::{DType, TensorData};
use nn_core::StateDictEntry;
use pytorch_reader::{PytorchError, PytorchReader};
use safetensors::{Dtype, SafeTensors};

use super::WeightsError;

/// Buffers of PyTorch that our modules compute, or that no computation reads.
const COMPUTED: [&str; 2] = ["num_batches_tracked", "relative_position_index"];

/// An open file of weights.
pub(super) struct WeightsFile {
    path: PathBuf,
    /// Name in the file, and shape.
    shapes: BTreeMap<String, Vec<usize>>,
    content: Content,
}

enum Content {
    PyTorch(PytorchReader),
    Safetensors(Vec<u8>),
}

/// A tensor in a file.
pub(super) struct Stored<'a> {
    /// Its name in the file.
    pub(super) key: &'a str,
    pub(super) shape: &'a [usize],
}

impl WeightsFile {
    pub(super) fn open(path: &Path) -> Result<Self, WeightsError> {
        let (content, shapes) = if is_safetensors(path)? {
            let bytes = fs::read(path).map_err(|source| WeightsError::io(path, source))?;
            let shapes = safetensors_of(path, &bytes)?;
            let shapes = shapes
                .iter()
                .map(|(name, view)| (name.to_owned(), view.shape().to_vec()));
            let shapes = shapes.collect();
            (Content::Safetensors(bytes), shapes)
        } else {
            let reader = PytorchReader::new(path).map_err(|error| pytorch_error(path, error))?;
            let tensors = reader.tensors().iter();
            let shapes = tensors.map(|(name, tensor)| (name.clone(), tensor.shape().to_vec()));
            let shapes = shapes.collect();
            (Content::PyTorch(reader), shapes)
        };
        Ok(Self {
            path: path.to_owned(),
            shapes,
            content,
        })
    }

    /// The tensors under the prefix that fits a module's entries best, by the module's names.
    pub(super) fn tensors_of(&self, entries: &[StateDictEntry]) -> BTreeMap<String, Stored<'_>> {
        let prefix = self.prefix(entries);
        let tensors = self.shapes.iter().filter_map(|(key, shape)| {
            let name = current_name(key.strip_prefix(prefix)?);
            let computed = COMPUTED.iter().any(|end| name.ends_with(end));
            (!computed).then_some((name, Stored { key, shape }))
        });
        tensors.collect()
    }

    /// What the file's names have before the names of most entries.
    fn prefix(&self, entries: &[StateDictEntry]) -> &str {
        let mut fits: BTreeMap<&str, usize> = BTreeMap::new();
        let names: std::collections::BTreeSet<&str> =
            entries.iter().map(|entry| &*entry.name).collect();
        for key in self.shapes.keys() {
            let starts = key.match_indices('.').map(|(dot, _)| dot + 1);
            for start in std::iter::once(0).chain(starts) {
                if names.contains(&*current_name(&key[start..])) {
                    *fits.entry(&key[..start]).or_default() += 1;
                }
            }
        }
        let best = fits
            .into_iter()
            .max_by_key(|(prefix, n_fitting)| (*n_fitting, std::cmp::Reverse(prefix.len())));
        best.map_or("", |(prefix, _)| prefix)
    }

    /// The values of the tensor that the file calls `key`, row-major.
    pub(super) fn read(&self, key: &str) -> Result<Vec<f32>, WeightsError> {
        match &self.content {
            Content::PyTorch(reader) => self.read_pytorch(reader, key),
            Content::Safetensors(bytes) => self.read_safetensors(bytes, key),
        }
    }

    fn read_pytorch(&self, reader: &PytorchReader, key: &str) -> Result<Vec<f32>, WeightsError> {
        use pytorch_reader::DType as Found;
        let tensor = reader
            .get(key)
            .ok_or_else(|| WeightsError::format(&self.path, format!("`{key}` is gone")))?;
        let dtype = match tensor.dtype() {
            Found::F64 => DType::F64,
            Found::F32 => DType::F32,
            Found::F16 => DType::F16,
            Found::BF16 => DType::BF16,
            other => return Err(self.no_float(key, format!("{other:?}"))),
        };
        let bytes = tensor
            .read()
            .map_err(|error| WeightsError::format(&self.path, error.to_string()))?;
        Ok(floats(bytes, tensor.shape(), dtype))
    }

    fn read_safetensors(&self, bytes: &[u8], key: &str) -> Result<Vec<f32>, WeightsError> {
        let file = safetensors_of(&self.path, bytes)?;
        let tensor = file.tensor(key);
        let tensor = tensor.map_err(|error| WeightsError::format(&self.path, error.to_string()))?;
        let dtype = match tensor.dtype() {
            Dtype::F64 => DType::F64,
            Dtype::F32 => DType::F32,
            Dtype::F16 => DType::F16,
            Dtype::BF16 => DType::BF16,
            other => return Err(self.no_float(key, format!("{other:?}"))),
        };
        Ok(floats(tensor.data().to_vec(), tensor.shape(), dtype))
    }

    fn no_float(&self, name: &str, found: String) -> WeightsError {
        WeightsError::Type {
            path: self.path.clone(),
            name: name.to_owned(),
            found,
        }
    }
}

/// A safetensors file starts with the length of its header, and the header with a brace.
fn is_safetensors(path: &Path) -> Result<bool, WeightsError> {
    let mut start = Vec::new();
    let file = File::open(path).map_err(|source| WeightsError::io(path, source))?;
    let read = file.take(9).read_to_end(&mut start);
    read.map_err(|source| WeightsError::io(path, source))?;
    Ok(start.get(8) == Some(&b'{') && start.get(7) == Some(&0))
}

fn safetensors_of<'a>(path: &Path, bytes: &'a [u8]) -> Result<SafeTensors<'a>, WeightsError> {
    SafeTensors::deserialize(bytes).map_err(|error| WeightsError::format(path, error.to_string()))
}

fn pytorch_error(path: &Path, error: PytorchError) -> WeightsError {
    match error {
        PytorchError::Io(source) => WeightsError::io(path, source),
        other => WeightsError::format(path, other.to_string()),
    }
}

fn floats(bytes: Vec<u8>, shape: &[usize], dtype: DType) -> Vec<f32> {
    TensorData::from_bytes_vec(bytes, shape, dtype)
        .iter::<f32>()
        .collect()
}

/// The name that PyTorch gives today. `DenseNet` files are older than its rule that the names of
/// modules hold no dot, and have `norm.1` where the module is `norm1`.
fn current_name(name: &str) -> String {
    if !name.contains(".denselayer") {
        return name.to_owned();
    }
    ["norm.1", "norm.2", "conv.1", "conv.2"]
        .into_iter()
        .fold(name.to_owned(), |name, old| {
            name.replace(old, &old.replace('.', ""))
        })
}
