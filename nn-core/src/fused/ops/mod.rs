//! The operations as Burn sees them: one node of the graph each.

mod attend;
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
use burn::backend::{
    Autodiff, AutodiffBackend, Backend, Dispatch, Flex, TensorMetadata, backend_extension,
};
use burn::tensor::{Bool, Int, Tensor, TensorData};

use self::attend::{Attending, attending_rows};
pub(crate) use self::conv::ConvLayout;
use self::conv::{ConvBackward, ConvSaved};
use self::gate::GateBackward;
use self::loss::{CrossEntropyBackward, cross_entropy_forward};
use self::norm::NormBackward;
use self::scores::{AdditiveBackward, additive_forward};
use self::sequence::{GruBackward, LstmBackward, gru_forward, lstm_forward};
use super::adam::{self, AdamFactors};
use super::gate::Gate;
use super::look::Scoring;
use super::{dots, weighted_rows};

/// Long short-term memory over a sequence, from gates that hold the input's part already.
///
/// - projected: `[length, batch, 4 * hidden]`, weight: `[4 * hidden, hidden]`,
///   hidden, cell: `[batch, hidden]`
/// - returns: hidden states after each step, `[length, batch, hidden]`, and the last cell state,
///   `[batch, hidden]`
pub(crate) fn lstm_sequence(
    projected: Tensor<3>,
    weight: Tensor<2>,
    hidden: Tensor<2>,
    cell: Tensor<2>,
) -> (Tensor<3>, Tensor<2>) {
    let [length, _, _] = projected.dims();
    let rows = Tensor::<3>::from_dispatch(<Dispatch as FusedOps>::lstm_rows(
        projected.into_dispatch(),
        weight.into_dispatch(),
        hidden.into_dispatch(),
        cell.into_dispatch(),
    ));
    outputs_and_cell(rows, length)
}

/// Cuts the last cell state off.
fn outputs_and_cell(rows: Tensor<3>, length: usize) -> (Tensor<3>, Tensor<2>) {
    let last = rows.clone().narrow(0, length, 1).squeeze_dim(0);
    (rows.narrow(0, 0, length), last)
}

/// A gated recurrent unit over a sequence.
///
/// - projected, the input's part of the gates: `[length, batch, 3 * hidden]`,
///   weight: `[3 * hidden, hidden]`, bias of the state's part: `[3 * hidden]`,
///   hidden: `[batch, hidden]`
/// - returns: states after each step, `[length, batch, hidden]`
pub(crate) fn gru_sequence(
    projected: Tensor<3>,
    weight: Tensor<2>,
    bias: Tensor<1>,
    hidden: Tensor<2>,
) -> Tensor<3> {
    Tensor::from_dispatch(<Dispatch as FusedOps>::gru_rows(
        projected.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        hidden.into_dispatch(),
    ))
}

/// Where a recurrent layer looks before each step, and how.
pub(crate) struct Look {
    /// From the hidden state to a query: `[width, hidden]`
    pub(crate) query: Tensor<2>,
    /// What the features of a pair of key and query are weighed by: `[width]`
    pub(crate) score: Tensor<1>,
    pub(crate) scoring: Scoring,
    /// `[batch, regions, width]`
    pub(crate) keys: Tensor<3>,
    /// `[batch, regions, d_memory]`
    pub(crate) values: Tensor<3>,
    /// Regions that get no weight: `[batch, regions]`
    pub(crate) hidden_regions: Tensor<2, Bool>,
}

/// What an attending layer reads: what is seen stands beside each step's input.
pub(crate) struct AttendingInput {
    /// The input's part of the gates: `[length, batch, gates * hidden]`
    pub(crate) projected: Tensor<3>,
    /// `[gates * hidden, hidden]`
    pub(crate) weight: Tensor<2>,
    /// From what is seen to the gates: `[gates * hidden, d_memory]`
    pub(crate) context: Tensor<2>,
    /// `[batch, hidden]`
    pub(crate) hidden: Tensor<2>,
    pub(crate) look: Look,
}

impl AttendingInput {
    fn into_dispatch(self) -> Attending<Dispatch> {
        let look = self.look;
        Attending {
            projected: self.projected.into_dispatch(),
            weight: self.weight.into_dispatch(),
            hidden: self.hidden.into_dispatch(),
            query: look.query.into_dispatch(),
            context: self.context.into_dispatch(),
            score: look.score.into_dispatch(),
            keys: look.keys.into_dispatch(),
            values: look.values.into_dispatch(),
            hidden_regions: look.hidden_regions.into_dispatch(),
            scoring: look.scoring,
        }
    }
}

