//! `captions.html`: one file that shows pictures with generated and reference captions, and what the scores mean.
use caption_models::data::{DataError, DataSet};
use caption_models::evaluate::{CaptionedImage, Scores};
use image::ImageError;

use super::escape::Escaped;
use super::pictures::cards;
use super::rows::{ScoreRow, score_rows};
use super::verdict::Verdict;
use crate::run::RunInfo;

/// Pictures on the page.
const SHOWN: usize = 60;
const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

/// What the page shows.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// How the run was asked for.
    pub info: &'a RunInfo,
    /// Its scores.
    pub scores: &'a Scores,
    /// Its captions.
    pub captions: &'a [CaptionedImage],
    /// The set the captioned pictures are of.
    pub data: &'a dyn DataSet,
}

/// Why the page cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PageError {
    /// A picture cannot be read any more.
    #[error(transparent)]
    Data(#[from] DataError),
    /// A picture cannot be encoded.
    #[error("cannot encode the picture {name}: {source}")]
    Encode {
        /// Its name.
        name: String,
        /// Why not.
        source: ImageError,
    },
}

/// The page, complete: styles and pictures are inside.
///
/// # Errors
///
/// When a picture cannot be read or encoded.
pub fn captions_page(page: &Page<'_>) -> Result<String, PageError> {
    let info = page.info;
    let settings = format!(
        "{} pictures of {} scored. {} epochs in batches of {}, images {}\u{d7}{}, seed {}, on {}. Not pretrained. Net {}.",
        page.scores.images,
        info.data,
        info.epochs,
        info.batch,
        info.image[1],
        info.image[2],
        info.seed,
        info.device,
        info.hash.get(..12).unwrap_or(&info.hash),
    );
    let captions = &page.captions[..page.captions.len().min(SHOWN)];
    let shown = format!(
        "The first {} of {} scored pictures.",
        captions.len(),
        page.captions.len()
    );
    let pictures = cards(page.data, captions)?;
    let parts = [
        (
            "title",
            format!("Captions of {}", Escaped(&page.data.name())),
        ),
        ("style", STYLE.to_owned()),
        ("settings", Escaped(&settings).to_string()),
        ("verdicts", verdicts(page.scores)),
        ("rows", score_rows(page.scores).iter().map(row).collect()),
        ("shown", shown),
        ("pictures", pictures),
    ];
    Ok(fill(TEMPLATE, &parts))
}

/// Replaces each `{{name}}` of the template, in one pass: what a part brings along is not looked at again.
fn fill(template: &str, parts: &[(&str, String)]) -> String {
    let mut filled = String::new();
    let mut pieces = template.split("{{");
    filled.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or((piece, ""));
        let part = parts.iter().find(|(known, _)| *known == name);
        filled.push_str(part.map_or("", |(_, text)| text));
        filled.push_str(rest);
    }
    filled
}

fn verdicts(scores: &Scores) -> String {
    let protocols = [("coco", &scores.coco), ("lemur", &scores.lemur)];
    let verdict = |(name, scores)| {
        let verdict = Verdict::of(scores);
        let class = if verdict.is_clear() { "good" } else { "bad" };
        format!(
            "<p class=\"verdict {class}\">By protocol {name}, {}.</p>\n",
            Escaped(&verdict.to_string())
        )
    };
    protocols.into_iter().map(verdict).collect()
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
         <td>{:.3} [{:.3}, {:.3}]</td></tr>\n",
        row.protocol,
        Escaped(&row.whose),
        row.images,
        first.score,
        second.score,
        third.score,
        fourth.score,
        fourth.low,
        fourth.high,
    )
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use caption_models::data::{DataSpec, Split};

    use caption_models::limits::Limits;

    use super::*;
    use crate::report::rows::tests::protocol;

    fn sample_page() -> String {
        let spec: DataSpec = "scenes:8".parse().unwrap();
        let data = spec.open(Split::Validation).unwrap();
        let item = &data.items()[0];
        let captions = [CaptionedImage {
            image: item.name.clone(),
            caption: "a <script> & a \"square\"".to_owned(),
            references: item.captions.clone(),
        }];
        let info = RunInfo {
            version: "0.1.0".to_owned(),
            hash: "0123456789abcdef".to_owned(),
            data: spec,
            device: "cpu".to_owned(),
            epochs: 2,
            batch: 16,
            image: [3, 64, 64],
            prm: BTreeMap::new(),
            seed: 0,
            limits: Limits::default(),
            time_limit: None,
            verify: true,
        };
        let scores = Scores {
            images: 2,
            coco: protocol(0.5, Some(0.1)),
            lemur: protocol(0.05, Some(0.1)),
        };
        captions_page(&Page {
            info: &info,
            scores: &scores,
            captions: &captions,
            data: data.as_ref(),
        })
        .unwrap()
    }

    #[test]
    fn page_is_self_contained_and_escaped() {
        let page = sample_page();
        assert!(page.contains("data:image/") && !page.contains("http") && !page.contains("{{"));
        assert!(
            page.contains("a &lt;script&gt; &amp; a &quot;square&quot;")
                && !page.contains("<script")
        );
    }

    #[test]
    fn page_says_both_verdicts() {
        let page = sample_page();
        assert!(page.contains("By protocol coco, the net clearly beats the best constant caption"));
        assert!(
            page.contains("By protocol lemur, the net does NOT beat the best constant caption")
        );
    }

    #[test]
    fn a_part_that_looks_like_a_place_is_not_filled() {
        let parts = [("a", "{{b}}".to_owned()), ("b", "x".to_owned())];
        assert_eq!(fill("<{{a}}-{{b}}>", &parts), "<{{b}}-x>");
    }
}
