//! N040 `size-limit`: a candidate must fit into memory and finish its training in time.
use serde::{Deserialize, Serialize};

use super::{Batch, Summary};
use crate::diagnostic::Diagnostics;
use crate::ir::Program;
use crate::rules::Rule;

/// How large a net may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// Elements of all parameters. Default: a thousand millions, 4 GB
    pub params: u64,
    /// Bytes of activations of a training batch. Default: 64 GiB
    pub activation_bytes: u64,
    /// Additions and multiplications of one image's forward pass in training. Default: a million millions
    pub flops_per_image: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            params: 1_000_000_000,
            activation_bytes: 64 << 30,
            flops_per_image: 1_000_000_000_000,
        }
    }
}

/// Reports each limit that the net exceeds, at the module that takes most.
pub(crate) fn run(program: &Program, batch: Batch, limits: &Limits, diags: &mut Diagnostics) {
    let summary = Summary::of(program, batch);
    let n_images = batch.images;
    let params = format!(
        "the net has {} parameters, and may have {}",
        summary.n_params, limits.params
    );
    let (bytes, most) = (summary.total.activation_bytes, limits.activation_bytes);
    let activations = format!(
        "training on {n_images} images keeps {bytes} bytes of activations, and may keep {most}"
    );
    let (flops, most) = (summary.flops_per_image(), limits.flops_per_image);
    let work = format!("one image takes {flops} operations, and may take {most}");
    let findings = [
        (
            summary.n_params > limits.params,
            params,
            "use narrower layers, or fewer",
        ),
        (
            bytes > limits.activation_bytes,
            activations,
            "reduce the image before the costly part, or the batch",
        ),
        (
            flops > limits.flops_per_image,
            work,
            "reduce the image before the costly part",
        ),
    ];
    for (kind, (is_over, message, help)) in findings.into_iter().enumerate() {
        if !is_over {
            continue;
        }
        let measure = |row: &super::Row| match kind {
            0 => row.n_params,
            1 => row.cost.activation_bytes,
            _ => row.cost.flops,
        };
        let worst = (summary.rows.iter().zip(&program.modules))
            .filter(|(_, module)| matches!(module.kind, crate::ir::ModuleKind::Layer { .. }))
            .max_by_key(|(row, _)| measure(row));
        let span = worst.map(|(_, module)| module.span).unwrap_or_default();
        diags.error(Rule::SizeLimit, span, message).help(help);
    }
}
