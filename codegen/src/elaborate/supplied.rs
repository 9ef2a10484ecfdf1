//! What LEMUR gives a net: its vocabulary.
use super::interp::Interp;
use super::value::Value;

/// Words with a meaning of their own, by id.
const SPECIAL: [&str; 4] = ["<PAD>", "<SOS>", "<EOS>", "<UNK>"];

impl Interp<'_, '_> {
    /// A value that LEMUR's packages hold, by its dotted name.
    pub(super) fn supplied(&mut self, path: &str) -> Option<Value> {
        (path == "ab.nn.loader.coco_.Caption.GLOBAL_CAPTION_VOCAB").then(|| self.vocabulary())
    }

    /// `{'word2idx': ..., 'idx2word': ...}`: the special words, then a name for every other word.
    fn vocabulary(&mut self) -> Value {
        let words: Vec<(Value, Value)> = (0..self.sizes.vocab)
            .map(|id| {
                let word = SPECIAL
                    .get(id)
                    .map_or_else(|| format!("w{id}"), |word| (*word).to_owned());
                (Value::str(&word), Value::int(id))
            })
            .collect();
        let swapped = words
            .iter()
            .map(|(word, id)| (id.clone(), word.clone()))
            .collect();
        let word2idx = self.new_dict(words);
        let idx2word = self.new_dict(swapped);
        self.new_dict(vec![
            (Value::str("word2idx"), word2idx),
            (Value::str("idx2word"), idx2word),
        ])
    }
}
