//! The vocabulary: words and their ids.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::data::DataError;
use crate::tokenize::{SPECIALS, Tokenization};

/// Fills rows up to a common length.
pub const PAD: i64 = 0;
/// Starts a caption.
pub const SOS: i64 = 1;
/// Ends a caption.
pub const EOS: i64 = 2;
/// Stands for every word that is not in the vocabulary.
pub const UNK: i64 = 3;

/// Words and their ids: the four specials, then words by falling frequency, equal ones in alphabetical order. It knows
/// how captions become its words.
///
/// # Examples
///
/// ```
/// use caption_models::vocab::{EOS, SOS, UNK, Vocab};
///
/// let vocab = Vocab::build(["a red circle", "a blue circle", "a circle"], 2);
/// assert_eq!(vocab.words()[4..], ["a", "circle"]);
/// assert_eq!(vocab.encode("A green circle.", 20), [SOS, 4, UNK, 5, EOS]);
/// assert_eq!(vocab.decode(&[SOS, 4, 5, EOS, 4]), "a circle");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "VocabFile", into = "VocabFile")]
pub struct Vocab {
    tokenization: Tokenization,
    words: Vec<String>,
    ids: HashMap<String, i64>,
}

impl Vocab {
    /// The words of [`Tokenization::Plain`] that occur at least `min_count` times in `captions`. The order of the captions
    /// does not matter.
    pub fn build<S: AsRef<str>>(captions: impl IntoIterator<Item = S>, min_count: usize) -> Self {
        Self::build_by(Tokenization::default(), captions, min_count)
    }

    /// [`build`](Self::build) with words of another kind.
    ///
    /// # Examples
    ///
    /// ```
    /// use caption_models::tokenize::Tokenization;
    /// use caption_models::vocab::Vocab;
    ///
    /// let vocab = Vocab::build_by(Tokenization::Ptb, ["a man's dog", "a dog's tail"], 2);
    /// assert_eq!(vocab.words()[4..], ["'s", "a", "dog"]);
    /// assert_eq!(vocab.decode(&vocab.encode("A dog's.", 20)), "a dog 's");
    /// ```
    pub fn build_by<S: AsRef<str>>(
        tokenization: Tokenization,
        captions: impl IntoIterator<Item = S>,
        min_count: usize,
    ) -> Self {
        let mut counts = BTreeMap::<String, usize>::new();
        for caption in captions {
            for word in tokenization.words(caption.as_ref()) {
                *counts.entry(word).or_default() += 1;
            }
        }
        let mut frequent: Vec<(String, usize)> = counts.into_iter().collect();
        frequent.retain(|(_, count)| *count >= min_count);
        frequent.sort_by(|(left, m), (right, n)| n.cmp(m).then_with(|| left.cmp(right)));
        let specials = SPECIALS.map(String::from).into_iter();
        let frequent = frequent.into_iter().map(|(word, _)| word);
        Self::index(tokenization, specials.chain(frequent))
    }

    fn index(tokenization: Tokenization, words: impl Iterator<Item = String>) -> Self {
        let words: Vec<String> = words.collect();
        let ids = (0..).zip(&words).map(|(id, word)| (word.clone(), id));
        let ids = ids.collect();
        Self {
            tokenization,
            words,
            ids,
        }
    }

    /// How captions become its words.
    pub fn tokenization(&self) -> Tokenization {
        self.tokenization
    }

    /// Number of ids, with the four specials.
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Whether there is no word but the specials.
    pub fn is_empty(&self) -> bool {
        self.words.len() == SPECIALS.len()
    }

    /// Every spelling by id, the specials included.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The id of a word, [`UNK`] for an unknown one.
    pub fn id(&self, word: &str) -> i64 {
        self.ids.get(word).copied().unwrap_or(UNK)
    }

    /// The spelling of an id.
    pub fn word(&self, id: i64) -> Option<&str> {
        let id = usize::try_from(id).ok()?;
        self.words.get(id).map(String::as_str)
    }

