//! Score against parameters, with the front: nets that no smaller one beats.
use super::numbers::{short, short_name};
use super::svg::{Axis, Plot};
use super::{Leaderboard, Row};
use crate::report::escape::Escaped;

/// The nets of the front, smallest first. Nets with fewer epochs are no part of it.
pub(super) fn front(rows: &[Row]) -> Vec<&Row> {
    let mut rows: Vec<&Row> = rows.iter().filter(|row| !row.fewer_epochs).collect();
    rows.sort_by(|a, b| {
        let score = b.score.score.total_cmp(&a.score.score);
        a.n_params.cmp(&b.n_params).then(score)
    });
    let mut best = f64::NEG_INFINITY;
    rows.retain(|row| {
        let better = row.score.score > best;
        best = best.max(row.score.score);
        better
    });
    rows
}

/// The picture and what it says.
pub(super) fn picture(board: &Leaderboard) -> String {
    let rows = &board.rows;
    if rows.is_empty() {
        return "<p class=\"quiet\">No net has a score yet.</p>\n".to_owned();
    }
    let constant = rows.iter().find_map(|row| row.constant);
    let scores = rows.iter().flat_map(|row| [row.score.low, row.score.high]);
    let x = Axis::log("parameters", rows.iter().map(|row| row.n_params));
    let y = Axis::linear("BLEU-4", scores.chain(constant), true);
    let (low, high) = x.ends();
    let mut plot = Plot::new("BLEU-4 against parameters, one point a net", x, y);
    if let Some(constant) = constant {
        plot.line("constant", &[(low, constant), (high, constant)]);
        let (x, y) = plot.place(high, constant);
        plot.draw(&format!(
            "<text class=\"note\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">best constant caption</text>",
            x - 4.0,
            y - 5.0
        ));
    }
    let front = front(rows);
    plot.line("front", &stairs(&front, high));
    // The best net is drawn last, above the others.
    for row in rows.iter().rev() {
        let on_front = front.iter().any(|member| member.trial == row.trial);
        plot.draw(&point(&plot, row, on_front));
    }
    format!(
        "<figure class=\"wide\">{}<figcaption>{}</figcaption></figure>\n",
        plot.finish(),
        said(&front)
    )
}

/// The front as steps: what can be had for so many parameters.
fn stairs(front: &[&Row], end: f64) -> Vec<(f64, f64)> {
    let mut points: Vec<(f64, f64)> = Vec::new();
    for row in front {
        let x = log(row.n_params);
        if let Some((_, below)) = points.last().copied() {
            points.push((x, below));
        }
        points.push((x, row.score.score));
    }
    points.extend(points.last().map(|(_, score)| (end, *score)));
    points
}

fn log(n_params: u64) -> f64 {
    (n_params.max(1) as f64).log10()
}

fn point(plot: &Plot, row: &Row, on_front: bool) -> String {
    let x = log(row.n_params);
    let (x_at, y_at) = plot.place(x, row.score.score);
    let (_, low) = plot.place(x, row.score.low);
    let (_, high) = plot.place(x, row.score.high);
    let class = match (on_front, row.fewer_epochs) {
        (true, _) => "point best",
        (_, true) => "point fewer",
        _ => "point",
    };
    let label = on_front.then(|| {
        format!(
            "<text class=\"note\" x=\"{:.1}\" y=\"{:.1}\">#{}</text>",
            x_at + 8.0,
            y_at - 6.0,
            row.trial
        )
    });
    format!(
        "<a href=\"#trial-{}\"><title>trial {}, {}: {:.3} [{:.3}, {:.3}], {} parameters, {} epochs</title>\
         <line class=\"whisker\" x1=\"{x_at:.1}\" x2=\"{x_at:.1}\" y1=\"{low:.1}\" y2=\"{high:.1}\"/>\
         <circle class=\"{class}\" cx=\"{x_at:.1}\" cy=\"{y_at:.1}\" r=\"5\"/>{}</a>",
        row.trial,
        row.trial,
        Escaped(&short_name(&row.name)),
        row.score.score,
        row.score.low,
        row.score.high,
        short(row.n_params),
        row.epochs,
        label.unwrap_or_default()
    )
}

fn said(front: &[&Row]) -> String {
    let nets = front.iter().map(|row| {
        format!(
            "<a href=\"#trial-{0}\">#{0}</a> ({1}, {2:.3})",
            row.trial,
            short(row.n_params),
            row.score.score
        )
    });
    let nets: Vec<String> = nets.collect();
    format!(
        "Points are nets, whiskers their 95 % intervals; the line is the front: the best score for so many parameters. \
         On it: {}. Hollow points had fewer epochs and take no part.",
        nets.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::fixtures::trial;

    fn sized(number: u64, n_params: u64, scores: &[f64]) -> crate::store::TrialRecord {
        let mut trial = trial(number, scores);
        trial.net.as_mut().unwrap().n_params = n_params;
        trial
    }

    #[test]
    fn the_front_holds_nets_that_no_smaller_one_beats() {
        let trials = [
            sized(1, 1_000, &[0.1, 0.1]),
            sized(2, 2_000, &[0.1, 0.05]),
            sized(3, 3_000, &[0.1, 0.2]),
            sized(4, 1_000, &[0.1, 0.09]),
            sized(5, 500, &[0.9]),
        ];
        let board = Leaderboard::of(&trials);
        let front: Vec<u64> = front(&board.rows).iter().map(|row| row.trial).collect();
        assert_eq!(front, [1, 3]);
        let picture = picture(&board);
        assert_eq!(picture.matches("<circle").count(), 5);
        assert_eq!(picture.matches("point best").count(), 2);
        assert_eq!(picture.matches("point fewer").count(), 1);
    }

    #[test]
    fn a_search_without_scores_has_no_picture() {
        assert!(picture(&Leaderboard::of(&[])).contains("No net has a score yet"));
    }
}
