//! Words as the COCO evaluation finds them: Penn Treebank tokens in lower case, without punctuation.
//!
//! `coco-caption` calls the `PTBTokenizer` of Stanford `CoreNLP` 3.4.1 (GPL). This is a tokenizer of our own, written
//! from the Treebank's conventions and from that program's output. Like it, it takes the longest token that starts at
//! each place, and looks at the text before it is put in lower case: `R&B` is one word, `r&b` is three. How we differ:
//!
//! - every caption is tokenised alone: a line break inside one never shifts the next captions by a line, and the
//!   first word of the next one never decides whether the `K.` at the end of this one keeps its period;
//! - HTML tags, telephone numbers, emoticons and addresses are the common ones, and what makes them one token is
//!   seen within 256 bytes, so that no text takes more than time in proportion to its length;
//! - characters that it does not know are dropped as there from U+2000 on, emoji among them, and kept below;
//! - a soft hyphen ends a word, where it vanishes there.
//!
//! It was made to agree on every line of the golden set, and reproduces the scores that coco-caption publishes
//! for its example (`tests/golden_ptb.rs`); `tests/ptb_lines.rs` has lines that are hard, with that program's words.

mod abbreviations;
mod apostrophes;
mod characters;
mod compounds;
mod numbers;
mod rules;
mod signs;
mod spelling;
mod web;

/// The words of a caption, each followed by a space but the last.
///
/// # Examples
///
/// ```
/// let words = bleu::ptb_words("A man's dog isn't here (it cost $3.50), see the U.S. flag!");
/// assert_eq!(words, "a man 's dog is n't here -lrb- it cost $ 3.50 -rrb- see the u.s. flag");
/// ```
pub fn ptb_words(caption: &str) -> String {
    let mut words = String::with_capacity(caption.len() + 8);
    let mut rest = caption;
    while let Some(first) = rest.chars().next() {
        let len = rules::token_len(rest).unwrap_or(first.len_utf8());
        let (token, after) = rest.split_at(len);
        let ends = apostrophes::clitic(after).is_none();
        for word in spelling::words(&token.to_lowercase(), ends) {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(&word);
        }
        rest = after;
    }
    words
}
