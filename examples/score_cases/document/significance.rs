//! Intervals of one system and tests of two, as sacrebleu prints them.

use bleu::{
    Bootstrap, Chrf, Difference, Error, Interval, Metric, Randomization, References, SacreBleu,
    Signature,
};
use serde::Deserialize;
use serde_json::{Value, json};

/// Two systems, and references by who wrote them rather than by segment.
#[derive(Deserialize)]
pub(super) struct Systems {
    sys_a: Vec<String>,
    sys_b: Vec<String>,
    ref_streams: Vec<Vec<String>>,
}

impl Systems {
    /// The references of each segment.
    fn refs(&self) -> Vec<Vec<&str>> {
        let of_segment = |segment: usize| {
            let streams = self.ref_streams.iter();
            let refs = streams.filter_map(|stream| stream.get(segment));
            refs.map(String::as_str).collect()
        };
        (0..self.sys_a.len()).map(of_segment).collect()
    }

    pub(super) fn expected(&self) -> Result<Value, Error> {
        let refs = self.refs();
        let (bleu, chrf) = (SacreBleu::default(), Chrf::default());
        let (bs, ar) = (Bootstrap::default(), Randomization::default());
        let nrefs = References::of(&refs);
        let signatures = [bleu.signature(nrefs), chrf.signature(nrefs)];
        let resampled = signatures
            .clone()
            .map(|signature| signature.resampled(bs.n_resamples, bs.seed));
        let swapped = signatures.map(|signature| signature.randomized(ar.n_trials, ar.seed));
        let (bleu_bs, bleu_ar) = self.tests(&bleu, &refs)?;
        let (chrf_bs, chrf_ar) = self.tests(&chrf, &refs)?;
        let mut of_bleu = interval(&bleu, &self.sys_a, &refs, &resampled[0])?;
        of_bleu["format"] = self.line(&bleu, &refs, &of_bleu, &resampled[0])?;
        Ok(json!({
            "bleu_a_bootstrap": of_bleu,
            "chrf_a_bootstrap": interval(&chrf, &self.sys_a, &refs, &resampled[1])?,
            "paired_bs": block(&resampled, &bleu_bs, &chrf_bs),
            "paired_ar": block(&swapped, &bleu_ar, &chrf_ar),
        }))
    }

    /// The results of both systems by paired bootstrap resampling and by approximate randomization.
    fn tests(&self, metric: &impl Metric, refs: &[Vec<&str>]) -> Result<(Value, Value), Error> {
        let baseline = metric.segments(&self.sys_a, refs)?;
        let system = metric.segments(&self.sys_b, refs)?;
        let score = |total: &_| metric.scores(total);
        let bootstrap = Bootstrap::default();
        let [of_baseline] = bootstrap.intervals(&baseline, score)?;
        let [(resampled, of_system)] = bootstrap.compare(&baseline, &system, score)?;
        let [swapped] = Randomization::default().compare(&baseline, &system, score)?;
        let by_bootstrap = pair(&resampled, Some((&of_baseline, &of_system)));
        Ok((by_bootstrap, pair(&swapped, None)))
    }

    /// `BLEU|nrefs:2|.. = 45.95 (μ = 45.59 ± 7.63) 85.3/51.0/36.5/28.0 (BP = ..)`
    fn line(
        &self,
        metric: &SacreBleu,
        refs: &[Vec<&str>],
        interval: &Value,
        signature: &Signature,
    ) -> Result<Value, Error> {
        let plain = metric.corpus(&self.sys_a, refs)?.to_string();
        let number = |name: &str| interval[name].as_f64().unwrap_or_default();
        let spread = format!("(μ = {:.2} ± {:.2})", number("mean"), number("ci"));
        let words: Vec<&str> = plain.splitn(4, ' ').collect();
        Ok(match words.as_slice() {
            [name, equals, score, rest] => {
                json!(format!(
                    "{name}|{signature} {equals} {score} {spread} {rest}"
                ))
            }
            _ => json!(plain),
        })
    }
}

fn interval(
    metric: &impl Metric,
    hyps: &[String],
    refs: &[Vec<&str>],
    signature: &Signature,
) -> Result<Value, Error> {
    let segments = metric.segments(hyps, refs)?;
    let intervals = Bootstrap::default().intervals(&segments, |total| metric.scores(total));
    let [interval] = intervals?;
    Ok(json!({
        "score": interval.score,
        "mean": interval.mean,
        "ci": half_width(&interval),
        "signature": signature.to_string(),
    }))
}

fn half_width(interval: &Interval) -> f64 {
    (interval.high - interval.low) / 2.0
}

/// What is said of the baseline and of the system; there is no interval without resamples.
fn pair(difference: &Difference, intervals: Option<(&Interval, &Interval)>) -> Value {
    let result = |score: f64, p_value: Option<f64>, interval: Option<&Interval>| {
        json!({
            "score": score,
            "p_value": p_value,
            "mean": interval.map(|interval| interval.mean),
            "ci": interval.map(half_width),
        })
    };
    let (of_baseline, of_system) = intervals.unzip();
    json!([
        result(difference.baseline, None, of_baseline),
        result(difference.system, Some(difference.p_value), of_system),
    ])
}

fn block(signatures: &[Signature; 2], bleu: &Value, chrf: &Value) -> Value {
    let [of_bleu, of_chrf] = signatures.each_ref().map(ToString::to_string);
    json!({
        "signatures": {"BLEU": of_bleu, "chrF2": of_chrf},
        "results": {"BLEU": bleu, "chrF2": chrf},
    })
}
