//! What a Program costs: parameters, operations and activation memory, one row a module.
//!
//! The loss of one training batch is walked, every call with the numbers that its sizes have there. An operation is one
//! addition or multiplication of the forward pass. Activations are what the forward pass of training keeps for the
//! backward pass: the results of all operations but those that only look at a tensor in another way.
mod layer;
mod limit;
mod op;
mod table;
mod walk;

use serde::{Deserialize, Serialize};

use crate::ir::{ModuleKind, Program};

pub use limit::Limits;
pub(crate) use limit::run as check;

/// How large a training batch is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Batch {
    /// Images. At least 1.
    pub images: usize,
    /// Captions of an image. LEMUR loads five.
    pub captions: usize,
    /// Ids of a caption, SOS and EOS included.
    pub length: usize,
}

impl Batch {
    /// A batch of so many images, with captions as LEMUR loads them: five an image, of 22 ids.
    pub fn of(images: usize) -> Self {
        Self {
            images,
            captions: 5,
            length: 22,
        }
    }
}

/// What running a part of a Program takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    /// Additions and multiplications of the forward pass.
    pub flops: u64,
    /// Bytes that training keeps for the backward pass.
    pub activation_bytes: u64,
}

impl Cost {
    fn add(&mut self, other: Self, times: u64) {
        let sum = |a: u64, b: u64| a.saturating_add(b.saturating_mul(times));
        self.flops = sum(self.flops, other.flops);
        self.activation_bytes = sum(self.activation_bytes, other.activation_bytes);
    }
}

/// One module of the table. Numbers of a module include those of the modules in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// Its path, as in the `state_dict`; empty for the net.
    pub path: String,
    /// Its class.
    pub class: String,
    /// How many modules hold it.
    pub depth: usize,
    /// Shape of its first result at the first call; empty for a module that the loss never calls.
    pub output: Vec<u64>,
    /// Elements of its parameters; a tied one counts once, where it is held.
    pub n_params: u64,
    /// How many of them are trained.
    pub n_trainable: u64,
    /// What it takes.
    #[serde(flatten)]
    pub cost: Cost,
}

/// The layer table of a Program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// The batch it is for.
    pub batch: Batch,
    /// One row a module; the first is the net, with the totals of all modules.
    pub rows: Vec<Row>,
    /// Of the whole loss, operations outside all modules included.
    pub total: Cost,
    /// Elements of all parameters.
    pub n_params: u64,
    /// How many of them are trained.
    pub n_trainable: u64,
}

impl Summary {
    /// Walks the loss of a Program.
    pub fn of(program: &Program, batch: Batch) -> Self {
        let walked = walk::loss(program, batch);
        let mut rows: Vec<Row> = (program.modules.iter())
            .zip(&walked.modules)
            .map(|(module, seen)| Row {
                path: module.path.clone(),
                class: class_name(&module.kind),
                depth: 0,
                output: seen.output.clone(),
                n_params: 0,
                n_trainable: 0,
                cost: seen.cost,
            })
            .collect();
        for param in program.params.iter().filter(|param| param.role.is_learnt()) {
            let n_elements = param.shape.iter().map(|size| *size as u64).product::<u64>();
            if let Some(row) = rows.get_mut(param.owner.index()) {
                row.n_params += n_elements;
                row.n_trainable += if param.trainable { n_elements } else { 0 };
            }
        }
        gather(program, &mut rows);
        let net = rows.first();
        Self {
            batch,
            total: walked.total,
            n_params: net.map_or(0, |net| net.n_params),
            n_trainable: net.map_or(0, |net| net.n_trainable),
            rows,
        }
    }

    /// What one image takes of [`Self::total`].
    pub fn flops_per_image(&self) -> u64 {
        self.total.flops / self.batch.images.max(1) as u64
    }
}

/// Adds every module's numbers to its parent's; a parent comes before its children.
fn gather(program: &Program, rows: &mut [Row]) {
    for (index, module) in program.modules.iter().enumerate() {
        let parent = module.parent.and_then(|parent| rows.get(parent.index()));
        let depth = parent.map_or(0, |parent| parent.depth + 1);
        if let Some(row) = rows.get_mut(index) {
            row.depth = depth;
        }
    }
    for (index, module) in program.modules.iter().enumerate().rev() {
        let Some(parent) = module.parent else {
            continue;
        };
        let Some((n_params, n_trainable, cost)) = rows
            .get(index)
            .map(|row| (row.n_params, row.n_trainable, row.cost))
        else {
            continue;
        };
        if let Some(parent) = rows.get_mut(parent.index()) {
            parent.n_params += n_params;
            parent.n_trainable += n_trainable;
            parent.cost.add(cost, 1);
        }
    }
}

fn class_name(kind: &ModuleKind) -> String {
    match kind {
        ModuleKind::Struct { class, .. } => class.clone(),
        ModuleKind::Layer { layer, .. } => layer.class_name().to_owned(),
        ModuleKind::List(_) => "ModuleList".to_owned(),
    }
}
