//! The operations as Burn sees them: one node of the graph each.

mod attend;
mod calls;
mod conv;
mod gate;
mod loss;
mod norm;
mod scores;
mod sequence;

use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::ops::{Backward, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, AutodiffBackend, Backend, Flex, TensorMetadata, backend_extension};
use burn::tensor::TensorData;

use self::attend::{Attending, attending_rows};
pub(crate) use self::calls::{
    AttendingInput, Look, adam_step, additive_scores, attending_gru, attending_lstm, batch_norm,
    convolution, cross_entropy_rows, few_rows, gated, gru_sequence, lstm_sequence,
};
pub(crate) use self::conv::ConvLayout;
use self::conv::{ConvBackward, ConvSaved};
use self::gate::GateBackward;
use self::loss::{CrossEntropyBackward, cross_entropy_forward};
use self::norm::NormBackward;
use self::scores::{AdditiveBackward, additive_forward};
use self::sequence::{GruBackward, LstmBackward, gru_forward, lstm_forward};
use super::adam::{self, AdamFactors};
use super::gate::Gate;
use super::{dots, weighted_rows};

#[backend_extension(Flex, Autodiff)]
trait FusedOps: Backend {
    /// `[length + 1, batch, hidden]`: hidden states, then the last cell state.
    fn lstm_rows(
        projected: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        hidden: FloatTensor<Self>,
        cell: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    fn gru_rows(
        projected: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        hidden: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    fn attending_lstm_rows(
        #[extension_type] inputs: Attending<Self>,
        cell: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    fn attending_gru_rows(
        #[extension_type] inputs: Attending<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    fn cross_entropy_rows(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        smoothing: f64,
    ) -> FloatTensor<Self>;

    fn few_rows(rows: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_matmul(rows, weight)
    }

    fn additive_scores(
        keys: FloatTensor<Self>,
        queries: FloatTensor<Self>,
        weight: FloatTensor<Self>,
    ) -> FloatTensor<Self>;

    fn convolution(
        maps: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        layout: ConvLayout,
    ) -> FloatTensor<Self>;

    fn gated(input: FloatTensor<Self>, gate: Gate) -> FloatTensor<Self>;

    fn batch_norm_rows(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        epsilon: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);

    fn adam_step(
        value: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: AdamFactors,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>);
}

type Float = FloatTensor<Flex>;

impl FusedOps for Flex {
    fn lstm_rows(projected: Float, weight: Float, hidden: Float, cell: Float) -> Float {
        lstm_forward(&projected, &weight, &hidden, &cell).0
    }

    fn gru_rows(projected: Float, weight: Float, bias: Float, hidden: Float) -> Float {
        gru_forward(&projected, &weight, &bias, &hidden).0
    }

    fn attending_lstm_rows(inputs: Attending<Self>, cell: Float) -> Float {
        attend::forward::<attend::Lstm>(inputs, &cell).0
    }

    fn attending_gru_rows(inputs: Attending<Self>, bias: Float) -> Float {
        attend::forward::<attend::Gru>(inputs, &bias).0
    }

    fn cross_entropy_rows(logits: Float, targets: IntTensor<Self>, smoothing: f64) -> Float {
        cross_entropy_forward(&logits, targets, smoothing).0
    }

    fn few_rows(rows: Float, weight: Float) -> Float {
        let rows = rows.to_contiguous();
        let [n_rows, d_input] = rows.shape().dims();
        let [_, d_output] = weight.shape().dims();
        let transposed = weight.transpose(0, 1);
        let product = if transposed.is_contiguous() {
            dots::product(values(&rows), values(&transposed), d_input)
        } else {
            weighted_rows::product(values(&rows), values(&weight.to_contiguous()), d_output)
        };
        tensor(product, [n_rows, d_output])
    }

    fn additive_scores(keys: Float, queries: Float, weight: Float) -> Float {
        let inputs = [keys, queries, weight].map(|tensor| tensor.to_contiguous());
        additive_forward(&inputs)
    }

    fn convolution(maps: Float, weight: Float, bias: Float, layout: ConvLayout) -> Float {
        let [maps, weight, bias] = [maps, weight, bias].map(|tensor| tensor.to_contiguous());
        conv::forward(&maps, &weight, &bias, layout)
    }

    fn gated(input: Float, gate: Gate) -> Float {
        gate::forward(input, gate)
    }

    fn batch_norm_rows(
        input: Float,
        weight: Float,
        bias: Float,
        epsilon: f64,
    ) -> (Float, Float, Float) {
        let [output, mean, variance] = norm::forward(&input, &weight, &bias, epsilon).0;
        (output, mean, variance)
    }

    /// The new value takes the place of the gradient.
    fn adam_step(
        value: Float,
        gradient: Float,
        first: Float,
        second: Float,
        factors: AdamFactors,
    ) -> (Float, Float, Float) {
        let value = value.to_contiguous();
        let [mut gradient, mut first, mut second] =
            [gradient, first, second].map(|tensor| tensor.to_contiguous());
        adam::step(
            factors,
            values(&value),
            gradient.storage_mut(),
            first.storage_mut(),
            second.storage_mut(),
        );
        (gradient, first, second)
    }
}

impl<C: CheckpointStrategy> FusedOps for Autodiff<Flex, C> {
    fn lstm_rows(
        projected: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        hidden: FloatTensor<Self>,
        cell: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let parents = [projected.node(), weight.node(), hidden.node(), cell.node()];
        let [projected, weight, hidden, cell] =
            [projected, weight, hidden, cell].map(FloatTensor::<Self>::into_primitive);
        let (rows, saved) = lstm_forward(&projected, &weight, &hidden, &cell);
        let prepared = LstmBackward.prepare::<C>(parents).compute_bound();
        match prepared.stateful() {
            OpsKind::Tracked(node) => node.finish((saved, weight), rows),
            OpsKind::UnTracked(node) => node.finish(rows),
        }
    }

    fn gru_rows(
        projected: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        hidden: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let parents = [projected.node(), weight.node(), bias.node(), hidden.node()];
        let [projected, weight, bias, hidden] =
            [projected, weight, bias, hidden].map(FloatTensor::<Self>::into_primitive);
        let (rows, saved) = gru_forward(&projected, &weight, &bias, &hidden);
        let prepared = GruBackward.prepare::<C>(parents).compute_bound();
        match prepared.stateful() {
            OpsKind::Tracked(node) => node.finish((saved, weight), rows),
            OpsKind::UnTracked(node) => node.finish(rows),
        }
    }

    fn attending_lstm_rows(inputs: Attending<Self>, cell: FloatTensor<Self>) -> FloatTensor<Self> {
        attending_rows::<attend::Lstm, C>(inputs, cell)
    }

    fn attending_gru_rows(inputs: Attending<Self>, bias: FloatTensor<Self>) -> FloatTensor<Self> {
        attending_rows::<attend::Gru, C>(inputs, bias)
    }

    fn cross_entropy_rows(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        smoothing: f64,
    ) -> FloatTensor<Self> {
        let parents = [logits.node()];
        let logits = logits.into_primitive();
        let (rows, saved) = cross_entropy_forward(&logits, targets, smoothing);
        let prepared = CrossEntropyBackward.prepare::<C>(parents).compute_bound();
        match prepared.stateful() {
            OpsKind::Tracked(node) => node.finish(saved, rows),
            OpsKind::UnTracked(node) => node.finish(rows),
        }
    }

    fn additive_scores(
        keys: FloatTensor<Self>,
        queries: FloatTensor<Self>,
        weight: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let parents = [keys.node(), queries.node(), weight.node()];
        let saved = [keys, queries, weight].map(|tensor| tensor.into_primitive().to_contiguous());
        let scores = additive_forward(&saved);
        let prepared = AdditiveBackward.prepare::<C>(parents).compute_bound();
        match prepared.stateful() {
            OpsKind::Tracked(node) => node.finish(saved, scores),
            OpsKind::UnTracked(node) => node.finish(scores),
        }
    }

    fn convolution(
        maps: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        layout: ConvLayout,
    ) -> FloatTensor<Self> {
        let parents = [maps.node(), weight.node(), bias.node()];
        let [maps, weight, bias] =
            [maps, weight, bias].map(|tensor| tensor.into_primitive().to_contiguous());
        let output = conv::forward(&maps, &weight, &bias, layout);
        let saved = ConvSaved {
            maps,
            weight,
            layout,
        };
        let prepared = ConvBackward.prepare::<C>(parents).compute_bound();
        match prepared.stateful() {
            OpsKind::Tracked(node) => node.finish(saved, output),
            OpsKind::UnTracked(node) => node.finish(output),
        }
    }

    fn gated(input: FloatTensor<Self>, gate: Gate) -> FloatTensor<Self> {
        let parents = [input.node()];
        let saved = input.into_primitive().to_contiguous();
        let output = gate::forward(saved.clone(), gate);
        let prepared = GateBackward.prepare::<C>(parents).compute_bound();
        match prepared.stateful() {
            OpsKind::Tracked(node) => node.finish((saved, gate), output),
            OpsKind::UnTracked(node) => node.finish(output),
        }
    }

    fn batch_norm_rows(
        input: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        epsilon: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let parents = [input.node(), weight.node(), bias.node()];
        let [input, weight, bias] = [input, weight, bias].map(FloatTensor::<Self>::into_primitive);
        let ([output, mean, variance], saved) = norm::forward(&input, &weight, &bias, epsilon);
        let prepared = NormBackward.prepare::<C>(parents).compute_bound();
        let output = match prepared.stateful() {
            OpsKind::Tracked(node) => node.finish(saved, output),
            OpsKind::UnTracked(node) => node.finish(output),
        };
        (output, Self::from_inner(mean), Self::from_inner(variance))
    }

    fn adam_step(
        value: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        first: FloatTensor<Self>,
        second: FloatTensor<Self>,
        factors: AdamFactors,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let [value, gradient, first, second] =
            [value, gradient, first, second].map(FloatTensor::<Self>::into_primitive);
        let (value, first, second) = Flex::adam_step(value, gradient, first, second, factors);
        let [value, first, second] = [value, first, second].map(Self::from_inner);
        (value, first, second)
    }
}

fn tensor<const D: usize>(values: Vec<f32>, shape: [usize; D]) -> Float {
    FlexTensor::from_data(TensorData::new(values, shape))
}

/// The values of a contiguous tensor, row-major.
fn values(tensor: &Float) -> &[f32] {
    tensor
        .as_slice()
        .expect("the caller made it contiguous, and `takes` asks for 32-bit floats")
}
