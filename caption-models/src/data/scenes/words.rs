//! The words of the grammar.

use super::layout::{Background, Colour, Place, Relation, Shape, Size};

impl Background {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::White => "white",
            Self::Grey => "grey",
            Self::Black => "black",
            Self::Pink => "pink",
        }
    }
}

impl Shape {
    /// One, and several.
    pub(super) fn nouns(self) -> [&'static str; 2] {
        match self {
            Self::Circle => ["circle", "circles"],
            Self::Square => ["square", "squares"],
            Self::Triangle => ["triangle", "triangles"],
            Self::Star => ["star", "stars"],
            Self::Cross => ["cross", "crosses"],
            Self::Ring => ["ring", "rings"],
        }
    }
}

impl Colour {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Red => "red",
            Self::Green => "green",
            Self::Blue => "blue",
            Self::Yellow => "yellow",
            Self::Purple => "purple",
            Self::Orange => "orange",
        }
    }
}

impl Size {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Small => "small",
            Self::Large => "large",
        }
    }
}

impl Place {
    pub(super) fn phrase(self) -> &'static str {
        match self {
            Self::Left => "on the left",
            Self::Right => "on the right",
            Self::Top => "at the top",
            Self::Bottom => "at the bottom",
            Self::Middle => "in the middle",
        }
    }
}

impl Relation {
    /// Said of the first group.
    pub(super) fn phrase(self) -> &'static str {
        match self {
            Self::LeftOf => "left of",
            Self::RightOf => "right of",
            Self::Above => "above",
            Self::Below => "below",
        }
    }

    /// Said of the second group.
    pub(super) fn inverse(self) -> &'static str {
        match self {
            Self::LeftOf => "right of",
            Self::RightOf => "left of",
            Self::Above => "below",
            Self::Below => "above",
        }
    }
}
