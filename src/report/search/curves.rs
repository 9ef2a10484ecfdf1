//! Learning curves: what each epoch of each trained net came to.
use std::fs;
use std::path::Path;

use caption_models::train::EpochRow;

use super::Leaderboard;
use super::numbers::short_name;
use super::svg::{Axis, Plot};
use crate::report::escape::Escaped;
use crate::store::TrialRecord;

/// Curves with a colour of their own; the others are thin and grey.
const COLOURED: usize = 8;
/// Epochs of a history that are read.
const MAX_EPOCHS: usize = 10_000;
/// Bytes of a history that are read.
const MAX_BYTES: u64 = 8 * 1024 * 1024;

/// The history of one trial.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Curve {
    trial: u64,
    name: String,
    rows: Vec<EpochRow>,
}

/// The histories of the ranked nets, best first.
pub(super) fn read(board: &Leaderboard, trials: &[TrialRecord], dir: &Path) -> Vec<Curve> {
    let curves = board.rows.iter().filter_map(|row| {
        let trial = trials.iter().find(|trial| trial.number == row.trial)?;
        let path = dir.join(trial.folder.as_deref()?).join("history.jsonl");
        let rows = history(&path);
        (!rows.is_empty()).then(|| Curve {
            trial: row.trial,
            name: short_name(&row.name),
            rows,
        })
    });
    curves.collect()
}

/// The whole rows of a history; a last one that was cut is left out.
fn history(path: &Path) -> Vec<EpochRow> {
    let is_small = fs::metadata(path).is_ok_and(|file| file.len() <= MAX_BYTES);
    let text = if is_small {
        fs::read_to_string(path).unwrap_or_default()
    } else {
        String::new()
    };
    let rows = text.lines().take(MAX_EPOCHS);
    rows.map_while(|row| serde_json::from_str(row).ok())
        .collect()
}

/// Both pictures and the legend.
pub(super) fn pictures(curves: &[Curve]) -> String {
    if curves.is_empty() {
        return "<p class=\"quiet\">No net has finished an epoch yet.</p>\n".to_owned();
    }
    let loss = picture(curves, "training loss", |row| Some(row.loss));
    let bleu = picture(curves, "BLEU-4 on validation pictures", |row| {
        row.bleu4.map(|bleu| bleu.coco)
    });
    let legend = curves.iter().take(COLOURED).zip(0..).map(|(curve, idx)| {
        format!(
            "<li><span class=\"key c{idx}\"></span><a href=\"#trial-{0}\">#{0}</a> {1}</li>",
            curve.trial,
            Escaped(&curve.name)
        )
    });
    let others = match curves.len().saturating_sub(COLOURED) {
        0 => String::new(),
        n => format!("<li><span class=\"key\"></span>{n} more</li>"),
    };
    format!(
        "<div class=\"pair\">{}{}</div>\n<ul class=\"legend\">{}{others}</ul>\n",
        bleu.unwrap_or_default(),
        loss.unwrap_or_default(),
        legend.collect::<String>()
    )
}

/// One picture; none where no epoch has the number.
fn picture(curves: &[Curve], title: &str, of: impl Fn(&EpochRow) -> Option<f64>) -> Option<String> {
    let points = |curve: &Curve| -> Vec<(f64, f64)> {
        let rows = curve.rows.iter();
        let points = rows.filter_map(|row| Some((row.epoch as f64, of(row)?)));
        points.filter(|(_, value)| value.is_finite()).collect()
    };
    let all: Vec<Vec<(f64, f64)>> = curves.iter().map(points).collect();
    let flat = || all.iter().flatten();
    flat().next()?;
    let x = Axis::linear("epoch", flat().map(|(epoch, _)| *epoch), false);
    let y = Axis::linear(title, flat().map(|(_, value)| *value), true);
    let mut plot = Plot::new(&format!("{title} by epoch, one line a net"), x, y);
    // The best net is drawn last, above the others.
    for (idx, points) in all.iter().enumerate().rev() {
        let class = if idx < COLOURED {
            format!("curve c{idx}")
        } else {
            "curve".to_owned()
        };
        plot.line(&class, points);
        for (x, y) in points {
            let (x, y) = plot.place(*x, *y);
            plot.draw(&format!(
                "<circle class=\"dot {class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.5\"/>"
            ));
        }
    }
    Some(format!(
        "<figure class=\"wide\">{}<figcaption>{} by epoch</figcaption></figure>",
        plot.finish(),
        Escaped(&super::page::capital(title))
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::search::fixtures::run_folder;
    use crate::search::fixtures::trial;

    #[test]
    fn each_net_has_a_line_in_both_pictures() {
        let dir = tempfile::tempdir().unwrap();
        let mut trials = [trial(1, &[0.1]), trial(2, &[0.2]), trial(3, &[0.3])];
        run_folder(dir.path(), &mut trials[0], 3);
        run_folder(dir.path(), &mut trials[1], 2);
        let curves = read(&Leaderboard::of(&trials), &trials, dir.path());
        assert_eq!(
            curves
                .iter()
                .map(|c| (c.trial, c.rows.len()))
                .collect::<Vec<_>>(),
            [(2, 2), (1, 3)]
        );
        let pictures = pictures(&curves);
        assert_eq!(pictures.matches("<polyline").count(), 4);
        assert!(pictures.contains("BLEU-4 on validation pictures by epoch"));
    }

    #[test]
    fn a_row_that_was_cut_ends_the_history() {
        let dir = tempfile::tempdir().unwrap();
        let mut first = trial(1, &[0.1]);
        let folder = run_folder(dir.path(), &mut first, 2);
        let mut text = fs::read_to_string(folder.history()).unwrap();
        text.push_str("{\"epoch\":3,\"st");
        fs::write(folder.history(), text).unwrap();
        assert_eq!(history(&folder.history()).len(), 2);
    }
}
