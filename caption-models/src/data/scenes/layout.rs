//! What a scene shows, before anything has a position.

use crate::data::seeded::Seeded;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Background {
    White,
    Grey,
    Black,
    Pink,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    Circle,
    Square,
    Triangle,
    Star,
    Cross,
    Ring,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    Red,
    Green,
    Blue,
    Yellow,
    Purple,
    Orange,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Size {
    Small,
    Large,
}

/// Where the only group of a scene is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Left,
    Right,
    Top,
    Bottom,
    Middle,
}

/// How the first of two groups lies to the second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Relation {
    LeftOf,
    RightOf,
    Above,
    Below,
}

/// One to three equal figures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Group {
    pub(super) count: usize,
    pub(super) size: Size,
    pub(super) colour: Colour,
    pub(super) shape: Shape,
}

/// What a scene shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Alone(Group, Place),
    Pair(Group, Relation, Group),
    /// A single figure inside another one.
    Nested {
        inner: Group,
        outer: Group,
    },
}

impl Background {
    pub(super) const ALL: [Self; 4] = [Self::White, Self::Grey, Self::Black, Self::Pink];

    pub(super) fn random(seeded: &mut Seeded) -> Self {
        seeded.pick(&Self::ALL)
    }
}

impl Shape {
    pub(super) const ALL: [Self; 6] = [
        Self::Circle,
        Self::Square,
        Self::Triangle,
        Self::Star,
        Self::Cross,
        Self::Ring,
    ];
}

impl Colour {
    pub(super) const ALL: [Self; 6] = [
        Self::Red,
        Self::Green,
        Self::Blue,
        Self::Yellow,
        Self::Purple,
        Self::Orange,
    ];
}

impl Group {
    /// Two single figures for every pair and triple.
    const COUNTS: [usize; 6] = [1, 1, 1, 1, 2, 3];

    fn random(seeded: &mut Seeded) -> Self {
        Self {
            count: seeded.pick(&Self::COUNTS),
            size: seeded.pick(&[Size::Small, Size::Large]),
            colour: seeded.pick(&Colour::ALL),
            shape: seeded.pick(&Shape::ALL),
        }
    }

    fn key(self) -> [u64; 4] {
        let Self {
            count,
            size,
            colour,
            shape,
        } = self;
        [count as u64, size as u64, colour as u64, shape as u64]
    }
}

impl Layout {
    pub(super) fn random(seeded: &mut Seeded) -> Self {
        if seeded.below(3) == 0 {
            return Self::alone(seeded);
        }
        let sides = [
            Relation::LeftOf,
            Relation::RightOf,
            Relation::Above,
            Relation::Below,
        ];
        if seeded.below(5) == 0 {
            Self::nested(seeded)
        } else {
            let relation = seeded.pick(&sides);
            Self::side_by_side(relation, seeded)
        }
    }

    fn alone(seeded: &mut Seeded) -> Self {
        let group = Group::random(seeded);
        let places = [
            Place::Left,
            Place::Right,
            Place::Top,
            Place::Bottom,
            Place::Middle,
        ];
        // Several figures in a row across the picture are not "in the middle".
        let n_places = if group.count == 1 { places.len() } else { 4 };
        Self::Alone(group, seeded.pick(&places[..n_places]))
    }

    /// Captions leave the size out, so colour and shape together tell the groups apart.
    fn side_by_side(relation: Relation, seeded: &mut Seeded) -> Self {
        let first = Group::random(seeded);
        loop {
            let second = Group::random(seeded);
            if (second.colour, second.shape) != (first.colour, first.shape) {
                return Self::Pair(first, relation, second);
            }
        }
    }

    fn nested(seeded: &mut Seeded) -> Self {
        let mut inner = Group::random(seeded);
        let mut outer = Group::random(seeded);
        while outer.colour == inner.colour {
            outer.colour = seeded.pick(&Colour::ALL);
        }
        (inner.count, inner.size) = (1, Size::Small);
        (outer.count, outer.size) = (1, Size::Large);
        Self::Nested { inner, outer }
    }

    /// Numbers that tell every two layouts apart.
    pub(super) fn key(&self) -> Vec<u64> {
        match *self {
            Self::Alone(group, place) => [&[0, place as u64], &group.key()[..]].concat(),
            Self::Pair(first, relation, second) => {
                [&[1, relation as u64], &first.key()[..], &second.key()[..]].concat()
            }
            Self::Nested { inner, outer } => [&[2], &inner.key()[..], &outer.key()[..]].concat(),
        }
    }
}
