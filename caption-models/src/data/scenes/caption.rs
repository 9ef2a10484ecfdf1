//! The sentences said of a scene.

use super::layout::{Background, Group, Layout, Place};

/// Captions of every scene, each with a sentence pattern of its own.
pub(super) const N_CAPTIONS: usize = 5;

pub(super) fn captions(background: Background, layout: &Layout) -> [String; N_CAPTIONS] {
    let background = background.word();
    match *layout {
        Layout::Alone(group, place) => alone(background, group, place),
        Layout::Pair(first, relation, second) => {
            let phrases = [relation.phrase(), relation.inverse()];
            pair(background, [first, second], phrases)
        }
        Layout::Nested { inner, outer } => pair(background, [inner, outer], ["inside", "around"]),
    }
}

fn alone(background: &str, group: Group, place: Place) -> [String; N_CAPTIONS] {
    let (size, colour, place) = (group.size.word(), group.colour.word(), place.phrase());
    let (coloured, full) = (group.some(&[colour]), group.some(&[size, colour]));
    let (known, is) = (group.the(&[]), group.is());
    [
        format!("{full} {place}"),
        format!("there {is} {coloured} on {background}"),
        format!("{coloured} {place} of a {background} picture"),
        format!("{known} {place} {is} {size} and {colour}"),
        format!("{full} on {background}"),
    ]
}

/// Two groups, and what is said of the first and of the second.
fn pair(
    background: &str,
    groups: [Group; 2],
    [phrase, inverse]: [&str; 2],
) -> [String; N_CAPTIONS] {
    let full = groups.map(|group| group.some(&[group.size.word(), group.colour.word()]));
    let coloured = groups.map(|group| group.some(&[group.colour.word()]));
    let known = groups.map(|group| group.the(&[group.colour.word()]));
    let is = groups[0].is();
    let [
        [full, other_full],
        [coloured, other_coloured],
        [known, other_known],
    ] = [full, coloured, known];
    [
        format!("{full} {phrase} {other_full}"),
        format!("{other_full} {inverse} {full}"),
        format!("there {is} {coloured} and {other_coloured} on {background}"),
        format!("{known} {is} {phrase} {other_known}"),
        format!("{other_coloured} {inverse} {coloured} on {background}"),
    ]
}

impl Group {
    /// "a small red circle", "three red circles"
    fn some(self, adjectives: &[&str]) -> String {
        let words = [adjectives, &[self.noun()]].concat();
        let count = match self.count {
            1 if words[0].starts_with(['a', 'e', 'i', 'o', 'u']) => "an",
            1 => "a",
            2 => "two",
            _ => "three",
        };
        format!("{count} {}", words.join(" "))
    }

    /// "the circle", "the three red circles"
    fn the(self, adjectives: &[&str]) -> String {
        let count = match self.count {
            1 => "the",
            2 => "the two",
            _ => "the three",
        };
        [&[count], adjectives, &[self.noun()]].concat().join(" ")
    }

    fn noun(self) -> &'static str {
        let [one, several] = self.shape.nouns();
        if self.count == 1 { one } else { several }
    }

    fn is(self) -> &'static str {
        if self.count == 1 { "is" } else { "are" }
    }
}
