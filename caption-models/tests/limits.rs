//! Candidates that want more than they may have: a real process each, which limits itself.
//!
//! This program is its own candidate: started with a job file and `DEED` it builds a net that does the deed.

#![expect(clippy::unwrap_used, reason = "what tests share fails as tests do")]
#![expect(clippy::print_stdout, reason = "it is its own test harness")]

use std::net::{TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, ExitCode, Output};
use std::{env, fs};

use burn::module::Module;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::{Device, Int, Tensor};
use caption_models::harness::{
    self, Alignment, Captioner, Event, Inference, Recipe, Spec, Stage, StateEntry,
};
use caption_models::limits::Exceeded;
use caption_models::vocab::Vocab;
use serde_json::{Value, json};

/// Does its deed when it is built, and panics with what came of it.
#[derive(Module, Debug)]
struct Hostile {
    layer: Linear,
}

impl Captioner for Hostile {
    type Memory = ();

    const SPEC: Spec = Spec {
        vocab: 8,
        image: [3, 8, 8],
        alignment: Alignment {
            n_dropped: 1,
            shift: 1,
        },
        infer: false,
    };
    const STATE: &'static [StateEntry] = &[];
    const RECIPE: Recipe = Recipe {
        groups: &[],
        clip_norm: None,
    };

    fn new(device: &Device) -> Self {
        let deed = env::var("DEED").unwrap_or_default();
        let argument = env::var("ARGUMENT").unwrap_or_default();
        panic!("{deed}: {}", outcome(&deed, &argument, device));
    }

    fn encode(&self, _images: Tensor<4>) {}

    fn decode(&self, _memory: (), _captions: Tensor<2, Int>) -> Tensor<3> {
        unreachable!("it is never built")
    }

    fn logits(&self, _images: Tensor<4>, captions: Tensor<2, Int>) -> Tensor<3> {
        self.decode((), captions)
    }

    fn loss(&self, _images: Tensor<4>, _captions: Tensor<3, Int>) -> Tensor<1> {
        unreachable!("it is never built")
    }

    fn infer(&self, _images: Tensor<4>) -> Option<Inference> {
        None
    }
}

fn outcome(deed: &str, argument: &str, device: &Device) -> String {
    let done = match deed {
        "read" => fs::read(argument).map(|_| ()),
        "write" => fs::write(argument, "x"),
        "grow" => fs::write(argument, vec![0; 3 << 20]),
        "connect" => TcpStream::connect(argument).map(|_| ()),
        "start" => Command::new(argument).status().map(|_| ()),
        "eat" => {
            let tensors: Vec<_> = (0..12)
                .map(|_| Tensor::<1>::ones([16 << 20], device))
                .collect();
            assert_eq!(tensors.len(), 12);
            Ok(())
        }
        "spin" => loop {
            std::hint::black_box(LinearConfig::new(64, 64).init(device));
        },
        _ => unreachable!("no deed `{deed}`"),
    };
    done.map_or_else(|error| error.to_string(), |()| "done".to_owned())
}

/// Starts this program as a candidate.
fn candidate(folder: &Path, job: &Value, deed: &str, argument: &str) -> Output {
    let path = folder.join("job.json");
    fs::write(&path, job.to_string()).unwrap();
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .arg(path)
        .envs([("DEED", deed), ("ARGUMENT", argument)]);
    command.output().unwrap()
}

fn events(output: &Output) -> Vec<Event> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// What came of a deed under these limits, in a candidate that captions a picture of `folder/run`.
#[track_caller]
fn deed(folder: &Path, limits: &Value, deed: &str, argument: &Path) -> String {
    let run = folder.join("run");
    fs::create_dir_all(&run).unwrap();
    let vocab = run.join("vocab.json");
    Vocab::build(["a b c d"], 1).save(&vocab).unwrap();
    let job =
        json!({"job": "train", "run": run, "data": "scenes:8", "vocab": vocab, "limits": limits});
    let output = candidate(folder, &job, deed, &argument.to_string_lossy());
    let events = events(&output);
    let Some(Event::Failed {
        stage: Stage::Panic,
        message,
    }) = events.last()
    else {
        panic!("{events:?} {}", String::from_utf8_lossy(&output.stderr))
    };
    message.split_once(": ").unwrap().1.to_owned()
}

/// Whether this machine offers what a test needs.
fn is_applied(folder: &Path, what: &str) -> bool {
    let output = candidate(folder, &json!({"job": "probe"}), "read", "/dev/null");
    let Some(Event::Limits(limits)) = events(&output).into_iter().next() else {
        panic!("{output:?}")
    };
    limits.applied.iter().any(|applied| applied.contains(what))
}

