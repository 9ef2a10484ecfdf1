//! The one word tokeniser: vocabulary, training and references all see the words it returns.
//!
//! It keeps what a caption says and drops how it is punctuated. A word is a run of letters and digits, lower case; one
//! apostrophe or hyphen between two of them stays (`man's`, `t-shirt`), so that joining the words with spaces gives
//! text which the metrics' own tokenisers read as they read the original. Everything else separates words.

/// The words of a caption, in order.
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

    proptest! {
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
