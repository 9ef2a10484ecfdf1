//! The `SQLite` file of a search.
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use codegen::Outcome;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqlSafeStr, SqliteConnection};
use tokio::runtime::{Builder, Runtime};

use super::rows::{decode, encode, load_trials, number, state_name, text};
use super::writer::{Writer, lives};
use super::{
    Claim, Exchange, NetFacts, RungResult, SearchRecord, StoreError, TrialRecord, TrialState,
};
use crate::llm::Request;

const FILE: &str = "search.db";
/// How long a transaction waits for another process.
const BUSY: Duration = Duration::from_mins(1);
/// Schemas in the order in which they came. A published one never changes.
const SCHEMAS: [(i64, &str, &str); 2] = [
    (1, "search", include_str!("schema-1.sql")),
    (2, "in vain", include_str!("schema-2.sql")),
];

/// The store of one search.
#[derive(Debug)]
pub struct Store {
    pub(super) runtime: Runtime,
    pub(super) db: SqliteConnection,
    pub(super) folder: PathBuf,
    writer: Option<Writer>,
}

impl Store {
    /// Makes the store of a new search, and its folder.
    ///
    /// # Errors
    ///
    /// When the folder holds a search, or cannot be written.
    pub fn create(folder: &Path, record: &SearchRecord) -> Result<Self, StoreError> {
        let write = |cause| StoreError::Write {
            path: folder.to_path_buf(),
            cause,
        };
        fs::create_dir_all(folder).map_err(write)?;
        let mut store = Self::connect(folder, true)?;
        let body = encode("the search", record)?;
        let statement = "INSERT INTO search (id, record) VALUES (1, ?) ON CONFLICT DO NOTHING";
        let db = &mut store.db;
        let made = store
            .runtime
            .block_on(sqlx::query(statement).bind(body).execute(db))
            .map_err(in_file(folder))?;
        if made.rows_affected() == 0 {
            let path = folder.to_path_buf();
            return Err(StoreError::Taken { path });
        }
        store.enter()?;
        Ok(store)
    }

    /// Opens the store of a search to work on it.
    ///
    /// # Errors
    ///
    /// When there is none, it is damaged, or cannot be written.
    pub fn resume(folder: &Path) -> Result<Self, StoreError> {
        let mut store = Self::open(folder)?;
        store.enter()?;
        Ok(store)
    }

