//! The hits of ROUGE-Lsum (Lin 2004, section 3.2): words of each line of a reference that some line of the
//! hypothesis has in the same order.
//!
//! Which of several longest subsequences is taken makes a difference, and is `rouge-score`'s choice. A line counts
//! up to its [`MAX_WORDS`]th word, which the reference has no bound for: the table of two lines has the product of
//! their lengths.

use std::collections::HashMap;

/// The longest line whose subsequences are looked for.
const MAX_WORDS: usize = 4096;

/// Words of the reference that are hit, each at most as often as the hypothesis has it.
pub(crate) fn summary_hits(hyp: &[String], reference: &[String]) -> u64 {
    let hyp: Vec<Vec<&str>> = hyp.iter().map(|line| words(line)).collect();
    let mut left: HashMap<&str, u64> = HashMap::new();
    for &word in hyp.iter().flatten() {
        *left.entry(word).or_default() += 1;
    }
    let mut hits = 0;
    for line in reference {
        let line = words(line);
        let mut hit = vec![false; line.len()];
        for hyp_line in &hyp {
            mark_common(&line, hyp_line, &mut hit);
        }
        for (word, _) in line.iter().zip(hit).filter(|&(_, hit)| hit) {
            if let Some(count) = left.get_mut(word).filter(|count| **count > 0) {
                *count -= 1;
                hits += 1;
            }
        }
    }
    hits
}

fn words(line: &str) -> Vec<&str> {
    line.split_ascii_whitespace().take(MAX_WORDS).collect()
}

/// Marks the words of `line` in one of its longest common subsequences with `other`.
fn mark_common(line: &[&str], other: &[&str], hit: &mut [bool]) {
    let width = other.len() + 1;
    let lengths = table(line, other);
    let (mut row, mut column) = (line.len(), other.len());
    while row > 0 && column > 0 {
        if line[row - 1] == other[column - 1] {
            row -= 1;
            column -= 1;
            hit[row] = true;
        } else if lengths[row * width + column - 1] > lengths[(row - 1) * width + column] {
            column -= 1;
        } else {
            row -= 1;
        }
    }
}

/// The length of the longest common subsequence of every two prefixes.
fn table(line: &[&str], other: &[&str]) -> Vec<u16> {
    let width = other.len() + 1;
    let mut lengths = vec![0_u16; (line.len() + 1) * width];
    for (row, word) in line.iter().enumerate() {
        for (column, other) in other.iter().enumerate() {
            let above = row * width + column;
            lengths[above + width + 1] = if word == other {
                lengths[above] + 1
            } else {
                lengths[above + 1].max(lengths[above + width])
            };
        }
    }
    lengths
}
