//! What a metric compares: words of a text, or ids of a vocabulary.

mod id;
mod intl;
mod mteval;
mod nltk;
mod numbering;
mod ptb;
mod tercom;
mod tokenizer;
mod vocabulary;
mod whitespace;

pub use id::TokenId;
pub use nltk::{nltk_words, treebank_words};
pub(crate) use numbering::Numbering;
pub use ptb::ptb_words;
pub(crate) use tercom::tercom_words;
pub use tokenizer::Tokenizer;
pub(crate) use vocabulary::Vocabulary;
pub(crate) use whitespace::is_space;
pub use whitespace::{PythonWords, python_words};

/// A token that can be looked up: `hash` spreads over all 64 bits or is the token itself.
pub(crate) trait Token: Copy + Eq {
    fn hash(self) -> u64;
}

impl Token for u64 {
    fn hash(self) -> u64 {
        self
    }
}

impl Token for &str {
    /// Eight bytes a step, as rustc's own `FxHasher`; a last chunk is padded with zeros and its length.
    fn hash(self) -> u64 {
        let (chunks, rest) = self.as_bytes().as_chunks::<8>();
        let whole = chunks
            .iter()
            .fold(0, |hash, chunk| mix(hash, u64::from_le_bytes(*chunk)));
        let last = rest
            .iter()
            .fold(rest.len() as u64, |last, &byte| last << 8 | u64::from(byte));
        mix(whole, last)
    }
}

fn mix(hash: u64, chunk: u64) -> u64 {
    (hash.rotate_left(5) ^ chunk).wrapping_mul(0x517c_c1b7_2722_0a95)
}
