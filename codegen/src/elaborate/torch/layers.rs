//! The layers of `torch.nn`: how each is built from its arguments, and the shape of what it gives.
use std::rc::Rc;

use super::super::call::Args;
use super::super::interp::{
    Eval, Interp, MAX_PARAMETERS, MAX_RECURRENT_LAYERS, raised, stop, unsupported,
};
use super::super::module::{ModuleClass, ParamState};
use super::super::tensor::{Operand, shape_text, tensor_type};
use super::super::value::Value;
use super::pool::Window;
use super::{Call, Entry, signature};
use crate::diagnostic::Span;
use crate::ir::{Cell, DType, Dim, Expr, Layer, ModuleId, Recurrent, Tree, Type};
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
        names: &["torch.nn.Dropout"],
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
            if let Value::Dict(dict) = call.arg(0) {
                for (key, module) in cx.state.dicts[*dict].clone() {
                    let name = cx.to_str(&key);
                    cx.set_attribute(&Value::Module(id), &name, module, call.span)?;
                }
            }
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

/// A layer that is only a function: its arguments are kept for the call.
pub(super) struct FunctionLayer {
    pub(super) name: &'static str,
    pub(super) signature: &'static str,
    /// The function that it applies to its input.
    pub(super) function: &'static str,
}

const fn applies(
    name: &'static str,
    signature: &'static str,
    function: &'static str,
) -> FunctionLayer {
    FunctionLayer {
        name,
        signature,
        function,
    }
}

/// The layers without numbers of their own.
pub(super) const FUNCTION_LAYERS: &[FunctionLayer] = &[
    applies("torch.nn.ReLU", "inplace=False", "torch.nn.functional.relu"),
    applies(
        "torch.nn.ReLU6",
        "inplace=False",
        "torch.nn.functional.relu6",
    ),
    applies("torch.nn.SiLU", "inplace=False", "torch.nn.functional.silu"),
    applies("torch.nn.Mish", "inplace=False", "torch.nn.functional.mish"),
    applies(
        "torch.nn.Hardswish",
        "inplace=False",
        "torch.nn.functional.hardswish",
    ),
    applies(
        "torch.nn.Hardsigmoid",
        "inplace=False",
        "torch.nn.functional.hardsigmoid",
    ),
    applies(
        "torch.nn.LeakyReLU",
        "negative_slope=0.01, inplace=False",
        "torch.nn.functional.leaky_relu",
    ),
    applies(
        "torch.nn.ELU",
        "alpha=1.0, inplace=False",
        "torch.nn.functional.elu",
    ),
    applies(
        "torch.nn.GELU",
        "approximate='none'",
        "torch.nn.functional.gelu",
    ),
    applies("torch.nn.Sigmoid", "", "torch.sigmoid"),
    applies("torch.nn.Tanh", "", "torch.tanh"),
    applies("torch.nn.Softplus", "", "torch.nn.functional.softplus"),
    applies("torch.nn.Softmax", "dim", "torch.nn.functional.softmax"),
    applies(
        "torch.nn.LogSoftmax",
        "dim",
        "torch.nn.functional.log_softmax",
    ),
    applies(
        "torch.nn.Flatten",
        "start_dim=1, end_dim=-1",
        "torch.flatten",
    ),
    applies("torch.nn.Unflatten", "dim, sizes", "torch.unflatten"),
    applies(
        "torch.nn.CrossEntropyLoss",
        "weight=None, size_average=None, ignore_index=-100, reduce=None, reduction='mean', label_smoothing=0.0",
        "torch.nn.functional.cross_entropy",
    ),
    applies("torch.nn.Identity", "*rest", "torch.nn.functional.identity"),
];

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
        Value::Str(mode) => named_padding(mode, kernel, stride, dilation, span)?,
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

