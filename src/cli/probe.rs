//! `probe`: a deterministic experiment on a net, and its comparison with PyTorch's numbers.
use std::path::{Path, PathBuf};

use nn_caption::caption_models::device;
use nn_caption::caption_models::harness::{Event, ProbeJob};
use nn_caption::caption_models::probe::{
    Failure as Difference, Golden, Numbers, compare, not_compared,
};
use nn_caption::codegen::{self, Generated, Options};
use nn_caption::run;
use serde::Serialize;
use serde_json::Value;

use super::exit::{Answer, Exit, Failure};
use super::input::{parse_image, parse_prm, read_reply};
use super::progress::follow_job;
use super::task::Task;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  nn-caption probe net.py --golden golden.json           exit code 0 when PyTorch's numbers are matched
  nn-caption probe net.py --golden golden.json --json    the same, with all numbers
  nn-caption probe net.py --vocab 60 --image 64          the numbers only

Parameters and inputs are filled from their names, so that the net and its PyTorch original start equal without
exchanging a file.";

/// Compare a net with PyTorch's numbers
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// A bare .py file or a reply; `-` is stdin
    net: PathBuf,
    /// PyTorch's side of the experiment; sizes and hyper-parameters are taken from it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["vocab", "image", "prm"])]
    golden: Option<PathBuf>,
    /// What the net is for; a golden file knows
    #[arg(long, value_enum, default_value = "caption", conflicts_with = "golden")]
    task: Task,
    /// Words the net shall know, or the classes of a classifier
    #[arg(long, default_value_t = 60, value_name = "WORDS")]
    vocab: usize,
    /// Picture size: one side, or height and width as in 224x160
    #[arg(long, default_value = "64", value_parser = parse_image, value_name = "SIZE")]
    image: [usize; 3],
    /// A hyper-parameter of the net; may be repeated
    #[arg(long, value_parser = parse_prm, value_name = "NAME=VALUE")]
    prm: Vec<(String, Value)>,
    /// cpu, wgpu[:index] or cuda[:index]
    #[arg(long, default_value = "cpu")]
    device: String,
}

/// How far a probe came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Stage {
    Generate,
    Build,
    Run,
    Compare,
}

/// The one object that `--json` prints.
#[derive(Debug, Serialize)]
struct Verdict {
    pass: bool,
    stage: Stage,
    failures: Vec<Value>,
    not_compared: Vec<String>,
    #[serde(flatten)]
    numbers: Option<Numbers>,
}

impl Verdict {
    /// A probe that ended before there were numbers.
    fn ended(stage: Stage, failures: Vec<Value>) -> Self {
        Self {
            pass: false,
            stage,
            failures,
            not_compared: Vec::new(),
            numbers: None,
        }
    }
}

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        device::parse(&self.device)?;
        let net = read_reply(&self.net)?;
        let golden = self
            .golden
            .as_deref()
            .map(Golden::read)
            .transpose()
            .map_err(Failure::usage)?;
        let verdict = match golden.as_ref().and_then(Golden::without_numbers) {
            Some(reason) => {
                let reason = format!("the golden holds no numbers to compare with: {reason}");
                Verdict::ended(Stage::Compare, vec![reason.into()])
            }
            None => self.verdict(terminal, &net, golden.as_ref())?,
        };
        show(terminal, &verdict, golden.is_some());
        Ok(if verdict.pass { Exit::Done } else { Exit::No })
    }

    fn verdict(
        &self,
        terminal: &Terminal,
        net: &str,
        golden: Option<&Golden>,
    ) -> Result<Verdict, Failure> {
        let (options, mut job) = self.sizes(golden)?;
        job.device.clone_from(&self.device);
        match codegen::generate(net, &options) {
            Ok(generated) => experiment(terminal, &generated, job, golden),
            Err(rejected) => {
                terminal.show(&rejected.diagnostics, net);
                let failures = rejected
                    .diagnostics
                    .iter()
                    .map(|found| serde_json::json!(found))
                    .collect();
                Ok(Verdict::ended(Stage::Generate, failures))
            }
        }
    }

    fn sizes(&self, golden: Option<&Golden>) -> Result<(Options, ProbeJob), Failure> {
        let Some(golden) = golden else {
            let job = ProbeJob {
                task: self.task.of_job(),
                ..ProbeJob::default()
            };
            let prm = self.prm.iter().cloned().collect();
            let options = run::options(self.vocab, self.image, job.batch, prm);
            return Ok((self.task.of(options), job));
        };
        let (Some(vocab), Some(image)) = (golden.words(), golden.image()) else {
            let path = self.golden.as_deref().unwrap_or(Path::new("-"));
            return Err(Failure::usage(anyhow::anyhow!(
                "the golden file {} names no image size (`const` with C, H and W), or neither the vocabulary V of a \
                 captioning net nor the `classes` of a classifier",
                path.display()
            )));
        };
        let job = golden.job();
        let options = run::options(vocab, image, job.batch, golden.prm.clone());
        Ok((Task::from(golden.task).of(options), job))
    }
}

