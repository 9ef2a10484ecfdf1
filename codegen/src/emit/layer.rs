//! Layers as fields: their types and how they are built.
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::imports::Imports;
use super::numbers::Numbers;
use crate::ir::{Attention, Cell, Layer, Recurrent, TransformerLayer, TransformerStack};

/// Path and name of the Rust type of a layer.
pub(super) fn type_name(layer: &Layer) -> (&'static str, &'static str) {
    match layer {
        Layer::Conv2d { .. } => ("burn::nn::conv", "Conv2d"),
        Layer::Linear { .. } => ("burn::nn", "Linear"),
        Layer::LayerNorm { .. } => ("burn::nn", "LayerNorm"),
        Layer::Dropout { .. } => ("burn::nn", "Dropout"),
        Layer::MaxPool2d { .. } => ("burn::nn::pool", "MaxPool2d"),
        Layer::AvgPool2d { .. } => ("burn::nn::pool", "AvgPool2d"),
        Layer::AdaptiveAvgPool2d { .. } => ("burn::nn::pool", "AdaptiveAvgPool2d"),
        Layer::AdaptiveMaxPool2d { .. } => ("nn_core", "AdaptiveMaxPool2d"),
        Layer::BatchNorm { .. } => ("nn_core", "BatchNorm"),
        Layer::Embedding { .. } => ("nn_core", "Embedding"),
        Layer::Lstm(_) => ("nn_core", "Lstm"),
        Layer::Gru(_) => ("nn_core", "Gru"),
        Layer::LstmCell(_) => ("nn_core", "LstmCell"),
        Layer::GruCell(_) => ("nn_core", "GruCell"),
        Layer::MultiheadAttention(_) => ("nn_core", "MultiheadAttention"),
        Layer::TransformerEncoderLayer(_) => ("nn_core", "TransformerEncoderLayer"),
        Layer::TransformerDecoderLayer(_) => ("nn_core", "TransformerDecoderLayer"),
        Layer::TransformerEncoder(_) => ("nn_core", "TransformerEncoder"),
        Layer::TransformerDecoder(_) => ("nn_core", "TransformerDecoder"),
    }
}

fn config_name(layer: &Layer) -> (&'static str, &'static str) {
    let (path, _) = type_name(layer);
    let name = match layer {
        Layer::Conv2d { .. } => "Conv2dConfig",
        Layer::Linear { .. } => "LinearConfig",
        Layer::LayerNorm { .. } => "LayerNormConfig",
        Layer::Dropout { .. } => "DropoutConfig",
        Layer::MaxPool2d { .. } => "MaxPool2dConfig",
        Layer::AvgPool2d { .. } => "AvgPool2dConfig",
        Layer::AdaptiveAvgPool2d { .. } => "AdaptiveAvgPool2dConfig",
        Layer::AdaptiveMaxPool2d { .. } => "AdaptiveMaxPool2dConfig",
        Layer::BatchNorm { .. } => "BatchNormConfig",
        Layer::Embedding { .. } => "EmbeddingConfig",
        Layer::Lstm(_) => "LstmConfig",
        Layer::Gru(_) => "GruConfig",
        Layer::LstmCell(_) => "LstmCellConfig",
        Layer::GruCell(_) => "GruCellConfig",
        Layer::MultiheadAttention(_) => "MultiheadAttentionConfig",
        Layer::TransformerEncoderLayer(_) => "TransformerEncoderLayerConfig",
        Layer::TransformerDecoderLayer(_) => "TransformerDecoderLayerConfig",
        Layer::TransformerEncoder(_) => "TransformerEncoderConfig",
        Layer::TransformerDecoder(_) => "TransformerDecoderConfig",
    };
    (path, name)
}

