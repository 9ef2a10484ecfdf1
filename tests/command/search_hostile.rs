//! A hostile reply ends as a classed failure, and touches nothing.
use std::fs;
use std::path::Path;

use nn_caption::codegen::Outcome;
use nn_caption::store::TrialRecord;

use super::search::{tiny, trials};
use super::{REPLY, run, stderr};

/// What a hostile reply does in `Net.__init__`. `MARK` is a file that must not come to be, `READ` one that must not be read.
const IN_INIT: [&str; 18] = [
    "__import__('os').system('touch MARK')",
    "open('MARK', 'w').write('x')",
    "self.x = len(open('READ').read())",
    "exec(\"open('MARK', 'w')\")",
    "eval(\"open('MARK', 'w')\")",
    "import socket; socket.create_connection(('127.0.0.1', 9))",
    "import subprocess; subprocess.run(['touch', 'MARK'])",
    "import os; os.environ['HOME'] = 'x'",
    "from pathlib import Path; Path('MARK').touch()",
    "torch.save(self, 'MARK')",
    "self.w = torch.load('READ')",
    "torch.hub.load('x/y', 'z')",
    "getattr(__builtins__, 'open')('MARK', 'w')",
    "[0] * 10 ** 12",
    "self.name = 'x' * 10 ** 12",
    "self.w = nn.Parameter(torch.zeros(10 ** 6, 10 ** 6))",
    "self.layers = nn.ModuleList([nn.Linear(4096, 4096) for _ in range(10 ** 7)])",
    "\n        while True:\n            self.x = 1",
];

/// What a hostile reply does at module level.
const AT_MODULE_LEVEL: [&str; 5] = [
    "import os\nos.system('touch MARK')",
    "import ctypes",
    "def f(n):\n    return f(n + 1)\n\n\nf(0)",
    "x = 10 ** 10 ** 10",
    "for i in range(10 ** 12):\n    pass",
];

/// A reply that does `line` in `Net.__init__`.
fn in_init(reply: &str, line: &str) -> String {
    let (before, net) = reply.split_once("class Net(nn.Module):").unwrap();
    let init = "super().__init__()\n";
    let net = net.replacen(init, &format!("{init}        {line}\n"), 1);
    format!("{before}class Net(nn.Module):{net}")
}

/// A reply that does `lines` at module level.
fn at_module_level(reply: &str, lines: &str) -> String {
    let class = "class Net(nn.Module):";
    reply.replacen(class, &format!("{lines}\n\n\n{class}"), 1)
}

/// The trials of a search of these replies.
fn search(folder: &Path, replies: &[String], more: &[&str]) -> Vec<TrialRecord> {
    let recorded = folder.join("replies");
    fs::create_dir(&recorded).unwrap();
    for (number, reply) in replies.iter().enumerate() {
        fs::write(recorded.join(format!("{number:02}.md")), reply).unwrap();
    }
    let out = folder.join("out");
    let recorded = format!("replay:{}", recorded.display());
    let mut args = tiny(out.to_str().unwrap(), "99");
    args.extend(["--llm", &recorded]);
    args.extend(more);
    let output = run(&args);
    assert!(output.status.success(), "{}", stderr(&output));
    trials(&out)
}

#[test]
fn a_hostile_reply_ends_as_a_classed_failure_with_nothing_touched() {
    let folder = tempfile::tempdir().unwrap();
    let (mark, secret) = (folder.path().join("touched"), folder.path().join("secret"));
    fs::write(&secret, "42").unwrap();
    let with_paths = |text: &str| {
        text.replace("MARK", mark.to_str().unwrap())
            .replace("READ", secret.to_str().unwrap())
    };
    let reply = fs::read_to_string(REPLY).unwrap();
    let inside = IN_INIT
        .iter()
        .map(|line| in_init(&reply, &with_paths(line)));
    let outside = AT_MODULE_LEVEL
        .iter()
        .map(|lines| at_module_level(&reply, &with_paths(lines)));
    let replies: Vec<String> = inside.chain(outside).collect();
    let made = search(folder.path(), &replies, &[]);
    assert_eq!(made.len(), replies.len());
    for (trial, line) in made.iter().zip(IN_INIT.iter().chain(&AT_MODULE_LEVEL)) {
        let outcome = trial.outcome.expect(line);
        assert!(outcome < Outcome::Build, "{line}: {outcome}");
        assert!(trial.folder.is_none(), "{line} was built");
    }
    assert!(!mark.exists(), "a reply was executed");
}

#[test]
fn memory_that_codegen_lets_pass_is_bounded_in_the_candidate() {
    let folder = tempfile::tempdir().unwrap();
    let reply = fs::read_to_string(REPLY).unwrap();
    let made = search(folder.path(), &[reply], &["--memory", "12m"]);
    assert_eq!(made[0].outcome, Some(Outcome::Oom), "{:?}", made[0].message);
}

#[test]
fn time_that_codegen_lets_pass_is_bounded_in_the_candidate() {
    let folder = tempfile::tempdir().unwrap();
    let reply = fs::read_to_string(REPLY).unwrap();
    // Turns of a loop that the emitted code really makes, at every step of every caption.
    let slow = reply.replacen(
        "def forward(self, x: torch.Tensor) -> torch.Tensor:\n",
        "def forward(self, x: torch.Tensor) -> torch.Tensor:\n        for _ in range(100000):\n            x = torch.tanh(x)\n",
        1,
    );
    assert_ne!(slow, reply);
    let made = search(folder.path(), &[slow], &["--time-limit", "2s"]);
    assert_eq!(
        made[0].outcome,
        Some(Outcome::Timeout),
        "{:?}",
        made[0].message
    );
}
