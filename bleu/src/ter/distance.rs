//! The edit distance of two texts near the diagonal, and what was edited.

/// How far from the diagonal a row reaches, in words.
const BEAM: usize = 25;

/// References up to this length are within the beam wherever the hypothesis is.
const WITHIN_BEAM: usize = BEAM - 1;

/// More than any distance; one more does not overflow.
const UNREACHED: u32 = u32::MAX / 2;

/// The distances between the prefixes of a hypothesis and those of a reference, as far as the beam sees them.
#[derive(Clone, Debug, Default)]
pub(super) struct Distances {
    n_hyp: usize,
    n_ref: usize,
    rows: Vec<Row>,
    costs: Vec<u32>,
    /// For references within the beam: where each word of the hypothesis stands in the reference.
    positions: Vec<u64>,
    /// The bit-parallel state in front of each word of the hypothesis.
    states: Vec<State>,
    /// Two rows to compute the distance of another order of words.
    spare: [Vec<u32>; 2],
}

/// Some consecutive columns of a row.
#[derive(Clone, Copy, Debug)]
struct Row {
    first: usize,
    offset: usize,
}

/// What happens to the next word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Edit {
    /// It stays.
    Keep,
    /// It becomes another one.
    Substitute,
    /// A word of the reference is inserted.
    Insert,
    /// It is deleted.
    Delete,
}

impl Distances {
    /// Computes all distances of a hypothesis, whose words are below `n_words`, to a reference.
    pub(super) fn fill(&mut self, hyp: &[u32], reference: &[u32], n_words: usize) {
        self.n_hyp = hyp.len();
        self.n_ref = reference.len();
        self.rows.clear();
        self.costs.clear();
        self.push_row(0, (0..).take(reference.len() + 1));
        let mut row = std::mem::take(&mut self.spare[0]);
        for (idx, &word) in hyp.iter().enumerate() {
            let above = self.row(idx);
            let first = self.next_row(idx + 1, above, word, reference, &mut row);
            self.push_row(first, row.iter().copied());
        }
        self.spare[0] = row;
        if self.n_ref <= WITHIN_BEAM {
            self.fill_states(hyp, reference, n_words);
        }
    }

    fn push_row(&mut self, first: usize, costs: impl Iterator<Item = u32>) {
        let offset = self.costs.len();
        self.costs.extend(costs);
        self.rows.push(Row { first, offset });
    }

    /// The first column of a row, and the costs from there.
    fn row(&self, idx: usize) -> (usize, &[u32]) {
        let Row { first, offset } = self.rows[idx];
        let end = self
            .rows
            .get(idx + 1)
            .map_or(self.costs.len(), |row| row.offset);
        (first, &self.costs[offset..end])
    }

    /// The distance of the whole texts.
    pub(super) fn total(&self) -> u32 {
        self.costs.last().copied().unwrap_or(0)
    }

    /// The distance if the words from `changed` on were these.
    pub(super) fn of_changed(&mut self, words: &[u32], changed: usize, reference: &[u32]) -> u32 {
        if self.n_ref <= WITHIN_BEAM {
            return self.of_changed_within_beam(words, changed);
        }
        let [mut above, mut row] = std::mem::take(&mut self.spare);
        let (mut first, costs) = self.row(changed);
        above.clear();
        above.extend(costs);
        for (idx, &word) in words.iter().enumerate().skip(changed) {
            first = self.next_row(idx + 1, (first, &above), word, reference, &mut row);
            std::mem::swap(&mut above, &mut row);
        }
        let total = above.last().copied().unwrap_or(UNREACHED);
        self.spare = [above, row];
        total
    }

    /// Writes the row of a word below another row, and returns its first column.
    fn next_row(
        &self,
        idx: usize,
        (above_first, above): (usize, &[u32]),
        word: u32,
        reference: &[u32],
        row: &mut Vec<u32>,
    ) -> usize {
        let (first, end) = self.columns(idx);
        let above = |column: usize| {
            let within = column.checked_sub(above_first);
            within
                .and_then(|idx| above.get(idx))
                .copied()
                .unwrap_or(UNREACHED)
        };
        row.clear();
        let mut left = UNREACHED;
        for column in first..end {
            let substituted = match column.checked_sub(1) {
                Some(before) => above(before) + u32::from(word != reference[before]),
                None => UNREACHED,
            };
            left = substituted
                .min(above(column) + 1)
                .min(left + 1)
                .min(UNREACHED);
            row.push(left);
        }
        first
    }

