//! Greedy decoding: the most probable token at every position.

use burn::tensor::{Int, Tensor, TensorData, s};

use crate::harness::{Alignment, CaptionNet};
use crate::vocab::{EOS, PAD, SOS};

/// Captions of a batch of images, at most `max_length` tokens each.
///
/// A row holds what follows SOS, its EOS included when the net reached it; each row stops at its
/// own EOS. The prefix is decoded anew at every step, so any net works that obeys its
/// [`Alignment`].
///
/// # Shapes
///
/// - images: `[batch, channels, height, width]`
pub fn greedy(net: &dyn CaptionNet, images: Tensor<4>, max_length: usize) -> Vec<Vec<i64>> {
    let [batch, ..] = images.dims();
    let memory = net.encode(images);
    let mut prefixes = vec![vec![SOS]; batch];
    for _ in 0..max_length {
        let captions = padded(net, &prefixes);
        let tokens = next_tokens(
            net.spec().alignment,
            net.decode(&memory, captions),
            &prefixes,
        );
        for (prefix, token) in prefixes.iter_mut().zip(tokens) {
            let ended = is_ended(prefix);
            prefix.push(if ended { PAD } else { token });
        }
        if prefixes.iter().all(|prefix| is_ended(prefix)) {
            break;
        }
    }
    prefixes.into_iter().map(caption).collect()
}

fn is_ended(prefix: &[i64]) -> bool {
    prefix.iter().skip(1).any(|token| *token == EOS)
}

/// The prefixes with the columns behind them that the net's alignment asks for.
fn padded(net: &dyn CaptionNet, prefixes: &[Vec<i64>]) -> Tensor<2, Int> {
    let length = prefixes.first().map_or(0, Vec::len);
    let n_extra = net.spec().alignment.n_extra(length);
    let padding = || std::iter::repeat_n(&PAD, n_extra);
    let ids: Vec<i64> = prefixes
        .iter()
        .flat_map(|prefix| prefix.iter().chain(padding()))
        .copied()
        .collect();
    let shape = [prefixes.len(), length + n_extra];
    Tensor::from_data(TensorData::new(ids, shape), net.device())
}

/// The best token behind each prefix.
fn next_tokens(alignment: Alignment, logits: Tensor<3>, prefixes: &[Vec<i64>]) -> Vec<i64> {
    let row = alignment.row(prefixes.first().map_or(0, Vec::len));
    let scores = logits.slice(s![.., row..row + 1, ..]); // [batch, 1, vocab]
    scores.argmax(2).into_data().iter().collect()
}

/// What follows SOS, up to and with EOS.
fn caption(mut prefix: Vec<i64>) -> Vec<i64> {
    if let Some(end) = prefix.iter().position(|token| *token == EOS) {
        prefix.truncate(end + 1);
    }
    prefix.remove(0);
    prefix
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_ends_with_its_end_token() {
        assert_eq!(caption(vec![SOS, 7, 8, EOS, PAD]), [7, 8, EOS]);
        assert_eq!(caption(vec![SOS, 7, 8]), [7, 8]);
        assert_eq!(caption(vec![SOS]), [0_i64; 0]);
    }

    #[test]
    fn only_a_token_behind_the_start_can_end_a_caption() {
        assert!(!is_ended(&[SOS]));
        assert!(is_ended(&[SOS, EOS]));
        assert!(is_ended(&[SOS, 5, EOS, PAD]));
        assert!(!is_ended(&[SOS, 5]));
        assert!(!is_ended(&[SOS, PAD]), "a net may say PAD and go on");
    }
}
