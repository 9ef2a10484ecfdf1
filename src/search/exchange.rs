//! What was asked and answered, kept in the store and as files for people: `exchanges/` of a trial's folder.
use std::fs::{self, File};
use std::io::Write as _;
use std::path::PathBuf;

use codegen::{Diagnostic, Severity};

use super::SearchError;
use super::engine::trial_path;
use crate::llm::{Reply, Request};
use crate::run::{Net, Prepared, RunError};
use crate::store::{Exchange, InVain, Store};

/// A request, its reply, and what came of it.
pub(super) fn exchange(
    request: &Request,
    reply: Reply,
    prepared: &Result<Prepared, RunError>,
) -> Exchange {
    let (rejected, diagnostics, repairs) = match prepared {
        Ok(Prepared {
            net: Net::Generated { generated, .. },
            ..
        }) => (
            None,
            generated.diagnostics.clone(),
            generated.repairs.clone(),
        ),
        Err(RunError::Rejected(rejected)) => (
            Some(rejected.outcome()),
            rejected.diagnostics.clone(),
            rejected.repairs.clone(),
        ),
        _ => (None, Vec::new(), None),
    };
    Exchange {
        attempt: request.turn.attempt,
        request: request.clone(),
        reply,
        rejected,
        diagnostics,
        repairs,
    }
}

/// The errors among diagnostics: what a language model must mend.
pub(super) fn errors(diagnostics: &[Diagnostic]) -> Vec<Diagnostic> {
    let is_error = |diagnostic: &&Diagnostic| diagnostic.severity == Severity::Error;
    diagnostics.iter().filter(is_error).cloned().collect()
}

/// Keeps a reply; `replay:` reads its file.
pub(super) fn keep(store: &mut Store, trial: u64, exchange: &Exchange) -> Result<(), SearchError> {
    store.add_exchange(trial, exchange)?;
    let file = folder(store, trial)?.join(format!("{}.json", exchange.attempt));
    let json = serde_json::to_vec_pretty(exchange)?;
    fs::write(&file, json).map_err(|cause| RunError::Write { path: file, cause })?;
    Ok(())
}

/// Keeps a request that was sent in vain; its file has a line for each.
pub(super) fn keep_in_vain(
    store: &mut Store,
    trial: u64,
    in_vain: &InVain,
) -> Result<(), SearchError> {
    store.add_in_vain(trial, in_vain)?;
    let attempt = in_vain.request.turn.attempt;
    let file = folder(store, trial)?.join(format!("{attempt}.in-vain.jsonl"));
    let line = format!("{}\n", serde_json::to_string(in_vain)?);
    let opened = File::options().create(true).append(true).open(&file);
    let written = opened.and_then(|mut lines| lines.write_all(line.as_bytes()));
    written.map_err(|cause| RunError::Write { path: file, cause })?;
    Ok(())
}

fn folder(store: &Store, trial: u64) -> Result<PathBuf, RunError> {
    let path = trial_path(store.folder(), trial).join("exchanges");
    match fs::create_dir_all(&path) {
        Ok(()) => Ok(path),
        Err(cause) => Err(RunError::Write { path, cause }),
    }
}