    /// Opens the store of a search to look at it.
    ///
    /// # Errors
    ///
    /// When there is none, or it is damaged.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        if !folder.join(FILE).is_file() {
            let path = folder.to_path_buf();
            return Err(StoreError::NoSearch { path });
        }
        Self::connect(folder, false)
    }

    fn connect(folder: &Path, create: bool) -> Result<Self, StoreError> {
        let cannot = in_file(folder);
        let runtime = Builder::new_current_thread()
            .enable_time()
            .build()
            .map_err(|error| cannot(sqlx::Error::Io(error)))?;
        let options = SqliteConnectOptions::new()
            .filename(folder.join(FILE))
            .create_if_missing(create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY);
        let db = runtime.block_on(async {
            let mut db = options.connect().await?;
            let migrations = SCHEMAS.map(|(version, name, sql)| {
                let sql = sql.into_sql_str();
                Migration::new(version, name.into(), MigrationType::Simple, sql, false)
            });
            Migrator::with_migrations(migrations.to_vec())
                .run(&mut db)
                .await?;
            Ok(db)
        });
        Ok(Self {
            db: db.map_err(cannot)?,
            runtime,
            folder: folder.to_path_buf(),
            writer: None,
        })
    }

    fn enter(&mut self) -> Result<(), StoreError> {
        let writer = Writer::enter(&self.folder).map_err(|cause| StoreError::Write {
            path: self.folder.join("writers"),
            cause,
        })?;
        self.writer = Some(writer);
        Ok(())
    }

    /// The search's folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What the search was asked for.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn search(&mut self) -> Result<SearchRecord, StoreError> {
        let query = sqlx::query("SELECT record FROM search").fetch_optional(&mut self.db);
        let row = self
            .runtime
            .block_on(query)
            .map_err(in_file(&self.folder))?;
        // A process that was killed as it began leaves a database without a search.
        let row = row.ok_or_else(|| StoreError::NoSearch {
            path: self.folder.clone(),
        })?;
        decode("the search", &text(&row, "record"))
    }

    /// Changes what the search was asked for, as `--resume --trials 50` does.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn set_search(&mut self, record: &SearchRecord) -> Result<(), StoreError> {
        let body = encode("the search", record)?;
        let query = sqlx::query("UPDATE search SET record = ?")
            .bind(body)
            .execute(&mut self.db);
        self.runtime
            .block_on(query)
            .map_err(in_file(&self.folder))?;
        Ok(())
    }

    /// All trials, with their requests and replies.
    ///
    /// # Errors
    ///
    /// When the database cannot be read.
    pub fn trials(&mut self) -> Result<Vec<TrialRecord>, StoreError> {
        let load = async {
            let trials = load_trials(&mut self.db).await?;
            let exchanges = sqlx::query("SELECT trial, body FROM exchange ORDER BY trial, attempt")
                .fetch_all(&mut self.db)
                .await?;
            Ok((trials, exchanges))
        };
        let loaded = self.runtime.block_on(load);
        let (trials, exchanges) = loaded.map_err(in_file(&self.folder))?;
        let mut trials = trials?;
        for row in &exchanges {
            let number = number(row, "trial");
            let what = format!("a reply of trial {number}");
            if let Some(trial) = trials.iter_mut().find(|trial| trial.number == number) {
                trial.exchanges.push(decode(&what, &text(row, "body"))?);
            }
        }
        Ok(trials)
    }

    /// One trial, with its requests and replies, and its first request.
    ///
    /// # Errors
    ///
    /// When the database cannot be read, or has no such trial.
    pub fn trial(&mut self, number: u64) -> Result<(TrialRecord, Request), StoreError> {
        let query = sqlx::query("SELECT request FROM trial WHERE number = ?")
            .bind(number.cast_signed())
            .fetch_one(&mut self.db);
        let row = self
            .runtime
            .block_on(query)
            .map_err(in_file(&self.folder))?;
        let request = decode("a request", &text(&row, "request"))?;
        let found = self
            .trials()?
            .into_iter()
            .find(|trial| trial.number == number);
        let trial = found.ok_or_else(|| in_file(&self.folder)(sqlx::Error::RowNotFound))?;
        Ok((trial, request))
    }

    /// Lets `decide` choose what this process does next, and claims it, in one transaction. It sees all trials without
    /// their replies, and the numbers of those that a process left behind.
    ///
    /// # Errors
    ///
    /// When the database cannot be written, or `decide` fails.
    pub fn claim<E: From<StoreError>>(
        &mut self,
        decide: impl FnOnce(&[TrialRecord], &[u64]) -> Result<Claim, E>,
    ) -> Result<Claim, E> {
        let cannot = in_file(&self.folder);
        let writer = self.writer.as_ref().map_or("", Writer::name);
        let folder = &self.folder;
        let work = async {
            let mut transaction = self
                .db
                .begin_with("BEGIN IMMEDIATE")
                .await
                .map_err(&cannot)?;
            let trials = load_trials(&mut transaction).await.map_err(&cannot)??;
            let left = left_behind(&mut transaction, folder).await;
            let claim = decide(&trials, &left.map_err(&cannot)?)?;
            apply(&mut transaction, &claim, writer)
                .await?
                .map_err(&cannot)?;
            transaction.commit().await.map_err(&cannot)?;
            Ok(claim)
        };
        self.runtime.block_on(work)
    }

    /// Keeps a request and its reply.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn add_exchange(&mut self, trial: u64, exchange: &Exchange) -> Result<(), StoreError> {
        let body = encode("a reply", exchange)?;
        let statement = "INSERT OR REPLACE INTO exchange (trial, attempt, body) VALUES (?, ?, ?)";
        let query = sqlx::query(statement)
            .bind(trial.cast_signed())
            .bind(i64::from(exchange.attempt))
            .bind(body)
            .execute(&mut self.db);
        self.runtime
            .block_on(query)
            .map_err(in_file(&self.folder))?;
        Ok(())
    }

    /// Keeps what a trial's net is, unless an earlier one has the same hash, or structure: then its number.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn accept(&mut self, trial: u64, net: &NetFacts) -> Result<Option<u64>, StoreError> {
        const FIND: &str = "SELECT number FROM trial WHERE (hash = ? OR structure = ?) AND number <> ? \
                            AND duplicate_of IS NULL ORDER BY hash = ? DESC, number LIMIT 1";
        const KEEP: &str = "UPDATE trial SET net = ?, hash = ?, structure = ?, duplicate_of = ?, changed = ? \
                            WHERE number = ?";
        let body = encode("a net", net)?;
        let number_of = trial.cast_signed();
        let work = async {
            let mut transaction = self.db.begin_with("BEGIN IMMEDIATE").await?;
            let other = sqlx::query(FIND)
                .bind(&net.hash)
                .bind(&net.structure)
                .bind(number_of)
                .bind(&net.hash)
                .fetch_optional(&mut *transaction)
                .await?
                .map(|row| number(&row, "number"));
            sqlx::query(KEEP)
                .bind(body)
                .bind(&net.hash)
                .bind(&net.structure)
                .bind(other.map(u64::cast_signed))
                .bind(now())
                .bind(number_of)
                .execute(&mut *transaction)
                .await?;
            transaction.commit().await?;
            Ok(other)
        };
        self.runtime.block_on(work).map_err(in_file(&self.folder))
    }

    /// Takes back a trial that got no reply, as if it had not begun.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn withdraw(&mut self, trial: u64) -> Result<(), StoreError> {
        const STATEMENT: &str = "DELETE FROM trial WHERE number = ?1 AND NOT EXISTS \
                                 (SELECT 1 FROM exchange WHERE exchange.trial = ?1)";
        let query = sqlx::query(STATEMENT)
            .bind(trial.cast_signed())
            .execute(&mut self.db);
        self.runtime
            .block_on(query)
            .map_err(in_file(&self.folder))?;
        Ok(())
    }

    /// Keeps where a trial's run folder is, below the search's folder.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn set_folder(&mut self, trial: u64, folder: &str) -> Result<(), StoreError> {
        let query = sqlx::query("UPDATE trial SET folder = ?, changed = ? WHERE number = ?")
            .bind(folder.to_owned())
            .bind(now())
            .bind(trial.cast_signed())
            .execute(&mut self.db);
        self.runtime
            .block_on(query)
            .map_err(in_file(&self.folder))?;
        Ok(())
    }

    /// Keeps a result and the trial's new state, in one transaction.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn add_rung(
        &mut self,
        trial: u64,
        result: &RungResult,
        end: &TrialEnd,
    ) -> Result<(), StoreError> {
        let body = encode("a result", result)?;
        let work = async {
            let mut transaction = self.db.begin_with("BEGIN IMMEDIATE").await?;
            sqlx::query("INSERT OR REPLACE INTO rung (trial, rung, body) VALUES (?, ?, ?)")
                .bind(trial.cast_signed())
                .bind(i64::from(result.rung))
                .bind(body)
                .execute(&mut *transaction)
                .await?;
            set_end(&mut transaction, trial, end).await?;
            transaction.commit().await
        };
        self.runtime.block_on(work).map_err(in_file(&self.folder))
    }

    /// Keeps how a trial ended.
    ///
    /// # Errors
    ///
    /// When the database cannot be written.
    pub fn end(&mut self, trial: u64, end: &TrialEnd) -> Result<(), StoreError> {
        let work = set_end(&mut self.db, trial, end);
        self.runtime.block_on(work).map_err(in_file(&self.folder))
    }
}

