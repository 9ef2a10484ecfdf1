//! Counting n-grams of a corpus in parts that fit into a processor's cache.

use crate::table::Table;

/// An n-gram as a number: its words side by side, each plus one, so that n-grams of all lengths are told apart.
pub(super) trait Key: Copy + Eq {
    /// How many distinct words there may be.
    const N_WORDS: usize;

    /// No words.
    const NOTHING: Self;

    /// The n-gram that is longer by `word`; at most four words fit.
    fn then(self, word: u32) -> Self;

    /// Differs for all keys, or is compared with [`is`](Self::is).
    fn hash(self) -> u64;

    /// Whether the key is `other`, which has the same hash.
    fn is(self, other: impl Fn() -> Self) -> bool;
}

/// Sixteen bits a word.
impl Key for u64 {
    const N_WORDS: usize = 0xffff;
    const NOTHING: Self = 0;

    #[inline]
    fn then(self, word: u32) -> Self {
        self << 16 | (Self::from(word) + 1)
    }

    #[inline]
    fn hash(self) -> u64 {
        self ^ (self >> 32)
    }

    #[inline]
    fn is(self, _: impl Fn() -> Self) -> bool {
        true
    }
}

/// For vocabularies that 16 bits do not number.
impl Key for u128 {
    const N_WORDS: usize = 0xffff_ffff;
    const NOTHING: Self = 0;

    #[inline]
    fn then(self, word: u32) -> Self {
        self << 32 | (Self::from(word) + 1)
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "halves, which are mixed into one"
    )]
    #[inline]
    fn hash(self) -> u64 {
        let (high, low) = ((self >> 64) as u64, self as u64);
        low ^ high.wrapping_mul(0xd6e8_feb8_6659_fd93).rotate_left(32)
    }

    #[inline]
    fn is(self, other: impl Fn() -> Self) -> bool {
        self == other()
    }
}

/// N-grams of a part of all hashes, as they came.
#[derive(Clone, Debug)]
struct Partition<K> {
    /// One for each image that has the n-gram in its references.
    refs: Vec<K>,
    /// Those of a hypothesis alone.
    hyps: Vec<K>,
}

/// N-grams spread over partitions by their hashes.
#[derive(Clone, Debug)]
pub(super) struct Partitions<K> {
    parts: Vec<Partition<K>>,
}

/// Where the counts of an n-gram will stand: its partition, and whether it was of a hypothesis alone.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place(u16);

impl<K: Key> Partitions<K> {
    /// N-grams of a partition. Many are the same, so that a table of them fits into a second-level cache.
    const N_NGRAMS: usize = 1 << 14;

    /// For about so many n-grams.
    pub(super) fn new(n_ngrams: usize) -> Self {
        let n_parts = n_ngrams.div_ceil(Self::N_NGRAMS).next_power_of_two();
        let empty = Partition {
            refs: Vec::new(),
            hyps: Vec::new(),
        };
        Self {
            parts: vec![empty; n_parts.min(1 << 12)],
        }
    }

    #[inline]
    pub(super) fn push(&mut self, key: K, in_refs: bool) -> Place {
        let spread = key.hash().wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
        let idx = (spread as usize * self.parts.len()) >> 16;
        let part = &mut self.parts[idx];
        if in_refs {
            part.refs.push(key);
        } else {
            part.hyps.push(key);
        }
        Place::new(idx, in_refs)
    }

    /// In the references of how many images each n-gram stands.
    pub(super) fn count(self) -> Counts {
        let mut counter = Counter::new();
        let mut counts = Counts {
            n_images: Vec::new(),
            next: Vec::new(),
        };
        for part in self.parts {
            counter.count(&part, &mut counts);
        }
        counts
    }
}

impl Place {
    #[expect(clippy::cast_possible_truncation, reason = "2^12 partitions at most")]
    fn new(part: usize, in_refs: bool) -> Self {
        Self(2 * part as u16 + u16::from(!in_refs))
    }
}

/// The images of each n-gram, read partition by partition in the order in which n-grams were put there.
#[derive(Clone, Debug)]
pub(super) struct Counts {
    n_images: Vec<u32>,
    /// For each place what is read next.
    next: Vec<usize>,
}

impl Counts {
    /// The images of the next n-gram that was put at `place`.
    #[inline]
    pub(super) fn next(&mut self, place: Place) -> u32 {
        let next = &mut self.next[usize::from(place.0)];
        *next += 1;
        self.n_images[*next - 1]
    }
}

/// Counts one partition after the other, in reused memory.
struct Counter<K> {
    numbers: Table,
    /// Each distinct n-gram, and how many images have it.
    keys: Vec<K>,
    n_images: Vec<u32>,
}

impl<K: Key> Counter<K> {
    fn new() -> Self {
        Self {
            numbers: Table::new(),
            keys: Vec::new(),
            n_images: Vec::new(),
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "2^32 n-grams of one partition do not fit into memory"
    )]
    fn count(&mut self, part: &Partition<K>, counts: &mut Counts) {
        self.numbers.clear();
        self.keys.clear();
        self.n_images.clear();
        let first = counts.n_images.len();
        counts.next.push(first);
        for &key in &part.refs {
            let fresh = self.keys.len() as u32;
            let known = |number: u32| key.is(|| self.keys[number as usize]);
            let number = self.numbers.get_or_insert(key.hash(), known, fresh);
            if number == fresh {
                self.keys.push(key);
                self.n_images.push(0);
            }
            self.n_images[number as usize] += 1;
            counts.n_images.push(number);
        }
        for number in &mut counts.n_images[first..] {
            *number = self.n_images[*number as usize];
        }
        counts.next.push(counts.n_images.len());
        for &key in &part.hyps {
            let known = |number: u32| key.is(|| self.keys[number as usize]);
            let number = self.numbers.get(key.hash(), known);
            let n_images = number.map_or(0, |number| self.n_images[number as usize]);
            counts.n_images.push(n_images);
        }
    }
}
