//! [`AttentionAlbum`]: where a net looked for each word, as pictures and as one page.
//!
//! Weights of regions are scaled up bilinearly and laid over the photograph as in figure 3 of Xu et al. 2015,
//! <https://arxiv.org/abs/1502.03044>. Difference from the paper: brightness goes from 0 to the word's greatest weight, not
//! from its smallest, so that even weights look even.
mod grid;
mod overlay;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use caption_models::data::{DataError, read_picture};
use caption_models::harness::{AttentionMaps, WordAttention};
use image::{ImageError, RgbImage};

use self::grid::{Grid, peak};
use self::overlay::{Canvas, colour};
use super::escape::Escaped;
use super::page::{STYLE, TEMPLATE};
use super::pictures::data_uri;
use super::template::fill;

const ALBUM_STYLE: &str = include_str!("album.css");
/// Pictures on the page, which has all of them inside; the maps of others are files only.
const SHOWN: usize = 100;
/// Colours of the scale.
const N_COLOURS: u8 = 9;

/// A folder that receives a map for each word of each picture, and a page of them all.
#[derive(Debug)]
pub struct AttentionAlbum {
    folder: PathBuf,
    /// Whether the folder was made for the album.
    made: bool,
    sections: String,
    n_pictures: usize,
}

/// Why an album cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AlbumError {
    /// A photograph cannot be read any more.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A map cannot be encoded.
    #[error("cannot write the map {}: {source}", path.display())]
    Map {
        /// Its file.
        path: PathBuf,
        /// Why not.
        source: ImageError,
    },
    /// A folder or the page cannot be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl AttentionAlbum {
    /// An album in `folder`, which is made if need be.
    ///
    /// # Errors
    ///
    /// When it cannot be made.
    pub fn create(folder: &Path) -> Result<Self, AlbumError> {
        let made = !folder.exists();
        make(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            made,
            sections: String::new(),
            n_pictures: 0,
        })
    }

    /// Draws the maps of a caption of the photograph in the file `photo`, which is called `name`. Returns the file of
    /// each word.
    ///
    /// # Errors
    ///
    /// When the photograph cannot be read, or a map cannot be written.
    pub fn add(
        &mut self,
        photo: &Path,
        name: &str,
        caption: &str,
        maps: &AttentionMaps,
    ) -> Result<Vec<PathBuf>, AlbumError> {
        self.n_pictures += 1;
        let canvas = Canvas::new(&read_picture(photo)?, maps.size)?;
        let stem = Path::new(name).file_stem().unwrap_or_default();
        let stem = plain(&stem.to_string_lossy());
        let folder = self.folder.join(format!("{:03}-{stem}", self.n_pictures));
        make(&folder)?;
        let shown = self.n_pictures <= SHOWN;
        let (mut files, mut figures) = (Vec::new(), Vec::new());
        if shown {
            figures.push(figure(&canvas.photo(), "the photograph", "", &folder)?);
        }
        for (idx, word) in maps.words.iter().enumerate() {
            let file = folder.join(format!("{:02}-{}.png", idx + 1, plain(&word.word)));
            let grid = Grid::new(&word.weights, maps.regions.rows, maps.regions.columns);
            let drawn = canvas.under(&grid);
            save(&drawn, &file)?;
            if shown {
                figures.push(figure(&drawn, &word.word, &looked(word), &file)?);
            }
            files.push(file);
        }
        if shown {
            self.sections
                .push_str(&section(name, caption, maps, &figures.concat()));
        }
        Ok(files)
    }

    /// Writes the page, and returns its file.
    ///
    /// # Errors
    ///
    /// When it cannot be written.
    pub fn finish(self) -> Result<PathBuf, AlbumError> {
        let parts = [
            ("title", "Where the net looked".to_owned()),
            ("style", format!("{STYLE}{ALBUM_STYLE}")),
            ("settings", self.explanation()),
            ("verdicts", scale()),
            ("sections", self.sections.clone()),
        ];
        let path = self.folder.join("attention.html");
        match fs::write(&path, fill(TEMPLATE, &parts)) {
            Ok(()) => Ok(path),
            Err(source) => Err(AlbumError::Write { path, source }),
        }
    }

    fn explanation(&self) -> String {
        let of = match self.n_pictures {
            n if n > SHOWN => format!(
                "The first {SHOWN} of {n} pictures; maps of the others are files beside this page. "
            ),
            _ => String::new(),
        };
        format!(
            "{of}Each map shows how the net weighed the regions of the picture for one word, scaled up bilinearly. The \
             brightest colour is the word's greatest weight; where the photograph is merely grey, there was none. A \
             map that is bright all over means that the net looked nowhere in particular. What is dark around the picture was cut off before the net saw it."
        )
    }
}

