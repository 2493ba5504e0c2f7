//! [`PostgresStore`]: records in `PostgreSQL`, under the feature `postgres`. The SQL is in
//! `statements.rs` and beside it, the pool in `server.rs`, and work in the caller's own transaction in
//! `transaction.rs`.

use alloc::boxed::Box;
use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr as _;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;

use deadpool_postgres::tokio_postgres::config::SslMode;
use deadpool_postgres::tokio_postgres::types::Type;
use deadpool_postgres::tokio_postgres::{Config, NoTls};
use deadpool_postgres::{Manager, Pool};

use self::server::{Parameter, Server};
use self::statements::{Columns, Found};
use super::store::{
    Change, Claim, Claimed, Complete, Get, Grant, Insert, Inserted, Interrupt, Invalidate, Moment,
    Operation, Record, Release, Renew, Resolve, Resolved, Status, Store, StoreError,
    StoreErrorKind, StoreFuture, Sweep, Written,
};

mod server;
mod statements;
mod transaction;

pub use self::transaction::PostgresTransaction;

/// How long a connection may take to be made, and to notice that its other end is gone.
const CONNECTION: Duration = Duration::from_secs(5);

/// A store in `PostgreSQL`, which any number of machines may use.
///
/// ```no_run
/// # async fn example() -> Result<(), agentidemp::dedup::store::StoreError> {
/// use agentidemp::dedup::Dedup;
/// use agentidemp::dedup::store::PostgresStore;
///
/// let store = PostgresStore::connect("postgres://app@db.example/app").await?;
/// store.create_table().await?;
/// let dedup: Dedup<String> = Dedup::builder().store(store).build();
/// # Ok(())
/// # }
/// ```
///
/// # What it keeps
///
/// A row for each key in one table, which [`create_table`](Self::create_table) makes, or a migration of
/// yours. The schema is the first of the connection's `search_path`.
///
/// ```sql
#[doc = include_str!("table.sql")]
/// ```
///
/// Its columns are the fields of [`format`](mod@super::store::format). The server's clock decides. A row
/// whose retention is over counts as absent, and stays until [`sweep`](super::Dedup::sweep) is called
/// now and then, or until `DELETE FROM agentidemp_records WHERE expires <= …` by a job of yours.
///
/// Each statement is a transaction of its own, and none is prepared unless you
/// [say so](Self::with_prepared_statements), so it works through `PgBouncer` in any mode. Where the server
/// acknowledges before a commit is on the disk (`synchronous_commit = off`), or fails over to a replica
/// that lags, it may lose records, and what they were about would run again.
///
/// # Exactly once
///
/// Where the work itself is in the same database, [`run_in_transaction`](Self::run_in_transaction) keeps
/// the record in the work's own transaction.
///
/// # What waits
///
/// An operation ends within five seconds. A statement whose connection breaks, or on which the server
/// does not answer within two seconds, is sent once more.
///
/// Both faces use it. It runs on the runtime of tokio's that it was made in, which must live as long.
pub struct PostgresStore {
    server: Server,
    /// Whether the key that was claimed last had no record: then the next is claimed without a look.
    next_is_new: AtomicBool,
}

/// A pool of connections that a [`PostgresStore`] can use: `deadpool_postgres::Pool` of version 0.14.
///
/// Other clients, and other versions, can be added to it without a change for those who use this one.
pub trait PostgresPool: sealed::Pool {}

mod sealed {
    pub trait Pool {
        fn into_pool(self) -> deadpool_postgres::Pool;
    }
}

impl PostgresPool for Pool {}

impl sealed::Pool for Pool {
    fn into_pool(self) -> Pool {
        self
    }
}

