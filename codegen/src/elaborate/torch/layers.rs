//! The layers of `torch.nn`: how each is built from its arguments, and the shape of what it gives.

use super::super::call::Args;
use super::super::container::Container;
use super::super::interp::{Eval, Interp, raised, stop, unsupported};
use super::super::limits::MAX_LAYERS;
use super::super::module::{ModuleClass, ParamState};
use super::super::value::Value;
use super::{Call, Entry, signature};
use crate::diagnostic::Span;
use crate::ir::{Cell, DType, Layer, ModuleId, Recurrent, Start};
use crate::rules::Rule;

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        names: &["torch.nn.Conv2d"],
        signature: "in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True, padding_mode='zeros', device=None, dtype=None",
        eval: conv2d,
    },
    Entry {
        names: &["torch.nn.Linear"],
        signature: "in_features, out_features, bias=True, device=None, dtype=None",
        eval: |cx, call| {
            let d_input = cx.positive(call, 0, "in_features")?;
            let d_output = cx.positive(call, 1, "out_features")?;
            let bias = cx.decide(call.arg(2), call.span)?;
            cx.layer(
                call,
                Layer::Linear {
                    d_input,
                    d_output,
                    bias,
                },
            )
        },
    },
    Entry {
        names: &["torch.nn.BatchNorm2d", "torch.nn.BatchNorm1d"],
        signature: "num_features, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True, device=None, dtype=None",
        eval: |cx, call| {
            if !cx.decide(call.arg(4), call.span)? {
                return Err(unsupported(call.span, "`track_running_stats=False`"));
            }
            let n_features = cx.positive(call, 0, "num_features")?;
            let epsilon = cx.known_float(call.arg(1), "eps", call.span)?;
            let momentum = cx.known_float(call.arg(2), "momentum", call.span)?;
            let affine = cx.decide(call.arg(3), call.span)?;
            cx.layer(
                call,
                Layer::BatchNorm {
                    n_features,
                    epsilon,
                    momentum,
                    affine,
                },
            )
        },
    },
    Entry {
        names: &["torch.nn.LayerNorm"],
        signature: "normalized_shape, eps=1e-05, elementwise_affine=True, bias=True, device=None, dtype=None",
        eval: |cx, call| {
            let shape = cx
                .items(call.arg(0))
                .unwrap_or_else(|| vec![call.arg(0).clone()]);
            let [width] = shape.as_slice() else {
                return Err(unsupported(
                    call.span,
                    "`LayerNorm` over several dimensions",
                ));
            };
            if !cx.decide(call.arg(2), call.span)? {
                return Err(unsupported(call.span, "`elementwise_affine=False`"));
            }
            let d_model = cx.known_size(width, "normalized_shape", call.span)?;
            let epsilon = cx.known_float(call.arg(1), "eps", call.span)?;
            let bias = cx.decide(call.arg(3), call.span)?;
            cx.layer(
                call,
                Layer::LayerNorm {
                    d_model,
                    epsilon,
                    bias,
                },
            )
        },
    },
    Entry {
        names: &["torch.nn.Embedding"],
        signature: "num_embeddings, embedding_dim, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False, device=None, dtype=None",
        eval: embedding,
    },
    recurrent(&["torch.nn.LSTM"], |cx, call| {
        recurrent_layer(cx, call, Layer::Lstm)
    }),
    recurrent(&["torch.nn.GRU"], |cx, call| {
        recurrent_layer(cx, call, Layer::Gru)
    }),
    cell(&["torch.nn.LSTMCell"], |cx, call| {
        recurrent_cell(cx, call, Layer::LstmCell)
    }),
    cell(&["torch.nn.GRUCell"], |cx, call| {
        recurrent_cell(cx, call, Layer::GruCell)
    }),
    Entry {
        names: &["torch.nn.MaxPool2d"],
        signature: "kernel_size, stride=None, padding=0, dilation=1, return_indices=False, ceil_mode=False",
        eval: |cx, call| {
            if cx.decide(call.arg(4), call.span)? {
                return Err(unsupported(call.span, "the indices of a pool"));
            }
            let kernel = cx.pair(call.arg(0), "the kernel", call.span)?;
            let stride = cx.stride_or(call.arg(1), kernel, call.span)?;
            let padding = cx.pair(call.arg(2), "the padding", call.span)?;
            let dilation = cx.pair(call.arg(3), "the dilation", call.span)?;
            let ceil_mode = cx.decide(call.arg(5), call.span)?;
            cx.layer(
                call,
                Layer::MaxPool2d {
                    kernel,
                    stride,
                    padding,
                    dilation,
                    ceil_mode,
                },
            )
        },
    },
    Entry {
        names: &["torch.nn.AvgPool2d"],
        signature: "kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None",
        eval: |cx, call| {
            if *call.arg(5) != Value::None {
                return Err(unsupported(call.span, "`divisor_override`"));
            }
            let kernel = cx.pair(call.arg(0), "the kernel", call.span)?;
            let stride = cx.stride_or(call.arg(1), kernel, call.span)?;
            let padding = cx.pair(call.arg(2), "the padding", call.span)?;
            let ceil_mode = cx.decide(call.arg(3), call.span)?;
            let count_include_pad = cx.decide(call.arg(4), call.span)?;
            cx.layer(
                call,
                Layer::AvgPool2d {
                    kernel,
                    stride,
                    padding,
                    ceil_mode,
                    count_include_pad,
                },
            )
        },
    },
    Entry {
        names: &["torch.nn.AdaptiveAvgPool2d"],
        signature: "output_size",
        eval: |cx, call| {
            let output = cx.pair(call.arg(0), "the output size", call.span)?;
            cx.layer(call, Layer::AdaptiveAvgPool2d { output })
        },
    },
    Entry {
        names: &["torch.nn.AdaptiveMaxPool2d"],
        signature: "output_size, return_indices=False",
        eval: |cx, call| {
            let output = cx.pair(call.arg(0), "the output size", call.span)?;
            cx.layer(call, Layer::AdaptiveMaxPool2d { output })
        },
    },
    Entry {
        names: &[
            "torch.nn.Dropout",
            "torch.nn.Dropout1d",
            "torch.nn.Dropout2d",
            "torch.nn.Dropout3d",
        ],
        signature: "p=0.5, inplace=False",
        eval: |cx, call| {
            let prob = cx.known_float(call.arg(0), "the probability", call.span)?;
            if !(0.0..1.0).contains(&prob) {
                let message = format!(
                    "the probability of dropout is {prob}, and must be at least 0 and less than 1"
                );
                return Err(stop(Rule::WrongArgument, call.span, message));
            }
            cx.layer(call, Layer::Dropout { prob })
        },
    },
    Entry {
        names: &["torch.nn.Sequential"],
        signature: "*modules",
        eval: sequential,
    },
    Entry {
        names: &["torch.nn.ModuleList"],
        signature: "modules=None",
        eval: |cx, call| {
            let items = if *call.arg(0) == Value::None {
                Vec::new()
            } else {
                cx.iterate(call.arg(0), call.span)?
            };
            let id = cx.new_module(ModuleClass::ModuleList, "ModuleList", call.span)?;
            cx.add_children(id, items, call.span)?;
            Ok(Value::Module(id))
        },
    },
    Entry {
        names: &["torch.nn.ModuleDict"],
        signature: "modules=None",
        eval: |cx, call| {
            let id = cx.new_module(ModuleClass::ModuleDict, "ModuleDict", call.span)?;
            let items = Some(call.arg(0).clone()).filter(|given| *given != Value::None);
            let args = Args::of(items.into_iter().collect());
            cx.fill_container(id, Container::ModuleDict, &args, call.span)?;
            Ok(Value::Module(id))
        },
    },
    Entry {
        names: &["torch.nn.functional.identity"],
        signature: "input",
        eval: |_, call| Ok(call.arg(0).clone()),
    },
];