/// [`lstm_sequence`] of a layer that looks, from the cell state `[batch, hidden]`.
pub(crate) fn attending_lstm(input: AttendingInput, cell: Tensor<2>) -> (Tensor<3>, Tensor<2>) {
    let [length, _, _] = input.projected.dims();
    let rows =
        <Dispatch as FusedOps>::attending_lstm_rows(input.into_dispatch(), cell.into_dispatch());
    outputs_and_cell(Tensor::from_dispatch(rows), length)
}

/// [`gru_sequence`] of a layer that looks, with the bias of the state's part, `[3 * hidden]`.
pub(crate) fn attending_gru(input: AttendingInput, bias: Tensor<1>) -> Tensor<3> {
    let rows =
        <Dispatch as FusedOps>::attending_gru_rows(input.into_dispatch(), bias.into_dispatch());
    Tensor::from_dispatch(rows)
}

/// The cross entropy of each row: logits `[rows, classes]` and targets `[rows]`, all of them
/// classes, to `[rows]`.
pub(crate) fn cross_entropy_rows(
    logits: Tensor<2>,
    targets: Tensor<1, Int>,
    smoothing: f64,
) -> Tensor<1> {
    Tensor::from_dispatch(<Dispatch as FusedOps>::cross_entropy_rows(
        logits.into_dispatch(),
        targets.into_dispatch(),
        smoothing,
    ))
}

/// A few rows, `[n_rows, d_input]`, times a weight, `[d_input, d_output]`, that lies so or
/// transposed: `[n_rows, d_output]`. It has no backward pass of its own.
pub(crate) fn few_rows(rows: Tensor<2>, weight: Tensor<2>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as FusedOps>::few_rows(
        rows.into_dispatch(),
        weight.into_dispatch(),
    ))
}

/// The scores of additive attention: keys `[batch, regions, width]`, queries `[batch, width]` and
/// a weight `[width]` to `[batch, regions]`.
pub(crate) fn additive_scores(keys: Tensor<3>, queries: Tensor<2>, weight: Tensor<1>) -> Tensor<2> {
    Tensor::from_dispatch(<Dispatch as FusedOps>::additive_scores(
        keys.into_dispatch(),
        queries.into_dispatch(),
        weight.into_dispatch(),
    ))
}

/// The convolution of maps, `[batch, channels_in, height, width]`, with a weight,
/// `[channels_out, channels_in / groups, ..]`, and a bias, `[channels_out]`.
pub(crate) fn convolution(
    maps: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
    layout: ConvLayout,
) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as FusedOps>::convolution(
        maps.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        layout,
    ))
}

/// Each element times a gate of it.
pub(crate) fn gated<const D: usize>(input: Tensor<D>, gate: Gate) -> Tensor<D> {
    Tensor::from_dispatch(<Dispatch as FusedOps>::gated(input.into_dispatch(), gate))
}

/// Normalises `[batch, channels, ..]` by the batch's own statistics; also returns each channel's
/// mean and its variance, without Bessel's correction.
pub(crate) fn batch_norm<const D: usize>(
    input: Tensor<D>,
    weight: Tensor<1>,
    bias: Tensor<1>,
    epsilon: f64,
) -> (Tensor<D>, Tensor<1>, Tensor<1>) {
    let (output, mean, variance) = <Dispatch as FusedOps>::batch_norm_rows(
        input.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        epsilon,
    );
    (
        Tensor::from_dispatch(output),
        Tensor::from_dispatch(mean),
        Tensor::from_dispatch(variance),
    )
}

/// A step of Adam: the new value and the new moments. No gradient passes through it.
pub(crate) fn adam_step<const D: usize>(
    value: Tensor<D>,
    gradient: Tensor<D>,
    [first, second]: [Tensor<D>; 2],
    factors: AdamFactors,
) -> (Tensor<D>, [Tensor<D>; 2]) {
    let (value, first, second) = <Dispatch as FusedOps>::adam_step(
        value.into_dispatch(),
        gradient.into_dispatch(),
        first.into_dispatch(),
        second.into_dispatch(),
        factors,
    );
    let moments = [first, second].map(Tensor::from_dispatch);
    (Tensor::from_dispatch(value), moments)
}

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
