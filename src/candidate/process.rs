//! A candidate's process: events come out, and whatever happens to it is a value.
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use caption_models::harness::{Event, Stage};
use caption_models::limits::Exceeded;
use rustix::process::{Pid, Signal};

use super::Program;
use super::interrupt::{self, Group};

/// Lines of the log that explain a crash.
const LOG_TAIL: usize = 12;

/// A running candidate. Dropping it kills its process group.
#[derive(Debug)]
pub struct Process {
    child: Child,
    group: Group,
    events: Receiver<Event>,
    log: PathBuf,
    limit: Option<Duration>,
    deadline: Option<Instant>,
    failure: Option<ProcessError>,
    oom_kills: Option<u64>,
}

/// Why a candidate did not finish its job.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProcessError {
    /// The process could not be started.
    #[error("cannot run the candidate {}: {reason}", executable.display())]
    Start {
        /// The program.
        executable: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The candidate said itself why it stopped.
    #[error("{}{message}", preface(*stage))]
    Failed {
        /// Where it stopped.
        stage: Stage,
        /// What it said.
        message: String,
    },
    /// The wall clock ran out.
    #[error("stopped after {} s, the limit of its wall clock", limit.as_secs_f64())]
    TimedOut {
        /// The limit.
        limit: Duration,
    },
    /// A limit of the process or of the machine ended it.
    #[error("stopped by a limit: {}", said(*limit))]
    Exceeded {
        /// Which.
        limit: Exceeded,
    },
    /// Somebody else ended it.
    #[error("the candidate was killed from outside by signal {signal} ({name})")]
    Killed {
        /// The signal.
        signal: i32,
        /// Its name.
        name: &'static str,
    },
    /// It ended without its last word.
    #[error("the candidate crashed ({status}); {}", shown(log))]
    Crashed {
        /// How it ended.
        status: String,
        /// The last lines it wrote.
        log: String,
    },
}

/// Settings of glibc's allocator, which others ignore: freed memory stays with the process. By default that of
/// large tensors goes back to the kernel, which clears it anew in every step: a step of training then takes up to
/// 2.5 times as long (`AlexNet`), with an eighth less memory at most.
const KEEP_MEMORY: [(&str, &str); 2] = [
    ("MALLOC_MMAP_MAX_", "0"),
    ("MALLOC_TRIM_THRESHOLD_", "2147483647"),
];

impl Process {
    /// Starts a program on its job; what it writes on stderr goes to the file `log`. `limit` bounds the wall clock.
    ///
    /// # Errors
    ///
    /// When the log cannot be made or the program cannot be started.
    pub fn start(
        program: &Program,
        log: &Path,
        limit: Option<Duration>,
    ) -> Result<Self, ProcessError> {
        let failed = |source: io::Error| ProcessError::Start {
            executable: program.executable.clone(),
            reason: source.to_string(),
        };
        let stderr = File::create(log).map_err(failed)?;
        let oom_kills = Exceeded::oom_kills();
        let mut child = Command::new(&program.executable)
            .args(&program.arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(stderr)
            .process_group(0)
            // Where memory is gone a backtrace finds none either, and waits for its own lock for ever.
            .env("RUST_BACKTRACE", "0")
            .envs(KEEP_MEMORY)
            .spawn()
            .map_err(failed)?;
        let group = Group::of(Pid::from_child(&child));
        let events = listen(child.stdout.take());
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        Ok(Self {
            child,
            group,
            events,
            log: log.to_path_buf(),
            limit,
            deadline,
            failure: None,
            oom_kills,
        })
    }

    /// The next thing the candidate says; `None` when it has ended or was stopped.
    pub fn next_event(&mut self) -> Option<Event> {
        let event = match self.deadline {
            None => self.events.recv().ok(),
            Some(deadline) => {
                match self
                    .events
                    .recv_timeout(deadline.saturating_duration_since(Instant::now()))
                {
                    Ok(event) => Some(event),
                    Err(RecvTimeoutError::Disconnected) => None,
                    Err(RecvTimeoutError::Timeout) => {
                        self.failure = self.limit.map(|limit| ProcessError::TimedOut { limit });
                        self.group.kill();
                        None
                    }
                }
            }
        };
        if let Some(Event::Failed { stage, message }) = &event {
            self.failure = Some(ProcessError::Failed {
                stage: *stage,
                message: message.clone(),
            });
        }
        event
    }

    /// Reads what is left and says how the candidate ended.
    ///
    /// # Errors
    ///
    /// When it did not finish its job, with the reason.
    pub fn finish(mut self) -> Result<(), ProcessError> {
        while self.next_event().is_some() {}
        let status = self.child.wait();
        interrupt::yield_to_signal();
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(self.end(status)),
            Err(error) => Err(ProcessError::Crashed {
                status: error.to_string(),
                log: tail(&self.log),
            }),
        }
    }

    /// Why it ended without a last word.
    fn end(&self, status: ExitStatus) -> ProcessError {
        let log = tail(&self.log);
        let signal = status.signal().unwrap_or(0);
        if let Some(limit) = Exceeded::of(signal, &log) {
            return ProcessError::Exceeded { limit };
        }
        match from_outside(signal) {
            Some("SIGKILL") if Exceeded::oom_kills() > self.oom_kills => ProcessError::Exceeded {
                limit: Exceeded::Memory,
            },
            Some(name) => ProcessError::Killed { signal, name },
            None => ProcessError::Crashed {
                status: status.to_string(),
                log,
            },
        }
    }
}

