//! How captions become the words of a vocabulary.
//!
//! A vocabulary, and with it training and the protocol `lemur`, sees the words of one [`Tokenization`]. The protocol
//! `coco` reads texts as Penn Treebank words whatever a vocabulary holds.

use serde::{Deserialize, Serialize};

/// How captions become words.
///
/// # Examples
///
/// ```
/// use caption_models::tokenize::Tokenization;
///
/// let words = |tokenization: Tokenization| tokenization.words("A man's dog (brown).").join(" ");
/// assert_eq!(words(Tokenization::Plain), "a man's dog brown");
/// assert_eq!(words(Tokenization::Ptb), "a man 's dog -lrb- brown -rrb-");
/// assert_eq!(words(Tokenization::Nltk), "a man 's dog ( brown ) .");
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tokenization {
    /// [`tokenize`]
    #[default]
    Plain,
    /// Penn Treebank words without punctuation, [`bleu::ptb_words`]: what the COCO evaluation compares.
    Ptb,
    /// NLTK's `word_tokenize` of the caption in lower case, [`bleu::nltk_words`], punctuation included: LEMUR's words.
    Nltk,
}

impl Tokenization {
    /// The words of a caption, in order; none of them is empty or has a space.
    pub fn words(self, caption: &str) -> Vec<String> {
        let words = match self {
            Self::Plain => return tokenize(caption),
            Self::Ptb => bleu::ptb_words(caption),
            Self::Nltk => bleu::nltk_words(&caption.to_lowercase()),
        };
        let words = words.split_whitespace();
        words
            .filter(|word| !is_special(word))
            .map(str::to_owned)
            .collect()
    }

    /// Whether `word` can be a word of a vocabulary.
    pub(crate) fn has(self, word: &str) -> bool {
        match self {
            Self::Plain => tokenize(word).as_slice() == [word],
            Self::Ptb | Self::Nltk => {
                !word.is_empty() && !word.contains(char::is_whitespace) && !is_special(word)
            }
        }
    }
}

/// The spellings of a vocabulary's special ids. The Treebank's rules keep tags whole, so that a caption may have them.
pub(crate) const SPECIALS: [&str; 4] = ["<pad>", "<sos>", "<eos>", "<unk>"];

fn is_special(word: &str) -> bool {
    SPECIALS.contains(&word)
}

/// The words of a caption, in order, by the rules of [`Tokenization::Plain`].
///
/// They keep what a caption says and drop how it is punctuated. A word is a run of letters and digits, lower case; one
/// apostrophe or hyphen between two of them stays (`man's`, `t-shirt`), so that joining the words with spaces gives
/// text which the metrics' own tokenisers read as they read the original. Everything else separates words.
///
/// # Examples
///
/// ```
/// use caption_models::tokenize::tokenize;
///
/// let words = tokenize("A man's T-shirt, 2 dogs -- and one \"frisbee\".");
/// assert_eq!(words, ["a", "man's", "t-shirt", "2", "dogs", "and", "one", "frisbee"]);
/// ```
pub fn tokenize(caption: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let lower = caption.to_lowercase();
    let mut letters = lower.chars().map(plain).peekable();
    while let Some(letter) = letters.next() {
        let joins = matches!(letter, '\'' | '-')
            && !word.is_empty()
            && letters.peek().is_some_and(|next| next.is_alphanumeric());
        if letter.is_alphanumeric() || joins {
            word.push(letter);
        } else if !word.is_empty() {
            words.push(std::mem::take(&mut word));
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

/// Typographic apostrophes and hyphens, as typed on a keyboard.
fn plain(letter: char) -> char {
    match letter {
        '\u{2018}' | '\u{2019}' => '\'',
        '\u{2010}' | '\u{2011}' => '-',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(caption: &str, expected: &[&str]) {
        assert_eq!(tokenize(caption), expected);
    }

    #[test]
    fn drops_punctuation_and_case() {
        check("A DOG, (brown); runs!", &["a", "dog", "brown", "runs"]);
        check("  \t\n ", &[]);
        check("...", &[]);
    }

    #[test]
    fn keeps_inner_apostrophes_and_hyphens_only() {
        check("the dogs' toys", &["the", "dogs", "toys"]);
        check("'quoted' -dash- a--b", &["quoted", "dash", "a", "b"]);
        check("woman\u{2019}s", &["woman's"]);
    }

    #[test]
    fn splits_numbers_at_points() {
        check("2.5 m", &["2", "5", "m"]);
    }

    const ALL: [Tokenization; 3] = [Tokenization::Plain, Tokenization::Ptb, Tokenization::Nltk];

    #[test]
    fn a_caption_cannot_say_a_special_id() {
        for tokenization in ALL {
            let words = tokenization.words("<pad> a <unk> dog <EOS>");
            assert!(words.iter().all(|word| tokenization.has(word)), "{words:?}");
        }
        assert_eq!(
            Tokenization::Ptb.words("<pad> a <unk> dog <EOS>"),
            ["a", "dog"]
        );
    }

    proptest! {
        #[test]
        fn a_vocabulary_can_hold_every_word(caption in "(?s).{0,60}|[a-z'.,<>()0-9 -]{0,40}") {
            for tokenization in ALL {
                for word in tokenization.words(&caption) {
                    prop_assert!(tokenization.has(&word), "{tokenization:?} {word:?}");
                }
            }
        }

        #[test]
        fn words_are_fixed_points(caption in ".{0,60}") {
            for word in tokenize(&caption) {
                prop_assert_eq!(tokenize(&word), vec![word.clone()]);
            }
        }

        #[test]
        fn joining_and_splitting_again_changes_nothing(caption in ".{0,60}") {
            let words = tokenize(&caption);
            prop_assert_eq!(tokenize(&words.join(" ")), words);
        }
    }
}
