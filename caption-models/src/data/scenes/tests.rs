//! What is said of a scene is true of its figures, and what is drawn are its figures.

use std::collections::BTreeSet;

use super::layout::{Colour, Group, Shape, Size};
use super::*;

const SPLITS: [Split; 2] = [Split::Train, Split::Validation];

fn many() -> impl Iterator<Item = (Scene, Item)> {
    let sets = SPLITS.map(|split| Scenes::new(200, split, 3));
    sets.into_iter()
        .flat_map(|set| set.pictures.into_iter().zip(set.items))
}

/// The groups of a scene, each with its figures.
fn groups(scene: &Scene) -> Vec<(Group, &[Figure])> {
    match scene.layout {
        Layout::Alone(group, _) => vec![(group, &scene.figures)],
        Layout::Pair(first, _, second)
        | Layout::Nested {
            inner: first,
            outer: second,
        } => {
            let (below, above) = scene.figures.split_at(second.count);
            vec![(first, above), (second, below)]
        }
    }
}

fn distance(left: &Figure, right: &Figure) -> f64 {
    let [x, y] = [0, 1].map(|axis| left.centre[axis] - right.centre[axis]);
    x.hypot(y)
}

/// Whether the words of a noun phrase fit a group: its number, noun, and size and colour where they are said.
fn fits(words: &[String], group: Group) -> bool {
    let said = |word: &str| words.iter().any(|said| said == word);
    let [one, several] = group.shape.nouns();
    let count = match group.count {
        1 => said(one) && !said("two") && !said("three"),
        2 => said(several) && said("two"),
        _ => said(several) && said("three"),
    };
    let colours = Colour::ALL.map(Colour::word);
    let sizes = [Size::Small, Size::Large].map(Size::word);
    let only = |choices: &[&str], own: &str| choices.iter().all(|word| *word == own || !said(word));
    count && only(&colours, group.colour.word()) && only(&sizes, group.size.word())
}

/// Whether all of `first` lie to all of `second` as the word says.
fn holds(relation: &str, first: &[Figure], second: &[Figure]) -> bool {
    let before = |axis: usize, left: &Figure, right: &Figure| {
        left.centre[axis] + left.radius < right.centre[axis] - right.radius
    };
    let within =
        |inner: &Figure, outer: &Figure| distance(inner, outer) + inner.radius < 0.4 * outer.radius;
    let pairs = || {
        first
            .iter()
            .flat_map(|one| second.iter().map(move |other| (one, other)))
    };
    match relation {
        "left" => pairs().all(|(one, other)| before(0, one, other)),
        "right" => pairs().all(|(one, other)| before(0, other, one)),
        "above" => pairs().all(|(one, other)| before(1, one, other)),
        "below" => pairs().all(|(one, other)| before(1, other, one)),
        "inside" => pairs().all(|(one, other)| within(one, other)),
        "around" => pairs().all(|(one, other)| within(other, one)),
        other => panic!("no relation {other}"),
    }
}

/// Whether all figures lie where a phrase such as `on the left` says.
fn lies(place: &str, figures: &[Figure]) -> bool {
    let all = |axis: usize, low: f64, high: f64| {
        figures
            .iter()
            .all(|figure| (low..high).contains(&figure.centre[axis]))
    };
    match place {
        "left" => all(0, 0.0, 0.35),
        "right" => all(0, 0.65, 1.0),
        "top" => all(1, 0.0, 0.35),
        "bottom" => all(1, 0.65, 1.0),
        "middle" => all(0, 0.4, 0.6) && all(1, 0.4, 0.6),
        other => panic!("no place {other}"),
    }
}

#[test]
fn every_caption_is_true_of_its_figures() {
    const RELATIONS: [&str; 6] = ["left", "right", "above", "below", "inside", "around"];
    for (scene, item) in many() {
        let groups = groups(&scene);
        for caption in &item.captions {
            let words = crate::tokenize::tokenize(caption);
            let at = |choices: &[&str]| {
                words
                    .iter()
                    .position(|word| choices.contains(&word.as_str()))
            };
            if let [(group, figures)] = groups[..] {
                assert!(fits(&words, group), "{caption}");
                if let Some(place) = at(&["left", "right", "top", "bottom", "middle"]) {
                    assert!(lies(&words[place], figures), "{caption}: {figures:?}");
                }
                continue;
            }
            let middle = at(&RELATIONS).or_else(|| at(&["and"])).unwrap();
            let find = |words: &[String]| {
                groups
                    .iter()
                    .find(|(group, _)| fits(words, *group))
                    .unwrap()
            };
            let (first, second) = (find(&words[..middle]), find(&words[middle..]));
            assert_ne!(first.0, second.0, "{caption}");
            if words[middle] != "and" {
                assert!(
                    holds(&words[middle], first.1, second.1),
                    "{caption}: {scene:?}"
                );
            }
        }
    }
}