/// The name of a signal that a process does not raise by its own fault.
fn from_outside(signal: i32) -> Option<&'static str> {
    let signals = [
        (Signal::KILL, "SIGKILL"),
        (Signal::TERM, "SIGTERM"),
        (Signal::INT, "SIGINT"),
        (Signal::HUP, "SIGHUP"),
        (Signal::QUIT, "SIGQUIT"),
    ];
    let known = signals.iter().find(|(known, _)| known.as_raw() == signal)?;
    Some(known.1)
}

/// What the message of a stage leaves unsaid.
fn preface(stage: Stage) -> &'static str {
    match stage {
        Stage::Panic => "the net's program panicked: ",
        Stage::Memory => "memory ran out: ",
        Stage::Verify => "a check before training failed: ",
        Stage::Nan => "training diverged: ",
        _ => "",
    }
}

fn shown(log: &str) -> String {
    match log {
        "" => "its log is empty".to_owned(),
        log => format!("the end of its log:\n{log}"),
    }
}

fn said(limit: Exceeded) -> &'static str {
    match limit {
        Exceeded::Memory => "memory ran out",
        Exceeded::CpuTime => "CPU time ran out",
        Exceeded::FileSize => "a file grew too large",
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.group.kill();
        let _ = self.child.wait();
    }
}

/// Reads events on a thread of its own. A line that is no event is passed over: the net's code has no way to print one,
/// but libraries below it might.
fn listen(stdout: Option<ChildStdout>) -> Receiver<Event> {
    let (sender, events) = channel();
    thread::spawn(move || {
        let lines = stdout
            .map(|stdout| BufReader::new(stdout).lines())
            .into_iter()
            .flatten();
        for event in lines
            .map_while(Result::ok)
            .filter_map(|line| serde_json::from_str(&line).ok())
        {
            if sender.send(event).is_err() {
                break;
            }
        }
    });
    events
}

fn tail(log: &Path) -> String {
    let text = fs::read(log).unwrap_or_default();
    let text = String::from_utf8_lossy(&text);
    let lines: Vec<&str> = text.lines().collect();
    let last = &lines[lines.len().saturating_sub(LOG_TAIL)..];
    last.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a shell script as a candidate.
    fn run(script: &str, limit: Option<Duration>) -> (Vec<Event>, Result<(), ProcessError>) {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("candidate");
        fs::write(&program, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let mut process = loop {
            // Another test's fork may hold the file open for a moment.
            match Process::start(
                &Program::candidate(program.clone(), "job.json".into()),
                &folder.path().join("log"),
                limit,
            ) {
                Err(ProcessError::Start { reason, .. }) if reason.contains("busy") => {}
                started => break started.unwrap(),
            }
        };
        let mut events = Vec::new();
        while let Some(event) = process.next_event() {
            events.push(event);
        }
        (events, process.finish())
    }

    #[test]
    fn events_arrive_and_noise_does_not() {
        let (events, end) = run(r#"echo noise; echo '{"event":"done","seconds":1.5}'"#, None);
        assert!(matches!(events[..], [Event::Done { .. }]), "{events:?}");
        end.unwrap();
    }

    #[test]
    fn a_candidate_keeps_the_memory_it_freed() {
        let (events, end) = run(
            r#"echo "{\"event\":\"done\",\"seconds\":$MALLOC_MMAP_MAX_.$MALLOC_TRIM_THRESHOLD_}""#,
            None,
        );
        let [Event::Done { seconds, .. }] = events[..] else {
            panic!("{events:?}");
        };
        assert!((seconds - 0.214_748_364_7).abs() < 1e-9, "{seconds}");
        end.unwrap();
    }

    #[test]
    fn a_failure_it_reports_is_its_outcome() {
        let (_, end) = run(
            r#"echo '{"event":"failed","stage":"nan","message":"loss is NaN"}'; exit 1"#,
            None,
        );
        assert!(
            matches!(
                end,
                Err(ProcessError::Failed {
                    stage: Stage::Nan,
                    ..
                })
            ),
            "{end:?}"
        );
    }

    #[test]
    fn a_crash_shows_the_end_of_the_log() {
        let (_, end) = run("echo boom >&2; exit 101", None);
        let Err(ProcessError::Crashed { log, .. }) = end else {
            panic!("{end:?}")
        };
        assert_eq!(log, "boom");
    }

    #[test]
    fn a_kill_from_outside_is_told_from_a_crash() {
        let (_, end) = run("kill -KILL $$", None);
        assert!(
            matches!(end, Err(ProcessError::Killed { signal: 9, .. })),
            "{end:?}"
        );
        let (_, end) = run("kill -SEGV $$", None);
        assert!(matches!(end, Err(ProcessError::Crashed { .. })), "{end:?}");
    }

    #[test]
    fn a_failed_allocation_is_a_limit() {
        let script = "echo 'memory allocation of 64 bytes failed' >&2; kill -ABRT $$";
        let (_, end) = run(script, None);
        let Err(ProcessError::Exceeded { limit }) = end else {
            panic!("{end:?}")
        };
        assert_eq!(limit, Exceeded::Memory);
    }

    #[test]
    fn the_wall_clock_stops_the_whole_group() {
        let started = Instant::now();
        let (_, end) = run("sleep 60 & sleep 60", Some(Duration::from_millis(100)));
        assert!(matches!(end, Err(ProcessError::TimedOut { .. })), "{end:?}");
        assert!(started.elapsed() < Duration::from_secs(10));
    }
}