fn limits_are_the_first_thing_a_candidate_says(folder: &Path) {
    let output = candidate(folder, &json!({"job": "probe"}), "read", "/dev/null");
    let Event::Limits(limits) = &events(&output)[0] else {
        panic!("{output:?}")
    };
    for what in ["MiB of memory", "no core dump", "files of 8192 MiB"] {
        assert!(
            limits.applied.iter().any(|applied| applied.contains(what)),
            "{limits:?}"
        );
    }
    let all = [&limits.applied[..], &limits.missing[..]]
        .concat()
        .join(" ");
    assert!(
        all.contains("only the job's files") && all.contains("an empty network"),
        "{all}"
    );
}

fn a_failed_allocation_can_be_told_from_other_ends(folder: &Path) {
    let job = json!({"job": "probe", "limits": {"memory_mb": 256}});
    let output = candidate(folder, &job, "eat", "");
    let signal = output.status.signal().unwrap();
    let log = String::from_utf8_lossy(&output.stderr);
    assert_eq!(Exceeded::of(signal, &log), Some(Exceeded::Memory), "{log}");
}

fn the_same_appetite_is_served_where_there_is_memory(folder: &Path) {
    let job = json!({"job": "probe", "limits": {"memory_mb": 100_000}});
    let output = candidate(folder, &job, "eat", "");
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

fn cpu_time_ends_with_its_signal(folder: &Path) {
    let job = json!({"job": "probe", "limits": {"cpu_seconds": 1}});
    let output = candidate(folder, &job, "spin", "");
    let signal = output.status.signal().unwrap();
    assert_eq!(Exceeded::of(signal, ""), Some(Exceeded::CpuTime));
}

fn a_file_that_grows_too_large_ends_with_its_signal(folder: &Path) {
    let job = json!({"job": "probe", "limits": {"file_mb": 1, "files": true}});
    let output = candidate(
        folder,
        &job,
        "grow",
        &folder.join("large").to_string_lossy(),
    );
    let signal = output.status.signal().unwrap();
    assert_eq!(Exceeded::of(signal, ""), Some(Exceeded::FileSize));
}

fn only_the_run_folder_can_be_written(folder: &Path) {
    if !is_applied(folder, "only the job's files") {
        return;
    }
    let limits = json!({});
    let inside = folder.join("run/scores.json");
    assert_eq!(deed(folder, &limits, "write", &inside), "done");
    let outside = folder.join("stolen");
    assert!(deed(folder, &limits, "write", &outside).contains("Permission denied"));
    assert!(!outside.exists());
    let lifted = json!({"files": true});
    assert_eq!(deed(folder, &lifted, "write", &outside), "done");
}

fn only_what_the_job_names_can_be_read(folder: &Path) {
    if !is_applied(folder, "only the job's files") {
        return;
    }
    let secret = folder.join("secret");
    fs::write(&secret, "x").unwrap();
    let limits = json!({});
    assert!(deed(folder, &limits, "read", &secret).contains("Permission denied"));
    assert_eq!(
        deed(folder, &limits, "read", &folder.join("run/vocab.json")),
        "done"
    );
    assert!(deed(folder, &limits, "start", Path::new("/bin/true")).contains("Permission denied"));
}

fn the_network_is_out_of_reach(folder: &Path) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let address = Path::new(&address);
    assert_eq!(
        deed(folder, &json!({"network": true}), "connect", address),
        "done"
    );
    if is_applied(folder, "an empty network") {
        assert_ne!(
            deed(folder, &json!({"files": true}), "connect", address),
            "done"
        );
    }
    if is_applied(folder, "only the job's files") {
        assert_ne!(deed(folder, &json!({}), "connect", address), "done");
    }
}

/// A test by its name.
type Test = (&'static str, fn(&Path));

macro_rules! tests {
    ($($name:ident),* $(,)?) => { &[$((stringify!($name), $name)),*] };
}

const TESTS: &[Test] = tests![
    limits_are_the_first_thing_a_candidate_says,
    a_failed_allocation_can_be_told_from_other_ends,
    the_same_appetite_is_served_where_there_is_memory,
    cpu_time_ends_with_its_signal,
    a_file_that_grows_too_large_ends_with_its_signal,
    only_the_run_folder_can_be_written,
    only_what_the_job_names_can_be_read,
    the_network_is_out_of_reach,
];

fn main() -> ExitCode {
    if env::var_os("DEED").is_some() {
        return harness::main::<Hostile>();
    }
    let filter = env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'))
        .unwrap_or_default();
    for (name, test) in TESTS.iter().filter(|(name, _)| name.contains(&filter)) {
        let folder = tempfile::tempdir().unwrap();
        println!("test {name} ...");
        test(folder.path());
        println!("test {name} ... ok");
    }
    ExitCode::SUCCESS
}