#[test]
fn a_named_background_is_the_scenes_own() {
    for (scene, item) in many() {
        let named = item
            .captions
            .iter()
            .filter(|caption| caption.contains(" on ") || caption.contains(" of a "));
        let words = Background::ALL.map(Background::word);
        let wrong = |word: &&&str| **word != scene.background.word();
        for caption in named {
            let others = words.iter().filter(wrong);
            assert!(
                others.into_iter().all(|word| !caption.contains(word)),
                "{caption}"
            );
        }
        assert!(
            item.captions
                .iter()
                .any(|caption| caption.contains(scene.background.word()))
        );
    }
}

#[test]
fn five_different_captions_with_correct_articles() {
    for (_, item) in many() {
        let different: BTreeSet<&String> = item.captions.iter().collect();
        assert_eq!(different.len(), 5, "{item:?}");
        for caption in &item.captions {
            let wrong = ["a orange", "an small", "an red"]
                .iter()
                .any(|text| caption.contains(text));
            assert!(!wrong, "{caption}");
        }
    }
}

#[test]
fn figures_keep_apart_and_inside_the_picture() {
    for (scene, _) in many() {
        for figure in &scene.figures {
            let inside = |at: f64| at - figure.radius > 0.0 && at + figure.radius < 1.0;
            assert!(figure.centre.into_iter().all(inside), "{figure:?}");
        }
        let (figures, nested) = (
            &scene.figures,
            matches!(scene.layout, Layout::Nested { .. }),
        );
        for (idx, one) in figures.iter().enumerate().filter(|_| !nested) {
            for other in &figures[..idx] {
                assert!(
                    distance(one, other) > one.radius + other.radius,
                    "{scene:?}"
                );
            }
        }
    }
}

/// Connected regions of a colour, counted on the picture; pixels at an edge, which mix two colours, do not count.
fn regions(picture: &RgbImage, colour: Colour) -> usize {
    let near = |x: u32, y: u32| {
        let pixel = picture.get_pixel(x, y).0;
        pixel
            .iter()
            .zip(colour.rgb())
            .all(|(byte, value)| (f64::from(*byte) - value).abs() < 14.0)
    };
    let (width, height) = picture.dimensions();
    let core = |x: u32, y: u32| {
        let around = [(0, 1), (2, 1), (1, 0), (1, 2), (1, 1)];
        (1..width - 1).contains(&x)
            && (1..height - 1).contains(&y)
            && around.iter().all(|(dx, dy)| near(x + dx - 1, y + dy - 1))
    };
    let mut left: BTreeSet<(u32, u32)> = (0..width)
        .flat_map(|x| (0..height).map(move |y| (x, y)))
        .filter(|(x, y)| core(*x, *y))
        .collect();
    let mut n_regions = 0;
    while let Some(first) = left.pop_first() {
        let (mut n_pixels, mut open) = (0, vec![first]);
        while let Some((x, y)) = open.pop() {
            n_pixels += 1;
            let next = [(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)];
            open.extend(next.into_iter().filter(|at| left.remove(at)));
        }
        // The tip of a star may break off as a single pixel.
        n_regions += usize::from(n_pixels > 3);
    }
    n_regions
}

#[test]
fn a_picture_shows_as_many_figures_of_each_colour_as_are_said() {
    for split in SPLITS {
        let set = Scenes::new(12, split, 11);
        for (idx, scene) in set.pictures.iter().enumerate() {
            let picture = set.picture(idx, [160, 160]).unwrap();
            for colour in Colour::ALL {
                let counts = groups(scene)
                    .into_iter()
                    .filter(|(group, _)| group.colour == colour);
                let expected: usize = counts.map(|(group, _)| group.count).sum();
                assert_eq!(
                    regions(&picture, colour),
                    expected,
                    "{colour:?} in {scene:?}"
                );
            }
        }
    }
}

#[test]
fn every_shape_fits_its_circle_and_holds_an_inner_figure() {
    let figure = |shape| Figure {
        shape,
        colour: Colour::Red,
        tint: [0.0; 3],
        centre: [0.5, 0.5],
        radius: 0.3,
        turn: [1.0, 0.0],
    };
    for shape in Shape::ALL {
        let figure = figure(shape);
        let grid = (0..10_000_u32).map(|at| [at % 100, at / 100].map(|at| f64::from(at) / 99.0));
        let inside: Vec<[f64; 2]> = grid.filter(|at| figure.contains(*at)).collect();
        assert!(
            inside.len() > 600,
            "{shape:?} covers {} points",
            inside.len()
        );
        for [x, y] in inside {
            assert!(
                (x - 0.5).hypot(y - 0.5) <= 0.3 + 1e-9,
                "{shape:?} reaches {x} {y}"
            );
        }
        let hole = shape == Shape::Ring;
        assert_eq!(figure.contains([0.5, 0.5]), !hole, "{shape:?}");
    }
}

#[test]
fn every_word_of_the_grammar_is_learnt_in_training() {
    let words = |split| {
        let set = Scenes::new(400, split, 3);
        let captions = set.items.into_iter().flat_map(|item| item.captions);
        captions
            .flat_map(|caption| crate::tokenize::tokenize(&caption))
            .collect::<BTreeSet<_>>()
    };
    let train = words(Split::Train);
    assert!(words(Split::Validation).is_subset(&train));
    assert_eq!(train.len(), 47, "{train:?}");
}
