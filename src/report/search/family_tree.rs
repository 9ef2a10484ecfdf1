//! Which net was shown when another was asked for.
use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::numbers::one_line;
use super::{Ending, Leaderboard};
use crate::report::escape::Escaped;
use crate::store::TrialRecord;

/// Trials that are drawn; of more only the number is said.
const MAX_TRIALS: usize = 120;
/// Size of a box, and space between boxes.
const BOX: (f64, f64) = (132.0, 22.0);
const GAP: (f64, f64) = (64.0, 8.0);
const MARGIN: f64 = 6.0;

/// One box.
struct Node<'a> {
    /// 0 for an anchor, 1 for a trial without parents, one more than its latest parent else.
    generation: usize,
    /// Its place in its generation.
    place: usize,
    text: String,
    class: &'static str,
    trial: Option<&'a TrialRecord>,
    /// Keys of the boxes it comes from.
    parents: Vec<Key<'a>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Anchor(&'a str),
    Trial(u64),
}

/// The picture.
pub(super) fn picture(board: &Leaderboard, trials: &[TrialRecord]) -> String {
    if trials.is_empty() {
        return "<p class=\"quiet\">No trial has begun yet.</p>\n".to_owned();
    }
    let shown = trials.get(..MAX_TRIALS).unwrap_or(trials);
    let nodes = nodes(board, shown);
    let columns = nodes.values().map(|node| node.generation + 1).max();
    let rows = nodes.values().map(|node| node.place + 1).max();
    let width = columns.unwrap_or(1) as f64 * (BOX.0 + GAP.0) - GAP.0 + 2.0 * MARGIN;
    let height = rows.unwrap_or(1) as f64 * (BOX.1 + GAP.1) - GAP.1 + 2.0 * MARGIN;
    let mut svg = format!(
        "<div class=\"scroll\"><svg class=\"tree\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" aria-label=\"Family tree: anchors on the left, nets made from them to the right\">\n"
    );
    for node in nodes.values() {
        for parent in node.parents.iter().filter_map(|key| nodes.get(key)) {
            svg.push_str(&edge(parent, node));
        }
    }
    svg.extend(nodes.values().map(draw));
    svg.push_str("</svg></div>\n");
    let _ = writeln!(svg, "<p class=\"quiet\">{}</p>", said(trials, shown.len()));
    svg
}

fn said(trials: &[TrialRecord], shown: usize) -> String {
    let n_children = trials
        .iter()
        .filter(|trial| !trial.brief.parents.is_empty())
        .count();
    let hidden = match trials.len() - shown {
        0 => String::new(),
        n => format!(" {n} later trials are not drawn."),
    };
    format!(
        "On the left the anchors, captioning nets that prompts start from; then trials, by their scores or endings. A line \
         leads from a net to those that were asked for with it and its score in the prompt: {n_children} of {} trials.{hidden}",
        trials.len()
    )
}

fn nodes<'a>(board: &Leaderboard, trials: &'a [TrialRecord]) -> BTreeMap<Key<'a>, Node<'a>> {
    let mut nodes: BTreeMap<Key<'_>, Node<'_>> = BTreeMap::new();
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let mut place = |generation: usize| {
        let next = taken.entry(generation).or_insert(0);
        *next += 1;
        *next - 1
    };
    for trial in trials {
        let anchor = Key::Anchor(&trial.brief.anchor);
        nodes.entry(anchor).or_insert_with(|| Node {
            generation: 0,
            place: place(0),
            text: one_line(&trial.brief.anchor, 18),
            class: "anchor",
            trial: None,
            parents: Vec::new(),
        });
        // A parent comes earlier: others are no parents, and would make a ring.
        let parents = trial.brief.parents.iter().map(|parent| Key::Trial(*parent));
        let mut parents: Vec<Key<'_>> = parents.filter(|key| nodes.contains_key(key)).collect();
        if parents.is_empty() {
            parents.push(anchor);
        }
        let generations = parents.iter().filter_map(|key| nodes.get(key));
        let generation = generations.map(|node| node.generation + 1).max();
        let generation = generation.unwrap_or(1);
        let (text, class) = described(board, trial);
        let node = Node {
            generation,
            place: place(generation),
            text,
            class,
            trial: Some(trial),
            parents,
        };
        nodes.insert(Key::Trial(trial.number), node);
    }
    nodes
}

fn described(board: &Leaderboard, trial: &TrialRecord) -> (String, &'static str) {
    let row = board.rows.iter().find(|row| row.trial == trial.number);
    match (row, Ending::of(trial)) {
        (Some(row), _) if row.rank == 1 => {
            (format!("#{} {:.3}", trial.number, row.score.score), "best")
        }
        (Some(row), _) => (
            format!("#{} {:.3}", trial.number, row.score.score),
            "scored",
        ),
        (None, ending) => (format!("#{} {ending}", trial.number), "failed"),
    }
}

/// Left upper corner.
fn corner(node: &Node<'_>) -> (f64, f64) {
    (
        MARGIN + node.generation as f64 * (BOX.0 + GAP.0),
        MARGIN + node.place as f64 * (BOX.1 + GAP.1),
    )
}

fn edge(parent: &Node<'_>, child: &Node<'_>) -> String {
    let ((from_x, from_y), (to_x, to_y)) = (corner(parent), corner(child));
    let (from_x, from_y, to_y) = (from_x + BOX.0, from_y + BOX.1 / 2.0, to_y + BOX.1 / 2.0);
    let middle = f64::midpoint(from_x, to_x);
    format!(
        "<path class=\"edge\" d=\"M{from_x:.1} {from_y:.1} C{middle:.1} {from_y:.1} {middle:.1} {to_y:.1} {to_x:.1} \
         {to_y:.1}\"/>\n"
    )
}

fn draw(node: &Node<'_>) -> String {
    let (x, y) = corner(node);
    let shape = format!(
        "<rect class=\"{}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{}\" height=\"{}\" rx=\"4\"/>\
         <text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
        node.class,
        BOX.0,
        BOX.1,
        x + BOX.0 / 2.0,
        y + BOX.1 / 2.0 + 4.0,
        Escaped(&node.text)
    );
    match node.trial {
        Some(trial) => format!("<a href=\"#trial-{}\">{shape}</a>\n", trial.number),
        None => format!("{shape}\n"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::fixtures::trial;

    #[test]
    fn a_child_stands_right_of_all_its_parents() {
        let mut trials = [
            trial(1, &[0.1]),
            trial(2, &[0.2]),
            trial(3, &[0.3]),
            trial(4, &[]),
        ];
        trials[1].brief.parents = vec![1];
        trials[2].brief.parents = vec![1, 2];
        // A later trial, and one that does not exist, are no parents.
        trials[3].brief.parents = vec![4, 9];
        let board = Leaderboard::of(&trials);
        let nodes = nodes(&board, &trials);
        let generations = [1, 2, 3, 4].map(|number| nodes[&Key::Trial(number)].generation);
        assert_eq!(generations, [1, 2, 3, 1]);
        let picture = picture(&board, &trials);
        assert_eq!(picture.matches("class=\"edge\"").count(), 5);
        assert_eq!(picture.matches("<rect class=\"best\"").count(), 1);
    }

    #[test]
    fn of_many_trials_the_first_are_drawn() {
        let trials: Vec<_> = (1..=200).map(|number| trial(number, &[])).collect();
        let picture = picture(&Leaderboard::of(&trials), &trials);
        assert_eq!(picture.matches("<rect").count(), MAX_TRIALS + 1);
        assert!(picture.contains("80 later trials are not drawn"));
    }
}
