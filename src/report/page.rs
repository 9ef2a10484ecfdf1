//! `captions.html`: one file that shows pictures with generated and reference captions, and what the scores mean.
use std::sync::Arc;

use caption_models::data::{DataError, DataSet};
use caption_models::evaluate::{CaptionedImage, Scores, SplitScores};
use image::ImageError;

use super::escape::Escaped;
use super::rows::score_tables;
use super::section::section;
use super::template::fill;
use super::verdict::Verdict;
use crate::run::RunInfo;

pub(super) const TEMPLATE: &str = include_str!("page.html");
pub(super) const STYLE: &str = include_str!("page.css");

/// What the page shows.
#[derive(Clone, Copy, Debug)]
pub struct Page<'a> {
    /// How the run was asked for.
    pub info: &'a RunInfo,
    /// Its scores.
    pub scores: &'a SplitScores,
    /// Its captions.
    pub captions: &'a [CaptionedImage],
    /// The sets the captioned pictures are of, in any order.
    pub sets: &'a [Arc<dyn DataSet>],
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
    let sections = score_tables(page.scores).into_iter().map(|table| {
        let set = page.sets.iter().find(|set| set.split() == table.split);
        section(&table, page.captions, set.map(AsRef::as_ref))
    });
    let title = format!("Captions of {}", page.info.data);
    let parts = [
        ("title", Escaped(&title).to_string()),
        ("style", STYLE.to_owned()),
        ("settings", Escaped(&settings(page)).to_string()),
        ("verdicts", verdicts(&page.scores.validation)),
        ("sections", sections.collect::<Result<String, _>>()?),
    ];
    Ok(fill(TEMPLATE, &parts))
}

/// How the run was made, in one line.
fn settings(page: &Page<'_>) -> String {
    let info = page.info;
    let train = page
        .scores
        .train
        .as_ref()
        .map_or_else(String::new, |train| {
            format!(" and {} training pictures", train.images)
        });
    let pretrained = if info.pretrained {
        "Pretrained encoder"
    } else {
        "Not pretrained"
    };
    format!(
        "{} validation pictures{train} of {} scored. {} epochs in batches of {}, images {}\u{d7}{}, seed {}, on {}. {pretrained}. Net {}.",
        page.scores.validation.images,
        info.data,
        info.n_epochs(),
        info.batch,
        info.image[1],
        info.image[2],
        info.seed,
        info.device,
        info.net(),
    )
}

/// Both verdicts on the validation pictures: a net that beats a sentence on pictures it has learned from says little.
fn verdicts(scores: &Scores) -> String {
    let protocols = [("coco", &scores.coco), ("lemur", &scores.lemur)];
    let verdict = |(name, scores)| {
        let verdict = Verdict::of(scores);
        let class = if verdict.is_clear() { "good" } else { "bad" };
        format!(
            "<p class=\"verdict {class}\">On validation pictures, by protocol {name}, {}.</p>\n",
            Escaped(&verdict.to_string())
        )
    };
    protocols.into_iter().map(verdict).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use caption_models::data::{DataSpec, Split};

    use caption_models::limits::Limits;

    use caption_models::train::{Course, Pace};

    use super::*;
    use crate::report::rows::tests::split_scores;

    /// A page of one picture a split that was scored.
    fn page_of(scores: &SplitScores) -> String {
        let spec: DataSpec = "scenes:8".parse().unwrap();
        let sets = [Split::Train, Split::Validation].map(|split| spec.open(split).unwrap());
        let captioned = |data: &Arc<dyn DataSet>, caption: &str| CaptionedImage {
            split: data.split(),
            image: data.items()[0].name.clone(),
            caption: caption.to_owned(),
            references: data.items()[0].captions.clone(),
        };
        let mut captions = vec![captioned(&sets[1], "a <script> & a \"square\"")];
        if scores.train.is_some() {
            captions.push(captioned(&sets[0], "learned by heart"));
        }
        let info = RunInfo {
            version: "0.1.0".to_owned(),
            hash: "0123456789abcdef".to_owned(),
            system: None,
            pretrained: false,
            data: spec,
            device: "cpu".to_owned(),
            epochs: 2,
            batch: 16,
            image: [3, 64, 64],
            prm: BTreeMap::new(),
            seed: 0,
            score_train: 3,
            pace: Pace::default(),
            course: Course::default(),
            limits: Limits::default(),
            time_limit: None,
            verify: true,
        };
        captions_page(&Page {
            info: &info,
            scores,
            captions: &captions,
            sets: &sets,
        })
        .unwrap()
    }

    #[test]
    fn page_is_self_contained_and_escaped() {
        let page = page_of(&split_scores());
        assert!(page.contains("data:image/") && !page.contains("http") && !page.contains("{{"));
        assert!(
            page.contains("a &lt;script&gt; &amp; a &quot;square&quot;")
                && !page.contains("<script")
        );
    }

    #[test]
    fn page_says_both_verdicts() {
        let page = page_of(&split_scores());
        assert!(page.contains("by protocol coco, the net clearly beats the best constant caption"));
        assert!(
            page.contains("by protocol lemur, the net does NOT beat the best constant caption")
        );
        assert_eq!(page.matches("by protocol").count(), 2);
    }

    #[test]
    fn each_split_stands_under_its_heading() {
        let page = page_of(&split_scores());
        let (before, train) = page.split_once(">training, 3 pictures</h2>").unwrap();
        let (_, validation) = before.split_once(">validation, 2 pictures</h2>").unwrap();
        for section in [validation, train] {
            assert_eq!(section.matches("<table>").count(), 1);
            assert_eq!(section.matches("<figure>").count(), 1);
            assert!(section.contains("[0.480, 0.520]"), "the net's interval");
        }
        assert!(validation.contains("&lt;script&gt;") && !validation.contains("learned by heart"));
        assert!(train.contains("learned by heart") && !train.contains("&lt;script&gt;"));
    }

    #[test]
    fn a_split_that_was_not_scored_is_not_mentioned() {
        let mut scores = split_scores();
        scores.train = None;
        let page = page_of(&scores);
        assert!(page.contains("2 validation pictures of scenes:8 scored."));
        assert!(!page.contains("training"));
    }
}
