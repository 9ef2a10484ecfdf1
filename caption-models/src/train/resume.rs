//! [`ResumeFile`]: everything that the rest of a training depends on, in one file.
//!
//! The weights, what the optimizer remembers, and the history so far, after a whole epoch or within one. The order of the pictures and
//! dropout are functions of the seed and the step, so a training that goes on from here computes what it would have
//! computed, to the last bit. The file appears whole or not at all, and carries a checksum; the one before it is kept.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::tensor::TensorView;
use safetensors::{Dtype, SafeTensors};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::{EpochSoFar, Moment, Trainer};
use crate::checkpoint::{CheckpointError, write_whole};
use crate::harness::CaptionNet;
use crate::optim::Slot;

const LAST: &str = "resume.safetensors";
const BEFORE: &str = "resume-before.safetensors";
/// The key of the JSON in the file's metadata.
const PROGRESS: &str = "progress";
/// What weights' names begin with; those of the optimizer begin with the number of the tensor in its slot.
const WEIGHTS: &str = "net.";

/// The two files of a run's checkpoint folder that a training goes on from.
#[derive(Clone, Debug)]
pub struct ResumeFile {
    folder: PathBuf,
}

/// How far a training has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TrainProgress {
    /// Whole epochs.
    pub epoch: usize,
    /// Optimizer steps.
    pub step: usize,
    /// The lines of `history.jsonl`.
    pub history: String,
    /// The epoch after those, where it was under way.
    #[serde(default)]
    pub so_far: Option<EpochSoFar>,
}

#[derive(Serialize, Deserialize)]
struct Metadata {
    progress: TrainProgress,
    /// Steps of each parameter's optimizer.
    optimizer_steps: BTreeMap<String, i32>,
    /// Of all tensors, by name.
    crc32: u32,
}

/// Why a training cannot go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ResumeError {
    /// The file is damaged.
    #[error("{} is damaged: {reason}{}", path.display(), last_good(before.as_deref()))]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
        /// The whole one before it, if there is one.
        before: Option<PathBuf>,
    },
    /// The file belongs to another net.
    #[error("{} belongs to another net: it has no tensor `{name}` of {n_values} values", path.display())]
    OtherNet {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// Its size in this net.
        n_values: usize,
    },
    /// The file cannot be read or written.
    #[error(transparent)]
    File(#[from] CheckpointError),
}

fn last_good(before: Option<&Path>) -> String {
    before.map_or_else(String::new, |before| {
        format!(
            "; the last good one is {}: delete the damaged one to go on from there",
            before.display()
        )
    })
}

impl ResumeFile {
    /// The files in the folder of checkpoints.
    pub fn at(folder: &Path) -> Self {
        Self {
            folder: folder.to_path_buf(),
        }
    }

    /// The newest file that is there: the one to go on from, or where writing a new one failed the one before it.
    pub fn last_good(&self) -> Option<PathBuf> {
        let mut paths = [LAST, BEFORE]
            .into_iter()
            .map(|name| self.folder.join(name));
        paths.find(|path| path.is_file())
    }

    /// Writes the state of a training; the state before it is kept beside.
    ///
    /// # Errors
    ///
    /// When a file cannot be written; the one before is then still there.
    pub fn save(
        &self,
        net: &dyn CaptionNet,
        trainer: &Trainer,
        progress: TrainProgress,
    ) -> Result<(), ResumeError> {
        let (last, before) = (self.folder.join(LAST), self.folder.join(BEFORE));
        let bytes = to_bytes(net, trainer, progress).map_err(|reason| ResumeError::Damaged {
            path: last.clone(),
            reason,
            before: None,
        })?;
        fs::create_dir_all(&self.folder).map_err(|source| io(&self.folder, source))?;
        if last.is_file() {
            fs::rename(&last, &before).map_err(|source| io(&before, source))?;
        }
        write_whole(&last, &bytes)?;
        Ok(())
    }

    /// Writes the state within an epoch, after the whole epochs `before`.
    ///
    /// # Errors
    ///
    /// As [`save`](Self::save).
    pub fn save_moment(
        &self,
        moment: Moment<'_>,
        before: &TrainProgress,
    ) -> Result<(), ResumeError> {
        let progress = TrainProgress {
            step: moment.trainer.n_steps(),
            so_far: Some(moment.so_far),
            ..before.clone()
        };
        self.save(moment.net, moment.trainer, progress)
    }

    /// Reads the last state into the net and the trainer; `None` when there is none yet.
    ///
    /// # Errors
    ///
    /// When the file is damaged, or belongs to another net. Net and trainer are then unchanged.
    pub fn load(
        &self,
        net: &mut dyn CaptionNet,
        trainer: &mut Trainer,
    ) -> Result<Option<TrainProgress>, ResumeError> {
        let (last, before) = (self.folder.join(LAST), self.folder.join(BEFORE));
        let (path, before) = match (last.is_file(), before.is_file()) {
            (false, false) => return Ok(None),
            (false, true) => (before, None),
            (true, has_before) => (last, has_before.then_some(before)),
        };
        let bytes = fs::read(&path).map_err(|source| io(&path, source))?;
        let damaged = |reason| ResumeError::Damaged {
            path: path.clone(),
            reason,
            before,
        };
        let (file, metadata) = read(&bytes).map_err(damaged)?;
        restore(net, trainer, &file, metadata, &path).map(Some)
    }
}

