//! Recurrent layers that look at an image before each step.

use std::fmt::Debug;
use std::marker::PhantomData;

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::flex::FlexTensor;
use burn::backend::ops::FloatTensorOps;
use burn::backend::tensor::{BoolTensor, FloatTensor};
use burn::backend::{Autodiff, Backend, ExtensionType, Flex, TensorMetadata};

use super::sequence::over_steps;
use super::{Float, tensor, values};
use crate::fused::attend::{self, Attention, Seen};
use crate::fused::look::{Regions, Scoring};
use crate::fused::{gru, lstm, recurrence, scoring};

/// What an attending layer reads, but for what its cell has of its own: the cell state of an LSTM,
/// `[batch, hidden]`, or the bias of a GRU's state's part, `[3 * hidden]`.
#[derive(Clone, Debug, ExtensionType)]
pub(crate) struct Attending<B: Backend> {
    /// The input's part of the gates: `[length, batch, gates * hidden]`
    pub(crate) projected: FloatTensor<B>,
    /// `[gates * hidden, hidden]`
    pub(crate) weight: FloatTensor<B>,
    /// `[batch, hidden]`
    pub(crate) hidden: FloatTensor<B>,
    /// From the hidden state to a query: `[width, hidden]`
    pub(crate) query: FloatTensor<B>,
    /// From what is seen to the gates: `[gates * hidden, d_memory]`
    pub(crate) context: FloatTensor<B>,
    /// `[width]`
    pub(crate) score: FloatTensor<B>,
    /// `[batch, regions, width]`
    pub(crate) keys: FloatTensor<B>,
    /// `[batch, regions, d_memory]`
    pub(crate) values: FloatTensor<B>,
    /// Regions that get no weight: `[batch, regions]`
    pub(crate) hidden_regions: BoolTensor<B>,
    pub(crate) scoring: Scoring,
}

/// Parents of the node: the floats of [`Attending`] in their order, and what the cell has of its
/// own.
pub(super) const N_PARENTS: usize = 9;

/// A kind of cell.
pub(super) trait Cell: Debug + Send + 'static {
    type Saved: Clone + Debug + Send + 'static;
    type Run: recurrence::Forward;
    type RunBack: recurrence::Backward;

    fn run(sizes: [usize; 3], inputs: &Attending<Flex>, own: &Float) -> Self::Run;

    /// The rows that the operation returns.
    fn finish(run: Self::Run) -> (Vec<f32>, Self::Saved);

    fn run_back(saved: Self::Saved, weight: &[f32], rows: &[f32]) -> Self::RunBack;

    fn finish_back(run: Self::RunBack, sizes: [usize; 3]) -> CellGradients;
}

/// Gradients of a cell, and the states that its weights met.
pub(super) struct CellGradients {
    /// Of the input's part of the gates: `[length, batch, gates * hidden]`
    projected: Float,
    /// Of the state's part: the same shape
    recurrent: Float,
    /// `[batch, hidden]`
    hidden: Float,
    own: Float,
    /// States before each step: `[length * batch, hidden]`
    hidden_before: Float,
}

/// [`lstm`]
#[derive(Debug)]
pub(super) struct Lstm;

impl Cell for Lstm {
    type Saved = lstm::Saved;
    type Run = lstm::Run;
    type RunBack = lstm::RunBack;

    fn run(sizes: [usize; 3], inputs: &Attending<Flex>, own: &Float) -> Self::Run {
        let inputs = lstm::Inputs {
            projected: values(&inputs.projected),
            weight: values(&inputs.weight),
            hidden: values(&inputs.hidden),
            cell: values(own),
        };
        lstm::Run::new(sizes, &inputs)
    }

    fn finish(run: Self::Run) -> (Vec<f32>, Self::Saved) {
        run.finish()
    }

    fn run_back(saved: Self::Saved, weight: &[f32], rows: &[f32]) -> Self::RunBack {
        lstm::RunBack::new(saved, weight, rows)
    }

