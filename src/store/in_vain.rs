//! Requests that were sent in vain.
use super::database::{in_file, now};
use super::rows::{decode, encode, text};
use super::{InVain, Store, StoreError};

impl Store {
    /// Keeps a request that was sent in vain.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn add_in_vain(&mut self, trial: u64, in_vain: &InVain) -> Result<(), StoreError> {
        let body = encode("a request in vain", in_vain)?;
        let statement = "INSERT INTO in_vain (trial, attempt, at, body) VALUES (?, ?, ?, ?)";
        let query = sqlx::query(statement)
            .bind(trial.cast_signed())
            .bind(i64::from(in_vain.request.turn.attempt))
            .bind(now())
            .bind(body)
            .execute(&mut self.db);
        let done = self.runtime.block_on(query);
        done.map_err(in_file(&self.folder))?;
        Ok(())
    }

    /// The requests of a trial that were sent in vain, in order.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn in_vain(&mut self, trial: u64) -> Result<Vec<InVain>, StoreError> {
        let query = sqlx::query("SELECT body FROM in_vain WHERE trial = ? ORDER BY rowid")
            .bind(trial.cast_signed())
            .fetch_all(&mut self.db);
        let rows = self.runtime.block_on(query);
        let rows = rows.map_err(in_file(&self.folder))?;
        let what = format!("a request in vain of trial {trial}");
        let bodies = rows.iter().map(|row| decode(&what, &text(row, "body")));
        bodies.collect()
    }
}