type Eval1 = fn(&mut Interp<'_, '_>, &Call) -> Eval<Value>;

const fn recurrent(names: &'static [&'static str], eval: Eval1) -> Entry {
    Entry {
        names,
        signature: "input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0, bidirectional=False, proj_size=0, device=None, dtype=None",
        eval,
    }
}

const fn cell(names: &'static [&'static str], eval: Eval1) -> Entry {
    Entry {
        names,
        signature: "input_size, hidden_size, bias=True, device=None, dtype=None",
        eval,
    }
}

fn conv2d(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let span = call.span;
    if *call.arg(8) != Value::str("zeros") {
        return Err(unsupported(span, "a padding mode other than `zeros`"));
    }
    let channels_in = cx.positive(call, 0, "in_channels")?;
    let channels_out = cx.positive(call, 1, "out_channels")?;
    let kernel = cx.pair(call.arg(2), "the kernel", span)?;
    let stride = cx.pair(call.arg(3), "the stride", span)?;
    let dilation = cx.pair(call.arg(5), "the dilation", span)?;
    let padding = match call.arg(4) {
        Value::Str(mode) => super::conv::named_padding(mode, kernel, stride, dilation, span)?,
        other => cx.pair(other, "the padding", span)?,
    };
    let groups = cx.positive(call, 6, "groups")?;
    if channels_in % groups != 0 || channels_out % groups != 0 {
        let message = format!(
            "{channels_in} input and {channels_out} output channels do not divide into {groups} groups"
        );
        return Err(stop(Rule::ShapeMismatch, span, message).raises("ValueError"));
    }
    let bias = cx.decide(call.arg(7), span)?;
    cx.layer(
        call,
        Layer::Conv2d {
            channels_in,
            channels_out,
            kernel,
            stride,
            padding,
            dilation,
            groups,
            bias,
        },
    )
}

