//! What a caption may not say next, whatever the net thinks.

use super::DecodeOptions;
use crate::vocab::EOS;

/// Forbids, by a log-probability of minus infinity, what the options forbid behind `prefix`, which begins with SOS.
pub(super) fn forbid(options: &DecodeOptions, prefix: &[i64], log_probs: &mut [f32]) {
    let words = prefix.get(1..).unwrap_or_default();
    if words.len() < options.min_length {
        forbid_token(EOS, log_probs);
    }
    for token in repeating(words, options.no_repeat) {
        forbid_token(token, log_probs);
    }
}

fn forbid_token(token: i64, log_probs: &mut [f32]) {
    let place = usize::try_from(token).ok();
    if let Some(log_prob) = place.and_then(|place| log_probs.get_mut(place)) {
        *log_prob = f32::NEG_INFINITY;
    }
}

/// Tokens that would make the last `n` words a sequence that stands there already.
fn repeating(words: &[i64], n: usize) -> impl Iterator<Item = i64> {
    let last = match n.checked_sub(1) {
        Some(n_last) => words.len().checked_sub(n_last).map(|start| &words[start..]),
        None => None,
    };
    let windows = words.windows(n.max(1));
    let follows = last.map(|last| {
        windows.filter_map(move |window| {
            let (next, before) = window.split_last()?;
            (before == last).then_some(*next)
        })
    });
    follows.into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_of_words_stands_once() {
        let repeated: Vec<i64> = repeating(&[5, 6, 5, 7, 5], 2).collect();
        assert_eq!(repeated, [6, 7]);
        assert_eq!(repeating(&[5, 6, 5, 7, 5], 0).count(), 0);
        assert_eq!(repeating(&[5], 3).count(), 0);
    }

    #[test]
    fn with_one_every_word_stands_once() {
        let repeated: Vec<i64> = repeating(&[5, 6], 1).collect();
        assert_eq!(repeated, [5, 6]);
    }

    #[test]
    fn a_short_caption_cannot_end() {
        let options = DecodeOptions {
            min_length: 2,
            ..DecodeOptions::default()
        };
        let may_end = |prefix: &[i64]| {
            let mut log_probs = [0.0; 4];
            forbid(&options, prefix, &mut log_probs);
            let end = usize::try_from(EOS).unwrap();
            log_probs[end].is_finite()
        };
        assert!(!may_end(&[1, 3]));
        assert!(may_end(&[1, 3, 3]));
    }
}
