//! From Python names to Rust identifiers: the one place where names of the reply enter the source.
use std::collections::BTreeSet;

/// Keywords of the 2024 edition, and names that may not be identifiers.
const KEYWORDS: [&str; 53] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield", "raw",
];

/// Functions that the source imports or the crate prelude holds: a local variable of that name would hide them.
const FUNCTIONS: [&str; 24] = [
    "amax",
    "amin",
    "maximum",
    "minimum",
    "root_of_squares",
    "with_starts",
    "relu",
    "sigmoid",
    "gelu",
    "gelu_approximate",
    "silu",
    "mish",
    "softplus",
    "leaky_relu",
    "elu",
    "softmax",
    "log_softmax",
    "linear",
    "embedding",
    "conv2d",
    "conv_transpose2d",
    "drop",
    "tanh",
    "interpolate",
];

/// Methods that derived implementations or the entry points bring.
const METHODS: [&str; 17] = [
    "new",
    "clone",
    "fmt",
    "visit",
    "map",
    "valid",
    "train",
    "fork",
    "to_device",
    "num_params",
    "into_record",
    "load_record",
    "load_file",
    "save_file",
    "devices",
    "no_grad",
    "freeze",
];

/// Types that the source imports or defines.
const TYPES: [&str; 60] = [
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool2dConfig",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool2dConfig",
    "Alignment",
    "AvgPool2d",
    "AvgPool2dConfig",
    "BatchNorm",
    "BatchNormConfig",
    "Bool",
    "Box",
    "Captioner",
    "ClassSpec",
    "Classifier",
    "Clone",
    "Conv2d",
    "Conv2dConfig",
    "ConvOptions",
    "ConvTransposeOptions",
    "CrossEntropyConfig",
    "Debug",
    "Device",
    "Dropout",
    "DropoutConfig",
    "Embedding",
    "EmbeddingConfig",
    "Err",
    "Fn",
    "Gru",
    "GruCell",
    "GruCellConfig",
    "GruConfig",
    "Inference",
    "Initializer",
    "Int",
    "LayerNorm",
    "LayerNormConfig",
    "Linear",
    "LinearConfig",
    "Lstm",
    "LstmCell",
    "LstmCellConfig",
    "LstmCellState",
    "LstmConfig",
    "LstmState",
    "MaxPool2d",
    "MaxPool2dConfig",
    "Memory",
    "Module",
    "None",
    "Ok",
    "Optimizer",
    "Option",
    "PaddingConfig2d",
    "Param",
    "ParamGroup",
    "Recipe",
    "Self",
    "Some",
    "Spec",
];

/// More types that the source imports or defines.
const MORE_TYPES: [&str; 26] = [
    "Activation",
    "Default",
    "Distribution",
    "Drop",
    "InterpolateMode",
    "InterpolateOptions",
    "Iterator",
    "MultiheadAttention",
    "MultiheadAttentionConfig",
    "MultiheadAttentionInput",
    "Result",
    "Start",
    "StateEntry",
    "String",
    "Tensor",
    "TransformerDecoder",
    "TransformerDecoderConfig",
    "TransformerDecoderInput",
    "TransformerDecoderLayer",
    "TransformerDecoderLayerConfig",
    "TransformerEncoder",
    "TransformerEncoderConfig",
    "TransformerEncoderInput",
    "TransformerEncoderLayer",
    "TransformerEncoderLayerConfig",
    "Vec",
];

/// A field of a struct.
pub(super) fn field(python: &str) -> String {
    let name = snake(python, "field");
    if KEYWORDS.contains(&name.as_str()) {
        format!("{name}_")
    } else {
        name
    }
}

/// A local variable or parameter.
pub(super) fn local(python: &str) -> String {
    let name = snake(python, "value");
    if KEYWORDS.contains(&name.as_str()) {
        format!("{name}_")
    } else if FUNCTIONS.contains(&name.as_str()) {
        format!("{name}_out")
    } else {
        name
    }
}

/// A method (`has_self`) or associated function.
pub(super) fn method(python: &str, variant: Option<&str>, has_self: bool) -> String {
    let mut name = snake(python, "call");
    if let Some(variant) = variant {
        name = format!("{name}_{}", snake(variant, "variant"));
    }
    // Names that by Rust's conventions would take `self` otherwise.
    let is_conversion = name.starts_with("from_") || name.starts_with("into_");
    if KEYWORDS.contains(&name.as_str())
        || METHODS.contains(&name.as_str())
        || (is_conversion && has_self)
    {
        format!("call_{name}")
    } else {
        name
    }
}

