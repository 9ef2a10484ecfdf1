//! What a layer takes.
use super::Cost;
use super::op::n_elements;
use crate::ir::{Layer, ModuleKind, TransformerLayer};

/// Shapes of one argument's tensors.
type Shapes = Vec<Vec<u64>>;

/// Of a layer applied to these arguments with these results.
pub(super) fn cost(kind: Option<&ModuleKind>, inputs: &[Shapes], outputs: &[Vec<u64>]) -> Cost {
    let Some(ModuleKind::Layer { layer, .. }) = kind else {
        return Cost::default();
    };
    let shape = |at: usize| {
        inputs
            .get(at)
            .and_then(|arg| arg.first())
            .map_or(&[][..], Vec::as_slice)
    };
    let out: u64 = outputs.iter().map(|shape| n_elements(shape)).sum();
    let (flops, kept) = match layer {
        Layer::MultiheadAttention(attention) => {
            let sizes = Sizes::of(shape(0), shape(1), attention.batch_first);
            sizes.attention(attention.d_model, attention.n_heads)
        }
        Layer::TransformerEncoderLayer(layer) => transformer(layer, 1, false, shape(0), &[]),
        Layer::TransformerDecoderLayer(layer) => transformer(layer, 1, true, shape(0), shape(1)),
        Layer::TransformerEncoder(stack) => {
            transformer(&stack.layer, stack.n_layers, false, shape(0), &[])
        }
        Layer::TransformerDecoder(stack) => {
            transformer(&stack.layer, stack.n_layers, true, shape(0), shape(1))
        }
        other => (plain(other, shape(0), out), kept(other, shape(0), out)),
    };
    Cost {
        flops,
        activation_bytes: kept.saturating_mul(4),
    }
}

/// Additions and multiplications of a layer without attention.
fn plain(layer: &Layer, input: &[u64], n_output: u64) -> u64 {
    let n_input = n_elements(input);
    match layer {
        Layer::Conv2d {
            channels_in,
            kernel: [height, width],
            groups,
            ..
        } => n_output.saturating_mul(2 * size(channels_in / (*groups).max(1) * height * width)),
        Layer::Linear { d_input, .. } => n_output.saturating_mul(2 * size(*d_input)),
        Layer::Lstm(_) | Layer::Gru(_) | Layer::LstmCell(_) | Layer::GruCell(_) => {
            let weights = layer.tensors();
            let matrices = weights.iter().filter(|tensor| tensor.shape.len() == 2);
            let n_weights: usize = matrices
                .map(|tensor| tensor.shape.iter().product::<usize>())
                .sum();
            n_rows(input).saturating_mul(2 * size(n_weights))
        }
        Layer::BatchNorm { .. } => n_output.saturating_mul(2),
        Layer::LayerNorm { .. } => n_output.saturating_mul(5),
        Layer::MaxPool2d { kernel, .. } | Layer::AvgPool2d { kernel, .. } => {
            n_output.saturating_mul(size(kernel.iter().product()))
        }
        Layer::AdaptiveAvgPool2d { .. } | Layer::AdaptiveMaxPool2d { .. } => n_input,
        Layer::Dropout { .. } => n_output,
        _ => 0,
    }
}

/// Elements that training keeps: the gates of recurrent layers beside the result.
fn kept(layer: &Layer, input: &[u64], n_output: u64) -> u64 {
    let (gates, d_hidden, n_layers) = match layer {
        Layer::Lstm(cell) => (6, cell.d_hidden, cell.n_layers * cell.n_directions()),
        Layer::Gru(cell) => (4, cell.d_hidden, cell.n_layers * cell.n_directions()),
        Layer::LstmCell(cell) => (6, cell.d_hidden, 1),
        Layer::GruCell(cell) => (4, cell.d_hidden, 1),
        _ => return n_output,
    };
    let inner = n_rows(input).saturating_mul(size(gates * d_hidden * n_layers));
    n_output.saturating_add(inner)
}

/// Rows of a sequence: all axes but the last.
fn n_rows(input: &[u64]) -> u64 {
    n_elements(
        input
            .get(..input.len().saturating_sub(1))
            .unwrap_or_default(),
    )
}

fn size(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// Sequences of an attention.
#[derive(Clone, Copy)]
struct Sizes {
    batch: u64,
    length: u64,
    memory: u64,
}

impl Sizes {
    fn of(query: &[u64], key: &[u64], batch_first: bool) -> Self {
        let axes = |shape: &[u64]| match (shape, batch_first) {
            ([batch, length, _], true) | ([length, batch, _], false) => (*batch, *length),
            _ => (1, n_rows(shape)),
        };
        let ((batch, length), (_, memory)) = (axes(query), axes(key));
        Self {
            batch,
            length,
            memory,
        }
    }

    /// Operations and kept elements.
    fn attention(self, d_model: usize, n_heads: usize) -> (u64, u64) {
        let (width, heads) = (size(d_model), size(n_heads));
        let projected = self.length.saturating_add(self.memory).saturating_mul(2);
        let scores = self.length.saturating_mul(self.memory);
        let flops = (2 * width * width)
            .saturating_mul(projected)
            .saturating_add(scores.saturating_mul(4 * width + 5 * heads));
        let kept = projected
            .saturating_mul(width)
            .saturating_add(scores.saturating_mul(2 * heads));
        (
            flops.saturating_mul(self.batch),
            kept.saturating_mul(self.batch),
        )
    }
}

fn transformer(
    layer: &TransformerLayer,
    n_layers: usize,
    is_decoder: bool,
    sequence: &[u64],
    memory: &[u64],
) -> (u64, u64) {
    let own = Sizes::of(sequence, sequence, layer.batch_first);
    let (mut flops, mut kept) = own.attention(layer.d_model, layer.n_heads);
    if is_decoder {
        let cross = Sizes::of(sequence, memory, layer.batch_first);
        let (more, more_kept) = cross.attention(layer.d_model, layer.n_heads);
        flops = flops.saturating_add(more);
        kept = kept.saturating_add(more_kept);
    }
    let rows = n_rows(sequence);
    let (width, inner) = (size(layer.d_model), size(layer.d_feedforward));
    flops = flops.saturating_add(rows.saturating_mul(4 * width * inner + 20 * width));
    kept = kept.saturating_add(rows.saturating_mul(2 * inner + 6 * width));
    (
        flops.saturating_mul(size(n_layers)),
        kept.saturating_mul(size(n_layers)),
    )
}