/// An album that came to nothing leaves no folder behind.
impl Drop for AttentionAlbum {
    fn drop(&mut self) {
        if self.made && self.n_pictures == 0 {
            // Refuses a folder with anything in it, such as the page of no pictures.
            let _empty = fs::remove_dir(&self.folder);
        }
    }
}

/// The colours from no weight to the greatest.
fn scale() -> String {
    let colours = (0..N_COLOURS).map(|step| {
        let [red, green, blue] = colour(f64::from(step) / f64::from(N_COLOURS - 1));
        format!("rgb({red} {green} {blue})")
    });
    let colours: Vec<String> = colours.collect();
    format!(
        "<p class=\"scale\"><span>no weight</span><span class=\"colours\" style=\"background: linear-gradient(to right, \
         {})\"></span><span>the word's greatest weight</span></p>\n",
        colours.join(", ")
    )
}

fn section(name: &str, caption: &str, maps: &AttentionMaps, figures: &str) -> String {
    let caption = if caption.is_empty() {
        "(no word)"
    } else {
        caption
    };
    let regions = &maps.regions;
    let n_regions = regions.rows * regions.columns;
    format!(
        "<section>\n<h2>{}</h2>\n<p class=\"quiet\">{}: {}, {} \u{d7} {} regions; even weights would be {} each.</p>\n\
         <ul class=\"pictures\">\n{figures}</ul>\n</section>\n",
        Escaped(caption),
        Escaped(name),
        Escaped(&regions.weights),
        regions.rows,
        regions.columns,
        percent(1.0 / n_regions.max(1) as f64),
    )
}

/// How much of the weight the word's best region has.
fn looked(word: &WordAttention) -> String {
    format!(
        "at most {} on a region",
        percent(f64::from(peak(&word.weights)))
    )
}

fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

fn figure(picture: &RgbImage, title: &str, more: &str, file: &Path) -> Result<String, AlbumError> {
    let uri = data_uri(picture).map_err(|source| map_error(file, source))?;
    let (width, height) = picture.dimensions();
    Ok(format!(
        "<li><figure><img src=\"{uri}\" alt=\"{0}\" width=\"{width}\" height=\"{height}\"><figcaption>\
         <p class=\"generated\">{0}</p><p class=\"label\">{more}</p></figcaption></figure></li>\n",
        Escaped(title),
    ))
}

fn save(picture: &RgbImage, file: &Path) -> Result<(), AlbumError> {
    picture.save(file).map_err(|source| map_error(file, source))
}

fn map_error(file: &Path, source: ImageError) -> AlbumError {
    AlbumError::Map {
        path: file.to_owned(),
        source,
    }
}

fn make(folder: &Path) -> Result<(), AlbumError> {
    fs::create_dir_all(folder).map_err(|source| AlbumError::Write {
        path: folder.to_owned(),
        source,
    })
}

/// A name as every file system takes it.
fn plain(name: &str) -> String {
    const LONGEST: usize = 40;
    let letter = |letter: char| match letter {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' => letter,
        _ => '_',
    };
    name.chars().take(LONGEST).map(letter).collect()
}

#[cfg(test)]
mod tests {
    use caption_models::harness::Regions;

    use super::*;

    fn maps() -> AttentionMaps {
        let word = |word: &str, weights: [f32; 4]| WordAttention {
            word: word.to_owned(),
            weights: weights.to_vec(),
        };
        AttentionMaps {
            regions: Regions {
                weights: "additive attention".to_owned(),
                n_whole: 0,
                rows: 2,
                columns: 2,
            },
            size: [32, 32],
            words: vec![word("a", [0.25; 4]), word("<unk>", [0.7, 0.1, 0.1, 0.1])],
        }
    }

    #[test]
    fn an_album_has_a_file_for_each_word_and_a_page_that_needs_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let photo = folder.path().join("my <photo>.png");
        RgbImage::new(40, 30).save(&photo).unwrap();
        let mut album = AttentionAlbum::create(&folder.path().join("album")).unwrap();
        let files = album.add(&photo, "my <photo>.png", "a", &maps()).unwrap();
        let expected = ["001-my__photo_/01-a.png", "001-my__photo_/02-_unk_.png"];
        assert_eq!(
            files,
            expected.map(|file| folder.path().join("album").join(file))
        );
        for file in &files {
            assert_eq!(image::open(file).unwrap().width(), 448);
        }
        let page = fs::read_to_string(album.finish().unwrap()).unwrap();
        assert_eq!(page.matches("<img src=\"data:image/").count(), 3);
        assert!(page.contains("&lt;unk&gt;") && page.contains("my &lt;photo&gt;.png"));
        assert!(
            page.contains("at most 70.0 % on a region")
                && page.contains("even weights would be 25.0 %")
        );
        assert!(!page.contains("{{") && !page.contains("<unk>"), "{page}");
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = AttentionAlbum::create(&file.path().join("album")).unwrap_err();
        let path = file.path().to_string_lossy().into_owned();
        assert!(error.to_string().contains(&path), "{error}");
    }
}
