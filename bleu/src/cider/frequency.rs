//! In the references of how many images an n-gram stands.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::N;
use super::entries::Entries;
pub(super) use super::entries::{Entry, Lookup};
use super::idf::Idf;
use crate::error::Error;
use crate::table::Table;
use crate::tokens::{Token, TokenId, Vocabulary, python_words};

/// No n-gram, or one that stands in the references of one image at most.
const NONE: u32 = u32::MAX;

/// What [`Cider`](super::Cider) learns from references: how rare each n-gram is.
///
/// Only n-grams that more than one image has are kept, since others weigh as much as those no image has. So it is
/// small, and can be saved and reused, for the rewards of self-critical training among others. Its words are text or,
/// as `DocumentFrequency<u64>`, token ids.
#[derive(Clone, Debug)]
pub struct DocumentFrequency<W = String> {
    n_images: u64,
    vocabulary: Vocabulary<W>,
    /// One for each word, by its number, then longer n-grams behind their shorter ones.
    nodes: Vec<Node>,
    longer: Entries,
    idf: Idf,
}

/// An n-gram: another one and the word that follows.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
struct Node {
    shorter: u32,
    word: u32,
    n_images: u32,
}

/// An n-gram while images are counted.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    key: u64,
    last_image: u32,
    n_images: u32,
}

impl DocumentFrequency {
    /// Counts the [words](python_words) of references, a list of texts for each image.
    ///
    /// # Errors
    ///
    /// [`Error::NoFrequencies`] for fewer than two images or references without words.
    pub fn of_words<S: AsRef<[R]>, R: AsRef<str>>(refs: &[S]) -> Result<Self, Error> {
        let images = refs.iter().map(|refs| {
            let texts = refs.as_ref().iter();
            texts.map(|text| python_words(text.as_ref()))
        });
        Self::count(images)
    }
}

impl DocumentFrequency<u64> {
    /// Counts token ids of references, a list of sequences for each image.
    ///
    /// # Errors
    ///
    /// [`Error::NoFrequencies`] for fewer than two images or references without ids.
    pub fn of_ids<T: TokenId, S: AsRef<[R]>, R: AsRef<[T]>>(refs: &[S]) -> Result<Self, Error> {
        let images = refs.iter().map(|refs| {
            let texts = refs.as_ref().iter();
            texts.map(|ids| ids.as_ref().iter().map(|id| id.widen()))
        });
        Self::count(images)
    }
}

impl<W> DocumentFrequency<W> {
    /// How many images were counted.
    pub fn n_images(&self) -> u64 {
        self.n_images
    }

    fn count<T, I, R>(images: impl Iterator<Item = I>) -> Result<Self, Error>
    where
        T: Token + PartialEq<W>,
        W: From<T>,
        I: Iterator<Item = R>,
        R: IntoIterator<Item = T>,
    {
        let mut vocabulary = Vocabulary::new();
        let texts = Texts::read(&mut vocabulary, images);
        if texts.n_images < 2 || texts.words.is_empty() {
            let n_images = texts.n_images as usize;
            return Err(Error::NoFrequencies { n_images });
        }
        let nodes = texts.nodes(vocabulary.words().len());
        Ok(Self::new(texts.n_images.into(), vocabulary, nodes))
    }

    fn new(n_images: u64, vocabulary: Vocabulary<W>, nodes: Vec<Node>) -> Self {
        let longer = nodes.iter().enumerate().skip(vocabulary.words().len());
        let longer = longer.map(|(idx, node)| {
            let entry = Entry {
                node: number_of(idx),
                n_images: node.n_images,
            };
            (edge(node.shorter, node.word), entry)
        });
        Self {
            longer: Entries::of(longer),
            idf: Idf::new(n_images),
            n_images,
            vocabulary,
            nodes,
        }
    }

    /// The entry of a single word.
    pub(super) fn word<T: Token + PartialEq<W>>(&self, token: T) -> Entry {
        let node = self.vocabulary.get(token).unwrap_or(NONE);
        let counted = self.nodes.get(node as usize);
        Entry {
            node,
            n_images: counted.map_or(0, |node| node.n_images),
        }
    }

    /// Asks for the n-gram of `prefix` and `word`, which is any word and `suffix`.
    #[inline]
    pub(super) fn look_up(&self, prefix: Entry, suffix: Entry, word: Entry) -> Lookup {
        // Images that have an n-gram have all its parts.
        if [prefix.node, suffix.node, word.node].contains(&NONE) {
            return Lookup::NOTHING;
        }
        self.longer.look_up(edge(prefix.node, word.node))
    }

    /// What was asked for.
    #[inline]
    pub(super) fn find(&self, lookup: &Lookup) -> Entry {
        self.longer.find(lookup)
    }

    /// The inverse document frequency of an entry.
    #[inline]
    pub(super) fn idf(&self, entry: Entry) -> f64 {
        self.idf.of(entry.n_images)
    }
}

pub(super) fn edge(shorter: u32, word: u32) -> u64 {
    u64::from(shorter) << 32 | u64::from(word)
}

/// The references of a corpus as numbers.
struct Texts {
    words: Vec<u32>,
    /// The image of each text, and where its words end.
    ends: Vec<(u32, usize)>,
    n_images: u32,
}

impl Texts {
    fn read<T, W, I, R>(vocabulary: &mut Vocabulary<W>, images: impl Iterator<Item = I>) -> Self
    where
        T: Token + PartialEq<W>,
        W: From<T>,
        I: Iterator<Item = R>,
        R: IntoIterator<Item = T>,
    {
        let mut texts = Self {
            words: Vec::new(),
            ends: Vec::new(),
            n_images: 0,
        };
        for image in images {
            for text in image {
                let words = text.into_iter().map(|token| vocabulary.number(token));
                texts.words.extend(words);
                texts.ends.push((texts.n_images, texts.words.len()));
            }
            texts.n_images += 1;
        }
        texts
    }

