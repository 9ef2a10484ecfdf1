//! What people wrote about the scored pictures, as each protocol reads it.

use bleu::ptb_words;

use crate::data::DataSet;
use crate::vocab::Vocab;

/// References are never cut, in either protocol; this only bounds a hostile file.
const LONGEST: usize = 1000;

/// The references of the scored pictures.
#[derive(Clone, Debug, Default)]
pub struct References {
    names: Vec<String>,
    texts: Vec<Vec<String>>,
    words: Vec<Vec<String>>,
    ids: Vec<Vec<Vec<i64>>>,
}

impl References {
    /// The references of the pictures at `indices`.
    ///
    /// # Panics
    ///
    /// When an index is not of the set.
    pub fn new(data: &dyn DataSet, indices: &[usize], vocab: &Vocab) -> Self {
        let mut references = Self::default();
        for item in indices.iter().map(|idx| &data.items()[*idx]) {
            let captions = item.captions.iter();
            references.names.push(item.name.clone());
            references.texts.push(item.captions.clone());
            references
                .words
                .push(captions.clone().map(|caption| ptb_words(caption)).collect());
            references
                .ids
                .push(captions.map(|caption| ids(vocab, caption)).collect());
        }
        references
    }

    /// Names of the pictures.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The captions as they stand in the data set.
    pub fn texts(&self) -> &[Vec<String>] {
        &self.texts
    }

    /// Penn Treebank words joined by spaces, as the protocol `coco` reads a text.
    pub(super) fn words(&self) -> &[Vec<String>] {
        &self.words
    }

    /// Ids with SOS and EOS.
    pub(super) fn ids(&self) -> &[Vec<Vec<i64>>] {
        &self.ids
    }
}

pub(super) fn ids(vocab: &Vocab, caption: &str) -> Vec<i64> {
    vocab.encode(caption, LONGEST)
}
