//! Two texts as a unified difference.
use std::fmt::Write as _;

/// Equal lines shown around a change.
const CONTEXT: usize = 3;

/// Cells of the table of common lines; what is larger is shown as one change.
const MAX_CELLS: usize = 4_000_000;

/// A line, and whether it is kept, taken out or put in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change<'t> {
    Keep(&'t str),
    Remove(&'t str),
    Add(&'t str),
}

/// The difference of two Python files.
pub(super) fn unified(old: &str, new: &str) -> String {
    let changes = changes(
        &old.lines().collect::<Vec<_>>(),
        &new.lines().collect::<Vec<_>>(),
    );
    let mut text = "--- net.py of the reply\n+++ net.py repaired\n".to_owned();
    let mut at = 0;
    while let Some((start, end)) = hunk(&changes, at) {
        write_hunk(&changes, start, end, &mut text);
        at = end;
    }
    text
}

fn changes<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Change<'t>> {
    let n_head = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (
        old.get(n_head..).unwrap_or_default(),
        new.get(n_head..).unwrap_or_default(),
    );
    let n_tail = old_rest
        .iter()
        .rev()
        .zip(new_rest.iter().rev())
        .take_while(|(a, b)| a == b)
        .count();
    let old_middle = old_rest.get(..old_rest.len() - n_tail).unwrap_or_default();
    let new_middle = new_rest.get(..new_rest.len() - n_tail).unwrap_or_default();
    let tail = old_rest.iter().skip(old_middle.len());
    let keep = |line: &&'t str| Change::Keep(line);
    let head = old.iter().take(n_head).map(keep);
    head.chain(middle(old_middle, new_middle))
        .chain(tail.map(keep))
        .collect()
}

/// By the longest common subsequence.
fn middle<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Change<'t>> {
    let width = new.len() + 1;
    let is_large = width.saturating_mul(old.len() + 1) > MAX_CELLS;
    let mut common = vec![0_u32; if is_large { 0 } else { width * (old.len() + 1) }];
    let cell = |common: &[u32], i: usize, j: usize| common.get(i * width + j).copied().unwrap_or(0);
    if !is_large {
        for (i, a) in old.iter().enumerate().rev() {
            for (j, b) in new.iter().enumerate().rev() {
                let best = if a == b {
                    cell(&common, i + 1, j + 1) + 1
                } else {
                    cell(&common, i + 1, j).max(cell(&common, i, j + 1))
                };
                if let Some(slot) = common.get_mut(i * width + j) {
                    *slot = best;
                }
            }
        }
    }
    let (mut i, mut j, mut out) = (0, 0, Vec::with_capacity(old.len() + new.len()));
    loop {
        match (old.get(i), new.get(j)) {
            (Some(a), Some(b)) if a == b && !is_large => {
                out.push(Change::Keep(a));
                (i, j) = (i + 1, j + 1);
            }
            (Some(a), next)
                if next.is_none() || cell(&common, i + 1, j) >= cell(&common, i, j + 1) =>
            {
                out.push(Change::Remove(a));
                i += 1;
            }
            (_, Some(b)) => {
                out.push(Change::Add(b));
                j += 1;
            }
            _ => return out,
        }
    }
}

/// The next changes with their context.
fn hunk(changes: &[Change<'_>], from: usize) -> Option<(usize, usize)> {
    let is_change = |change: &Change<'_>| !matches!(change, Change::Keep(_));
    let first = from + changes.get(from..)?.iter().position(is_change)?;
    let mut last = first;
    for (at, change) in changes.iter().enumerate().skip(first) {
        if is_change(change) {
            last = at;
        } else if at - last > 2 * CONTEXT {
            break;
        }
    }
    Some((
        first.saturating_sub(CONTEXT).max(from),
        (last + 1 + CONTEXT).min(changes.len()),
    ))
}

fn write_hunk(changes: &[Change<'_>], start: usize, end: usize, text: &mut String) {
    let count = |range: &[Change<'_>], is_old: bool| {
        let counts = |change: &&Change<'_>| match change {
            Change::Keep(_) => true,
            Change::Remove(_) => is_old,
            Change::Add(_) => !is_old,
        };
        range.iter().filter(counts).count()
    };
    let before = changes.get(..start).unwrap_or_default();
    let shown = changes.get(start..end).unwrap_or_default();
    let side = |is_old| {
        let (line, n_lines) = (count(before, is_old), count(shown, is_old));
        format!("{},{n_lines}", line + usize::from(n_lines > 0))
    };
    // Writing to a string cannot fail.
    let _ = writeln!(text, "@@ -{} +{} @@", side(true), side(false));
    for change in shown {
        let _ = match change {
            Change::Keep(line) => writeln!(text, " {line}"),
            Change::Remove(line) => writeln!(text, "-{line}"),
            Change::Add(line) => writeln!(text, "+{line}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_have_their_lines_and_their_context() {
        let old = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\n";
        let new = "a\nB\nc\nd\ne\nf\ng\nh\ni\nj\nl\nm\n";
        let expected =
            "@@ -1,5 +1,5 @@\n a\n-b\n+B\n c\n d\n e\n@@ -8,5 +8,5 @@\n h\n i\n j\n-k\n l\n+m\n";
        assert_eq!(
            unified(old, new).split_once("repaired\n").unwrap().1,
            expected
        );
    }

    #[test]
    fn a_line_in_front_is_a_hunk_of_its_own() {
        assert!(unified("a\n", "x\na\n").ends_with("@@ -1,1 +1,2 @@\n+x\n a\n"));
    }
}