fn embedding(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    if *call.arg(3) != Value::None {
        return Err(unsupported(call.span, "`max_norm`"));
    }
    let n_embedding = cx.positive(call, 0, "num_embeddings")?;
    let d_model = cx.positive(call, 1, "embedding_dim")?;
    let padding_idx = match call.arg(2) {
        Value::None => None,
        other => {
            let index = cx.known_int(other, "padding_idx", call.span)?;
            let rows = i64::try_from(n_embedding).unwrap_or(i64::MAX);
            let from_front = if index < 0 { index + rows } else { index };
            let index = usize::try_from(from_front)
                .ok()
                .filter(|index| *index < n_embedding);
            Some(index.ok_or_else(|| {
                raised(
                    "AssertionError",
                    call.span,
                    "`padding_idx` must be one of the rows",
                )
            })?)
        }
    };
    cx.layer(
        call,
        Layer::Embedding {
            n_embedding,
            d_model,
            padding_idx,
        },
    )
}

fn recurrent_layer(
    cx: &mut Interp<'_, '_>,
    call: &Call,
    of: fn(Recurrent) -> Layer,
) -> Eval<Value> {
    let span = call.span;
    if *call.arg(7) != Value::int(0) {
        return Err(unsupported(span, "`proj_size`"));
    }
    let recurrent = Recurrent {
        d_input: cx.positive(call, 0, "input_size")?,
        d_hidden: cx.positive(call, 1, "hidden_size")?,
        n_layers: cx.positive(call, 2, "num_layers")?,
        bias: cx.decide(call.arg(3), span)?,
        batch_first: cx.decide(call.arg(4), span)?,
        dropout: cx.known_float(call.arg(5), "dropout", span)?,
        bidirectional: cx.decide(call.arg(6), span)?,
    };
    if recurrent.n_layers > MAX_LAYERS {
        let message = format!(
            "{} layers, and {MAX_LAYERS} are the most",
            recurrent.n_layers
        );
        return Err(stop(Rule::LimitExceeded, span, message));
    }
    cx.layer(call, of(recurrent))
}

fn recurrent_cell(cx: &mut Interp<'_, '_>, call: &Call, of: fn(Cell) -> Layer) -> Eval<Value> {
    let d_input = cx.positive(call, 0, "input_size")?;
    let d_hidden = cx.positive(call, 1, "hidden_size")?;
    let bias = cx.decide(call.arg(2), call.span)?;
    cx.layer(
        call,
        of(Cell {
            d_input,
            d_hidden,
            bias,
        }),
    )
}

fn sequential(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let items = cx.items(call.arg(0)).unwrap_or_default();
    let id = cx.new_module(ModuleClass::Sequential, "Sequential", call.span)?;
    cx.fill_container(id, Container::Sequential, &Args::of(items), call.span)?;
    Ok(Value::Module(id))
}

