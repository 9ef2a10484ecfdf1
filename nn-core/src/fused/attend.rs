//! A recurrent layer that looks at an image before each step: what it sees stands beside the step's
//! input. Forward and backward over a whole sequence, for cells of either kind.

use super::blocks::Blocks;
use super::look::{self, Regions};
use super::matmul::{Panels, add_product};
use super::recurrence::{Backward, Forward};
use super::scoring::sum_of_rows;

/// The parameters of looking, row-major.
#[derive(Clone, Copy)]
pub(super) struct Attention<'a> {
    /// From the hidden state to the query: `[width, size]`
    pub(super) query: &'a [f32],
    /// From what is seen to the gates: `[gates * size, d_memory]`
    pub(super) context: &'a [f32],
    pub(super) regions: Regions<'a>,
    pub(super) width: usize,
    pub(super) d_memory: usize,
}

/// What was seen, row-major.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    /// `[length, batch, width]`
    pub(super) queries: Vec<f32>,
    /// `[length, batch, regions]`
    pub(super) weights: Vec<f32>,
    /// `[length, batch, d_memory]`
    pub(super) contexts: Vec<f32>,
}

/// Gradients, row-major. Those of the values and of the two weights are left to products over all
/// steps.
pub(super) struct Gradients {
    /// `[length, batch, width]`
    pub(super) queries: Vec<f32>,
    /// `[length, batch, d_memory]`
    pub(super) contexts: Vec<f32>,
    /// `[batch, regions, width]`
    pub(super) keys: Vec<f32>,
    /// `[width]`
    pub(super) score: Vec<f32>,
}

/// How queries and contexts lie beside gates.
struct Beside {
    query: Blocks,
    context: Blocks,
}

impl Beside {
    fn new(gates: &Blocks, attention: &Attention<'_>) -> Self {
        let of = |size| Blocks::new(1, gates.batch, 1, size, gates.lanes);
        Self {
            query: of(attention.width),
            context: of(attention.d_memory),
        }
    }
}

/// Takes all steps.
pub(super) fn forward(run: &mut impl Forward, attention: &Attention<'_>) -> Seen {
    let gates = run.blocks();
    let beside = Beside::new(&gates, attention);
    let to_query = Panels::forwards(attention.query, &beside.query);
    let to_gates = Panels::forwards(attention.context, &gates);
    let rows = gates.length * gates.batch;
    let n_regions = attention.regions.hidden.len() / gates.batch;
    let mut seen = Seen {
        queries: vec![0.0; rows * attention.width],
        weights: vec![0.0; rows * n_regions],
        contexts: vec![0.0; rows * attention.d_memory],
    };
    let steps = seen
        .queries
        .chunks_exact_mut(rows / gates.length * attention.width);
    let steps = steps.zip(seen.weights.chunks_exact_mut(gates.batch * n_regions));
    let steps = steps.zip(
        seen.contexts
            .chunks_exact_mut(gates.batch * attention.d_memory),
    );
    for (step, ((queries, weights), contexts)) in steps.enumerate() {
        let mut query = vec![0.0; beside.query.step_len()];
        add_product(&beside.query, run.hidden(step), &to_query, &mut query);
        beside.query.unpack_into(&query, queries);
        look::forward(attention.regions, gates.batch, queries, weights, contexts);
        let context = beside.context.pack(contexts);
        add_product(&gates, &context, &to_gates, run.gates(step));
        run.step(step);
    }
    seen
}

/// Takes all steps back.
pub(super) fn backward(
    run: &mut impl Backward,
    attention: &Attention<'_>,
    seen: &Seen,
) -> Gradients {
    let gates = run.blocks();
    let state = gates.with_gates(1);
    let beside = Beside::new(&gates, attention);
    let from_query = Panels::backwards(attention.query, &beside.query);
    let from_gates = Panels::backwards(attention.context, &gates);
    let mut queries = vec![0.0; seen.queries.len()];
    let mut contexts = vec![0.0; seen.contexts.len()];
    let mut keys = vec![0.0; attention.regions.keys.len()];
    let mut scores = vec![0.0; gates.batch * attention.width];
    for step in (0..gates.length).rev() {
        let of_step = |values: &[f32]| {
            let len = values.len() / gates.length;
            step * len..(step + 1) * len
        };
        run.step(step);
        let mut context = vec![0.0; beside.context.step_len()];
        add_product(&beside.context, run.gates(step), &from_gates, &mut context);
        let to_contexts = &mut contexts[of_step(&seen.contexts)];
        beside.context.unpack_into(&context, to_contexts);
        let to_queries = &mut queries[of_step(&seen.queries)];
        look::backward(
            attention.regions,
            gates.batch,
            (
                &seen.queries[of_step(&seen.queries)],
                &seen.weights[of_step(&seen.weights)],
            ),
            to_contexts,
            &mut look::Gradients {
                queries: to_queries,
                keys: &mut keys,
                scores: &mut scores,
            },
        );
        let query = beside.query.pack(to_queries);
        add_product(&state, &query, &from_query, run.hidden());
    }
    Gradients {
        queries,
        contexts,
        keys,
        score: sum_of_rows(&scores, attention.width),
    }
}
