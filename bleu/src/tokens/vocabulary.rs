//! The distinct words of a corpus, numbered for as long as it lives.

use super::Token;
use crate::table::Table;

/// Words in order of appearance, and the number of each.
#[derive(Clone, Debug)]
pub(crate) struct Vocabulary<W> {
    numbers: Table,
    words: Vec<W>,
}

impl<W> Vocabulary<W> {
    pub(crate) fn new() -> Self {
        Self {
            numbers: Table::new(),
            words: Vec::new(),
        }
    }

    /// The number of `token`, a new one if it was not known.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "2^32 distinct words do not fit into memory"
    )]
    pub(crate) fn number<T: Token + PartialEq<W>>(&mut self, token: T) -> u32
    where
        W: From<T>,
    {
        let fresh = self.words.len() as u32;
        let known = |number: u32| token == self.words[number as usize];
        let number = self.numbers.get_or_insert(token.hash(), known, fresh);
        if number == fresh {
            self.words.push(W::from(token));
        }
        number
    }

    /// The number of `token`, if it is known.
    #[inline]
    pub(crate) fn get<T: Token + PartialEq<W>>(&self, token: T) -> Option<u32> {
        let known = |number: u32| token == self.words[number as usize];
        self.numbers.get(token.hash(), known)
    }

    pub(crate) fn words(&self) -> &[W] {
        &self.words
    }
}