/// The expression that builds a layer, `device` being in scope.
pub(super) fn build(layer: &Layer, imports: &Imports, numbers: &mut dyn Numbers) -> TokenStream {
    let (path, name) = config_name(layer);
    let config = imports.name(path, name);
    let mut cx = Build {
        config,
        imports,
        numbers,
    };
    match layer {
        Layer::Conv2d { .. } => cx.conv2d(layer),
        Layer::Linear { .. }
        | Layer::BatchNorm { .. }
        | Layer::LayerNorm { .. }
        | Layer::Embedding { .. } => cx.simple(layer),
        Layer::Lstm(recurrent) | Layer::Gru(recurrent) => cx.recurrent(recurrent),
        Layer::LstmCell(cell) | Layer::GruCell(cell) => cx.cell(cell),
        Layer::MultiheadAttention(attention) => cx.attention(attention),
        Layer::TransformerEncoderLayer(layer) | Layer::TransformerDecoderLayer(layer) => {
            let config = cx.config.clone();
            let layer = cx.transformer_layer(&config, layer);
            quote!(#layer.init(device))
        }
        Layer::TransformerEncoder(stack) => cx.transformer(stack, "TransformerEncoderLayerConfig"),
        Layer::TransformerDecoder(stack) => cx.transformer(stack, "TransformerDecoderLayerConfig"),
        Layer::MaxPool2d { .. } | Layer::AvgPool2d { .. } => cx.pool(layer),
        Layer::AdaptiveAvgPool2d { output } | Layer::AdaptiveMaxPool2d { output } => {
            let (config, output) = (cx.config.clone(), cx.pair("size", *output));
            quote!(#config::new(#output).init())
        }
        Layer::Dropout { prob } => {
            let (config, prob) = (cx.config.clone(), cx.numbers.float("prob", *prob));
            quote!(#config::new(#prob).init())
        }
    }
}

struct Build<'a> {
    config: Ident,
    imports: &'a Imports,
    numbers: &'a mut dyn Numbers,
}

impl Build<'_> {
    fn size(&mut self, hint: &str, value: usize) -> TokenStream {
        self.numbers.size(hint, value)
    }

    fn pair(&mut self, hint: &str, [first, second]: [usize; 2]) -> TokenStream {
        let (first, second) = (self.size(hint, first), self.size(hint, second));
        quote!([#first, #second])
    }

    /// `.with_stride([2, 2])`, unless it is the default.
    fn with_pair(
        &mut self,
        name: &str,
        hint: &str,
        value: [usize; 2],
        default: [usize; 2],
    ) -> Option<TokenStream> {
        let values = self.numbers.optional(hint, &value, &default)?;
        let name = format_ident!("with_{name}");
        Some(quote!(.#name([#(#values),*])))
    }

    fn with_padding(&mut self, padding: [usize; 2]) -> Option<TokenStream> {
        let sides = self.numbers.optional("padding", &padding, &[0, 0])?;
        let padding = self.imports.name("burn::nn", "PaddingConfig2d");
        Some(quote!(.with_padding(#padding::Explicit(#(#sides),*, #(#sides),*))))
    }

    fn without(name: &str, is_set: bool) -> Option<TokenStream> {
        let name = format_ident!("with_{name}");
        (!is_set).then(|| quote!(.#name(false)))
    }

    fn with(name: &str, is_set: bool) -> Option<TokenStream> {
        let name = format_ident!("with_{name}");
        is_set.then(|| quote!(.#name(true)))
    }

    fn with_float(&mut self, name: &str, value: f64, default: f64) -> Option<TokenStream> {
        value.total_cmp(&default).is_ne().then(|| {
            let (method, value) = (
                format_ident!("with_{name}"),
                self.numbers.float(name, value),
            );
            quote!(.#method(#value))
        })
    }

    fn conv2d(&mut self, layer: &Layer) -> TokenStream {
        let Layer::Conv2d {
            channels_in,
            channels_out,
            kernel,
            stride,
            padding,
            dilation,
            groups,
            bias,
        } = layer
        else {
            return TokenStream::new();
        };
        let config = self.config.clone();
        let (channels_in, channels_out) = (
            self.size("channels_in", *channels_in),
            self.size("channels_out", *channels_out),
        );
        let kernel = self.pair("kernel", *kernel);
        let stride = self.with_pair("stride", "stride", *stride, [1, 1]);
        let padding = self.with_padding(*padding);
        let dilation = self.with_pair("dilation", "dilation", *dilation, [1, 1]);
        let groups = self.numbers.optional("groups", &[*groups], &[1]);
        let groups = groups.map(|groups| quote!(.with_groups(#(#groups)*)));
        let bias = Self::without("bias", *bias);
        quote!(#config::new([#channels_in, #channels_out], #kernel)#stride #padding #dilation #groups #bias.init(device))
    }

    fn simple(&mut self, layer: &Layer) -> TokenStream {
        let config = self.config.clone();
        match layer {
            Layer::Linear {
                d_input,
                d_output,
                bias,
            } => {
                let (d_input, d_output) = (self.size("in", *d_input), self.size("out", *d_output));
                let bias = Self::without("bias", *bias);
                quote!(#config::new(#d_input, #d_output)#bias.init(device))
            }
            Layer::BatchNorm {
                n_features,
                epsilon,
                momentum,
                affine,
            } => {
                let n_features = self.size("features", *n_features);
                let epsilon = self.with_float("epsilon", *epsilon, 1e-5);
                let momentum = self.with_float("momentum", *momentum, 0.1);
                let affine = Self::without("affine", *affine);
                quote!(#config::new(#n_features)#epsilon #momentum #affine.init(device))
            }
            Layer::LayerNorm {
                d_model,
                epsilon,
                bias,
            } => {
                let d_model = self.size("width", *d_model);
                let epsilon = self.with_float("epsilon", *epsilon, 1e-5);
                let bias = Self::without("bias", *bias);
                quote!(#config::new(#d_model)#epsilon #bias.init(device))
            }
            Layer::Embedding {
                n_embedding,
                d_model,
                padding_idx,
            } => {
                let (rows, width) = (
                    self.size("rows", *n_embedding),
                    self.size("width", *d_model),
                );
                let padding = padding_idx.map(|index| {
                    let index = self.size("padding_idx", index);
                    quote!(.with_padding_idx(Some(#index)))
                });
                quote!(#config::new(#rows, #width)#padding.init(device))
            }
            _ => TokenStream::new(),
        }
    }

    fn recurrent(&mut self, recurrent: &Recurrent) -> TokenStream {
        let config = self.config.clone();
        let (d_input, d_hidden) = (
            self.size("in", recurrent.d_input),
            self.size("hidden", recurrent.d_hidden),
        );
        let n_layers = self.numbers.optional("layers", &[recurrent.n_layers], &[1]);
        let n_layers = n_layers.map(|n_layers| quote!(.with_num_layers(#(#n_layers)*)));
        let bias = Self::without("bias", recurrent.bias);
        let batch_first = Self::without("batch_first", recurrent.batch_first);
        let dropout = self.with_float("dropout", recurrent.dropout, 0.0);
        let bidirectional = Self::with("bidirectional", recurrent.bidirectional);
        quote!(#config::new(#d_input, #d_hidden)#n_layers #bias #batch_first #dropout #bidirectional.init(device))
    }

    fn cell(&mut self, cell: &Cell) -> TokenStream {
        let config = self.config.clone();
        let (d_input, d_hidden) = (
            self.size("in", cell.d_input),
            self.size("hidden", cell.d_hidden),
        );
        let bias = Self::without("bias", cell.bias);
        quote!(#config::new(#d_input, #d_hidden)#bias.init(device))
    }

    fn pool(&mut self, layer: &Layer) -> TokenStream {
        let config = self.config.clone();
        match layer {
            Layer::MaxPool2d {
                kernel,
                stride,
                padding,
                dilation,
                ceil_mode,
            } => {
                let kernel_tokens = self.pair("kernel", *kernel);
                let stride = self.with_pair("strides", "stride", *stride, *kernel);
                let padding = self.with_padding(*padding);
                let dilation = self.with_pair("dilation", "dilation", *dilation, [1, 1]);
                let ceil = Self::with("ceil_mode", *ceil_mode);
                quote!(#config::new(#kernel_tokens)#stride #padding #dilation #ceil.init())
            }
            Layer::AvgPool2d {
                kernel,
                stride,
                padding,
                ceil_mode,
                count_include_pad,
            } => {
                let kernel_tokens = self.pair("kernel", *kernel);
                let stride = self.with_pair("strides", "stride", *stride, *kernel);
                let padding = self.with_padding(*padding);
                let count = Self::without("count_include_pad", *count_include_pad);
                let ceil = Self::with("ceil_mode", *ceil_mode);
                quote!(#config::new(#kernel_tokens)#stride #padding #count #ceil.init())
            }
            _ => TokenStream::new(),
        }
    }

    fn attention(&mut self, attention: &Attention) -> TokenStream {
        let config = self.config.clone();
        let (width, heads) = (
            self.size("width", attention.d_model),
            self.size("heads", attention.n_heads),
        );
        let dropout = self.with_float("dropout", attention.dropout, 0.0);
        let bias = Self::without("bias", attention.bias);
        let batch_first = Self::without("batch_first", attention.batch_first);
        quote!(#config::new(#width, #heads)#dropout #bias #batch_first.init(device))
    }

    fn transformer_layer(&mut self, config: &Ident, layer: &TransformerLayer) -> TokenStream {
        let (width, heads) = (
            self.size("width", layer.d_model),
            self.size("heads", layer.n_heads),
        );
        let feedforward = self
            .numbers
            .optional("feedforward", &[layer.d_feedforward], &[2048]);
        let feedforward = feedforward.map(|size| quote!(.with_d_feedforward(#(#size)*)));
        let dropout = self.with_float("dropout", layer.dropout, 0.1);
        let activation = layer.gelu.then(|| {
            let activation = self.imports.core("Activation");
            quote!(.with_activation(#activation::Gelu))
        });
        let epsilon = self.with_float("layer_norm_eps", layer.epsilon, 1e-5);
        let batch_first = Self::without("batch_first", layer.batch_first);
        let norm_first = Self::with("norm_first", layer.norm_first);
        quote!(#config::new(#width, #heads)#feedforward #dropout #activation #epsilon #batch_first #norm_first)
    }

    fn transformer(&mut self, stack: &TransformerStack, layer: &'static str) -> TokenStream {
        let (config, layer) = (self.config.clone(), self.imports.core(layer));
        let layer = self.transformer_layer(&layer, &stack.layer);
        let n_layers = self.size("layers", stack.n_layers);
        let norm = Self::with("norm", stack.norm);
        quote!(#config::new(#layer, #n_layers)#norm.init(device))
    }
}