impl PostgresStore {
    /// Connects to a server, by a URL or by `key=value` pairs as in `libpq`, with a pool of its own and
    /// without TLS. For TLS, make a pool and give it to [`new`](Self::new).
    ///
    /// # Errors
    ///
    /// The URL is none, the server cannot be reached, or it refuses.
    ///
    /// # Panics
    ///
    /// Outside a runtime of tokio's.
    pub async fn connect(url: &str) -> Result<Self, StoreError> {
        let mut config = Config::from_str(url).map_err(|error| {
            misconfigured("this is no URL of a PostgreSQL server").with_source(error)
        })?;
        if config.get_ssl_mode() == SslMode::Require {
            return Err(misconfigured(
                "`connect` knows no TLS; make a pool that does, and give it to `PostgresStore::new`",
            ));
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECTION);
        }
        if config.get_tcp_user_timeout().is_none() {
            config.tcp_user_timeout(CONNECTION);
        }
        let pool = Pool::builder(Manager::new(config, NoTls)).build();
        Self::new(pool.map_err(|error| misconfigured("no pool").with_source(error))?).await
    }

    /// A store that uses the connections of a pool, and checks that it can have one.
    ///
    /// # Errors
    ///
    /// The server cannot be reached, or refuses.
    ///
    /// # Panics
    ///
    /// Outside a runtime of tokio's.
    pub async fn new(pool: impl PostgresPool) -> Result<Self, StoreError> {
        let server = Server::new(pool.into_pool());
        server.query("SELECT 1", &[]).await?;
        Ok(Self {
            server,
            next_is_new: AtomicBool::new(true),
        })
    }

    /// The same store, which prepares its statements. That more than halves the server's work where
    /// little is written.
    ///
    /// ```no_run
    /// # async fn example() -> Result<(), agentidemp::dedup::store::StoreError> {
    /// use agentidemp::dedup::store::PostgresStore;
    ///
    /// let store = PostgresStore::connect("postgres://app@db.example/app").await?;
    /// let store = store.with_prepared_statements();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It needs connections that keep what is prepared on them: those to a server itself, or to `PgBouncer`
    /// from version 1.21 on with `max_prepared_statements` above 0, which is the default from 1.24 on.
    /// Behind any other pooler in transaction mode, statements of different clients get mixed up.
    #[must_use]
    pub fn with_prepared_statements(mut self) -> Self {
        self.server.prepares = true;
        self
    }

    /// Makes the table and its index, unless they are there.
    ///
    /// # Errors
    ///
    /// The server cannot be reached, or the user may not make a table.
    pub async fn create_table(&self) -> Result<(), StoreError> {
        // Two who make it at once would fail. The statements together are one transaction.
        let lock = "SELECT pg_advisory_xact_lock(hashtext('agentidemp_records'));";
        let make = [lock, statements::TABLE].concat();
        self.server.limited(self.server.execute(&make)).await
    }

    fn apply<'a, O>(&'a self, operation: O) -> StoreFuture<'a, O::Outcome>
    where
        O: Operation + Send + Sync + 'a,
        O::Outcome: Send,
    {
        Box::pin(async move { self.server.limited(self.try_apply(&operation)).await })
    }

    /// Reads first, so that what changes nothing takes no lock, then writes if nobody else has meanwhile.
    async fn try_apply<O: Operation>(&self, operation: &O) -> Result<O::Outcome, StoreError> {
        loop {
            let found = self.find(operation.key().as_str()).await?;
            if let Some(outcome) = self.apply_to(found.as_ref(), operation).await? {
                return Ok(outcome);
            }
        }
    }

    async fn find(&self, key: &str) -> Result<Option<Found>, StoreError> {
        let parameters: [Parameter<'_>; 1] = [(&key, Type::TEXT)];
        let rows = self.server.query(statements::READ, &parameters).await?;
        rows.first().map(statements::found).transpose()
    }

    /// Applies an operation to what was found, or does nothing where that is not there any more.
    async fn apply_to<O: Operation>(
        &self,
        found: Option<&Found>,
        operation: &O,
    ) -> Result<Option<O::Outcome>, StoreError> {
        let key = operation.key();
        let moment = match found {
            Some(found) => found.moment,
            None => self.clock().await?,
        };
        let step = operation.apply(found.map(|found| &found.record), &moment);
        let is_done = match &step.change {
            Change::Keep => true,
            Change::Put(new) => self.put(key.as_str(), found, new).await?,
            Change::Remove => self.remove(key.as_str()).await.map(|()| true)?,
        };
        Ok(is_done.then_some(step.outcome))
    }

    async fn clock(&self) -> Result<Moment, StoreError> {
        let rows = self.server.query(statements::CLOCK, &[]).await?;
        statements::moment(only(&rows)?)
    }

    /// Writes a record in the place of the one that was found, and says whether that was still there.
    async fn put(
        &self,
        key: &str,
        found: Option<&Found>,
        new: &Record,
    ) -> Result<bool, StoreError> {
        let new = Columns::of(new);
        let mut parameters: Vec<Parameter<'_>> = [(&key as _, Type::TEXT)].into();
        parameters.extend(new.all());
        let sql = if let Some(found) = found {
            parameters.push((&found.version, Type::TEXT));
            statements::REPLACE
        } else {
            statements::INSERT
        };
        let rows = self.server.query(sql, &parameters).await?;
        Ok(!rows.is_empty())
    }

    async fn remove(&self, key: &str) -> Result<(), StoreError> {
        let parameters: [Parameter<'_>; 1] = [(&key, Type::TEXT)];
        let removal = self.server.query(statements::REMOVE, &parameters);
        removal.await.map(drop)
    }

    /// The usual cases by one statement: a new key after a new one, and a known one after a known one.
    async fn try_claim(&self, claim: &Claim) -> Result<Claimed, StoreError> {
        loop {
            if self.next_is_new.load(Ordering::Relaxed) {
                if let Some(grant) = self.claim_new(claim).await? {
                    return Ok(Claimed::Granted(grant));
                }
                self.next_is_new.store(false, Ordering::Relaxed);
            }
            let Some(found) = self.find(claim.key.as_str()).await? else {
                self.next_is_new.store(true, Ordering::Relaxed);
                continue;
            };
            if let Some(claimed) = self.apply_to(Some(&found), claim).await? {
                return Ok(claimed);
            }
        }
    }

    /// Claims a key, unless it has a record.
    async fn claim_new(&self, claim: &Claim) -> Result<Option<Grant>, StoreError> {
        let (key, id) = (claim.key.as_str(), claim.id.to_string());
        let lease = statements::micros(Some(claim.lease));
        let kept = statements::micros(claim.retention);
        let parameters: [Parameter<'_>; 4] = [
            (&key, Type::TEXT),
            (&id, Type::TEXT),
            (&lease, Type::INT8),
            (&kept, Type::INT8),
        ];
        let rows = self
            .server
            .query(statements::CLAIM_NEW, &parameters)
            .await?;
        rows.first().map(statements::grant).transpose()
    }

    /// The usual case by one statement: the claim holds its key, and its lease is not over.
    async fn complete_in_time(&self, complete: &Complete<'_>) -> Result<bool, StoreError> {
        let (key, id) = (complete.key.as_str(), complete.id.to_string());
        let kept = statements::micros(complete.retention);
        let parameters: [Parameter<'_>; 4] = [
            (&key, Type::TEXT),
            (&id, Type::TEXT),
            (&complete.answer, Type::TEXT),
            (&kept, Type::INT8),
        ];
        let sql = statements::COMPLETE_IN_TIME;
        let rows = self.server.query(sql, &parameters).await?;
        Ok(!rows.is_empty())
    }
}

fn misconfigured(message: impl Into<String>) -> StoreError {
    StoreError::new(StoreErrorKind::Misconfigured, message)
}

fn only<T>(rows: &[T]) -> Result<&T, StoreError> {
    let none = || StoreError::new(StoreErrorKind::Other, "the server's reply has no row");
    rows.first().ok_or_else(none)
}

impl Store for PostgresStore {
    fn claim(&self, claim: Claim) -> StoreFuture<'_, Claimed> {
        Box::pin(async move { self.server.limited(self.try_claim(&claim)).await })
    }

    fn renew(&self, renew: Renew) -> StoreFuture<'_, Written> {
        self.apply(renew)
    }

    fn complete<'a>(&'a self, complete: Complete<'a>) -> StoreFuture<'a, Written> {
        Box::pin(async move {
            let operation = async {
                if self.complete_in_time(&complete).await? {
                    return Ok(Written::Done);
                }
                self.try_apply(&complete).await
            };
            self.server.limited(operation).await
        })
    }

    fn release(&self, release: Release) -> StoreFuture<'_, Written> {
        self.apply(release)
    }

    fn interrupt(&self, interrupt: Interrupt) -> StoreFuture<'_, Written> {
        self.apply(interrupt)
    }

    fn get(&self, get: Get) -> StoreFuture<'_, Status> {
        self.apply(get)
    }

    fn insert<'a>(&'a self, insert: Insert<'a>) -> StoreFuture<'a, Inserted> {
        self.apply(insert)
    }

    fn resolve<'a>(&'a self, resolve: Resolve<'a>) -> StoreFuture<'a, Resolved> {
        self.apply(resolve)
    }

    fn invalidate(&self, invalidate: Invalidate) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let removal = self.remove(invalidate.key.as_str());
            self.server.limited(removal).await
        })
    }

    fn sweep(&self, sweep: Sweep) -> StoreFuture<'_, usize> {
        Box::pin(async move {
            let limit = i64::try_from(sweep.limit).unwrap_or(i64::MAX);
            let parameters: [Parameter<'_>; 1] = [(&limit, Type::INT8)];
            let removal = self.server.query(statements::SWEEP, &parameters);
            Ok(self.server.limited(removal).await?.len())
        })
    }
}

impl fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStore").finish_non_exhaustive()
    }
}
