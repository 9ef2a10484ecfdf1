//! A search that is killed at random moments loses nothing that was finished, and does nothing twice.
use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use nn_caption::store::{Store, TrialRecord, TrialState};
use rustix::process::{Pid, Signal, kill_process};

use super::search::{essence, tiny, trials};
use super::{nn_caption, run, stderr};

/// How often the search is killed, unless `NN_CAPTION_KILLS` says otherwise.
const N_KILLS: u64 = 3;
/// Trials of the search, unless `NN_CAPTION_TRIALS` says otherwise.
const N_TRIALS: u64 = 3;
/// Milliseconds that pass before a kill, at most, unless `NN_CAPTION_LONGEST` says otherwise.
const LONGEST: u64 = 9_000;

/// A number from the environment.
fn number(name: &str, default: u64) -> u64 {
    let given = env::var(name).ok();
    given.map_or(default, |text| text.parse().expect("a whole number"))
}

/// A search that goes on where one has begun in `out`.
fn start(out: &Path, n_trials: &str) -> Child {
    let path = out.to_str().unwrap();
    let has_begun = Store::open(out).is_ok_and(|mut store| store.search().is_ok());
    let args = if has_begun {
        vec!["search", "--resume", "--out", path]
    } else {
        tiny(path, n_trials)
    };
    let mut command = nn_caption(&args);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Waits for a moment, or for the end of the process if that comes first.
fn wait(child: &mut Child, moment: Duration) {
    let mut said = child.stderr.take().unwrap();
    let (ended, end) = channel();
    thread::spawn(move || {
        // Its stderr ends with the process.
        let _ = said.read_to_end(&mut Vec::new());
        let _ = ended.send(());
    });
    let _ = end.recv_timeout(moment);
}

/// The processes that stem from this one.
fn descendants(of: u32) -> Vec<u32> {
    let mut parents = BTreeMap::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let pid = entry.file_name().to_string_lossy().parse::<u32>();
        let stat = fs::read_to_string(entry.path().join("stat"));
        // After the name in brackets: state, parent.
        if let (Ok(pid), Ok(stat)) = (pid, stat)
            && let Some((_, rest)) = stat.rsplit_once(')')
            && let Some(parent) = rest.split_whitespace().nth(1)
        {
            parents.insert(pid, parent.parse::<u32>().unwrap());
        }
    }
    let mut found = vec![of];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        let children = parents.iter().filter(|(_, found)| **found == parent);
        found.extend(children.map(|(pid, _)| *pid));
        next += 1;
    }
    found.split_off(1)
}

/// Kills a process, alone or with all that it started.
fn kill(mut child: Child, with_descendants: bool) -> bool {
    let others = if with_descendants {
        descendants(child.id())
    } else {
        Vec::new()
    };
    child.kill().unwrap();
    for pid in others {
        let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
        // It may have ended by itself.
        let _ = kill_process(pid, Signal::KILL);
    }
    child.wait().unwrap().signal() == Some(9)
}

/// What is finished may only be added to: results already there stay as they are, to the last bit.
#[track_caller]
fn nothing_is_redone(before: &[TrialRecord], after: &[TrialRecord]) {
    for trial in before {
        let same: Vec<_> = after
            .iter()
            .filter(|later| later.number == trial.number)
            .collect();
        assert_eq!(same.len(), 1, "trial {}", trial.number);
        assert!(
            same[0].rungs.starts_with(&trial.rungs),
            "{trial:?}\n{same:?}"
        );
        assert!(same[0].exchanges.starts_with(&trial.exchanges));
        if trial.state == TrialState::Done {
            assert_eq!(same[0], trial);
        }
    }
}

#[test]
#[expect(clippy::print_stdout, reason = "how often it really was killed")]
fn a_search_killed_at_random_moments_ends_with_every_finished_trial_once() {
    let n_kills = number("NN_CAPTION_KILLS", N_KILLS);
    let n_trials = number("NN_CAPTION_TRIALS", N_TRIALS);
    let longest = number("NN_CAPTION_LONGEST", LONGEST);
    let n_trials_text = n_trials.to_string();
    let folder = tempfile::tempdir().unwrap();
    let killed = folder.path().join("killed");
    let mut before = Vec::new();
    let mut n_killed = 0;
    for number in 0..n_kills {
        let mut child = start(&killed, &n_trials_text);
        // The golden ratio spreads moments evenly and without order.
        let moment = number.wrapping_mul(0x9e37_79b9) % longest.max(1);
        wait(&mut child, Duration::from_millis(moment));
        n_killed += u64::from(kill(child, number % 2 == 1));
        let after = if killed.join("search.db").is_file() {
            trials(&killed)
        } else {
            Vec::new()
        };
        nothing_is_redone(&before, &after);
        before = after;
    }
    let child = start(&killed, &n_trials_text);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));

    let made = trials(&killed);
    nothing_is_redone(&before, &made);
    let numbers = made.iter().map(|trial| trial.number);
    assert!(numbers.eq(1..=n_trials), "{made:?}");
    assert!(made.iter().all(|trial| trial.state == TrialState::Done));
    for trial in &made {
        let rungs = trial.rungs.iter().map(|result| result.rung);
        assert!((0..).zip(rungs).all(|(rung, kept)| rung == kept));
    }

    let whole = folder.path().join("whole");
    let output = run(&tiny(whole.to_str().unwrap(), &n_trials_text));
    assert!(output.status.success(), "{}", stderr(&output));
    assert_eq!(essence(&made), essence(&trials(&whole)));
    let n_rungs: usize = made.iter().map(|trial| trial.rungs.len()).sum();
    println!("killed {n_killed} times: {n_trials} trials, {n_rungs} results, each once");
}
