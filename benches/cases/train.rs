//! What is run, and on what.
use burn::module::Module;
use burn::optim::GradientsParams;
use burn::tensor::{Device, Int, Tensor, TensorData};

use nn_caption::nn_core::AdamW;

use super::Work;

/// Forward, backward and `AdamW`.
pub(super) fn step<M: Module + 'static>(
    device: &Device,
    model: M,
    loss: impl Fn(&M) -> Tensor<1> + 'static,
) -> Work {
    let device = device.clone();
    let mut model = Some(model);
    let mut optimizer = AdamW::default().init();
    Box::new(move || {
        let current = model.take().expect("every run puts a model back");
        let gradients = loss(&current).backward();
        let gradients = GradientsParams::from_grads(gradients, &current);
        model = Some(optimizer.step(1e-4, current, gradients));
        device.sync().expect("the device answers");
    })
}

/// Forward only.
pub(super) fn run<T>(device: &Device, mut forward: impl FnMut() -> T + 'static) -> Work {
    let device = device.clone();
    Box::new(move || {
        let output = forward();
        device.sync().expect("the device answers");
        drop(output);
    })
}

/// Forward and backward.
pub(super) fn pass<M: 'static>(
    device: &Device,
    model: M,
    loss: impl Fn(&M) -> Tensor<1> + 'static,
) -> Work {
    let device = device.clone();
    Box::new(move || {
        let gradients = loss(&model).backward();
        device.sync().expect("the device answers");
        drop(gradients);
    })
}

/// Values that look like noise in [-1, 1].
pub(super) fn noise<const D: usize>(shape: [usize; D], device: &Device) -> Tensor<D> {
    let n_values = shape.iter().product();
    let values: Vec<f32> = (0..n_values)
        .map(|i| (i as f32 * 2.399_963).sin())
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Ids below `limit` that look like noise.
pub(super) fn ids<const D: usize>(
    shape: [usize; D],
    limit: usize,
    device: &Device,
) -> Tensor<D, Int> {
    let n_values = shape.iter().product();
    let values: Vec<i64> = (0..n_values)
        .map(|i: usize| (i.wrapping_mul(2_654_435_761) >> 7) % limit)
        .map(|id| i64::try_from(id).expect("ids are small"))
        .collect();
    Tensor::from_data(TensorData::new(values, shape), device)
}
