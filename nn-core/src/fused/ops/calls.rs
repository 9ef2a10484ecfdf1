//! The operations as layers call them: Burn's tensors in and out.

use burn::backend::Dispatch;
use burn::tensor::{Bool, Int, Tensor};

use super::FusedOps;
use super::attend::Attending;
use super::conv::ConvLayout;
use crate::fused::adam::AdamFactors;
use crate::fused::gate::Gate;
use crate::fused::look::Scoring;

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
