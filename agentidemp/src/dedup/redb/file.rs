//! [`RecordFile`]: the database, and its transactions. All of them are small.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::ops::Bound;
use std::path::{Path, PathBuf};
use std::{fs, io};

use redb::{
    Builder, ConcurrencyMode, Database, ReadableDatabase, ReadableTable, Table, TableDefinition,
};

use super::holders::Holders;
use super::worker::{Job, Said};
use crate::dedup::memory::system_time;
use crate::dedup::store::{Change, Holder, Moment, Record, State, StoreError, StoreErrorKind};

/// The text of a key, and its record as JSON.
const RECORDS: TableDefinition<'static, &str, &str> = TableDefinition::new("agentidemp_records");

const CACHE_BYTES: usize = 16 << 20;

/// How many records each write looks at, to remove those that are over.
const SWEPT_BY_A_WRITE: usize = 4;

type Result<T> = core::result::Result<T, StoreError>;

pub(super) struct RecordFile {
    path: PathBuf,
    /// Nothing after a failure: it is opened anew.
    database: Option<Database>,
    holders: Holders,
    swept_until: String,
}

impl RecordFile {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let holders = Holders::join(path).map_err(unusable)?;
        Ok(Self {
            path: path.to_path_buf(),
            database: Some(open(path, &holders)?),
            holders,
            swept_until: String::new(),
        })
    }

    /// Does jobs together: what changes nothing by a read, the rest in one write.
    pub(super) fn work(&mut self, jobs: &[Arc<dyn Job>]) {
        let done = self.read(jobs).and_then(|changing| {
            if changing.is_empty() {
                return Ok(());
            }
            self.write(&changing)
        });
        if let Err(error) = done {
            // Whoever was answered already does not hear of it.
            for job in jobs {
                job.fail(&error);
            }
            self.database = None;
        }
    }

    /// Answers those that change nothing, and gives back the others.
    fn read(&mut self, jobs: &[Arc<dyn Job>]) -> Result<Vec<Arc<dyn Job>>> {
        let transaction = self.database()?.begin_read().map_err(failed)?;
        let table = transaction.open_table(RECORDS).map_err(failed)?;
        let mut changing = Vec::new();
        for job in jobs {
            let Some(said) = self.say(&table, &**job)? else {
                continue;
            };
            match said.change {
                Change::Keep => (said.answer)(),
                _ => changing.push(job.clone()),
            }
        }
        Ok(changing)
    }

    fn write(&mut self, jobs: &[Arc<dyn Job>]) -> Result<()> {
        let transaction = self.database()?.begin_write().map_err(failed)?;
        let mut answers = Vec::new();
        {
            let mut table = transaction.open_table(RECORDS).map_err(failed)?;
            for job in jobs {
                let Some(said) = self.say(&table, &**job)? else {
                    continue;
                };
                self.change(&mut table, job.key().as_str(), said.change)?;
                answers.push(said.answer);
            }
            self.sweep_a_few(&mut table)?;
        }
        transaction.commit().map_err(failed)?;
        for answer in answers {
            answer();
        }
        Ok(())
    }

    /// What a job says to its record as it is now, or nothing where the record cannot be read.
    fn say<'j>(
        &self,
        table: &impl ReadableTable<&'static str, &'static str>,
        job: &'j dyn Job,
    ) -> Result<Option<Said<'j>>> {
        let found = table.get(job.key().as_str()).map_err(failed)?;
        let record = found
            .map(|json| Record::from_json(json.value()))
            .transpose();
        let said = record.and_then(|record| {
            let moment = self.moment(record.as_ref())?;
            Ok(job.say(record.as_ref(), &moment))
        });
        Ok(said.inspect_err(|error| job.fail(error)).ok())
    }

    fn moment(&self, record: Option<&Record>) -> Result<Moment> {
        let holder = match record {
            Some(record) if record.state == State::InProgress => self.life(record)?,
            _ => Holder::ByLease,
        };
        Ok(Moment::at(system_time()).with_holder(holder))
    }

    fn life(&self, record: &Record) -> Result<Holder> {
        let Some(name) = &record.holder else {
            return Ok(Holder::ByLease);
        };
        self.holders.life(name).map_err(|error| {
            StoreError::new(kind_of(&error), "a holder's life cannot be told").with_source(error)
        })
    }

    fn change(
        &self,
        table: &mut Table<'_, &'static str, &'static str>,
        key: &str,
        change: Change,
    ) -> Result<()> {
        match change {
            Change::Keep => Ok(()),
            Change::Remove => table.remove(key).map(drop).map_err(failed),
            Change::Put(mut record) => {
                if record.state == State::InProgress {
                    record.holder = Some(self.holders.own_name().into());
                }
                let json = record.to_json();
                table.insert(key, json.as_str()).map(drop).map_err(failed)
            }
        }
    }

    /// Goes on through the records, a few with each write.
    fn sweep_a_few(&mut self, table: &mut Table<'_, &'static str, &'static str>) -> Result<()> {
        let from = (Bound::Excluded(self.swept_until.as_str()), Bound::Unbounded);
        let mut seen = Vec::new();
        let mut over = Vec::new();
        for entry in table
            .range::<&str>(from)
            .map_err(failed)?
            .take(SWEPT_BY_A_WRITE)
        {
            let (key, json) = entry.map_err(failed)?;
            if self.is_over(json.value()) {
                over.push(String::from(key.value()));
            }
            seen.push(String::from(key.value()));
        }
        for key in over {
            table.remove(key.as_str()).map_err(failed)?;
        }
        self.swept_until = seen.pop().unwrap_or_default();
        Ok(())
    }

    /// A record that cannot be read is left to whoever asks for it.
    fn is_over(&self, json: &str) -> bool {
        let Ok(record) = Record::from_json(json) else {
            return false;
        };
        let moment = self.moment(Some(&record));
        moment.is_ok_and(|moment| record.is_over(&moment))
    }

    /// Removes records that are over, at most `limit`. They are looked for by a read, so that the
    /// write is short.
    pub(super) fn sweep(&mut self, limit: usize) -> Result<usize> {
        let swept = self.try_sweep(limit);
        if swept.is_err() {
            self.database = None;
        }
        swept
    }

    fn try_sweep(&mut self, limit: usize) -> Result<usize> {
        let over = self.keys_over(limit)?;
        if over.is_empty() {
            return Ok(0);
        }
        let transaction = self.database()?.begin_write().map_err(failed)?;
        let mut removed = 0;
        {
            let mut table = transaction.open_table(RECORDS).map_err(failed)?;
            for key in over {
                let found = table.get(key.as_str()).map_err(failed)?;
                let still_over = found.is_some_and(|json| self.is_over(json.value()));
                if still_over {
                    table.remove(key.as_str()).map_err(failed)?;
                    removed += 1;
                }
            }
        }
        transaction.commit().map_err(failed)?;
        Ok(removed)
    }

    fn keys_over(&mut self, limit: usize) -> Result<Vec<String>> {
        let transaction = self.database()?.begin_read().map_err(failed)?;
        let table = transaction.open_table(RECORDS).map_err(failed)?;
        let mut over = Vec::new();
        for entry in table.iter().map_err(failed)? {
            if over.len() == limit {
                break;
            }
            let (key, json) = entry.map_err(failed)?;
            if self.is_over(json.value()) {
                over.push(String::from(key.value()));
            }
        }
        Ok(over)
    }

    fn database(&mut self) -> Result<&Database> {
        match &mut self.database {
            Some(database) => Ok(database),
            empty => Ok(empty.insert(open(&self.path, &self.holders)?)),
        }
    }
}

