//! Convolutions over maps.

use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops};
use burn::backend::ops::{ConvOptions, FloatTensorOps, ModuleOps};
use burn::backend::{Flex, TensorMetadata};

use rayon::prelude::*;

use super::{Float, tensor, values};
use crate::fused::columns::{Geometry, Tile};
use crate::fused::depthwise;
use crate::fused::norm::{self, Maps};

/// How a kernel moves over maps.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ConvLayout {
    pub(crate) stride: [usize; 2],
    /// On both sides.
    pub(crate) padding: [usize; 2],
    pub(crate) dilation: [usize; 2],
    pub(crate) groups: usize,
    /// Whether the bias is more than zeros.
    pub(crate) biased: bool,
}

/// A convolution's sizes, and how it is computed.
#[derive(Clone, Copy, Debug)]
struct Plan {
    geometry: Geometry,
    groups: usize,
    channels_out: usize,
    /// A kernel for each map.
    depthwise: bool,
    /// A kernel of one place that moves by one.
    pointwise: bool,
}

impl Plan {
    fn new(maps: &Float, weight: &Float, layout: ConvLayout) -> Self {
        let [batch, channels, height, width] = maps.shape().dims();
        let [channels_out, per_group, kernel_height, kernel_width] = weight.shape().dims();
        let kernel = [kernel_height, kernel_width];
        let output = [(height, 0), (width, 1)].map(|(size, side)| {
            let reach = layout.dilation[side] * (kernel[side] - 1) + 1;
            (size + 2 * layout.padding[side] - reach) / layout.stride[side] + 1
        });
        let geometry = Geometry {
            batch,
            channels,
            input: [height, width],
            output,
            kernel,
            stride: layout.stride,
            padding: layout.padding,
            dilation: layout.dilation,
        };
        Self {
            geometry,
            groups: layout.groups,
            channels_out,
            depthwise: per_group == 1 && channels_out == channels && layout.groups == channels,
            pointwise: geometry.is_pointwise(),
        }
    }

    /// Channels of the output in a group.
    fn group_out(&self) -> usize {
        self.channels_out / self.groups
    }

    /// What a place of the output reads in a group.
    fn group_in(&self) -> usize {
        self.geometry.depth() / self.groups
    }

    /// The weight of each group: `[groups, outputs, depth]`
    fn weights(&self, weight: &Float) -> Float {
        weight.reshape([self.groups, self.group_out(), self.group_in()].into())
    }

    /// Rows of a tile, `[channels, places]`, by groups: `[groups, channels, places]`
    fn grouped(&self, rows: Vec<f32>, tile: Tile) -> Float {
        let places = self.geometry.tile_len(tile);
        let channels = rows.len() / self.groups / places;
        tensor(rows, [self.groups, channels, places])
    }

    /// The maps of each group: `[batch, groups, channels, places]`
    fn group_maps(&self, maps: &Float) -> Float {
        let [batch, channels, height, width] = maps.shape().dims();
        maps.reshape([batch, self.groups, channels / self.groups, height * width].into())
    }

    fn output_shape(&self) -> [usize; 4] {
        let [height, width] = self.geometry.output;
        [self.geometry.batch, self.channels_out, height, width]
    }
}

/// The convolution of `maps`, `[batch, channels, height, width]`.
pub(super) fn forward(maps: &Float, weight: &Float, bias: &Float, layout: ConvLayout) -> Float {
    let plan = Plan::new(maps, weight, layout);
    if plan.depthwise {
        let ConvLayout {
            stride,
            padding,
            dilation,
            groups,
            biased,
        } = layout;
        let options = ConvOptions::new(stride, padding, dilation, groups);
        let bias = biased.then(|| bias.clone());
        return Flex::conv2d(maps.clone(), weight.clone(), bias, options);
    }
    let weights = plan.weights(weight);
    if plan.pointwise {
        let weights = weights.reshape([1, plan.groups, plan.group_out(), plan.group_in()].into());
        let output = Flex::float_matmul(weights, plan.group_maps(maps));
        let output = output.reshape(plan.output_shape().into());
        return if layout.biased {
            let bias = bias.reshape([1, plan.channels_out, 1, 1].into());
            Flex::float_add(output, bias)
        } else {
            output
        };
    }
    let geometry = plan.geometry;
    let output = geometry.of_output(plan.channels_out);
    let mut result = vec![0.0; plan.output_shape().iter().product()];
    if layout.biased {
        let [height, width] = geometry.output;
        let maps = result.par_chunks_exact_mut(height * width).enumerate();
        maps.for_each(|(idx, map)| map.fill(values(bias)[idx % plan.channels_out]));
    }
    for tile in geometry.tiles() {
        let columns = plan.grouped(geometry.columns(values(maps), tile), tile);
        let rows = Flex::float_matmul(weights.clone(), columns);
        output.add_columns(values(&rows), tile, &mut result);
    }
    tensor(result, plan.output_shape())
}

