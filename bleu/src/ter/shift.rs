//! The search for words to move, as `tercom` makes it (Snover et al. 2006, section 3) and sacrebleu 2.6 limits it.

use super::distance::{Distances, Edit};

/// The most words that are moved together.
const MAX_WORDS: usize = 10;

/// How far from their place in the reference words are moved from.
const MAX_DISTANCE: usize = 50;

/// How many moves are tried for one pair of texts.
const MAX_TRIED: usize = 1000;

/// Counts the edits between texts, in reused memory.
#[derive(Clone, Debug, Default)]
pub(super) struct Editor {
    distances: Distances,
    edits: Vec<Edit>,
    alignment: Alignment,
    moved: Vec<u32>,
}

/// Where the words of the reference went, and which words were edited.
#[derive(Clone, Debug, Default)]
struct Alignment {
    /// For each word of the reference how many words of the hypothesis end before it, or with it.
    ends: Vec<usize>,
    ref_edited: Vec<bool>,
    hyp_edited: Vec<bool>,
}

/// Some words of the hypothesis and a place for them.
#[derive(Clone, Copy, Debug)]
struct Shift {
    start: usize,
    n_words: usize,
    target: usize,
}

impl Editor {
    /// Moves and other edits that make the hypothesis, whose words are below `n_words`, the reference.
    pub(super) fn count(&mut self, hyp: &[u32], reference: &[u32], n_words: usize) -> u64 {
        if reference.is_empty() {
            return hyp.len() as u64;
        }
        let mut words = hyp.to_vec();
        let (mut n_shifts, mut n_tried) = (0, 0);
        loop {
            self.distances.fill(&words, reference, n_words);
            let best = self.best_shift(&words, reference, &mut n_tried);
            let Some((shift, _)) = best.filter(|&(_, gain)| gain > 0 && n_tried < MAX_TRIED) else {
                return n_shifts + u64::from(self.distances.total());
            };
            shift.apply(&words, &mut self.moved);
            std::mem::swap(&mut words, &mut self.moved);
            n_shifts += 1;
        }
    }

    /// The move that saves most edits, and how many; of equals the longer, then the one from further left, then the
    /// one to further left.
    fn best_shift(
        &mut self,
        words: &[u32],
        reference: &[u32],
        n_tried: &mut usize,
    ) -> Option<(Shift, i64)> {
        self.distances.edits(words, reference, &mut self.edits);
        self.alignment.read(self.edits.iter().rev());
        let mut best = None;
        for start in 0..words.len() {
            let first = start.saturating_sub(MAX_DISTANCE);
            let end = reference.len().min(start + MAX_DISTANCE + 1);
            for ref_start in first..end {
                let pairs = words[start..].iter().zip(&reference[ref_start..]);
                let common = pairs.take(MAX_WORDS).take_while(|(a, b)| a == b).count();
                for n_words in 1..=common {
                    if self.alignment.allows(start, ref_start, n_words) {
                        let shift = |target| Shift {
                            start,
                            n_words,
                            target,
                        };
                        let targets = self.alignment.targets(ref_start, n_words);
                        for target in targets.into_iter().flatten() {
                            self.try_shift(shift(target), words, reference, &mut best);
                            *n_tried += 1;
                        }
                        if *n_tried >= MAX_TRIED {
                            return best;
                        }
                    }
                }
            }
        }
        best
    }

    fn try_shift(
        &mut self,
        shift: Shift,
        words: &[u32],
        reference: &[u32],
        best: &mut Option<(Shift, i64)>,
    ) {
        shift.apply(words, &mut self.moved);
        let changed = shift.start.min(shift.target);
        let before = i64::from(self.distances.total());
        let after = self.distances.of_changed(&self.moved, changed, reference);
        let gain = before - i64::from(after);
        if best.is_none_or(|best| shift.rank(gain) > best.0.rank(best.1)) {
            *best = Some((shift, gain));
        }
    }
}

impl Shift {
    fn rank(self, gain: i64) -> (i64, usize, std::cmp::Reverse<(usize, usize)>) {
        (
            gain,
            self.n_words,
            std::cmp::Reverse((self.start, self.target)),
        )
    }

    /// Writes the words in their new order.
    fn apply(self, words: &[u32], out: &mut Vec<u32>) {
        let Self {
            start,
            n_words,
            target,
        } = self;
        let end = start + n_words;
        // The words that change places with the moved ones: those in front of them, or those behind.
        let (kept, others, moved_first) = if target < start {
            (target, target..start, true)
        } else if target > end {
            (start, end..target, false)
        } else {
            (start, end..(n_words + target).min(words.len()), false)
        };
        let behind = others.end.max(end);
        out.clear();
        out.extend(&words[..kept]);
        if moved_first {
            out.extend(&words[start..end]);
            out.extend(&words[others]);
        } else {
            out.extend(&words[others]);
            out.extend(&words[start..end]);
        }
        out.extend(&words[behind..]);
    }
}

impl Alignment {
    fn read<'a>(&mut self, edits: impl Iterator<Item = &'a Edit>) {
        self.ends.clear();
        self.ref_edited.clear();
        self.hyp_edited.clear();
        for &edit in edits {
            let edited = edit != Edit::Keep;
            if edit != Edit::Insert {
                self.hyp_edited.push(edited);
            }
            if edit != Edit::Delete {
                self.ends.push(self.hyp_edited.len());
                self.ref_edited.push(edited);
            }
        }
    }

    /// Whether some of these words are wrong at both places, and the place is not among them.
    fn allows(&self, start: usize, ref_start: usize, n_words: usize) -> bool {
        let end = start + n_words;
        let any = |edited: &[bool]| edited.iter().any(|&edited| edited);
        let within = (start + 1..=end).contains(&self.ends[ref_start]);
        any(&self.hyp_edited[start..end])
            && any(&self.ref_edited[ref_start..ref_start + n_words])
            && !within
    }

    /// The places in front of the words' match in the reference and behind each of its words; a place that repeats
    /// the one before is left out.
    fn targets(&self, ref_start: usize, n_words: usize) -> [Option<usize>; MAX_WORDS + 1] {
        let mut targets = [None; MAX_WORDS + 1];
        let mut last = None;
        for (idx, target) in targets[..=n_words].iter_mut().enumerate() {
            // One word before the match, then each word of it.
            let place = match (ref_start + idx).checked_sub(1) {
                None => Some(0),
                Some(word) => self.ends.get(word).copied(),
            };
            if place != last {
                *target = place;
                last = place;
            }
        }
        targets
    }
}
