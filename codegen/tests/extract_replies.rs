//! Acceptance: the recorded replies of a language model, which lie beside the workspace.

use std::path::{Path, PathBuf};

use codegen::Diagnostics;
use codegen::extract;
use serde_json::Value;

#[test]
fn every_recorded_reply_gives_its_network() {
    let folder = shared().join("replies");
    let Ok(entries) = folder.read_dir() else {
        announce(&format!("skipped: {} is not there", folder.display()));
        return;
    };
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    paths.sort();
    assert!(!paths.is_empty(), "{} is empty", folder.display());
    for path in paths {
        check(&path);
    }
}

/// Python saw a module in each of them; where it stopped at the import, there was no `Net` in it.
fn check(path: &Path) {
    let text = std::fs::read_to_string(path).expect("a readable file");
    let record: Value = serde_json::from_str(&text).expect("JSON");
    let reply = record["reply"].as_str().expect("a reply");
    let mut diags = Diagnostics::default();
    let block = extract::run(reply, &mut diags);
    let list = diags.into_list();
    if record["pytorch"].is_null() {
        return;
    }
    let name = path.display();
    let block = block.unwrap_or_else(|| panic!("{name}: no block"));
    assert_eq!(list, [], "{name}");
    assert_eq!(&reply[block.whole().range()], block.code, "{name}");
    let has_net = block.code.contains("\nclass Net(");
    assert_eq!(has_net, record["pytorch"]["stage"] != "import", "{name}");
}

fn shared() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    std::env::var_os("NN_CAPTION_SHARED").map_or_else(beside, PathBuf::from)
}

#[expect(clippy::print_stderr, reason = "a skipped acceptance test says so")]
fn announce(text: &str) {
    eprintln!("{text}");
}