/// How a trial ends, or where it stands after a rung.
#[derive(Clone, Debug, PartialEq)]
pub struct TrialEnd {
    /// [`TrialState::Waiting`] where it may be promoted.
    pub state: TrialState,
    /// `None` for a duplicate, and when no reply could be had.
    pub outcome: Option<Outcome>,
    /// One sentence.
    pub message: String,
}

async fn set_end(db: &mut SqliteConnection, trial: u64, end: &TrialEnd) -> sqlx::Result<()> {
    let statement =
        "UPDATE trial SET state = ?, outcome = ?, message = ?, changed = ? WHERE number = ?";
    sqlx::query(statement)
        .bind(state_name(end.state))
        .bind(end.outcome.map(Outcome::name))
        .bind(&end.message)
        .bind(now())
        .bind(trial.cast_signed())
        .execute(db)
        .await?;
    Ok(())
}

/// The numbers of open trials whose process is gone.
async fn left_behind(db: &mut SqliteConnection, folder: &Path) -> sqlx::Result<Vec<u64>> {
    let statement = "SELECT number, writer FROM trial WHERE state = 'open' ORDER BY number";
    let rows = sqlx::query(statement).fetch_all(db).await?;
    let left = rows
        .iter()
        .filter(|row| !lives(folder, &text(row, "writer")));
    Ok(left.map(|row| number(row, "number")).collect())
}

async fn apply(
    db: &mut SqliteConnection,
    claim: &Claim,
    writer: &str,
) -> Result<sqlx::Result<()>, StoreError> {
    const BEGIN: &str = "INSERT INTO trial (number, state, writer, brief, request, began, changed) \
                         VALUES (?, 'open', ?, ?, ?, ?, ?)";
    let done = match claim {
        Claim::TakeOver(number) | Claim::Promote(number) => {
            let statement =
                "UPDATE trial SET state = 'open', writer = ?, changed = ? WHERE number = ?";
            sqlx::query(statement)
                .bind(writer.to_owned())
                .bind(now())
                .bind(number.cast_signed())
                .execute(db)
                .await
        }
        Claim::Begin {
            number,
            brief,
            request,
        } => {
            let (brief, request) = (encode("a brief", brief)?, encode("a request", request)?);
            sqlx::query(BEGIN)
                .bind(number.cast_signed())
                .bind(writer.to_owned())
                .bind(brief)
                .bind(request)
                .bind(now())
                .bind(now())
                .execute(db)
                .await
        }
        Claim::Finish => {
            sqlx::query("UPDATE trial SET state = 'done' WHERE state = 'waiting'")
                .execute(db)
                .await
        }
        Claim::Wait => return Ok(Ok(())),
    };
    Ok(done.map(|_| ()))
}

pub(super) fn in_file(folder: &Path) -> impl Fn(sqlx::Error) -> StoreError + use<> {
    let path = folder.join(FILE);
    move |cause| StoreError::Database {
        path: path.clone(),
        cause: Box::new(cause),
    }
}

/// Unix time in milliseconds.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis().try_into().unwrap_or(i64::MAX))
}