/// Builds and runs the net, and compares.
fn experiment(
    terminal: &Terminal,
    generated: &Generated,
    job: ProbeJob,
    golden: Option<&Golden>,
) -> Result<Verdict, Failure> {
    let scratch = tempfile::tempdir().map_err(Failure::usage)?;
    let launched = match run::launch_probe(generated, job, scratch.path()) {
        Ok(launched) => launched,
        Err(error) => return ended(Stage::Build, error.into()),
    };
    let mut numbers = None;
    let followed = follow_job(terminal, launched, |event| {
        if let Event::Probe { numbers: measured } = event {
            numbers = Some(*measured);
        }
    });
    match (followed, numbers) {
        (Err(failure), _) => ended(Stage::Run, failure),
        (Ok(_), None) => Ok(Verdict::ended(
            Stage::Run,
            vec!["the probe gave no numbers".into()],
        )),
        (Ok(_), Some(numbers)) => Ok(judge(numbers, golden)),
    }
}

/// The net's own failure is an answer; what the machine cannot do is an error.
fn ended(stage: Stage, failure: Failure) -> Result<Verdict, Failure> {
    match failure.exit {
        Exit::No => Ok(Verdict::ended(
            stage,
            vec![format!("{:#}", failure.error).into()],
        )),
        _ => Err(failure),
    }
}

fn judge(numbers: Numbers, golden: Option<&Golden>) -> Verdict {
    let differences = golden
        .map(|golden| compare(&numbers, golden))
        .unwrap_or_default();
    let not_compared = golden
        .map(|golden| not_compared(&numbers, golden))
        .unwrap_or_default();
    let told = |difference: &Difference| Value::from(difference.to_string());
    Verdict {
        pass: differences.is_empty(),
        stage: Stage::Compare,
        failures: differences.iter().map(told).collect(),
        not_compared,
        numbers: Some(numbers),
    }
}

fn show(terminal: &Terminal, verdict: &Verdict, compared: bool) {
    if terminal.json {
        terminal.answer_json(verdict);
        return;
    }
    for failure in &verdict.failures {
        terminal.answer(failure.as_str().unwrap_or("rejected, see the diagnostics"));
    }
    for passed_over in &verdict.not_compared {
        terminal.answer(&format!("not compared: {passed_over}"));
    }
    if let Some(numbers) = &verdict.numbers {
        terminal.answer(&format!(
            "{} tensors, logits {:?}, loss {}, training loss {}, gradient norm {}",
            numbers.params.len(),
            numbers.logits.shape,
            numbers.loss,
            numbers.backward_loss,
            numbers.total_norm
        ));
    }
    terminal.answer(match (verdict.pass, compared) {
        (true, true) => "pass: all that the golden holds is matched",
        (true, false) => "measured; nothing to compare with",
        (false, _) => "FAIL",
    });
}