fn open(path: &Path, holders: &Holders) -> Result<Database> {
    if !has_content(path) {
        create(path, holders)?;
    }
    let database = builder().open(path).map_err(failed)?;
    let has_table = {
        let transaction = database.begin_read().map_err(failed)?;
        transaction.open_table(RECORDS).is_ok()
    };
    if !has_table {
        let transaction = database.begin_write().map_err(failed)?;
        transaction.open_table(RECORDS).map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    Ok(database)
}

/// Creates the database in another place, and moves it to its own when it is whole: a process that is
/// killed on the way leaves nothing there that nobody can open.
fn create(path: &Path, holders: &Holders) -> Result<()> {
    // Unlocked where it is dropped.
    let _lock = holders.lock_creation().map_err(unusable)?;
    if has_content(path) {
        // Another process was faster.
        return Ok(());
    }
    let unfinished = holders.unfinished().map_err(unusable)?;
    drop(builder().create(&unfinished).map_err(failed)?);
    fs::rename(&unfinished, path).map_err(unusable)
}

/// An empty file is as good as none.
fn has_content(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0)
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder
        .set_cache_size(CACHE_BYTES)
        .set_concurrency_mode(ConcurrencyMode::MultiWriter);
    builder
}

/// What the file system says of the files beside the database.
fn unusable(error: io::Error) -> StoreError {
    StoreError::new(kind_of(&error), "the directory of holders cannot be used").with_source(error)
}

/// What redb says, in this crate's terms. Whatever it is, the file is opened anew afterwards.
fn failed(error: impl Into<redb::Error>) -> StoreError {
    let error = error.into();
    let kind = match &error {
        redb::Error::Corrupted(_) | redb::Error::UpgradeRequired(_) => StoreErrorKind::Corrupt,
        redb::Error::Io(error) => kind_of(error),
        redb::Error::PreviousIo | redb::Error::DatabaseAlreadyOpen => StoreErrorKind::Unavailable,
        redb::Error::ValueTooLarge(_) => StoreErrorKind::TooLarge,
        _ => StoreErrorKind::Other,
    };
    StoreError::new(kind, format!("the file cannot be used: {error}")).with_source(error)
}

/// What waiting does not help is not called unavailable.
fn kind_of(error: &io::Error) -> StoreErrorKind {
    match error.kind() {
        // A file of another kind, or half of one.
        io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof => StoreErrorKind::Corrupt,
        io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem
        | io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::IsADirectory => StoreErrorKind::Misconfigured,
        _ => StoreErrorKind::Unavailable,
    }
}
