//! The operations as Burn sees them: one node of the graph each.

use burn::backend::autodiff::checkpoint::{base::Checkpointer, strategy::CheckpointStrategy};
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::{Autodiff, Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{Int, Tensor, TensorData};

use super::few_rows::product;
use super::{additive, cross_entropy, gru, lstm};

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

/// A few rows, `[n_rows, d_input]`, times the transposed weight, `[d_output, d_input]`:
/// `[n_rows, d_output]`. It has no backward pass of its own.
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

    fn cross_entropy_rows(
        logits: FloatTensor<Self>,
        targets: IntTensor<Self>,
        smoothing: f64,
    ) -> FloatTensor<Self>;

    fn few_rows(rows: FloatTensor<Self>, weight: FloatTensor<Self>) -> FloatTensor<Self> {
        Self::float_matmul(rows, Self::float_transpose(weight))
    }

    fn additive_scores(
        keys: FloatTensor<Self>,
        queries: FloatTensor<Self>,
        weight: FloatTensor<Self>,
    ) -> FloatTensor<Self>;
}

type Float = FloatTensor<Flex>;

impl FusedOps for Flex {
    fn lstm_rows(projected: Float, weight: Float, hidden: Float, cell: Float) -> Float {
        lstm_forward(&projected, &weight, &hidden, &cell).0
    }

    fn gru_rows(projected: Float, weight: Float, bias: Float, hidden: Float) -> Float {
        gru_forward(&projected, &weight, &bias, &hidden).0
    }

    fn cross_entropy_rows(logits: Float, targets: IntTensor<Self>, smoothing: f64) -> Float {
        cross_entropy_forward(&logits, targets, smoothing).0
    }

    fn few_rows(rows: Float, weight: Float) -> Float {
        let (rows, weight) = (rows.to_contiguous(), weight.to_contiguous());
        let [n_rows, d_input] = rows.shape().dims();
        let [d_output, _] = weight.shape().dims();
        let product = product(values(&rows), values(&weight), d_input);
        tensor(product, [n_rows, d_output])
    }

    fn additive_scores(keys: Float, queries: Float, weight: Float) -> Float {
        let inputs = [keys, queries, weight].map(|tensor| tensor.to_contiguous());
        additive_forward(&inputs)
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
}

/// Keys, queries and weight, contiguous.
type AdditiveSaved = [Float; 3];

fn additive_inputs(saved: &AdditiveSaved) -> additive::Inputs<'_> {
    let [keys, queries, weight] = saved.each_ref().map(values);
    additive::Inputs {
        keys,
        queries,
        weight,
    }
}

fn additive_forward(inputs: &AdditiveSaved) -> Float {
    let [batch, regions, _] = inputs[0].shape().dims();
    tensor(additive::forward(additive_inputs(inputs)), [batch, regions])
}

fn lstm_forward(
    projected: &Float,
    weight: &Float,
    hidden: &Float,
    cell: &Float,
) -> (Float, lstm::Saved) {
    let [length, batch, _] = projected.shape().dims();
    let [_, size] = weight.shape().dims();
    let inputs = [projected, weight, hidden, cell].map(FlexTensor::to_contiguous);
    let [projected, weight, hidden, cell] = inputs.each_ref().map(values);
    let inputs = lstm::Inputs {
        projected,
        weight,
        hidden,
        cell,
    };
    let (rows, saved) = lstm::forward([length, batch, size], &inputs);
    (tensor(rows, [length + 1, batch, size]), saved)
}

fn gru_forward(
    projected: &Float,
    weight: &Float,
    bias: &Float,
    hidden: &Float,
) -> (Float, gru::Saved) {
    let [length, batch, _] = projected.shape().dims();
    let [_, size] = weight.shape().dims();
    let inputs = [projected, weight, bias, hidden].map(FlexTensor::to_contiguous);
    let [projected, weight, bias, hidden] = inputs.each_ref().map(values);
    let inputs = gru::Inputs {
        projected,
        weight,
        bias,
        hidden,
    };
    let (rows, saved) = gru::forward([length, batch, size], &inputs);
    (tensor(rows, [length, batch, size]), saved)
}

#[derive(Clone, Debug)]
struct CrossEntropySaved {
    logits: Float,
    targets: Vec<usize>,
    smoothing: f32,
    log_sums: Vec<f32>,
}

fn cross_entropy_forward(
    logits: &Float,
    targets: IntTensor<Flex>,
    smoothing: f64,
) -> (Float, CrossEntropySaved) {
    let logits = logits.to_contiguous();
    let [rows, classes] = logits.shape().dims();
    let targets: Vec<usize> = targets
        .into_data()
        .iter::<i64>()
        .map(|target| class(target, classes))
        .collect();
    #[expect(clippy::cast_possible_truncation, reason = "a fraction")]
    let smoothing = smoothing as f32;
    let (losses, log_sums) = cross_entropy::forward(values(&logits), &targets, smoothing);
    let saved = CrossEntropySaved {
        logits,
        targets,
        smoothing,
        log_sums,
    };
    (tensor(losses, [rows]), saved)
}

