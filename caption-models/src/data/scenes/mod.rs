//! The embedded data set: drawn scenes with captions that are true of them.
//!
//! A scene is what a [`Layout`] says: one group of equal figures at a place, or two groups in a relation, on a coloured
//! background. Its captions come from a small grammar, one sentence pattern each, so that words have to be found in the
//! picture: how many, how large, which colour, which shape, where.

mod caption;
mod draw;
mod figure;
mod layout;
mod words;

use image::RgbImage;
use sha2::{Digest, Sha256};

use super::seeded::Seeded;
use super::transform::sides;
use super::{DataError, DataSet, Item, Split};
use figure::Figure;
use layout::{Background, Layout};

/// Drawn scenes, five captions each. Equal arguments give equal pictures and captions, on every machine.
///
/// The two splits share no picture, and no combination of groups, relation and background: validation asks for what
/// was never seen together. The first caption of a scene tells most of it; nets that learn from first captions only get
/// one sentence pattern for each kind of scene.
///
/// # Examples
///
/// ```
/// use caption_models::data::{DataSet, Scenes, Split};
///
/// let scenes = Scenes::new(3, Split::Validation, 7);
/// for (idx, item) in scenes.items().iter().enumerate() {
///     assert_eq!(item.captions.len(), 5);
///     assert_eq!(scenes.picture(idx, [64, 96])?.dimensions(), (96, 64));
/// }
/// # Ok::<(), caption_models::data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scenes {
    split: Split,
    pictures: Vec<Scene>,
    items: Vec<Item>,
}

/// What a picture shows, ready to be drawn at any size.
#[derive(Clone, Debug)]
struct Scene {
    background: Background,
    layout: Layout,
    figures: Vec<Figure>,
}

/// One combination of these many goes to validation.
const VALIDATION_SHARE: u64 = 5;

impl Scenes {
    /// Makes up `n_items` scenes; pictures are drawn when they are asked for.
    pub fn new(n_items: usize, split: Split, seed: u64) -> Self {
        let pictures: Vec<Scene> = (0..n_items as u64)
            .map(|idx| Scene::new(split, seed, idx))
            .collect();
        let item = |(idx, scene): (usize, &Scene)| Item {
            name: format!("{split}-{idx:05}"),
            captions: caption::captions(scene.background, &scene.layout).to_vec(),
        };
        let items = pictures.iter().enumerate().map(item).collect();
        Self {
            split,
            pictures,
            items,
        }
    }
}

impl Scene {
    /// Makes up combinations until one belongs to the split, then puts its figures in place.
    fn new(split: Split, seed: u64, idx: u64) -> Self {
        let mut seeded = Seeded::new(&[seed, split as u64, idx]);
        loop {
            let (background, layout) =
                (Background::random(&mut seeded), Layout::random(&mut seeded));
            if split_of(background, &layout) == split {
                return Self {
                    background,
                    figures: figure::place(&layout, &mut seeded),
                    layout,
                };
            }
        }
    }
}

/// The split that a combination belongs to, whatever the seed.
fn split_of(background: Background, layout: &Layout) -> Split {
    let mut parts = vec![background as u64];
    parts.extend(layout.key());
    if Seeded::new(&parts).next().is_multiple_of(VALIDATION_SHARE) {
        Split::Validation
    } else {
        Split::Train
    }
}

impl DataSet for Scenes {
    fn name(&self) -> String {
        "scenes".to_owned()
    }

    fn split(&self) -> Split {
        self.split
    }

    fn items(&self) -> &[Item] {
        &self.items
    }

    fn picture(&self, idx: usize, size: [usize; 2]) -> Result<RgbImage, DataError> {
        let scene = &self.pictures[idx];
        sides(size).map(|sides| draw::draw(scene.background, &scene.figures, sides))
    }

    fn fingerprint(&self, idx: usize) -> Result<[u8; 32], DataError> {
        let Scene {
            background,
            layout: _, // the figures are what is drawn
            figures,
        } = &self.pictures[idx];
        let drawn = format!("scene {background:?} {figures:?}");
        Ok(Sha256::digest(drawn).into())
    }
}

#[cfg(test)]
mod tests;