    /// A caption as ids: [`SOS`], the words, [`EOS`]. Words that do not fit in `max_length` ids are cut off; [`EOS`]
    /// stays. A `max_length` below 2 counts as 2.
    pub fn encode(&self, caption: &str, max_length: usize) -> Vec<i64> {
        let words = self.tokenization.words(caption);
        let n_words = words.len().min(max_length.saturating_sub(2));
        let ids = words[..n_words].iter().map(|word| self.id(word));
        std::iter::once(SOS).chain(ids).chain([EOS]).collect()
    }

    /// The words before the first [`EOS`], joined by spaces. Specials and ids out of range say nothing.
    pub fn decode(&self, ids: &[i64]) -> String {
        let said = ids.iter().take_while(|id| **id != EOS);
        let words = said.filter(|id| **id > UNK).filter_map(|id| self.word(*id));
        words.collect::<Vec<_>>().join(" ")
    }

    /// Reads what [`save`](Self::save) wrote.
    ///
    /// # Errors
    ///
    /// When the file cannot be read, is not JSON of the form `{"tokenization": "ptb", "words": [..]}`, or breaks a rule:
    /// the specials first, then words as the tokenization spells them, each once. Files without a tokenization are
    /// [`Tokenization::Plain`].
    pub fn load(path: &Path) -> Result<Self, DataError> {
        let text = std::fs::read(path).map_err(|cause| DataError::read(path, cause))?;
        serde_json::from_slice(&text).map_err(|cause| DataError::VocabFile {
            path: path.to_owned(),
            cause,
        })
    }

    /// Writes the vocabulary as JSON, one word a line.
    ///
    /// # Errors
    ///
    /// When the file cannot be written.
    pub fn save(&self, path: &Path) -> Result<(), DataError> {
        let text = serde_json::to_string_pretty(self).map_err(std::io::Error::from);
        let written = text.and_then(|text| std::fs::write(path, text + "\n"));
        written.map_err(|cause| DataError::Write {
            path: path.to_owned(),
            cause,
        })
    }
}

/// The vocabulary as it is written; reading one back checks it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct VocabFile {
    #[serde(default)]
    tokenization: Tokenization,
    words: Vec<String>,
}

impl From<Vocab> for VocabFile {
    fn from(vocab: Vocab) -> Self {
        Self {
            tokenization: vocab.tokenization,
            words: vocab.words,
        }
    }
}

impl TryFrom<VocabFile> for Vocab {
    type Error = DataError;

    fn try_from(file: VocabFile) -> Result<Self, DataError> {
        for (id, expected) in SPECIALS.into_iter().enumerate() {
            let found = file.words.get(id).cloned().unwrap_or_default();
            if found != expected {
                return Err(DataError::VocabSpecial {
                    id,
                    found,
                    expected,
                });
            }
        }
        for (id, word) in file.words.iter().enumerate().skip(SPECIALS.len()) {
            if !file.tokenization.has(word) {
                let word = word.clone();
                return Err(DataError::VocabWord { id, word });
            }
        }
        let n_words = file.words.len();
        let vocab = Self::index(file.tokenization, file.words.into_iter());
        if vocab.ids.len() == n_words {
            return Ok(vocab);
        }
        Err(vocab.repeated())
    }
}