/// The gradient of the maps from that of the output.
fn to_maps(plan: &Plan, weight: &Float, gradient: &Float) -> Float {
    let geometry = plan.geometry;
    let [height, width] = geometry.input;
    let shape = [geometry.batch, geometry.channels, height, width];
    if plan.depthwise {
        let maps = depthwise::to_maps(&geometry, values(weight), values(gradient));
        return tensor(maps, shape);
    }
    let weights = plan.weights(weight);
    if plan.pointwise {
        let weights = weights.reshape([1, plan.groups, plan.group_out(), plan.group_in()].into());
        let turned = Flex::float_swap_dims(weights, 2, 3);
        let maps = Flex::float_matmul(turned, plan.group_maps(gradient));
        return maps.reshape(shape.into());
    }
    let output = geometry.of_output(plan.channels_out);
    let turned = Flex::float_swap_dims(weights, 1, 2); // [groups, depth, outputs]
    let mut maps = vec![0.0; shape.iter().product()];
    for tile in geometry.tiles() {
        let rows = plan.grouped(output.columns(values(gradient), tile), tile);
        let columns = Flex::float_matmul(turned.clone(), rows);
        geometry.add_columns(values(&columns), tile, &mut maps);
    }
    tensor(maps, shape)
}

/// The gradient of the weight, `[groups, outputs, depth]`.
fn to_weight(plan: &Plan, maps: &Float, gradient: &Float) -> Float {
    let geometry = plan.geometry;
    if plan.depthwise {
        let weight = depthwise::to_weight(&geometry, values(maps), values(gradient));
        return tensor(weight, [plan.groups, 1, plan.group_in()]);
    }
    if plan.pointwise {
        // [batch, groups, places, inputs]
        let inputs = Flex::float_swap_dims(plan.group_maps(maps), 2, 3);
        let of_images = Flex::float_matmul(plan.group_maps(gradient), inputs);
        return Flex::float_sum_dim(of_images, 0);
    }
    let output = geometry.of_output(plan.channels_out);
    let of_tile = |tile| {
        let rows = plan.grouped(output.columns(values(gradient), tile), tile);
        let columns = plan.grouped(geometry.columns(values(maps), tile), tile);
        Flex::float_matmul(rows, Flex::float_swap_dims(columns, 1, 2))
    };
    let sum = geometry.tiles().map(of_tile).reduce(Flex::float_add);
    sum.expect("a tensor that is taken has a place")
}

/// What the backward pass needs of the forward pass.
#[derive(Clone, Debug)]
pub(super) struct ConvSaved {
    pub(super) maps: Float,
    pub(super) weight: Float,
    pub(super) layout: ConvLayout,
}

#[derive(Debug)]
pub(super) struct ConvBackward;

impl Backward<Flex, 3> for ConvBackward {
    type State = ConvSaved;

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let gradient = grads.consume::<Flex>(&ops.node).to_contiguous();
        let ConvSaved {
            maps,
            weight,
            layout,
        } = ops.state;
        let plan = Plan::new(&maps, &weight, layout);
        let [of_maps, of_weight, of_bias] = ops.parents;
        if let Some(node) = of_maps {
            let found = to_maps(&plan, &weight, &gradient);
            grads.register::<Flex>(node.id, found);
        }
        if let Some(node) = of_weight {
            let found = to_weight(&plan, &maps, &gradient);
            grads.register::<Flex>(node.id, found.reshape(weight.shape()));
        }
        if let Some(node) = of_bias {
            let [height, width] = plan.geometry.output;
            let maps = Maps {
                values: values(&gradient),
                channels: plan.channels_out,
                len: height * width,
            };
            let found = tensor(norm::sums(maps), [plan.channels_out]);
            grads.register::<Flex>(node.id, found);
        }
    }
}
