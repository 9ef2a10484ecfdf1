//! Every tokenizer on one text.

use bleu::{SacreBleu, Tokenizer, nltk_words, ptb_words, python_words, treebank_words};
use serde_json::{Map, Value, json};

pub(super) fn expected(text: &str) -> Map<String, Value> {
    let fields = json!({
        "ptb_coco": ptb_words(first_java_line(text)),
        "java_line_break_inside": text.contains(is_java_line_break),
        "sacrebleu": sacrebleu(text),
        "rouge_score": super::rouge_score::words(text),
        "tercom": super::ter::words(text),
        "nltk_treebank": words(&treebank_words(text)),
        "nltk_word_single_sentence": words(&nltk_words(text)),
        "python_split": words(text),
        "python_lower": text.to_lowercase(),
    });
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

/// All that the reference kept of a caption: what follows became another caption's.
fn first_java_line(text: &str) -> &str {
    text.split(is_java_line_break).next().unwrap_or(text)
}

/// What the Java tokenizer takes for the end of a caption, apart from the line feed that the file is split by.
fn is_java_line_break(char: char) -> bool {
    matches!(
        char,
        '\u{b}' | '\u{c}' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

fn sacrebleu(text: &str) -> Map<String, Value> {
    let tokenizers = [
        Tokenizer::V13a,
        Tokenizer::Intl,
        Tokenizer::Char,
        Tokenizer::Zh,
        Tokenizer::None,
    ];
    let tokenised = |tokenizer: Tokenizer| {
        let name = tokenizer.name().to_owned();
        (name, json!(settings(tokenizer).words(text)))
    };
    tokenizers.map(tokenised).into_iter().collect()
}

fn settings(tokenizer: Tokenizer) -> SacreBleu {
    SacreBleu {
        tokenizer,
        ..SacreBleu::default()
    }
}

fn words(text: &str) -> Vec<&str> {
    python_words(text).collect()
}