impl Vocab {
    /// The first word whose id a later one took.
    fn repeated(&self) -> DataError {
        let mut ids = 0_i64..;
        let taken = self
            .words
            .iter()
            .find(|word| Some(self.id(word)) != ids.next());
        DataError::VocabRepeated {
            word: taken.cloned().unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(vocab: &Vocab) -> Vec<&str> {
        vocab.words()[SPECIALS.len()..]
            .iter()
            .map(String::as_str)
            .collect()
    }

    #[test]
    fn orders_by_frequency_then_word() {
        let vocab = Vocab::build(["b a c", "c b", "c d"], 1);
        assert_eq!(words(&vocab), ["c", "b", "a", "d"]);
    }

    #[test]
    fn drops_words_below_the_threshold() {
        let vocab = Vocab::build(["b a c", "c b", "c d"], 2);
        assert_eq!(words(&vocab), ["c", "b"]);
        assert_eq!(vocab.id("a"), UNK);
    }

    #[test]
    fn specials_have_the_first_ids() {
        let vocab = Vocab::build(["a"], 1);
        let ids = SPECIALS.map(|special| vocab.id(special));
        assert_eq!(ids, [PAD, SOS, EOS, UNK]);
        assert_eq!((vocab.len(), vocab.is_empty()), (5, false));
        assert!(Vocab::build(["a"], 2).is_empty());
    }

    #[test]
    fn a_cut_caption_keeps_its_end() {
        let vocab = Vocab::build(["a b c d"], 1);
        assert_eq!(vocab.encode("a b c d", 4), [SOS, 4, 5, EOS]);
        assert_eq!(vocab.encode("a b c d", 0), [SOS, EOS]);
        assert_eq!(vocab.encode("", 9), [SOS, EOS]);
    }

    #[test]
    fn decode_stops_at_the_end_and_drops_specials_and_unknown_ids() {
        let vocab = Vocab::build(["a b"], 1);
        assert_eq!(vocab.decode(&[SOS, PAD, 4, UNK, 99, -1, 5, EOS, 4]), "a b");
        assert_eq!(vocab.decode(&[]), "");
    }

    #[track_caller]
    fn refused(json: &str, needle: &str) {
        let error = serde_json::from_str::<Vocab>(json).unwrap_err().to_string();
        assert!(error.contains(needle), "{error}");
    }

    #[test]
    fn refuses_a_broken_file() {
        refused("[]", "invalid");
        refused(
            r#"{"words":["<pad>","<eos>"]}"#,
            "id 1 is `<eos>`, expected `<sos>`",
        );
        refused(r#"{"words":["<pad>","<sos>","<eos>","<unk>","A"]}"#, "`A`");
        refused(r#"{"words":["<pad>","<sos>","<eos>","<unk>",""]}"#, "``");
        refused(
            r#"{"words":["<pad>","<sos>","<eos>","<unk>","a","b","a"]}"#,
            "`a` twice",
        );
    }

    #[test]
    fn a_vocabulary_knows_how_its_words_were_made() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vocab.json");
        for tokenization in [Tokenization::Ptb, Tokenization::Nltk] {
            let vocab = Vocab::build_by(tokenization, ["A man's (old) dog."], 1);
            vocab.save(&path).unwrap();
            let read = Vocab::load(&path).unwrap();
            assert_eq!(read, vocab);
            assert_eq!(read.decode(&read.encode("the man's", 9)), "man 's");
        }
        let old = r#"{"words":["<pad>","<sos>","<eos>","<unk>","man's"]}"#;
        let old: Vocab = serde_json::from_str(old).unwrap();
        assert_eq!(old.tokenization(), Tokenization::Plain);
    }

    #[test]
    fn load_names_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vocab.json");
        let missing = Vocab::load(&path).unwrap_err().to_string();
        assert!(missing.contains("vocab.json"), "{missing}");
        std::fs::write(&path, "{").unwrap();
        let broken = Vocab::load(&path).unwrap_err().to_string();
        assert!(
            broken.contains("vocab.json") && broken.contains("EOF"),
            "{broken}"
        );
    }

    proptest! {
        #[test]
        fn a_saved_vocabulary_is_read_back(captions in prop::collection::vec(".{0,30}", 0..6)) {
            let vocab = Vocab::build(&captions, 1);
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("vocab.json");
            vocab.save(&path).unwrap();
            prop_assert_eq!(Vocab::load(&path).unwrap(), vocab);
        }

        #[test]
        fn decoding_an_encoded_caption_gives_its_words(caption in "[a-z' ,.-]{0,40}") {
            let vocab = Vocab::build([&caption], 1);
            let ids = vocab.encode(&caption, 100);
            prop_assert_eq!(vocab.decode(&ids), Tokenization::Plain.words(&caption).join(" "));
        }

        #[test]
        fn the_order_of_captions_does_not_matter(mut captions in prop::collection::vec("[abc ]{0,9}", 0..6)) {
            let vocab = Vocab::build(&captions, 1);
            captions.reverse();
            prop_assert_eq!(Vocab::build(&captions, 1), vocab);
        }
    }
}
