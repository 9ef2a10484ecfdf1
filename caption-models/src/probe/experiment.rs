//! Runs the experiment on a net.

use std::collections::BTreeMap;

use burn::tensor::{Device, Int, Tensor, TensorData};

use super::fill;
use super::numbers::{FreeRunning, Numbers, ParamShape, Sampled};
use crate::harness::{
    CaptionNet, Inference, Kind, NamedParam, ProbeJob, StateEntry, Task, from_torch,
};
use crate::optim::{GradientNorms, Stepper};

/// Fills the net, measures it in eval mode, and takes one step by its recipe.
///
/// Dropout is switched off for the step, as in the goldens; batch norm uses the batch.
pub fn run(net: &mut dyn CaptionNet, job: &ProbeJob) -> Numbers {
    fill_params(net);
    let inputs = Inputs::new(net, job);
    let params = shapes(net);
    let logits = net.logits(inputs.images.clone(), inputs.captions.clone());
    let shape = match job.task {
        Task::Caption => logits.dims().to_vec(),
        Task::Classify => vec![job.batch, net.spec().vocab],
    };
    let logits = Sampled::new(&shape, &floats(&logits.into_data()));
    let free_running = net.infer(inputs.images.clone()).map(free_running);
    let loss = scalar(net.loss(
        inputs.images.clone(),
        inputs.captions.clone().unsqueeze_dim(1),
    ));
    net.set_dropout(false);
    let (backward_loss, norms) = step(net, &inputs);
    net.set_dropout(true);
    Numbers {
        params,
        logits,
        free_running,
        loss,
        backward_loss,
        total_norm: norms.total,
        grad_norm: grad_norms(net, &norms),
        abs_sum_after: abs_sums(net),
    }
}

struct Inputs {
    images: Tensor<4>,
    /// Caption 0, `[batch, length]`.
    captions: Tensor<2, Int>,
    /// What the training loss receives, `[batch, n_captions, length]`.
    labels: Tensor<3, Int>,
}

impl Inputs {
    fn new(net: &dyn CaptionNet, job: &ProbeJob) -> Self {
        let [channels, height, width] = net.spec().image;
        let shape = [job.batch, channels, height, width];
        let images = fill::values("images", shape.iter().product(), 1.0);
        let images = Tensor::from_data(TensorData::new(images, shape), net.device());
        if job.task == Task::Classify {
            return Self::with_labels(images, net, job.batch);
        }
        let caption = |idx: usize| {
            let name = if idx == 0 {
                "captions".to_owned()
            } else {
                format!("captions.{idx}")
            };
            let shape = [job.batch, job.length];
            let ids = fill::captions(&name, shape, net.spec().vocab);
            Tensor::<2, Int>::from_data(TensorData::new(ids, shape), net.device())
        };
        Self {
            images,
            captions: caption(0),
            labels: Tensor::stack((0..job.n_captions.max(1)).map(caption).collect(), 1),
        }
    }

    /// A label is a caption of one token.
    fn with_labels(images: Tensor<4>, net: &dyn CaptionNet, batch: usize) -> Self {
        let labels = fill::labels("targets", batch, net.spec().vocab);
        let data = TensorData::new(labels, [batch, 1]);
        let labels = Tensor::<2, Int>::from_data(data, net.device());
        Self {
            images,
            captions: labels.clone(),
            labels: labels.unsqueeze_dim(1),
        }
    }
}

/// Fills every parameter from its name; torch's normalisation layers and buffers stay.
fn fill_params(net: &mut dyn CaptionNet) {
    let device: Device = net.device().clone();
    net.set_params(&mut |entry, dims| {
        matches!(entry.kind, Kind::Param | Kind::Frozen).then(|| filled(entry, dims, &device))
    });
}

fn filled(entry: &StateEntry, dims: &[usize], device: &Device) -> Tensor<1> {
    let shape = entry.torch_shape(dims);
    let values = fill::values(entry.name, shape.iter().product(), fill::bound(&shape));
    from_torch(entry, dims, values, device)
}

fn shapes(net: &dyn CaptionNet) -> Vec<ParamShape> {
    let mut by_path = BTreeMap::new();
    net.for_each_param(&mut |param| {
        by_path.insert(param.entry.path, param.torch_shape());
    });
    let shape = |entry: &StateEntry| match entry.kind {
        Kind::Counter => Vec::new(),
        _ => by_path.get(entry.path).cloned().unwrap_or_default(),
    };
    let named = |entry: &StateEntry| ParamShape {
        name: entry.name.to_owned(),
        shape: shape(entry),
    };
    net.state().iter().map(named).collect()
}

fn free_running(inference: Inference) -> FreeRunning {
    let (returns, shape) = match &inference {
        Inference::Ids(ids) => ("tensor ids", ids.dims().to_vec()),
        Inference::Scores(scores) => ("tensor logits", scores.dims().to_vec()),
    };
    let ids = inference.into_ids();
    let [_, steps] = ids.dims();
    let ids: Vec<i64> = ids.into_data().iter().collect();
    let rows = ids.chunks(steps.max(1)).map(<[i64]>::to_vec).collect();
    FreeRunning {
        returns: returns.to_owned(),
        shape,
        ids: rows,
    }
}

fn step(net: &mut dyn CaptionNet, inputs: &Inputs) -> (f64, GradientNorms) {
    let mut stepper = Stepper::new(net.recipe());
    let backward = net.backward(inputs.images.clone(), inputs.labels.clone());
    let loss = scalar(backward.loss.clone());
    (loss, stepper.step(net, backward))
}

fn grad_norms(net: &dyn CaptionNet, norms: &GradientNorms) -> BTreeMap<String, Option<f64>> {
    let params = net.state().iter().filter(|entry| entry.kind.is_parameter());
    let mut by_name: BTreeMap<_, _> = params.map(|entry| (entry.name.to_owned(), None)).collect();
    for (entry, norm) in &norms.each {
        by_name.insert(entry.name.to_owned(), Some(*norm));
    }
    by_name
}

fn abs_sums(net: &dyn CaptionNet) -> BTreeMap<String, Option<f64>> {
    let mut sums = BTreeMap::new();
    let abs_sum = |param: &NamedParam| {
        let values: Vec<f32> = floats(&param.value.clone().into_data());
        values
            .iter()
            .map(|value| f64::from(*value).abs())
            .sum::<f64>()
    };
    net.for_each_param(&mut |param| {
        sums.insert(
            param.entry.name.to_owned(),
            Some(abs_sum(&param)).filter(|sum| sum.is_finite()),
        );
    });
    sums
}

fn floats(data: &TensorData) -> Vec<f32> {
    data.iter().collect()
}

fn scalar(loss: Tensor<1>) -> f64 {
    loss.into_data().iter::<f64>().next().unwrap_or(f64::NAN)
}
