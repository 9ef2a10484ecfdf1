//! The flag `--tokenizer`.
use clap::ValueEnum;
use nn_caption::caption_models::tokenize::Tokenization;

/// How captions become words, as the flag `--tokenizer` says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Tokenizer {
    /// Letters and digits in lower case: `a man's t-shirt`
    Plain,
    /// Penn Treebank words without punctuation, as the COCO evaluation makes them: `a man 's t-shirt`
    Ptb,
    /// Words of NLTK in lower case with punctuation, as LEMUR makes them: `a man 's t-shirt .`
    Nltk,
}

impl Tokenizer {
    pub(super) fn tokenization(self) -> Tokenization {
        match self {
            Self::Plain => Tokenization::Plain,
            Self::Ptb => Tokenization::Ptb,
            Self::Nltk => Tokenization::Nltk,
        }
    }
}
