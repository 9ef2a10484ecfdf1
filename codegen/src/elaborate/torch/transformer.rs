//! Attention and Transformer layers.
use super::super::call::Args;
use super::super::expr::last_part;
use super::super::interp::{Eval, Interp, raised, stop, unsupported};
use super::super::limits::MAX_LAYERS;
use super::super::module::ModuleClass;
use super::super::tensor::{Operand, shape_text, tensor_type};
use super::super::value::Value;
use super::{Call, Entry};
use crate::diagnostic::Span;
use crate::ir::{
    Attention, DType, Dim, Expr, Layer, ModuleId, Op, Scalar, TransformerLayer, TransformerStack,
    Tree, Type,
};
use crate::rules::Rule;

const LAYER: &str = "d_model, nhead, dim_feedforward=2048, dropout=0.1, activation='relu', layer_norm_eps=1e-05, batch_first=False, norm_first=False, bias=True, device=None, dtype=None";

pub(super) const ENTRIES: &[Entry] = &[
    Entry {
        names: &["torch.nn.MultiheadAttention"],
        signature: "embed_dim, num_heads, dropout=0.0, bias=True, add_bias_kv=False, add_zero_attn=False, kdim=None, vdim=None, batch_first=False, device=None, dtype=None",
        eval: multihead_attention,
    },
    Entry {
        names: &["torch.nn.TransformerEncoderLayer"],
        signature: LAYER,
        eval: |cx, call| {
            let layer = transformer_layer(cx, call)?;
            cx.layer(call, Layer::TransformerEncoderLayer(layer))
        },
    },
    Entry {
        names: &["torch.nn.TransformerDecoderLayer"],
        signature: LAYER,
        eval: |cx, call| {
            let layer = transformer_layer(cx, call)?;
            cx.layer(call, Layer::TransformerDecoderLayer(layer))
        },
    },
    Entry {
        names: &["torch.nn.TransformerEncoder"],
        signature: "encoder_layer, num_layers, norm=None, enable_nested_tensor=True, mask_check=True",
        eval: |cx, call| {
            let stack = stack(cx, call)?;
            cx.layer(call, Layer::TransformerEncoder(stack))
        },
    },
    Entry {
        names: &["torch.nn.TransformerDecoder"],
        signature: "decoder_layer, num_layers, norm=None",
        eval: |cx, call| {
            let stack = stack(cx, call)?;
            cx.layer(call, Layer::TransformerDecoder(stack))
        },
    },
    Entry {
        names: &["torch.nn.Transformer.generate_square_subsequent_mask"],
        signature: "sz, device=None, dtype=None",
        eval: |cx, call| {
            let size = cx.known_dim(call.arg(0), "the size", call.span)?;
            let ty = tensor_type(DType::Float, vec![size.clone(), size]);
            let hidden = Op::Full(Scalar::Float(f64::NEG_INFINITY));
            let hidden = cx.op_operand(hidden, Vec::new(), ty.clone(), call.span)?;
            cx.add_op(
                Op::Triangle {
                    upper: true,
                    diagonal: 1,
                },
                vec![hidden.var],
                ty,
                call.span,
            )
        },
    },
];

