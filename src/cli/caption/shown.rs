//! Captions as they come: on stdout, and as maps of where the net looked.
use std::path::{Path, PathBuf};

use indicatif::{ProgressBar, ProgressStyle};
use nn_caption::caption_models::harness::CaptionLine;
use nn_caption::report::{AlbumError, AttentionAlbum};
use serde_json::{Value, json};

use super::pictures::Pictures;
use crate::cli::exit::{Exit, Failure};
use crate::cli::terminal::Terminal;

const BAR: &str = "{bar:32} {pos}/{len} pictures  {per_sec}  {eta} left";
/// Fewer pictures need no bar.
const FEW: usize = 32;

/// Shows captions as they come.
pub(super) struct Shown<'a> {
    terminal: &'a Terminal,
    pictures: &'a Pictures,
    /// Whether each caption is a line of JSON.
    lines: bool,
    bar: Option<ProgressBar>,
    album: Option<AttentionAlbum>,
    /// Why the album breaks off, if it does: the captions go on.
    broken: Option<AlbumError>,
    captions: Vec<Value>,
    pub(super) n_captions: usize,
}

impl<'a> Shown<'a> {
    /// Nothing yet of `pictures`; maps will go to the folder `attention`, if there is one.
    pub(super) fn new(
        terminal: &'a Terminal,
        pictures: &'a Pictures,
        lines: bool,
        attention: Option<&Path>,
    ) -> Result<Self, Failure> {
        let album = attention.map(AttentionAlbum::create).transpose();
        let n_pictures = pictures.paths.len();
        let bar = (terminal.watched && n_pictures >= FEW).then(|| {
            let style = ProgressStyle::with_template(BAR);
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(n_pictures as u64).with_style(style)
        });
        Ok(Self {
            terminal,
            pictures,
            lines,
            bar,
            album: album.map_err(Failure::usage)?,
            broken: None,
            captions: Vec::new(),
            n_captions: 0,
        })
    }

    /// Shows the captions of a batch.
    pub(super) fn show(&mut self, lines: Vec<CaptionLine>) {
        for line in lines {
            self.line(line);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.n_captions as u64);
        }
    }

    fn line(&mut self, mut line: CaptionLine) {
        let photo = PathBuf::from(&line.image);
        line.image = self.pictures.name(&line.image);
        let files = self.draw(&photo, &line);
        self.n_captions += 1;
        if self.terminal.json || self.lines {
            let value = with_files(json!(line), &files);
            if self.terminal.json {
                self.captions.push(value);
            } else {
                self.answer(&value.to_string());
            }
        } else {
            self.answer(&format!("{}: {}", line.image, line.caption));
        }
    }

    fn answer(&self, text: &str) {
        match &self.bar {
            Some(bar) => bar.suspend(|| self.terminal.answer(text)),
            None => self.terminal.answer(text),
        }
    }

    /// The maps of a caption as files.
    fn draw(&mut self, photo: &Path, line: &CaptionLine) -> Vec<PathBuf> {
        let (Some(album), Some(maps), None) = (&mut self.album, &line.attention, &self.broken)
        else {
            return Vec::new();
        };
        let drawn = album.add(photo, &line.image, &line.caption, maps);
        drawn.unwrap_or_else(|error| {
            self.broken = Some(error);
            Vec::new()
        })
    }

    /// Writes the page, and the answer in JSON. Maps that cannot be written take no caption away.
    pub(super) fn end(self, warnings: &[String]) -> Exit {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        let page = match self.broken {
            Some(error) => Err(error),
            None => self.album.map(AttentionAlbum::finish).transpose(),
        };
        if self.terminal.json {
            let mut answer = json!({ "captions": self.captions, "warnings": warnings });
            match &page {
                Ok(None) => {}
                Ok(Some(page)) => answer["page"] = json!(page),
                Err(error) => answer["error"] = json!(error.to_string()),
            }
            self.terminal.answer_json(&answer);
        } else {
            match &page {
                Ok(None) => {}
                Ok(Some(page)) => self
                    .terminal
                    .say(&format!("where the net looked: {}", page.display())),
                Err(error) => self.terminal.say(&format!("error: {error}")),
            }
        }
        if page.is_ok() {
            Exit::Done
        } else {
            Exit::Stopped
        }
    }
}

/// A caption's JSON in which each word names the file of its map.
fn with_files(mut line: Value, files: &[PathBuf]) -> Value {
    let words = line.pointer_mut("/attention/words");
    let words = words.and_then(Value::as_array_mut).into_iter().flatten();
    for (word, file) in words.zip(files) {
        word["map"] = json!(file);
    }
    line
}