/// A type: `DecoderRNN` becomes `DecoderRnn`.
pub(super) fn camel(python: &str) -> String {
    let mut name: String = words(python).iter().map(|word| capitalised(word)).collect();
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        name = format!("Class{name}");
    }
    if is_reserved(&name) {
        format!("Own{name}")
    } else {
        name
    }
}

/// Whether no struct, function or variable of the reply may have the name: the source imports or defines it.
pub(super) fn is_reserved(name: &str) -> bool {
    [TYPES.as_slice(), &MORE_TYPES, &FUNCTIONS]
        .iter()
        .any(|names| names.contains(&name))
}

/// The Python name as documentation may show it; nothing when it is not plain ASCII.
pub(super) fn shown(python: &str) -> Option<&str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!python.is_empty() && python.len() <= 64 && python.chars().all(is_plain)).then_some(python)
}

/// The name, with the first free number behind it when it is taken.
pub(super) fn unique(name: &str, taken: &BTreeSet<String>) -> String {
    numbered(name, |candidate| taken.contains(candidate))
}

/// The name, with the first number behind it for which it is not refused.
pub(super) fn numbered(name: &str, mut is_refused: impl FnMut(&str) -> bool) -> String {
    if !is_refused(name) {
        return name.to_owned();
    }
    let separator = if name.starts_with(|c: char| c.is_ascii_uppercase()) {
        ""
    } else {
        "_"
    };
    (2..=u32::MAX)
        .map(|number| format!("{name}{separator}{number}"))
        .find(|candidate| !is_refused(candidate))
        .unwrap_or_else(|| name.to_owned())
}

fn snake(python: &str, fallback: &str) -> String {
    let name = words(python)
        .iter()
        .map(|word| word.to_ascii_lowercase())
        .collect::<Vec<_>>()
        .join("_");
    if name.is_empty() {
        fallback.to_owned()
    } else if name.starts_with(|c: char| c.is_ascii_digit()) {
        format!("{fallback}_{name}")
    } else {
        name
    }
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first
        .into_iter()
        .chain(chars.map(|c| c.to_ascii_lowercase()))
        .collect()
}

/// The words of a name, at underscores and where the case changes; what is not ASCII is left out.
fn words(python: &str) -> Vec<String> {
    let chars: Vec<char> = python.chars().take(64).collect();
    let mut words = vec![String::new()];
    for (at, &c) in chars.iter().enumerate() {
        let previous = at.checked_sub(1).and_then(|before| chars.get(before));
        let starts_word = c.is_ascii_uppercase()
            && (previous.is_some_and(|p| p.is_ascii_lowercase() || p.is_ascii_digit())
                || (previous.is_some_and(char::is_ascii_uppercase)
                    && chars.get(at + 1).is_some_and(char::is_ascii_lowercase)));
        if !c.is_ascii_alphanumeric() || starts_word {
            words.push(String::new());
        }
        if c.is_ascii_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.push(c);
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_follow_rust_conventions() {
        assert_eq!(camel("DecoderRNN"), "DecoderRnn");
        assert_eq!(camel("CNNEncoder"), "CnnEncoder");
        assert_eq!(camel("SE_block"), "SeBlock");
        assert_eq!(camel("ResNet50"), "ResNet50");
        assert_eq!(camel("Net"), "Net");
    }

    #[test]
    fn imported_types_are_not_hidden() {
        assert_eq!(camel("LSTM"), "OwnLstm");
        assert_eq!(camel("Linear"), "OwnLinear");
        assert_eq!(camel("2d"), "Class2d");
    }

    #[test]
    fn fields_and_locals_are_snake_case_and_no_keywords() {
        assert_eq!(field("W_q"), "w_q");
        assert_eq!(field("__hidden__state"), "hidden_state");
        assert_eq!(field("type"), "type_");
        assert_eq!(local("softmax"), "softmax_out");
        assert_eq!(local("\u{3b1}"), "value");
        assert_eq!(local("3"), "value_3");
    }

    #[test]
    fn methods_keep_clear_of_derived_ones() {
        assert_eq!(
            method("_normalize_captions", None, false),
            "normalize_captions"
        );
        assert_eq!(method("new", None, true), "call_new");
        assert_eq!(method("from_features", None, true), "call_from_features");
        assert_eq!(
            method("forward", Some("without captions"), true),
            "forward_without_captions"
        );
    }

    #[test]
    fn clashes_are_numbered() {
        let taken = BTreeSet::from(["x".to_owned(), "x_2".to_owned(), "Net".to_owned()]);
        assert_eq!(unique("x", &taken), "x_3");
        assert_eq!(unique("Net", &taken), "Net2");
        assert_eq!(unique("y", &taken), "y");
    }
}