    /// All words, and all longer n-grams that more than one image has. An n-gram can only be such a one if both
    /// n-grams are that it is longer than by a word; few others are ever looked at.
    fn nodes(&self, n_words: usize) -> Vec<Node> {
        let mut nodes = self.word_nodes(n_words);
        let node_of = |&word: &u32| match nodes[word as usize].n_images {
            0..2 => NONE,
            _ => word,
        };
        let mut starts: Vec<u32> = self.words.iter().map(node_of).collect();
        for order in 1..N {
            let candidates = self.candidates(order, &mut starts);
            let numbers: Vec<u32> = candidates
                .iter()
                .map(|candidate| candidate.number(&mut nodes))
                .collect();
            for start in starts.iter_mut().filter(|start| **start != NONE) {
                *start = numbers[*start as usize];
            }
        }
        nodes
    }

    fn word_nodes(&self, n_words: usize) -> Vec<Node> {
        let mut last_image = vec![NONE; n_words];
        let unseen = Node {
            shorter: NONE,
            word: 0,
            n_images: 0,
        };
        let mut nodes = vec![unseen; n_words];
        for (image, start, end) in self.spans() {
            for &word in &self.words[start..end] {
                let last = &mut last_image[word as usize];
                nodes[word as usize].word = word;
                nodes[word as usize].n_images += u32::from(*last != image);
                *last = image;
            }
        }
        nodes
    }

    /// Lengthens the n-grams that start at each word by the word behind them, from `order` words on, and counts
    /// their images. A start becomes the number of its candidate.
    fn candidates(&self, order: usize, starts: &mut [u32]) -> Vec<Candidate> {
        let mut edges = Table::new();
        let mut candidates = Vec::new();
        for (image, start, end) in self.spans() {
            for idx in start..end {
                let shorter = starts[idx];
                let behind = if idx + order < end {
                    starts[idx + 1]
                } else {
                    NONE
                };
                if shorter == NONE || behind == NONE {
                    starts[idx] = NONE;
                    continue;
                }
                let key = edge(shorter, self.words[idx + order]);
                starts[idx] = count_image(&mut edges, &mut candidates, key, image);
            }
        }
        candidates
    }

    /// The image of each text, and where its words start and end.
    fn spans(&self) -> impl Iterator<Item = (u32, usize, usize)> {
        let mut start = 0;
        self.ends
            .iter()
            .map(move |&(image, end)| (image, std::mem::replace(&mut start, end), end))
    }
}

#[inline]
fn count_image(edges: &mut Table, candidates: &mut Vec<Candidate>, key: u64, image: u32) -> u32 {
    let fresh = number_of(candidates.len());
    let number = edges.get_or_insert(key, |_| true, fresh);
    match candidates.get_mut(number as usize) {
        None => candidates.push(Candidate {
            key,
            last_image: image,
            n_images: 1,
        }),
        Some(candidate) => {
            candidate.n_images += u32::from(candidate.last_image != image);
            candidate.last_image = image;
        }
    }
    number
}

impl Candidate {
    /// The number of the node it becomes, if more than one image has it.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the halves of the key, which are u32"
    )]
    fn number(&self, nodes: &mut Vec<Node>) -> u32 {
        if self.n_images < 2 {
            return NONE;
        }
        let number = number_of(nodes.len());
        nodes.push(Node {
            shorter: (self.key >> 32) as u32,
            word: self.key as u32,
            n_images: self.n_images,
        });
        number
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "2^32 n-grams of 12 bytes do not fit into memory beside their edges"
)]
pub(super) fn number_of(n_before: usize) -> u32 {
    n_before as u32
}

/// What is written to a file.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Saved<Words> {
    n_images: u64,
    words: Words,
    nodes: Vec<Node>,
}

impl<W: Serialize> Serialize for DocumentFrequency<W> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let saved = Saved {
            n_images: self.n_images,
            words: self.vocabulary.words(),
            nodes: self.nodes.clone(),
        };
        saved.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DocumentFrequency {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let saved: Saved<Vec<String>> = Saved::deserialize(deserializer)?;
        let mut vocabulary = Vocabulary::new();
        for word in &saved.words {
            vocabulary.number(word.as_str());
        }
        Self::restored(saved, vocabulary).map_err(D::Error::custom)
    }
}

impl<'de> Deserialize<'de> for DocumentFrequency<u64> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let saved: Saved<Vec<u64>> = Saved::deserialize(deserializer)?;
        let mut vocabulary = Vocabulary::new();
        for &id in &saved.words {
            vocabulary.number(id);
        }
        Self::restored(saved, vocabulary).map_err(D::Error::custom)
    }
}

impl<W> DocumentFrequency<W> {
    fn restored(saved: Saved<Vec<W>>, vocabulary: Vocabulary<W>) -> Result<Self, &'static str> {
        if vocabulary.words().len() != saved.words.len() || saved.nodes.len() < saved.words.len() {
            return Err("document frequencies have one node for each of their distinct words");
        }
        let counted = |node: &Node| u64::from(node.n_images) <= saved.n_images;
        if saved.n_images < 2 || !saved.nodes.iter().all(counted) {
            return Err("document frequencies count at least two images, and no n-gram more often");
        }
        Ok(Self::new(saved.n_images, vocabulary, saved.nodes))
    }
}