/// `padding='same'` and `'valid'`.
fn named_padding(
    mode: &str,
    kernel: [usize; 2],
    stride: [usize; 2],
    dilation: [usize; 2],
    span: Span,
) -> Eval<[usize; 2]> {
    let [reach_h, reach_w] = [0, 1].map(|axis| {
        let at = |pair: [usize; 2]| pair.get(axis).copied().unwrap_or(1);
        at(dilation) * at(kernel).saturating_sub(1)
    });
    match mode {
        "valid" => Ok([0, 0]),
        "same" if stride != [1, 1] => Err(raised(
            "ValueError",
            span,
            "`padding='same'` needs a stride of 1",
        )),
        "same" if reach_h % 2 == 0 && reach_w % 2 == 0 => Ok([reach_h / 2, reach_w / 2]),
        "same" => Err(unsupported(span, "`padding='same'` of an even kernel")),
        _ => Err(raised(
            "ValueError",
            span,
            "the padding is neither a number, `'same'` nor `'valid'`",
        )),
    }
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
    if recurrent.n_layers > MAX_RECURRENT_LAYERS {
        let message = format!(
            "{} layers, and {MAX_RECURRENT_LAYERS} are the most",
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
    if let [Value::Dict(dict)] = items.as_slice() {
        for (key, module) in cx.state.dicts[*dict].clone() {
            let name = cx.to_str(&key);
            cx.set_attribute(&Value::Module(id), &name, module, call.span)?;
        }
    } else {
        cx.add_children(id, items, call.span)?;
    }
    Ok(Value::Module(id))
}

impl Interp<'_, '_> {
    /// A layer that is only a function.
    pub(super) fn function_layer(
        &mut self,
        layer: &FunctionLayer,
        args: Args,
        span: Span,
    ) -> Eval<Value> {
        let call = self.bind_signature(layer.signature, layer.name, args, span)?;
        let names = signature::parse(layer.signature).unwrap_or_default();
        let kept = names
            .iter()
            .zip(call.args)
            .filter(|(param, _)| param.kind != signature::ParamKind::Rest);
        let args = kept
            .map(|(param, value)| (Rc::from(param.name), value))
            .collect();
        let class = ModuleClass::Function {
            path: layer.function.into(),
            args,
        };
        self.new_module(class, super::super::expr::last_part(layer.name), span)
            .map(Value::Module)
    }

    /// A size that must be 1 at least.
    fn positive(&mut self, call: &Call, position: usize, what: &str) -> Eval<usize> {
        let size = self.known_size(call.arg(position), &format!("`{what}`"), call.span)?;
        if size == 0 {
            return Err(stop(
                Rule::WrongArgument,
                call.span,
                format!("`{what}` is 0, and must be 1 at least"),
            ));
        }
        Ok(size)
    }

    fn stride_or(&mut self, stride: &Value, kernel: [usize; 2], span: Span) -> Eval<[usize; 2]> {
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
            self.state.modules[id]
                .children
                .insert((start + position).to_string(), child);
        }
        Ok(())
    }

    /// A new layer with its parameters; the arguments it was built with are its attributes.
    fn layer(&mut self, call: &Call, layer: Layer) -> Eval<Value> {
        let tensors = layer.tensors();
        let id = self.new_module(ModuleClass::Layer(layer), call.short_name(), call.span)?;
        for tensor in tensors {
            let n_elements = tensor
                .shape
                .iter()
                .try_fold(1_usize, |product, size| product.checked_mul(*size));
            self.n_elements = self
                .n_elements
                .saturating_add(n_elements.unwrap_or(usize::MAX));
            if self.n_elements > MAX_PARAMETERS {
                return Err(stop(
                    Rule::LimitExceeded,
                    call.span,
                    format!("the net has more than {MAX_PARAMETERS} parameters"),
                ));
            }
            let param = self.state.params.push(ParamState {
                shape: tensor.shape,
                role: tensor.role,
                trainable: tensor.role.is_learnt(),
                field: tensor.field,
                transposed: tensor.transposed,
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
            if !matches!(param.name, "device" | "dtype")
                && !self.state.modules[id].params.contains_key(param.name)
            {
                self.state.modules[id]
                    .attrs
                    .insert(param.name.to_owned(), value.clone());
            }
        }
    }

    /// A layer applied to its inputs.
    pub(in crate::elaborate) fn call_layer(
        &mut self,
        id: ModuleId,
        layer: &Layer,
        args: Args,
        span: Span,
    ) -> Eval<Value> {
        self.state.modules[id].used = true;
        let name = self.state.modules[id].class_name.clone();
        let signature = match layer {
            Layer::Lstm(_) | Layer::Gru(_) | Layer::LstmCell(_) | Layer::GruCell(_) => {
                "input, hx=None"
            }
            _ => "input",
        };
        let call = self.bind_signature(signature, &name, args, span)?;
        match layer {
            Layer::Lstm(recurrent) => self.apply_recurrent(id, recurrent, true, &call),
            Layer::Gru(recurrent) => self.apply_recurrent(id, recurrent, false, &call),
            Layer::LstmCell(cell) => self.apply_cell(id, cell, true, &call),
            Layer::GruCell(cell) => self.apply_cell(id, cell, false, &call),
            _ => self.apply_plain(id, layer, &call),
        }
    }

    /// A layer of one input and one output.
    fn apply_plain(&mut self, id: ModuleId, layer: &Layer, call: &Call) -> Eval<Value> {
        let span = call.span;
        let input = self.operand(call.arg(0), "the input", span)?;
        let wanted = if matches!(layer, Layer::Embedding { .. }) {
            DType::Int
        } else {
            DType::Float
        };
        if input.ty.dtype != wanted {
            let found = self.describe(call.arg(0));
            let message = format!(
                "`{}` takes a {} tensor, found a {found}",
                call.name,
                super::super::tensor::dtype_name(wanted)
            );
            return Err(stop(Rule::WrongArgument, span, message).raises("RuntimeError"));
        }
        let shape = self.output_shape(layer, &input, call)?;
        let ty = tensor_type(DType::Float, shape);
        if let Layer::Dropout { prob } = layer
            && *prob == 0.0
        {
            return Ok(call.arg(0).clone());
        }
        let expr = Expr::Layer {
            layer: id,
            args: vec![Tree::Var(input.var)],
        };
        let var = self.add_expr(expr, ty.clone(), span)?;
        Ok(self.new_cell(var, ty))
    }

    #[expect(clippy::too_many_lines, reason = "one arm a layer of torch")]
    fn output_shape(&mut self, layer: &Layer, input: &Operand, call: &Call) -> Eval<Vec<Dim>> {
        let span = call.span;
        let mut shape = input.ty.shape.clone();
        match layer {
            Layer::Conv2d {
                channels_in,
                channels_out,
                kernel,
                stride,
                padding,
                dilation,
                ..
            } => {
                self.expect_size(input, 1, *channels_in, 4..=4, call)?;
                let windows = Window::pair(*kernel, *stride, *padding, *dilation, false);
                self.windowed_image(&mut shape, windows, span)?;
                set(&mut shape, 1, *channels_out);
            }
            Layer::Linear {
                d_input, d_output, ..
            } => {
                self.expect_size(input, input.rank().saturating_sub(1), *d_input, 1..=8, call)?;
                let last = shape.len().saturating_sub(1);
                set(&mut shape, last, *d_output);
            }
            Layer::BatchNorm { n_features, .. } => {
                let ranks = if call.name == "BatchNorm1d" {
                    2..=3
                } else {
                    4..=4
                };
                self.expect_size(input, 1, *n_features, ranks, call)?;
            }
            Layer::LayerNorm { d_model, .. } => {
                self.expect_size(input, input.rank().saturating_sub(1), *d_model, 1..=8, call)?;
            }
            Layer::Embedding { d_model, .. } => shape.push(Dim::from(*d_model)),
            Layer::MaxPool2d {
                kernel,
                stride,
                padding,
                dilation,
                ceil_mode,
            } => {
                self.expect_rank(input, 4..=4, call)?;
                self.windowed_image(
                    &mut shape,
                    Window::pair(*kernel, *stride, *padding, *dilation, *ceil_mode),
                    span,
                )?;
            }
            Layer::AvgPool2d {
                kernel,
                stride,
                padding,
                ceil_mode,
                ..
            } => {
                self.expect_rank(input, 4..=4, call)?;
                self.windowed_image(
                    &mut shape,
                    Window::pair(*kernel, *stride, *padding, [1, 1], *ceil_mode),
                    span,
                )?;
            }
            Layer::AdaptiveAvgPool2d {
                output: [height, width],
            }
            | Layer::AdaptiveMaxPool2d {
                output: [height, width],
            } => {
                self.expect_rank(input, 4..=4, call)?;
                set(&mut shape, 2, *height);
                set(&mut shape, 3, *width);
            }
            Layer::Dropout { .. }
            | Layer::Lstm(_)
            | Layer::Gru(_)
            | Layer::LstmCell(_)
            | Layer::GruCell(_) => {}
        }
        Ok(shape)
    }

    fn windowed_image(&mut self, shape: &mut [Dim], windows: [Window; 2], span: Span) -> Eval<()> {
        for (size, window) in shape.iter_mut().skip(2).zip(windows) {
            *size = self.windowed(size, window, span)?;
        }
        Ok(())
    }

    fn expect_rank(
        &self,
        input: &Operand,
        ranks: std::ops::RangeInclusive<usize>,
        call: &Call,
    ) -> Eval<()> {
        if ranks.contains(&input.rank()) {
            return Ok(());
        }
        let (found, low, high) = (shape_text(input.shape()), *ranks.start(), *ranks.end());
        let wanted = if low == high {
            format!("{low}")
        } else {
            format!("{low} to {high}")
        };
        let message = format!(
            "`{}` takes a tensor of {wanted} dimensions, found {found}",
            call.name
        );
        Err(stop(Rule::ShapeMismatch, call.span, message).raises("RuntimeError"))
    }

    fn expect_size(
        &self,
        input: &Operand,
        axis: usize,
        size: usize,
        ranks: std::ops::RangeInclusive<usize>,
        call: &Call,
    ) -> Eval<()> {
        self.expect_rank(input, ranks, call)?;
        let found = input.shape().get(axis).cloned().unwrap_or_default();
        if found == Dim::from(size) {
            return Ok(());
        }
        let message = format!(
            "`{}` takes {size} in dimension {axis}, found `{found}` in {}",
            call.name,
            shape_text(input.shape())
        );
        Err(stop(Rule::ShapeMismatch, call.span, message).raises("RuntimeError"))
    }

    /// `output, (hidden, cell) = lstm(input, (hidden, cell))`, and a GRU likewise.
    fn apply_recurrent(
        &mut self,
        id: ModuleId,
        layer: &Recurrent,
        is_lstm: bool,
        call: &Call,
    ) -> Eval<Value> {
        let span = call.span;
        let input = self.operand(call.arg(0), "the input", span)?;
        self.expect_size(&input, 2, layer.d_input, 3..=3, call)?;
        let batch_axis = usize::from(!layer.batch_first);
        let batch = input.shape().get(batch_axis).cloned().unwrap_or_default();
        let n_rows = layer.n_layers * layer.n_directions();
        let state = tensor_type(
            DType::Float,
            vec![Dim::from(n_rows), batch, Dim::from(layer.d_hidden)],
        );
        let mut args = vec![Tree::Var(input.var)];
        if *call.arg(1) != Value::None {
            args.push(self.state_tree(call.arg(1), &state, is_lstm, span)?);
        }
        let mut shape = input.ty.shape;
        set(&mut shape, 2, layer.d_hidden * layer.n_directions());
        let output = tensor_type(DType::Float, shape);
        self.add_recurrent(id, args, Some(output), &state, is_lstm, span)
    }

    /// `hidden, cell = lstm_cell(input, (hidden, cell))`, and a GRU cell likewise.
    fn apply_cell(&mut self, id: ModuleId, cell: &Cell, is_lstm: bool, call: &Call) -> Eval<Value> {
        let input = self.operand(call.arg(0), "the input", call.span)?;
        self.expect_size(&input, 1, cell.d_input, 2..=2, call)?;
        let batch = input.shape().first().cloned().unwrap_or_default();
        let state = tensor_type(DType::Float, vec![batch, Dim::from(cell.d_hidden)]);
        let mut args = vec![Tree::Var(input.var)];
        if *call.arg(1) != Value::None {
            args.push(self.state_tree(call.arg(1), &state, is_lstm, call.span)?);
        }
        self.add_recurrent(id, args, None, &state, is_lstm, call.span)
    }

    fn state_tree(
        &mut self,
        value: &Value,
        wanted: &crate::ir::TensorType,
        is_lstm: bool,
        span: Span,
    ) -> Eval<Tree> {
        let items = if is_lstm {
            self.items(value).unwrap_or_default()
        } else {
            vec![value.clone()]
        };
        if is_lstm && items.len() != 2 {
            let found = self.describe(value);
            return Err(stop(
                Rule::WrongArgument,
                span,
                format!("the state of an LSTM is a pair, found {found}"),
            ));
        }
        let mut trees = Vec::with_capacity(2);
        for item in &items {
            let operand = self.operand(item, "the state", span)?;
            if operand.ty != *wanted {
                let (found, wanted) = (shape_text(operand.shape()), shape_text(&wanted.shape));
                let message = format!("the state is {found}, and must be {wanted}");
                return Err(stop(Rule::ShapeMismatch, span, message).raises("RuntimeError"));
            }
            trees.push(Tree::Var(operand.var));
        }
        Ok(Tree::of(trees))
    }

    fn add_recurrent(
        &mut self,
        id: ModuleId,
        args: Vec<Tree>,
        output: Option<crate::ir::TensorType>,
        state: &crate::ir::TensorType,
        is_lstm: bool,
        span: Span,
    ) -> Eval<Value> {
        let cell = |interp: &mut Self, ty: crate::ir::TensorType| -> Eval<(Value, Tree)> {
            let var = interp.frame(span)?.var(Type::Tensor(ty.clone()));
            Ok((interp.new_cell(var, ty), Tree::Var(var)))
        };
        let output = output.map(|ty| cell(self, ty)).transpose()?;
        let (hidden, hidden_tree) = cell(self, state.clone())?;
        let (state_value, state_tree) = if is_lstm {
            let (memory, memory_tree) = cell(self, state.clone())?;
            (
                Value::tuple(vec![hidden, memory]),
                Tree::of(vec![hidden_tree, memory_tree]),
            )
        } else {
            (hidden, hidden_tree)
        };
        let (value, out) = match output {
            Some((output, tree)) => (
                Value::tuple(vec![output, state_value]),
                Tree::of(vec![tree, state_tree]),
            ),
            None => (state_value, state_tree),
        };
        self.frame(span)?
            .push_let(out, Expr::Layer { layer: id, args }, span);
        Ok(value)
    }
}

fn set(shape: &mut [Dim], axis: usize, size: usize) {
    if let Some(dim) = shape.get_mut(axis) {
        *dim = Dim::from(size);
    }
}
