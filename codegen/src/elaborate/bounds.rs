//! What is known of sizes inside kept loops: an index stays below its loop's count.
use super::interp::Interp;
use crate::ir::{Dim, Sym};
use std::cmp::Ordering;
use std::collections::BTreeMap;

impl Interp<'_, '_> {
    /// [`Dim::is_at_least`] in every iteration of the loops that are open here.
    pub(super) fn is_at_least_here(&self, dim: &Dim, least: i64) -> bool {
        if dim.is_at_least(least) {
            return true;
        }
        let open = self.state.frames.last().map(|frame| &frame.loops);
        let mut dim = dim.clone();
        // Inner loops first: their counts may hold the indices of outer ones.
        for (index, count) in open
            .into_iter()
            .flatten()
            .rev()
            .filter_map(|open| open.index.as_ref())
        {
            if falls_with(&dim, *index) {
                let Some(turned) = counted_from_last(&dim, *index, count) else {
                    return false;
                };
                dim = turned;
            }
        }
        dim.is_at_least(least)
    }

    /// [`Dim::compare`] in every iteration of the loops that are open here.
    pub(super) fn compare_here(&self, left: &Dim, right: &Dim) -> Option<Ordering> {
        left.compare(right).or_else(|| {
            if self.is_at_least_here(&left.sub(right)?, 1) {
                return Some(Ordering::Greater);
            }
            self.is_at_least_here(&right.sub(left)?, 1)
                .then_some(Ordering::Less)
        })
    }
}

fn falls_with(dim: &Dim, index: Sym) -> bool {
    dim.terms()
        .any(|(coefficient, symbols)| coefficient < 0 && symbols.contains(&index))
}

/// The size with the iterations counted from the last: what fell with the index rises.
fn counted_from_last(dim: &Dim, index: Sym, count: &Dim) -> Option<Dim> {
    let last = count.sub(&Dim::constant(1))?;
    let turned = last.sub(&Dim::symbol(index))?;
    dim.substitute(&BTreeMap::from([(index, turned)]))
}
