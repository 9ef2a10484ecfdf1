//! Recorded replies: from a folder of files, one a trial, or from the folder of a search.
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::{
    Finish, Heard, LlmError, MAX_REPLY_BYTES, Progress, Provider, Reply, Request, Turn, Usage,
};

/// Files that may hold a reply.
const EXTENSIONS: [&str; 4] = ["md", "txt", "py", "json"];

/// Gives recorded replies: to the n-th trial the n-th file of a plain folder, and nothing when that is rejected; of a search
/// every reply that its trials got.
#[derive(Debug)]
pub(super) struct Replay {
    folder: PathBuf,
    /// The files of each trial, in order.
    trials: BTreeMap<u64, Vec<PathBuf>>,
}

impl Replay {
    pub(super) fn open(folder: &Path) -> Result<Self, LlmError> {
        let searched = folder.join("trials");
        let trials = if searched.is_dir() {
            of_search(&searched)?
        } else {
            (1..)
                .zip(files(folder, &EXTENSIONS)?)
                .map(|(trial, file)| (trial, vec![file]))
                .collect()
        };
        let folder = folder.to_owned();
        if trials.is_empty() {
            return Err(LlmError::NoReplies { path: folder });
        }
        Ok(Self { folder, trials })
    }

    fn file(&self, turn: Turn) -> Result<&Path, LlmError> {
        let Some(files) = self.trials.get(&turn.trial) else {
            let last = self.trials.keys().next_back().copied().unwrap_or(0);
            return Err(if turn.trial > last {
                LlmError::AllGiven { turn }
            } else {
                LlmError::NotRecorded { turn }
            });
        };
        let file = files.get(turn.attempt as usize);
        file.map(PathBuf::as_path)
            .ok_or(LlmError::NotRecorded { turn })
    }
}

impl Provider for Replay {
    fn name(&self) -> String {
        format!("replies in {}", self.folder.display())
    }

    fn ask(&mut self, request: &Request, heard: &mut dyn FnMut(Heard)) -> Result<Reply, LlmError> {
        let path = self.file(request.turn)?;
        let text = read(path)?;
        let reply = match serde_json::from_str(&text) {
            Ok(value) if is_json(path) => of_json(&value),
            _ => None,
        };
        let reply = reply.unwrap_or_else(|| plain(text));
        heard(Heard::Progress(Progress {
            tokens: reply.usage.completion_tokens,
            reasoning: false,
            seconds: 0.0,
        }));
        Ok(reply)
    }
}

/// The exchanges of each trial.
fn of_search(trials: &Path) -> Result<BTreeMap<u64, Vec<PathBuf>>, LlmError> {
    let mut found = BTreeMap::new();
    for folder in entries(trials)? {
        let Some(trial) = number(&folder) else {
            continue;
        };
        let exchanges = folder.join("exchanges");
        if !exchanges.is_dir() {
            continue;
        }
        let mut files = files(&exchanges, &["json"])?;
        files.sort_by_key(|file| number(file));
        if !files.is_empty() {
            found.insert(trial, files);
        }
    }
    Ok(found)
}

/// The number that a file or folder is called by.
fn number(path: &Path) -> Option<u64> {
    path.file_stem()?.to_str()?.parse().ok()
}

/// Files of a folder with one of the extensions, in the order of their names; hidden ones left out.
fn files(folder: &Path, extensions: &[&str]) -> Result<Vec<PathBuf>, LlmError> {
    let mut found = entries(folder)?;
    found.retain(|path| {
        let is_hidden = path
            .file_name()
            .is_none_or(|name| name.as_encoded_bytes().starts_with(b"."));
        let extension = path.extension().and_then(|extension| extension.to_str());
        !is_hidden && extension.is_some_and(|found| extensions.contains(&found)) && path.is_file()
    });
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, LlmError> {
    let unreadable = |cause| LlmError::Folder {
        path: folder.to_owned(),
        cause,
    };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        found.push(entry.map_err(unreadable)?.path());
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path) -> Result<String, LlmError> {
    let unreadable = |cause| LlmError::Recorded {
        path: path.to_owned(),
        cause,
    };
    let found = fs::metadata(path).map_err(unreadable)?.len();
    if found > MAX_REPLY_BYTES {
        return Err(LlmError::RecordedTooLarge {
            path: path.to_owned(),
            found,
            most: MAX_REPLY_BYTES,
        });
    }
    let bytes = fs::read(path).map_err(unreadable)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn is_json(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "json")
}

/// The reply of an exchange of ours, or of a log with a text `reply`, or of a server's answer; `None` for any other JSON,
/// which is a reply itself, such as a net as data.
fn of_json(value: &Value) -> Option<Reply> {
    let reply = value.get("reply");
    if let Some(reply) = reply.and_then(|reply| serde_json::from_value(reply.clone()).ok()) {
        return Some(reply);
    }
    let answer = value.pointer("/choices/0/message/content");
    let text = reply.or(answer)?.as_str()?;
    let word = |name| value.get(name).and_then(Value::as_str);
    let answered = value.pointer("/choices/0/finish_reason");
    let finish = word("finish_reason").or(answered.and_then(Value::as_str));
    Some(Reply {
        model: word("model").unwrap_or(RECORDED).to_owned(),
        finish: finish.map_or(Finish::Stop, Finish::of),
        seconds: value.get("seconds").and_then(Value::as_f64).unwrap_or(0.0),
        ..plain(text.to_owned())
    })
}

/// Who wrote a reply of which nothing else is known.
const RECORDED: &str = "recorded";

fn plain(text: String) -> Reply {
    Reply {
        text,
        reasoning: String::new(),
        model: RECORDED.to_owned(),
        finish: Finish::Stop,
        usage: Usage::default(),
        seconds: 0.0,
        sent: 1,
    }
}
