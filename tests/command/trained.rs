//! Ready systems, each trained once in this process for whoever looks at a trained net.
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use nn_caption::caption_models::data::{DataSpec, Split};

use super::{run, stderr};

static RUNS: LazyLock<Mutex<HashMap<String, PathBuf>>> = LazyLock::new(Mutex::default);

/// The run of a system on pictures of two by three regions, trained for a few steps.
pub(super) fn system(name: &str) -> PathBuf {
    let mut runs = RUNS.lock().unwrap();
    let made = runs.entry(name.to_owned()).or_insert_with(|| train(name));
    made.clone()
}

fn train(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("trained-{name}"));
    // Of an earlier process, if it is there.
    let _old = fs::remove_dir_all(&path);
    let out = path.to_str().unwrap();
    let mut args = vec![
        "train",
        name,
        "--encoder",
        "resnet18",
        "--data",
        "scenes:16",
    ];
    args.extend([
        "--image",
        "64x96",
        "--batch",
        "4",
        "--epochs",
        "1",
        "--no-verify",
        "--out",
        out,
    ]);
    let output = run(&args);
    assert!(output.status.success(), "{}", stderr(&output));
    path
}

/// Drawn pictures `0.png`, `1.png`, .. in a folder, wider than nets want them.
pub(super) fn draw(folder: &Path, n_pictures: usize) {
    fs::create_dir_all(folder).unwrap();
    let data = DataSpec::Scenes { n_train: 32 }.open(Split::Train).unwrap();
    for idx in 0..n_pictures {
        let picture = data.picture(idx, [40, 80]).unwrap();
        picture.save(folder.join(format!("{idx}.png"))).unwrap();
    }
}