impl Interp<'_, '_> {
    /// A size that must be 1 at least.
    pub(super) fn positive(&mut self, call: &Call, position: usize, what: &str) -> Eval<usize> {
        let size = self.known_size(call.arg(position), &format!("`{what}`"), call.span)?;
        if size == 0 {
            return Err(stop(
                Rule::WrongArgument,
                call.span,
                format!("`{what}` is 0, and must be 1 at least"),
            )
            .help(
                "`//` rounds down: write `max(1, width // reduction)` where the width may be small",
            ));
        }
        Ok(size)
    }

    pub(super) fn stride_or(
        &mut self,
        stride: &Value,
        kernel: [usize; 2],
        span: Span,
    ) -> Eval<[usize; 2]> {
        match stride {
            Value::None => Ok(kernel),
            other => self.pair(other, "the stride", span),
        }
    }

    pub(in crate::elaborate) fn add_children(
        &mut self,
        id: ModuleId,
        items: Vec<Value>,
        span: Span,
    ) -> Eval<()> {
        let start = self.state.modules[id].children.len();
        for (position, item) in items.into_iter().enumerate() {
            let Value::Module(child) = item else {
                let found = self.describe(&item);
                return Err(raised("TypeError", span, format!("{found} is no module")));
            };
            self.check_no_cycle(id, child, span)?;
            self.state.modules[id]
                .children
                .insert((start + position).to_string(), child);
        }
        Ok(())
    }

    /// A new layer with its parameters; the arguments it was built with are its attributes.
    pub(super) fn layer(&mut self, call: &Call, layer: Layer) -> Eval<Value> {
        let tensors = layer.tensors();
        let starts: Vec<Option<Start>> = tensors
            .iter()
            .map(|tensor| Start::of_layer(&layer, tensor))
            .collect();
        let id = self.new_module(ModuleClass::Layer(layer), call.short_name(), call.span)?;
        for (tensor, layers_own) in tensors.into_iter().zip(starts) {
            self.count_elements(&tensor.shape, call.span)?;
            let param = self.state.params.push(ParamState {
                shape: tensor.shape,
                role: tensor.role,
                trainable: tensor.role.is_learnt(),
                field: tensor.field,
                transposed: tensor.transposed,
                dtype: DType::Float,
                first: None,
                start: None,
                start_rows: None,
                layers_own,
            });
            let module = &mut self.state.modules[id];
            let place = if tensor.role.is_learnt() {
                &mut module.params
            } else {
                &mut module.buffers
            };
            place.insert(tensor.name, param);
        }
        self.keep_arguments(id, call);
        Ok(Value::Module(id))
    }

    fn keep_arguments(&mut self, id: ModuleId, call: &Call) {
        let entry = super::table().get(call.name.as_str());
        let params = entry
            .and_then(|entry| signature::parse(entry.signature))
            .unwrap_or_default();
        for (param, value) in params.iter().zip(&call.args) {
            let module = &mut self.state.modules[id];
            let ModuleClass::Layer(layer) = &module.class else {
                return;
            };
            if !matches!(param.name, "device" | "dtype") && !module.params.contains_key(param.name)
            {
                let value = kept(layer, param.name, value, call);
                module.attrs.insert(param.name.to_owned(), value);
            }
        }
    }
}

/// The attribute that PyTorch makes of an argument of a layer.
fn kept(layer: &Layer, name: &str, value: &Value, call: &Call) -> Value {
    match (layer, name, value) {
        // Without one.
        (Layer::Conv2d { .. } | Layer::Linear { .. } | Layer::LayerNorm { .. }, "bias", _) => {
            Value::None
        }
        (
            Layer::Conv2d { .. },
            "kernel_size" | "stride" | "padding" | "dilation",
            Value::Int(size),
        ) => Value::tuple(vec![Value::Int(size.clone()); 2]),
        (Layer::LayerNorm { .. }, "normalized_shape", Value::Int(_)) => {
            Value::tuple(vec![value.clone()])
        }
        (Layer::MaxPool2d { .. } | Layer::AvgPool2d { .. }, "stride", Value::None) => {
            call.arg(0).clone()
        }
        _ => value.clone(),
    }
}
