//! Reading results back: the best score of each net.
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{LemurError, METRIC, SPLITTER, STAT, StatRow, TASK};

/// The best result of a net.
#[derive(Clone, Debug, PartialEq)]
pub struct BestRow {
    /// The data set, as LEMUR names it.
    pub data: String,
    /// From 1.
    pub epoch: u64,
    /// The result.
    pub row: StatRow,
}

/// The best captioning result of each net below `folder`: an export, a copy of LEMUR's `ab/nn`, or the package that
/// holds it. A folder without results has none.
///
/// # Errors
///
/// When a file cannot be read, or holds something else.
pub fn rows(folder: &Path) -> Result<BTreeMap<String, BestRow>, LemurError> {
    let mut best = BTreeMap::new();
    let stat = [folder.join(STAT), folder.join("ab/nn").join(STAT)];
    let Some(stat) = stat.into_iter().find(|path| path.is_dir()) else {
        return Ok(best);
    };
    for path in entries(&stat)? {
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some((data, net)) = name.and_then(captioning) {
            for file in entries(&path)? {
                read(&file, data, net, &mut best)?;
            }
        }
    }
    Ok(best)
}

/// The data set and the net of a folder's name, where it is about captioning and BLEU.
fn captioning(name: &str) -> Option<(&str, &str)> {
    let mut parts = name.splitn(4, SPLITTER);
    let (task, data, metric) = (parts.next()?, parts.next()?, parts.next()?);
    let net = parts.next()?;
    (task == TASK && metric == METRIC).then_some((data, net))
}

fn read(
    file: &Path,
    data: &str,
    net: &str,
    best: &mut BTreeMap<String, BestRow>,
) -> Result<(), LemurError> {
    let stem = file.file_stem().and_then(|stem| stem.to_str());
    let Some(epoch) = stem.and_then(|stem| stem.parse().ok()) else {
        return Ok(());
    };
    let path = || file.to_path_buf();
    let text = fs::read(file).map_err(|cause| LemurError::Read {
        path: path(),
        cause,
    })?;
    let found: Vec<StatRow> =
        serde_json::from_slice(&text).map_err(|cause| LemurError::Damaged {
            path: path(),
            cause,
        })?;
    for row in found {
        let known = best.get(net).map(|known: &BestRow| known.row.accuracy);
        if known.is_none_or(|known| row.accuracy > known) {
            let data = data.to_owned();
            best.insert(net.to_owned(), BestRow { data, epoch, row });
        }
    }
    Ok(())
}

/// What is in a folder, in order.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, LemurError> {
    let read = |cause| LemurError::Read {
        path: folder.to_path_buf(),
        cause,
    };
    let entries = fs::read_dir(folder).map_err(read)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    let mut paths: Vec<PathBuf> = paths.collect::<Result<_, _>>().map_err(read)?;
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_of_all_epochs_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let stat = folder.path().join("ab/nn/stat/train");
        let write = |net: &str, epoch: u32, accuracy: &[f64]| {
            let path = stat.join(net);
            fs::create_dir_all(&path).unwrap();
            let row = |score: &f64| serde_json::json!({"accuracy": score, "duration": 7, "uid": "a", "lr": 0.1});
            let rows: Vec<_> = accuracy.iter().map(row).collect();
            let file = path.join(format!("{epoch}.json"));
            fs::write(file, serde_json::to_string(&rows).unwrap()).unwrap();
        };
        write("img-captioning_coco_bleu_C5C-A-1", 1, &[0.2, 0.1]);
        write("img-captioning_coco_bleu_C5C-A-1", 12, &[0.3]);
        write("img-captioning_coco_bleu_C5C-A-1", 13, &[0.25]);
        write("img-classification_cifar-10_acc_AlexNet", 1, &[0.9]);
        let best = rows(folder.path()).unwrap();
        assert_eq!(best.len(), 1);
        let found = &best["C5C-A-1"];
        assert_eq!((found.epoch, found.row.accuracy), (12, 0.3));
        assert_eq!(found.data, "coco");
        assert_eq!(found.row.prm["lr"], 0.1);
    }

    #[test]
    fn a_damaged_file_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("stat/train/img-captioning_coco_bleu_A");
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join("1.json"), "[{}]").unwrap();
        let error = rows(folder.path()).unwrap_err().to_string();
        assert!(error.contains("1.json is not a list"), "{error}");
    }

    #[test]
    fn a_folder_without_results_has_none() {
        let folder = tempfile::tempdir().unwrap();
        assert!(rows(folder.path()).unwrap().is_empty());
    }
}
