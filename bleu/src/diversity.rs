//! What captions are like, whatever they are about.

use std::collections::HashSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::tokens::ptb_words;

/// How varied captions are: a net that has collapsed says the same of every picture, and scores better than it should.
///
/// Words are those of [`ptb_words`]. Every share is between 0 and 1, and 0 without captions or words.
///
/// # Examples
///
/// ```
/// use bleu::Diversity;
///
/// let diversity = Diversity::of(&["a dog runs on the", "A dog runs on the.", "a cat and a cat and a cat"]);
/// assert_eq!((diversity.n_captions, diversity.n_unique), (3, 2));
/// assert_eq!((diversity.dangling, diversity.repeating), (2.0 / 3.0, 1.0 / 3.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Diversity {
    /// How many captions there are.
    pub n_captions: usize,
    /// How many of them differ in their words.
    pub n_unique: usize,
    /// How many words there are.
    pub n_words: usize,
    /// How many words differ.
    pub vocabulary: usize,
    /// Different n-grams for each n-gram, of one, two, three and four words (Li et al. 2016, section 5.1).
    pub distinct: [f64; 4],
    /// Words of a caption, on average.
    pub mean_length: f64,
    /// The share of captions that say the same three words twice, or one word twice in a row.
    pub repeating: f64,
    /// The share of captions that end in a word which wants another behind it: `a`, `of`, `and`.
    pub dangling: f64,
}

/// Articles, prepositions and conjunctions that no caption ends with.
const UNFINISHED: [&str; 22] = [
    "a", "an", "and", "are", "at", "behind", "beside", "between", "for", "from", "his", "in",
    "into", "is", "its", "near", "next", "of", "on", "the", "to", "with",
];

impl Diversity {
    /// Looks at captions as people write them.
    pub fn of<S: AsRef<str>>(captions: &[S]) -> Self {
        let texts: Vec<String> = captions
            .iter()
            .map(|text| ptb_words(text.as_ref()))
            .collect();
        let captions: Vec<Vec<&str>> = texts.iter().map(|text| text.split(' ').collect()).collect();
        let captions: Vec<&[&str]> = captions
            .iter()
            .map(|words| words.strip_prefix(&[""]).unwrap_or(words))
            .collect();
        let n_captions = captions.len();
        let n_words = captions.iter().map(|words| words.len()).sum();
        let share = |is_one: fn(&[&str]) -> bool| {
            let count = captions.iter().filter(|words| is_one(words)).count();
            ratio(count, n_captions)
        };
        Self {
            n_captions,
            n_unique: captions.iter().collect::<HashSet<_>>().len(),
            n_words,
            vocabulary: captions
                .iter()
                .copied()
                .flatten()
                .collect::<HashSet<_>>()
                .len(),
            distinct: std::array::from_fn(|shorter| distinct(&captions, shorter + 1)),
            mean_length: ratio(n_words, n_captions),
            repeating: share(is_repeating),
            dangling: share(|words| words.last().is_some_and(|last| UNFINISHED.contains(last))),
        }
    }
}

fn distinct(captions: &[&[&str]], order: usize) -> f64 {
    let ngrams = || captions.iter().flat_map(|words| words.windows(order));
    ratio(ngrams().collect::<HashSet<_>>().len(), ngrams().count())
}

fn is_repeating(words: &[&str]) -> bool {
    let mut seen = HashSet::new();
    words.windows(2).any(|pair| pair[0] == pair[1])
        || !words.windows(3).all(|triple| seen.insert(triple))
}

fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

/// `2 of 3 captions differ, 6.0 words each of 7 different, distinct-2 0.60, 33 % repeat themselves, 67 % end unfinished`
impl fmt::Display for Diversity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} of {} captions differ, {:.1} words each of {} different, distinct-2 {:.2}, {:.0} % repeat themselves, \
             {:.0} % end unfinished",
            self.n_unique,
            self.n_captions,
            self.mean_length,
            self.vocabulary,
            self.distinct[1],
            100.0 * self.repeating,
            100.0 * self.dangling,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_caption_for_every_picture_is_no_variety() {
        let diversity = Diversity::of(&["a man riding a wave"; 50]);
        assert_eq!((diversity.n_unique, diversity.vocabulary), (1, 4));
        assert!(
            diversity.distinct.iter().all(|distinct| *distinct < 0.05),
            "{diversity:?}"
        );
        assert!((diversity.mean_length - 5.0).abs() < 1e-12);
        assert!(diversity.repeating == 0.0 && diversity.dangling == 0.0);
    }

    #[test]
    fn no_captions_and_empty_ones_have_no_words() {
        for captions in [&[][..], &["", " . "]] {
            let diversity = Diversity::of(captions);
            assert_eq!((diversity.n_words, diversity.distinct), (0, [0.0; 4]));
        }
    }
}
