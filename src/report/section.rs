//! One split on the page: its table of scores, its pictures.
use bleu::Interval;
use caption_models::data::DataSet;
use caption_models::evaluate::CaptionedImage;

use super::PageError;
use super::escape::Escaped;
use super::pictures::cards;
use super::rows::{ScoreRow, ScoreTable};
use super::template::fill;

/// Pictures of each split on the page.
const SHOWN: usize = 60;
const TEMPLATE: &str = include_str!("section.html");

/// The section of a split; without pictures when `data` is none.
pub(super) fn section(
    table: &ScoreTable,
    captions: &[CaptionedImage],
    data: Option<&dyn DataSet>,
) -> Result<String, PageError> {
    let of_split = captions.iter().filter(|image| image.split == table.split);
    let captions: Vec<&CaptionedImage> = of_split.collect();
    let first = &captions[..captions.len().min(SHOWN)];
    let shown = format!(
        "The first {} of {} scored pictures.",
        first.len(),
        captions.len()
    );
    let pictures = data.map(|data| cards(data, first)).transpose()?;
    let parts = [
        ("id", table.split.to_string()),
        ("title", table.title.clone()),
        ("rows", table.rows.iter().map(row).collect()),
        (
            "notes",
            table.notes.iter().map(|note| self::note(note)).collect(),
        ),
        ("shown", shown),
        ("pictures", pictures.unwrap_or_default()),
    ];
    Ok(fill(TEMPLATE, &parts))
}

fn note(note: &str) -> String {
    format!("<p class=\"quiet\">{}</p>\n", Escaped(note))
}

fn row(row: &ScoreRow) -> String {
    let [first, second, third, fourth] = row.bleu;
    let class = if row.whose.starts_with("the net (") {
        " class=\"net\""
    } else {
        ""
    };
    format!(
        "<tr{class}><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{:.3}</td><td>{:.3}</td><td>{:.3}</td>\
         <td>{}</td><td>{}</td><td>{}</td></tr>\n",
        row.protocol,
        Escaped(&row.whose),
        row.images,
        first.score,
        second.score,
        third.score,
        cell(Some(fourth)),
        cell(row.rouge_l),
        cell(row.cider_d),
    )
}

fn cell(interval: Option<Interval>) -> String {
    interval.map_or_else(String::new, |interval| {
        let Interval {
            score, low, high, ..
        } = interval;
        format!("{score:.3}<br><span class=\"quiet\">[{low:.3}, {high:.3}]</span>")
    })
}