    fn finish_back(run: Self::RunBack, [length, batch, size]: [usize; 3]) -> CellGradients {
        let found = run.finish();
        let gates = tensor(found.projected, [length, batch, 4 * size]);
        CellGradients {
            recurrent: gates.clone(),
            projected: gates,
            hidden: tensor(found.hidden, [batch, size]),
            own: tensor(found.cell, [batch, size]),
            hidden_before: tensor(found.hidden_before, [length * batch, size]),
        }
    }
}

/// [`gru`]
#[derive(Debug)]
pub(super) struct Gru;

impl Cell for Gru {
    type Saved = gru::Saved;
    type Run = gru::Run;
    type RunBack = gru::RunBack;

    fn run(sizes: [usize; 3], inputs: &Attending<Flex>, own: &Float) -> Self::Run {
        let inputs = gru::Inputs {
            projected: values(&inputs.projected),
            weight: values(&inputs.weight),
            bias: values(own),
            hidden: values(&inputs.hidden),
        };
        gru::Run::new(sizes, &inputs)
    }

    fn finish(run: Self::Run) -> (Vec<f32>, Self::Saved) {
        run.finish()
    }

    fn run_back(saved: Self::Saved, weight: &[f32], rows: &[f32]) -> Self::RunBack {
        gru::RunBack::new(saved, weight, rows)
    }

    fn finish_back(run: Self::RunBack, [length, batch, size]: [usize; 3]) -> CellGradients {
        let found = run.finish();
        let bias = scoring::sum_of_rows(&found.recurrent, 3 * size);
        CellGradients {
            projected: tensor(found.projected, [length, batch, 3 * size]),
            recurrent: tensor(found.recurrent, [length, batch, 3 * size]),
            hidden: tensor(found.hidden, [batch, size]),
            own: tensor(bias, [3 * size]),
            hidden_before: tensor(found.hidden_before, [length * batch, size]),
        }
    }
}

/// What the backward pass needs of the forward pass.
#[derive(Clone, Debug)]
pub(super) struct AttendSaved<S> {
    cell: S,
    seen: Seen,
    inputs: Attending<Flex>,
    hidden_regions: Vec<bool>,
}

/// Runs the sequence. Returns the rows of the cell's own sequence.
pub(super) fn forward<C: Cell>(
    inputs: Attending<Flex>,
    own: &Float,
) -> (Float, AttendSaved<C::Saved>) {
    let inputs = contiguous(inputs);
    let hidden_regions: Vec<bool> = inputs
        .hidden_regions
        .clone()
        .into_data()
        .iter::<bool>()
        .collect();
    let sizes = sizes(&inputs);
    let [_, batch, size] = sizes;
    let mut run = C::run(sizes, &inputs, &own.to_contiguous());
    let seen = attend::forward(&mut run, &attention(&inputs, &hidden_regions));
    let (rows, cell) = C::finish(run);
    let n_rows = rows.len() / (batch * size);
    let saved = AttendSaved {
        cell,
        seen,
        inputs,
        hidden_regions,
    };
    (tensor(rows, [n_rows, batch, size]), saved)
}

/// The length, the batch and the size of the hidden state.
fn sizes(inputs: &Attending<Flex>) -> [usize; 3] {
    let [length, batch, _] = inputs.projected.shape().dims();
    let [_, size] = inputs.weight.shape().dims();
    [length, batch, size]
}

fn contiguous(inputs: Attending<Flex>) -> Attending<Flex> {
    let dense = |tensor: &FlexTensor| tensor.to_contiguous();
    Attending {
        projected: dense(&inputs.projected),
        weight: dense(&inputs.weight),
        hidden: dense(&inputs.hidden),
        query: dense(&inputs.query),
        context: dense(&inputs.context),
        score: dense(&inputs.score),
        keys: dense(&inputs.keys),
        values: dense(&inputs.values),
        ..inputs
    }
}

fn attention<'a>(inputs: &'a Attending<Flex>, hidden: &'a [bool]) -> Attention<'a> {
    let [_, _, d_memory] = inputs.values.shape().dims();
    let [width] = inputs.score.shape().dims();
    Attention {
        query: values(&inputs.query),
        context: values(&inputs.context),
        regions: Regions {
            keys: values(&inputs.keys),
            values: values(&inputs.values),
            hidden,
            score: values(&inputs.score),
            scoring: inputs.scoring,
        },
        width,
        d_memory,
    }
}

