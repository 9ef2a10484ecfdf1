//! Tokens as numbers in order of appearance.

use super::Token;
use crate::table::Table;

/// Numbers the distinct tokens of one text after the other, in reused memory.
#[derive(Clone, Debug)]
pub(crate) struct Numbering {
    numbers: Table,
    sequence: Vec<u32>,
}

impl Numbering {
    /// Distinct words of most captions: one allocation a text.
    const TYPICAL_WORDS: usize = 32;

    pub(crate) fn new() -> Self {
        Self {
            numbers: Table::new(),
            sequence: Vec::new(),
        }
    }

    /// Forgets the last text.
    pub(crate) fn clear(&mut self) {
        self.numbers.clear();
        self.sequence.clear();
    }

    /// Forgets the last text and numbers the tokens of this one. Returns the token of each number.
    pub(crate) fn start<T: Token>(&mut self, tokens: impl Iterator<Item = T>) -> Vec<T> {
        self.clear();
        let mut words = Vec::with_capacity(Self::TYPICAL_WORDS);
        for token in tokens {
            let number = self.number(&mut words, token);
            self.sequence.push(number);
        }
        words
    }

    /// The number of `token`, which is a new one of `words` if it was not among them.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "2^32 distinct words do not fit into memory"
    )]
    pub(crate) fn number<T: Token>(&mut self, words: &mut Vec<T>, token: T) -> u32 {
        let fresh = words.len() as u32;
        let known = |number: u32| words[number as usize] == token;
        let number = self.numbers.get_or_insert(token.hash(), known, fresh);
        if number == fresh {
            words.push(token);
        }
        number
    }

    /// The number of `token` in the text that has these `words`.
    #[inline]
    pub(crate) fn get<T: Token>(&self, words: &[T], token: T) -> Option<u32> {
        let known = |number: u32| words[number as usize] == token;
        self.numbers.get(token.hash(), known)
    }

    /// The text as numbers.
    pub(crate) fn sequence(&self) -> &[u32] {
        &self.sequence
    }
}