/// The class that a target names.
fn class(target: i64, classes: usize) -> usize {
    match usize::try_from(target) {
        Ok(class) if class < classes => class,
        _ => panic!("target {target} is not among {classes} classes"),
    }
}

#[derive(Debug)]
struct LstmBackward;

impl Backward<Flex, 4> for LstmBackward {
    type State = (lstm::Saved, Float);

    fn backward(self, ops: Ops<Self::State, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let rows = grads.consume::<Flex>(&ops.node).to_contiguous();
        let (saved, weight) = ops.state;
        let [after, batch, size] = rows.shape().dims();
        let found = lstm::backward(saved, values(&weight.to_contiguous()), values(&rows));
        let length = after - 1;
        let projected = tensor(found.projected, [length, batch, 4 * size]);
        let [to_projected, to_weight, to_hidden, to_cell] = ops.parents;
        if let Some(node) = to_weight {
            let before = tensor(found.hidden_before, [length * batch, size]);
            grads.register::<Flex>(node.id, over_steps(&projected, before));
        }
        if let Some(node) = to_projected {
            grads.register::<Flex>(node.id, projected);
        }
        if let Some(node) = to_hidden {
            grads.register::<Flex>(node.id, tensor(found.hidden, [batch, size]));
        }
        if let Some(node) = to_cell {
            grads.register::<Flex>(node.id, tensor(found.cell, [batch, size]));
        }
    }
}

#[derive(Debug)]
struct GruBackward;

impl Backward<Flex, 4> for GruBackward {
    type State = (gru::Saved, Float);

    fn backward(self, ops: Ops<Self::State, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let rows = grads.consume::<Flex>(&ops.node).to_contiguous();
        let (saved, weight) = ops.state;
        let [length, batch, size] = rows.shape().dims();
        let found = gru::backward(saved, values(&weight.to_contiguous()), values(&rows));
        let recurrent = tensor(found.recurrent, [length, batch, 3 * size]);
        let [to_projected, to_weight, to_bias, to_hidden] = ops.parents;
        if let Some(node) = to_weight {
            let before = tensor(found.hidden_before, [length * batch, size]);
            grads.register::<Flex>(node.id, over_steps(&recurrent, before));
        }
        if let Some(node) = to_bias {
            let rows = recurrent.reshape([length * batch, 3 * size].into());
            let sum = Flex::float_sum_dim(rows, 0).reshape([3 * size].into());
            grads.register::<Flex>(node.id, sum);
        }
        if let Some(node) = to_projected {
            grads.register::<Flex>(node.id, tensor(found.projected, [length, batch, 3 * size]));
        }
        if let Some(node) = to_hidden {
            grads.register::<Flex>(node.id, tensor(found.hidden, [batch, size]));
        }
    }
}

#[derive(Debug)]
struct CrossEntropyBackward;

impl Backward<Flex, 1> for CrossEntropyBackward {
    type State = CrossEntropySaved;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let rows = grads.consume::<Flex>(&ops.node).to_contiguous();
        let [to_logits] = ops.parents;
        let Some(node) = to_logits else {
            return;
        };
        let saved = ops.state;
        let gradient = cross_entropy::backward(
            values(&saved.logits),
            &saved.targets,
            saved.smoothing,
            &saved.log_sums,
            values(&rows),
        );
        let shape: [usize; 2] = saved.logits.shape().dims();
        grads.register::<Flex>(node.id, tensor(gradient, shape));
    }
}

#[derive(Debug)]
struct AdditiveBackward;

impl Backward<Flex, 3> for AdditiveBackward {
    type State = AdditiveSaved;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let scores = grads.consume::<Flex>(&ops.node).to_contiguous();
        let found = additive::backward(additive_inputs(&ops.state), values(&scores));
        let [batch, regions, width] = ops.state[0].shape().dims();
        let [to_keys, to_queries, to_weight] = ops.parents;
        if let Some(node) = to_keys {
            grads.register::<Flex>(node.id, tensor(found.keys, [batch, regions, width]));
        }
        if let Some(node) = to_queries {
            grads.register::<Flex>(node.id, tensor(found.queries, [batch, width]));
        }
        if let Some(node) = to_weight {
            grads.register::<Flex>(node.id, tensor(found.weight, [width]));
        }
    }
}

/// The gradient of a weight that every step used: gates `[length, batch, gates]`, transposed, times
/// states `[length * batch, size]`, as `[gates, size]`.
fn over_steps(gates: &Float, states: Float) -> Float {
    let [length, batch, n_gates] = gates.shape().dims();
    let gates = gates.reshape([length * batch, n_gates].into());
    Flex::float_matmul(Flex::float_transpose(gates), states)
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