    /// The columns of a row: around the diagonal, and to the end of the last.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "positions within a text, rounded down"
    )]
    fn columns(&self, idx: usize) -> (usize, usize) {
        let ratio = self.n_ref as f64 / self.n_hyp.max(1) as f64;
        let beam = if (BEAM as f64) < ratio / 2.0 {
            (ratio / 2.0 + BEAM as f64).ceil() as usize
        } else {
            BEAM
        };
        let diagonal = (idx as f64 * ratio).floor() as usize;
        let end = if idx == self.n_hyp {
            self.n_ref + 1
        } else {
            (diagonal + beam).min(self.n_ref + 1)
        };
        (diagonal.saturating_sub(beam).min(end), end)
    }

    /// The edits that make the hypothesis the reference, from the last to the first.
    pub(super) fn edits(&self, hyp: &[u32], reference: &[u32], edits: &mut Vec<Edit>) {
        let (mut row, mut column) = (self.n_hyp, self.n_ref);
        edits.clear();
        while row > 0 || column > 0 {
            let edit = self.edit(row, column, hyp, reference);
            edits.push(edit);
            row -= usize::from(edit != Edit::Insert);
            column -= usize::from(edit != Edit::Delete);
        }
    }

    /// The cheapest edit: of equals, first keeping or substituting, then deleting, then inserting.
    fn edit(&self, row: usize, column: usize, hyp: &[u32], reference: &[u32]) -> Edit {
        if row == 0 {
            return Edit::Insert;
        }
        if column == 0 {
            return Edit::Delete;
        }
        let same = hyp[row - 1] == reference[column - 1];
        let diagonal = self.cost(row - 1, column - 1) + u32::from(!same);
        let deleted = self.cost(row - 1, column) + 1;
        let inserted = self.cost(row, column - 1) + 1;
        match diagonal.min(deleted).min(inserted) {
            cost if cost == diagonal && same => Edit::Keep,
            cost if cost == diagonal => Edit::Substitute,
            cost if cost == deleted => Edit::Delete,
            _ => Edit::Insert,
        }
    }

    fn cost(&self, row: usize, column: usize) -> u32 {
        let (first, costs) = self.row(row);
        let within = column.checked_sub(first);
        within
            .and_then(|idx| costs.get(idx))
            .copied()
            .unwrap_or(UNREACHED)
    }
}

/// A row as differences: bit `j` is set where the distance grows, or falls, from column `j` to the next.
#[derive(Clone, Copy, Debug)]
struct State {
    grows: u64,
    falls: u64,
    last: u32,
}

impl State {
    /// The row of one more word, which stands at these positions of the reference (Hyyrö 2003, "A bit-vector
    /// algorithm for computing Levenshtein and Damerau edit distances", after Myers 1999).
    #[inline]
    fn next(self, positions: u64, n_ref: usize) -> Self {
        let last = 1 << (n_ref - 1);
        // A carry out of the highest bit is behind the reference.
        let sum = (positions & self.grows).wrapping_add(self.grows);
        let diagonal = (sum ^ self.grows) | positions | self.falls;
        let grows = self.falls | !(diagonal | self.grows);
        let falls = self.grows & diagonal;
        let total = self.last + u32::from(grows & last != 0) - u32::from(falls & last != 0);
        let (grows, falls) = (grows << 1 | 1, falls << 1);
        Self {
            grows: falls | !(diagonal | grows),
            falls: grows & diagonal,
            last: total,
        }
    }
}

impl Distances {
    fn fill_states(&mut self, hyp: &[u32], reference: &[u32], n_words: usize) {
        self.positions.clear();
        self.positions.resize(n_words, 0);
        for (idx, &word) in reference.iter().enumerate() {
            if let Some(positions) = self.positions.get_mut(word as usize) {
                *positions |= 1 << idx;
            }
        }
        let mut state = State {
            grows: (1 << self.n_ref) - 1,
            falls: 0,
            last: self.costs[self.n_ref],
        };
        self.states.clear();
        self.states.push(state);
        for &word in hyp {
            state = state.next(self.positions[word as usize], self.n_ref);
            self.states.push(state);
        }
    }

    fn of_changed_within_beam(&self, words: &[u32], changed: usize) -> u32 {
        let next =
            |state: State, word: &u32| state.next(self.positions[*word as usize], self.n_ref);
        words[changed..]
            .iter()
            .fold(self.states[changed], next)
            .last
    }
}