/// The way back of [`forward`].
#[derive(Debug)]
pub(super) struct AttendBackward<C>(pub(super) PhantomData<C>);

impl<C: Cell> Backward<Flex, N_PARENTS> for AttendBackward<C> {
    type State = AttendSaved<C::Saved>;

    fn backward(
        self,
        ops: Ops<Self::State, N_PARENTS>,
        grads: &mut Gradients,
        _: &mut Checkpointer,
    ) {
        let rows = grads.consume::<Flex>(&ops.node).to_contiguous();
        let AttendSaved {
            cell,
            seen,
            inputs,
            hidden_regions,
        } = ops.state;
        let sizes = sizes(&inputs);
        let mut run = C::run_back(cell, values(&inputs.weight), values(&rows));
        let looked = attend::backward(&mut run, &attention(&inputs, &hidden_regions), &seen);
        let cell = C::finish_back(run, sizes);
        let found = gradients(&inputs, sizes, seen, looked, cell);
        for (parent, gradient) in ops.parents.into_iter().zip(found) {
            if let Some(node) = parent {
                grads.register::<Flex>(node.id, gradient);
            }
        }
    }
}

/// The gradients of all parents, in their order.
fn gradients(
    inputs: &Attending<Flex>,
    [length, batch, _]: [usize; 3],
    seen: Seen,
    looked: attend::Gradients,
    cell: CellGradients,
) -> [Float; N_PARENTS] {
    let [_, regions, width] = inputs.keys.shape().dims();
    let [_, _, d_memory] = inputs.values.shape().dims();
    let queries = tensor(looked.queries, [length, batch, width]);
    let to_contexts = tensor(looked.contexts, [length, batch, d_memory]);
    let contexts = tensor(seen.contexts, [length * batch, d_memory]);
    let weights = tensor(seen.weights, [length, batch, regions]);
    // Every step's weights times the gradient of what it saw: [batch, regions, d_memory]
    let values = Flex::float_matmul(
        Flex::float_permute(weights, &[1, 2, 0]),
        Flex::float_permute(to_contexts, &[1, 0, 2]),
    );
    [
        cell.projected.clone(),
        over_steps(&cell.recurrent, cell.hidden_before.clone()),
        cell.hidden,
        over_steps(&queries, cell.hidden_before),
        over_steps(&cell.projected, contexts),
        tensor(looked.score, [width]),
        tensor(looked.keys, [batch, regions, width]),
        values,
        cell.own,
    ]
}

/// The node of an attending layer.
pub(super) fn attending_rows<K: Cell, C: CheckpointStrategy>(
    inputs: Attending<Autodiff<Flex, C>>,
    own: FloatTensor<Autodiff<Flex, C>>,
) -> FloatTensor<Autodiff<Flex, C>> {
    let parents = [
        inputs.projected.node(),
        inputs.weight.node(),
        inputs.hidden.node(),
        inputs.query.node(),
        inputs.context.node(),
        inputs.score.node(),
        inputs.keys.node(),
        inputs.values.node(),
        own.node(),
    ];
    let inputs = Attending {
        projected: inputs.projected.into_primitive(),
        weight: inputs.weight.into_primitive(),
        hidden: inputs.hidden.into_primitive(),
        query: inputs.query.into_primitive(),
        context: inputs.context.into_primitive(),
        score: inputs.score.into_primitive(),
        keys: inputs.keys.into_primitive(),
        values: inputs.values.into_primitive(),
        hidden_regions: inputs.hidden_regions,
        scoring: inputs.scoring,
    };
    let (rows, saved) = forward::<K>(inputs, &own.into_primitive());
    let prepared = AttendBackward::<K>(PhantomData)
        .prepare::<C>(parents)
        .compute_bound();
    match prepared.stateful() {
        OpsKind::Tracked(node) => node.finish(saved, rows),
        OpsKind::UnTracked(node) => node.finish(rows),
    }
}