fn io(path: &Path, source: std::io::Error) -> CheckpointError {
    CheckpointError::Io {
        path: path.to_path_buf(),
        source,
    }
}

fn to_bytes(
    net: &dyn CaptionNet,
    trainer: &Trainer,
    progress: TrainProgress,
) -> Result<Vec<u8>, String> {
    let mut tensors = BTreeMap::new();
    net.for_each_param(&mut |param| {
        tensors.insert(
            format!("{WEIGHTS}{}", param.entry.name),
            bytes_of(param.value),
        );
    });
    let mut optimizer_steps = BTreeMap::new();
    for (name, slot) in trainer.stepper().slots() {
        optimizer_steps.insert((*name).to_owned(), slot.step());
        for (idx, tensor) in slot.tensors().into_iter().enumerate() {
            if let Some(tensor) = tensor {
                tensors.insert(format!("{idx}.{name}"), bytes_of(tensor.clone()));
            }
        }
    }
    let metadata = Metadata {
        progress,
        optimizer_steps,
        crc32: checksum(tensors.values().map(Vec::as_slice)),
    };
    let json = serde_json::to_string(&metadata).map_err(|error| error.to_string())?;
    let views = tensors.iter().map(|(name, bytes)| {
        let view = TensorView::new(Dtype::F32, vec![bytes.len() / size_of::<f32>()], bytes);
        view.map(|view| (name, view))
    });
    let views: Result<Vec<_>, _> = views.collect();
    let views = views.map_err(|error| error.to_string())?;
    let metadata = Some([(PROGRESS.to_owned(), json)].into());
    safetensors::serialize(views, metadata).map_err(|error| error.to_string())
}

fn bytes_of(tensor: Tensor<1>) -> Vec<u8> {
    tensor
        .into_data()
        .iter::<f32>()
        .flat_map(f32::to_le_bytes)
        .collect()
}

fn checksum<'a>(parts: impl Iterator<Item = &'a [u8]>) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    parts.for_each(|part| hasher.update(part));
    hasher.finalize()
}

fn read(bytes: &[u8]) -> Result<(SafeTensors<'_>, Metadata), String> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let json = header.metadata().as_ref().and_then(|all| all.get(PROGRESS));
    let json = json.ok_or("it is no state of a training")?;
    let metadata: Metadata = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let mut names: Vec<_> = file.names().into_iter().collect();
    names.sort_unstable();
    let parts: Result<Vec<_>, _> = names.iter().map(|name| file.tensor(name)).collect();
    let parts = parts.map_err(|error| error.to_string())?;
    let found = checksum(parts.iter().map(TensorView::data));
    if found == metadata.crc32 {
        Ok((file, metadata))
    } else {
        Err(format!(
            "its checksum is {found:08x}, it says {:08x}",
            metadata.crc32
        ))
    }
}

fn restore(
    net: &mut dyn CaptionNet,
    trainer: &mut Trainer,
    file: &SafeTensors<'_>,
    metadata: Metadata,
    path: &Path,
) -> Result<TrainProgress, ResumeError> {
    let device = net.device().clone();
    let (mut weights, mut slots) = (BTreeMap::new(), BTreeMap::new());
    let mut missing = None;
    net.for_each_param(&mut |param| {
        let name = param.entry.name;
        let n_values = param.dims.iter().product();
        let mut tensor = |stored: String| {
            let tensor = tensor_of(file, &stored, n_values, &device);
            if tensor.is_none() {
                missing.get_or_insert((stored, n_values));
            }
            tensor
        };
        if let Some(weight) = tensor(format!("{WEIGHTS}{name}")) {
            weights.insert(name, weight);
        }
        if let Some(step) = metadata.optimizer_steps.get(name) {
            let stored = [0, 1, 2].map(|idx| format!("{idx}.{name}"));
            let tensors = stored.map(|stored| {
                let is_there = file.tensor(&stored).is_ok();
                is_there.then(|| tensor(stored)).flatten()
            });
            slots.insert(name, Slot::restored(*step, tensors));
        }
    });
    if let Some((name, n_values)) = missing {
        let path = path.to_path_buf();
        return Err(ResumeError::OtherNet {
            path,
            name,
            n_values,
        });
    }
    net.set_params(&mut |entry, _| weights.remove(entry.name));
    let TrainProgress { step, so_far, .. } = metadata.progress;
    trainer.restore(slots, step, so_far);
    Ok(metadata.progress)
}

fn tensor_of(
    file: &SafeTensors<'_>,
    name: &str,
    n_values: usize,
    device: &Device,
) -> Option<Tensor<1>> {
    let tensor = file.tensor(name).ok()?;
    let (numbers, rest) = tensor.data().as_chunks::<4>();
    if tensor.dtype() != Dtype::F32 || numbers.len() != n_values || !rest.is_empty() {
        return None;
    }
    let numbers: Vec<f32> = numbers
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect();
    Some(Tensor::from_data(
        TensorData::new(numbers, [n_values]),
        device,
    ))
}
