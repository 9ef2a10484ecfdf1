//! Words as the COCO evaluation finds them: Penn Treebank tokens in lower case, without punctuation.
//!
//! `coco-caption` calls the `PTBTokenizer` of Stanford `CoreNLP` 3.4.1 (GPL). This is a tokenizer of our own,
//! written from the Treebank's conventions and from that program's output. How we differ from it:
//!
//! - every caption is tokenised alone: a line break inside one never shifts the next captions by a line;
//! - abbreviations, emoticons and URLs are the common ones, not its full lists;
//! - symbols that it cannot tokenise are dropped as there if they lie above U+FFFF or are Roman numerals; any
//!   other symbol is kept.
//!
//! It was made to agree on every line of the golden set, and reproduces the scores that coco-caption publishes
//! for its example (`tests/golden_ptb.rs`).

mod abbreviations;
mod rules;
mod spelling;

use rules::RULES;

/// The words of a caption, each followed by a space but the last.
///
/// # Examples
///
/// ```
/// let words = bleu::ptb_words("A man's dog isn't here (it cost $3.50), see the U.S. flag!");
/// assert_eq!(words, "a man 's dog is n't here -lrb- it cost $ 3.50 -rrb- see the u.s. flag");
/// ```
pub fn ptb_words(caption: &str) -> String {
    let lower = caption.to_lowercase();
    let mut words = String::with_capacity(lower.len() + 8);
    let mut rest = lower.as_str();
    while let Some(first) = rest.chars().next() {
        let matched = RULES.iter().find_map(|rule| rule(rest));
        let (token, after) = rest.split_at(matched.unwrap_or(first.len_utf8()));
        for word in spelling::words(token) {
            if !words.is_empty() {
                words.push(' ');
            }
            words.push_str(&word);
        }
        rest = after;
    }
    words
}