fn multihead_attention(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<Value> {
    let span = call.span;
    let plain = [4, 5]
        .iter()
        .all(|at| cx.truth(call.arg(*at)) == Some(false));
    if !plain || *call.arg(6) != Value::None || *call.arg(7) != Value::None {
        return Err(unsupported(
            span,
            "attention with added biases or other key and value widths",
        ));
    }
    let attention = Attention {
        d_model: cx.positive(call, 0, "embed_dim")?,
        n_heads: cx.positive(call, 1, "num_heads")?,
        dropout: probability(cx, call.arg(2), span)?,
        bias: cx.decide(call.arg(3), span)?,
        batch_first: cx.decide(call.arg(8), span)?,
    };
    heads_divide_width(attention.d_model, attention.n_heads, span)?;
    cx.layer(call, Layer::MultiheadAttention(attention))
}

fn transformer_layer(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<TransformerLayer> {
    let span = call.span;
    if !cx.decide(call.arg(8), span)? {
        return Err(unsupported(span, "a Transformer layer without biases"));
    }
    let layer = TransformerLayer {
        d_model: cx.positive(call, 0, "d_model")?,
        n_heads: cx.positive(call, 1, "nhead")?,
        d_feedforward: cx.positive(call, 2, "dim_feedforward")?,
        dropout: probability(cx, call.arg(3), span)?,
        gelu: is_gelu(cx, call.arg(4), span)?,
        epsilon: cx.known_float(call.arg(5), "layer_norm_eps", span)?,
        batch_first: cx.decide(call.arg(6), span)?,
        norm_first: cx.decide(call.arg(7), span)?,
    };
    heads_divide_width(layer.d_model, layer.n_heads, span)?;
    Ok(layer)
}

/// A stack takes the numbers of the layer it is given, and copies of it.
fn stack(cx: &mut Interp<'_, '_>, call: &Call) -> Eval<TransformerStack> {
    let span = call.span;
    let layer = match call.arg(0) {
        Value::Module(id) => match &cx.state.modules[*id].class {
            ModuleClass::Layer(Layer::TransformerEncoderLayer(layer))
                if call.short_name() == "TransformerEncoder" =>
            {
                Some(layer.clone())
            }
            ModuleClass::Layer(Layer::TransformerDecoderLayer(layer))
                if call.short_name() == "TransformerDecoder" =>
            {
                Some(layer.clone())
            }
            _ => None,
        },
        _ => None,
    };
    let Some(layer) = layer else {
        let found = cx.describe(call.arg(0));
        return Err(unsupported(
            span,
            format!("a `{}` of {found}", call.short_name()),
        ));
    };
    if let Value::Module(id) = call.arg(0) {
        cx.state.modules[*id].used = true;
    }
    let n_layers = cx.positive(call, 1, "num_layers")?;
    if n_layers > MAX_LAYERS {
        let message = format!("{n_layers} layers, and {MAX_LAYERS} are the most");
        return Err(stop(Rule::LimitExceeded, span, message));
    }
    let norm = final_norm(cx, call.arg(2), &layer, span)?;
    Ok(TransformerStack {
        layer,
        n_layers,
        norm,
    })
}

/// The normalisation behind a stack must be a `LayerNorm` with the numbers of its layers.
fn final_norm(
    cx: &mut Interp<'_, '_>,
    norm: &Value,
    layer: &TransformerLayer,
    span: Span,
) -> Eval<bool> {
    let Value::Module(id) = norm else {
        return Ok(false);
    };
    cx.state.modules[*id].used = true;
    match cx.state.modules[*id].class {
        ModuleClass::Layer(Layer::LayerNorm {
            d_model,
            epsilon,
            bias: true,
        }) if d_model == layer.d_model && epsilon.to_bits() == layer.epsilon.to_bits() => Ok(true),
        _ => Err(unsupported(
            span,
            "a `norm` that is no `LayerNorm` of the layers' width",
        )),
    }
}

fn is_gelu(cx: &Interp<'_, '_>, activation: &Value, span: Span) -> Eval<bool> {
    let name = match activation {
        Value::Str(name) => name.to_string(),
        Value::Native(path) => last_part(path).to_owned(),
        Value::Module(id) => cx.state.modules[*id].class_name.to_lowercase(),
        _ => String::new(),
    };
    match name.as_str() {
        "relu" => Ok(false),
        "gelu" => Ok(true),
        _ => Err(raised(
            "RuntimeError",
            span,
            "the activation must be `'relu'` or `'gelu'`",
        )),
    }
}

fn probability(cx: &Interp<'_, '_>, value: &Value, span: Span) -> Eval<f64> {
    let prob = cx.known_float(value, "dropout", span)?;
    if (0.0..1.0).contains(&prob) {
        return Ok(prob);
    }
    let message =
        format!("the probability of dropout is {prob}, and must be at least 0 and less than 1");
    Err(stop(Rule::WrongArgument, span, message))
}

/// N021 `heads-divide-width`.
fn heads_divide_width(width: usize, heads: usize, span: Span) -> Eval<()> {
    if width.is_multiple_of(heads) {
        return Ok(());
    }
    let nearest = (1..=width)
        .filter(|divisor| width.is_multiple_of(*divisor))
        .min_by_key(|divisor| divisor.abs_diff(heads));
    let message = format!("width {width} is not divisible by {heads} heads");
    Err(stop(Rule::HeadsDivideWidth, span, message)
        .help(format!("use {} heads", nearest.unwrap_or(1))))
}

impl Interp<'_, '_> {
    /// An attention or Transformer layer applied to its inputs.
    pub(super) fn call_transformer(
        &mut self,
        id: ModuleId,
        layer: &Layer,
        args: Args,
        span: Span,
    ) -> Eval<Value> {
        let name = self.state.modules[id].class_name.clone();
        let signature = match layer {
            Layer::MultiheadAttention(_) => {
                "query, key, value, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True, is_causal=False"
            }
            Layer::TransformerEncoder(_) => {
                "src, mask=None, src_key_padding_mask=None, is_causal=None"
            }
            Layer::TransformerEncoderLayer(_) => {
                "src, src_mask=None, src_key_padding_mask=None, is_causal=False"
            }
            _ => {
                "tgt, memory, tgt_mask=None, memory_mask=None, tgt_key_padding_mask=None, memory_key_padding_mask=None, tgt_is_causal=None, memory_is_causal=False"
            }
        };
        let call = self.bind_signature(signature, &name, args, span)?;
        match layer {
            Layer::MultiheadAttention(attention) => self.attend(id, attention, &call),
            Layer::TransformerEncoder(TransformerStack { layer, .. })
            | Layer::TransformerEncoderLayer(layer) => self.transform(id, layer, &call, 1),
            Layer::TransformerDecoder(TransformerStack { layer, .. })
            | Layer::TransformerDecoderLayer(layer) => self.transform(id, layer, &call, 2),
            _ => Err(unsupported(span, "this layer")),
        }
    }

    /// A sequence (and a memory), then masks, to a sequence of the same shape.
    fn transform(
        &mut self,
        id: ModuleId,
        layer: &TransformerLayer,
        call: &Call,
        n_sequences: usize,
    ) -> Eval<Value> {
        let mut args = Vec::new();
        let mut sequences = Vec::new();
        for at in 0..n_sequences {
            let sequence = self.sequence(call, at, layer.d_model)?;
            args.push(Tree::Var(sequence.var));
            sequences.push(sequence);
        }
        let n_masks = if n_sequences == 1 { 2 } else { 4 };
        for at in n_sequences..n_sequences + n_masks {
            args.push(self.mask(call.arg(at), call.span)?);
        }
        let ty = sequences.first().map(|sequence| sequence.ty.clone());
        let ty = ty.ok_or_else(|| unsupported(call.span, "a layer without input"))?;
        self.same_batch(&sequences, layer.batch_first, call.span)?;
        let var = self.add_expr(Expr::Layer { layer: id, args }, ty.clone(), call.span)?;
        Ok(self.new_cell(var, ty))
    }

    /// `output, weights = attention(query, key, value)`
    fn attend(&mut self, id: ModuleId, attention: &Attention, call: &Call) -> Eval<Value> {
        let sequences = [0, 1, 2].map(|at| self.sequence(call, at, attention.d_model));
        let [query, key, value] = sequences;
        let sequences = [query?, key?, value?];
        self.same_batch(&sequences, attention.batch_first, call.span)?;
        let mut args: Vec<Tree> = sequences
            .iter()
            .map(|sequence| Tree::Var(sequence.var))
            .collect();
        args.push(self.mask(call.arg(5), call.span)?);
        args.push(self.mask(call.arg(3), call.span)?);
        let [query, key, _] = &sequences;
        let needs_weights = self.decide(call.arg(4), call.span)?;
        if needs_weights && !self.decide(call.arg(6), call.span)? {
            return Err(unsupported(call.span, "attention weights of single heads"));
        }
        let output = self.frame().var(Type::Tensor(query.ty.clone()));
        let output_value = self.new_cell(output, query.ty.clone());
        if !needs_weights {
            self.frame().push_let(
                Tree::Var(output),
                Expr::Layer { layer: id, args },
                call.span,
            );
            return Ok(Value::tuple(vec![output_value, Value::None]));
        }
        let (batch, length) = if attention.batch_first {
            (0, 1)
        } else {
            (1, 0)
        };
        let at =
            |operand: &Operand, axis: usize| operand.shape().get(axis).cloned().unwrap_or_default();
        let ty = tensor_type(
            DType::Float,
            vec![at(query, batch), at(query, length), at(key, length)],
        );
        let weights = self.frame().var(Type::Tensor(ty.clone()));
        let weights_value = self.new_cell(weights, ty);
        let out = Tree::Tuple(vec![Tree::Var(output), Tree::Var(weights)]);
        self.frame()
            .push_let(out, Expr::Layer { layer: id, args }, call.span);
        Ok(Value::tuple(vec![output_value, weights_value]))
    }

    fn sequence(&mut self, call: &Call, position: usize, width: usize) -> Eval<Operand> {
        let operand = self.operand(call.arg(position), "the sequence", call.span)?;
        let fits = operand.ty.dtype == DType::Float
            && operand.rank() == 3
            && operand.shape().last() == Some(&Dim::from(width));
        if fits {
            return Ok(operand);
        }
        let found = shape_text(operand.shape());
        let message = format!(
            "`{}` takes sequences of width {width} with three dimensions, found {found}",
            call.name
        );
        Err(stop(Rule::ShapeMismatch, call.span, message).raises("RuntimeError"))
    }

    fn same_batch(&self, sequences: &[Operand], batch_first: bool, span: Span) -> Eval<()> {
        let axis = usize::from(!batch_first);
        let mut batches = sequences.iter().map(|sequence| sequence.shape().get(axis));
        let first = batches.next().flatten();
        if batches.all(|batch| batch == first) {
            return Ok(());
        }
        let shapes: Vec<String> = sequences
            .iter()
            .map(|sequence| shape_text(sequence.shape()))
            .collect();
        let message = format!(
            "sequences {} differ in the batch, dimension {axis}",
            shapes.join(" and ")
        );
        Err(stop(Rule::ShapeMismatch, span, message)
            .help("mind `batch_first`")
            .raises("RuntimeError"))
    }

    fn mask(&mut self, value: &Value, span: Span) -> Eval<Tree> {
        if *value == Value::None {
            return Ok(Tree::empty());
        }
        let operand = self.operand(value, "the mask", span)?;
        if operand.rank() != 2 {
            let found = shape_text(operand.shape());
            return Err(unsupported(
                span,
                format!("a mask {found} with other than two dimensions"),
            ));
        }
        let operand = if operand.ty.dtype == DType::Int {
            self.cast(operand, DType::Bool, span)?
        } else {
            operand
        };
        Ok(Tree::Var(operand.var))
    }
}
