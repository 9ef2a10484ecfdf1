//! An invented argument with one obvious meaning: `nn.TransformerDecoder(encoder_layer=...)`, `Adam(momentum=...)`.
use ruff_python_ast::{Expr, ExprCall, Keyword};
use ruff_text_size::Ranged;

use super::tree::bytes;
use super::{Context, Fix};
use crate::diagnostic::Cause;

/// Keywords by other names; the first that the function takes is meant.
const MEANT: &[(&str, &[&str])] = &[
    ("encoder_layer", &["decoder_layer"]),
    ("decoder_layer", &["encoder_layer"]),
    ("num_heads", &["nhead"]),
    ("n_heads", &["num_heads", "nhead"]),
    ("n_head", &["num_heads", "nhead"]),
    ("nheads", &["num_heads", "nhead"]),
    ("nhead", &["num_heads"]),
    ("heads", &["num_heads", "nhead"]),
    ("d_model", &["embed_dim", "normalized_shape"]),
    ("embed_dim", &["d_model", "embedding_dim"]),
    ("embedding_dim", &["embed_dim", "d_model"]),
    ("embed_size", &["embedding_dim", "embed_dim", "d_model"]),
    ("hidden_dim", &["hidden_size", "dim_feedforward"]),
    ("ff_dim", &["dim_feedforward"]),
    ("d_ff", &["dim_feedforward"]),
    ("dim_ff", &["dim_feedforward"]),
    ("n_layers", &["num_layers"]),
    ("nlayers", &["num_layers"]),
    ("layers", &["num_layers"]),
    ("vocab_size", &["num_embeddings"]),
    (
        "input_dim",
        &["in_features", "input_size", "num_embeddings"],
    ),
    ("in_dim", &["in_features", "input_size"]),
    ("input_size", &["in_features"]),
    ("output_dim", &["out_features", "embedding_dim"]),
    ("out_dim", &["out_features"]),
    ("output_size", &["out_features"]),
    ("input_channels", &["in_channels"]),
    ("output_channels", &["out_channels"]),
    ("filters", &["out_channels"]),
    ("kernel", &["kernel_size"]),
    ("strides", &["stride"]),
    ("pool_size", &["kernel_size"]),
    ("rate", &["p"]),
    ("prob", &["p"]),
    ("dropout", &["p"]),
    ("drop_prob", &["p"]),
    ("dropout_rate", &["p", "dropout"]),
    ("epsilon", &["eps"]),
    ("learning_rate", &["lr"]),
    ("max_grad_norm", &["max_norm"]),
    ("mask", &["attn_mask", "src_mask", "tgt_mask"]),
];

pub(super) fn repair(cx: &Context<'_>) -> Option<Fix> {
    let Some(Cause::UnknownArgument {
        callee,
        argument,
        known,
    }) = &cx.finding.cause
    else {
        return None;
    };
    let call = cx.here(Expr::is_call_expr)?.as_call_expr()?;
    let keyword = keyword(call, argument)?;
    let is_free =
        |name: &str| known.iter().any(|known| known == name) && self::keyword(call, name).is_none();
    if callee.starts_with("torch.optim.Adam") && argument == "momentum" && is_free("betas") {
        let momentum = cx.block.code.get(bytes(&keyword.value))?;
        let replacement = format!("betas=({momentum}, 0.999)");
        return Some(Fix::safe(
            format!("write `{replacement}`: the momentum of Adam is its first beta"),
            vec![(bytes(keyword), replacement)],
        ));
    }
    if callee.ends_with("Cell") && ["num_layers", "batch_first"].contains(&argument.as_str()) {
        let is_plain =
            argument == "batch_first" || cx.block.code.get(bytes(&keyword.value)) == Some("1");
        return without(cx, call, keyword, is_plain);
    }
    let meant = MEANT.iter().find(|(invented, _)| invented == argument);
    let meant = meant.and_then(|(_, names)| names.iter().copied().find(|name| is_free(name)));
    let meant = meant.or_else(|| misspelt(argument, known).filter(|name| is_free(name)))?;
    Some(Fix::safe(
        format!("write `{meant}=`"),
        vec![(bytes(keyword.arg.as_ref()?), meant.to_owned())],
    ))
}

fn keyword<'a>(call: &'a ExprCall, name: &str) -> Option<&'a Keyword> {
    let mut keywords = call.arguments.keywords.iter();
    keywords.find(|keyword| keyword.arg.as_ref().is_some_and(|arg| arg.as_str() == name))
}

/// The call without an argument: from the end of the one before it.
fn without(cx: &Context<'_>, call: &ExprCall, keyword: &Keyword, safe: bool) -> Option<Fix> {
    let before = call
        .arguments
        .iter_source_order()
        .map(|argument| argument.range());
    let before = before
        .filter(|range| range.end() <= keyword.start())
        .last()?;
    let text = cx.block.code.get(bytes(keyword))?;
    Some(Fix {
        title: format!("leave out `{text}`: a cell is one layer and one step"),
        edits: vec![(
            before.end().to_usize()..keyword.end().to_usize(),
            String::new(),
        )],
        safe,
    })
}

/// The only known name with the same letters, whatever their order or case, or with one letter more or less.
fn misspelt<'a>(argument: &str, known: &'a [String]) -> Option<&'a str> {
    let letters = |name: &str| {
        let mut letters: Vec<char> = name.to_lowercase().chars().filter(|c| *c != '_').collect();
        letters.sort_unstable();
        letters
    };
    let wanted = letters(argument);
    let mut like = known.iter().filter(|name| {
        let found = letters(name);
        let differ = found.len().abs_diff(wanted.len());
        found == wanted
            || (differ == 1
                && wanted.len() > 4
                && (name.contains(argument) || argument.contains(name.as_str())))
    });
    like.next()
        .filter(|_| like.next().is_none())
        .map(String::as_str)
}
