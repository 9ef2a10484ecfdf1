//! What is said beside a net.
use std::fmt::Write as _;

use codegen::spec::{DecoderSpec, Family, Gate, NetSpec};

/// A sentence or two about a net.
pub(super) fn about(spec: &NetSpec, is_again: bool) -> String {
    let mut text = String::new();
    if is_again {
        text += "Thank you for the diagnostics; here is the whole file again, corrected.\n";
    }
    let n_stages = spec.encoder.stages.len();
    // Writing to a string cannot fail.
    let _ = write!(
        text,
        "The encoder has {} blocks in {n_stages} stage{}{}. ",
        family(spec.encoder.family),
        if n_stages == 1 { "" } else { "s" },
        gates(spec)
    );
    let side = spec.memory.side;
    let _ = write!(
        text,
        "A grid of {side} by {side} regions goes to {}.",
        decoder(&spec.decoder)
    );
    text
}

fn family(family: Family) -> &'static str {
    match family {
        Family::Plain => "plain convolutional",
        Family::Residual => "residual",
        Family::Bottleneck => "bottleneck",
        Family::Convnext => "ConvNeXt",
        Family::Mbconv => "inverted bottleneck",
    }
}

fn gates(spec: &NetSpec) -> &'static str {
    let has = |gate| spec.encoder.stages.iter().any(|stage| stage.gate == gate);
    match (has(Gate::Se), has(Gate::Cbam)) {
        (false, false) => "",
        (true, false) => " with squeeze and excitation",
        (false, true) => " with CBAM",
        (true, true) => " with squeeze and excitation, and with CBAM",
    }
}

fn decoder(decoder: &DecoderSpec) -> &'static str {
    match decoder {
        DecoderSpec::Lstm(spec) if spec.attention => "an LSTM that attends to them at every word",
        DecoderSpec::Lstm(_) => "an LSTM by way of its first state",
        DecoderSpec::Gru(spec) if spec.attention => "a GRU that attends to them at every word",
        DecoderSpec::Gru(_) => "a GRU by way of its first state",
        DecoderSpec::Transformer(_) => "a Transformer decoder",
    }
}
