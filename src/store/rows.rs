//! Rows of the tables as records, and back.
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use super::{StoreError, TrialRecord, TrialState};

/// All trials without their replies. The outer error is the database's, the inner one a record's.
pub(super) async fn load_trials(
    db: &mut SqliteConnection,
) -> sqlx::Result<Result<Vec<TrialRecord>, StoreError>> {
    let rows = sqlx::query("SELECT * FROM trial ORDER BY number")
        .fetch_all(&mut *db)
        .await?;
    let rungs = sqlx::query("SELECT trial, body FROM rung ORDER BY trial, rung")
        .fetch_all(db)
        .await?;
    Ok(assemble(&rows, &rungs))
}

fn assemble(rows: &[SqliteRow], rungs: &[SqliteRow]) -> Result<Vec<TrialRecord>, StoreError> {
    let mut trials = rows.iter().map(trial).collect::<Result<Vec<_>, _>>()?;
    for row in rungs {
        let number = number(row, "trial");
        let what = format!("a result of trial {number}");
        if let Some(trial) = trials.iter_mut().find(|trial| trial.number == number) {
            trial.rungs.push(decode(&what, &text(row, "body"))?);
        }
    }
    Ok(trials)
}

fn trial(row: &SqliteRow) -> Result<TrialRecord, StoreError> {
    let number_of = number(row, "number");
    let what = format!("trial {number_of}");
    let optional = |column: &str| row.try_get::<Option<String>, _>(column).ok().flatten();
    let quoted = |text: String| serde_json::Value::from(text).to_string();
    let net = optional("net").map(|net| decode(&what, &net)).transpose()?;
    let outcome = optional("outcome").map(|word| decode(&what, &quoted(word)));
    let duplicate: Option<i64> = row.try_get("duplicate_of").ok().flatten();
    Ok(TrialRecord {
        number: number_of,
        state: decode(&what, &quoted(text(row, "state")))?,
        brief: decode(&what, &text(row, "brief"))?,
        exchanges: Vec::new(),
        net,
        duplicate_of: duplicate.map(i64::cast_unsigned),
        outcome: outcome.transpose()?,
        message: text(row, "message"),
        rungs: Vec::new(),
        folder: optional("folder"),
        began: row.try_get("began").unwrap_or_default(),
        changed: row.try_get("changed").unwrap_or_default(),
    })
}

pub(super) fn text(row: &SqliteRow, column: &str) -> String {
    row.try_get(column).unwrap_or_default()
}

pub(super) fn number(row: &SqliteRow, column: &str) -> u64 {
    let number: i64 = row.try_get(column).unwrap_or_default();
    number.cast_unsigned()
}

pub(super) fn state_name(state: TrialState) -> &'static str {
    match state {
        TrialState::Open => "open",
        TrialState::Waiting => "waiting",
        TrialState::Done => "done",
    }
}

pub(super) fn encode(what: &str, value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(damaged(what))
}

pub(super) fn decode<T: DeserializeOwned>(what: &str, json: &str) -> Result<T, StoreError> {
    serde_json::from_str(json).map_err(damaged(what))
}

fn damaged(what: &str) -> impl Fn(serde_json::Error) -> StoreError {
    move |cause| StoreError::Damaged {
        what: what.to_owned(),
        cause,
    }
}
