//! [`Server`]: the pool, and what becomes of a connection on which the server does not answer.

use alloc::boxed::Box;
use alloc::format;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::time::Duration;

use deadpool_postgres::tokio_postgres::error::SqlState;
use deadpool_postgres::tokio_postgres::types::{ToSql, Type};
use deadpool_postgres::tokio_postgres::{Error, Row};
use deadpool_postgres::{Object, Pool, PoolError};
use tokio::runtime::Handle;
use tokio::time::{Instant, timeout};

use crate::dedup::StoreError;
use crate::dedup::runtime::within;
use crate::dedup::store::StoreErrorKind;

/// How long an operation may take, with all that it is sent again.
const LIMIT: Duration = Duration::from_secs(5);
/// How long a connection may be waited for, and the outcome of a statement.
const RESPONSE: Duration = Duration::from_secs(2);
/// How often a statement is sent where its connection breaks. Each can be sent twice.
const SENDINGS: usize = 2;

/// A parameter of a statement. With its type, a statement need not be prepared.
pub(super) type Parameter<'a> = (&'a (dyn ToSql + Sync), Type);

pub(super) struct Server {
    pool: Pool,
    runtime: Handle,
    pub(super) prepares: bool,
}

/// Why a statement has no outcome.
enum Failure {
    Statement(Error),
    TooSlow,
    NoConnection(StoreError),
}

impl Server {
    /// # Panics
    ///
    /// Outside a runtime of tokio's.
    pub(super) fn new(pool: Pool) -> Self {
        Self {
            pool,
            runtime: Handle::current(),
            prepares: false,
        }
    }

    /// Does an operation within its time. It can be polled outside a runtime.
    pub(super) async fn limited<T>(
        &self,
        operation: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let limited = async { timeout(LIMIT, operation).await };
        let done = within(&self.runtime, limited).await;
        done.unwrap_or_else(|_| Err(too_slow()))
    }

    /// The rows of a statement, which is sent again where its connection breaks.
    pub(super) async fn query(
        &self,
        sql: &str,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, StoreError> {
        let mut sendings = 1;
        loop {
            // Its future is large, and would be a part of each that waits for it.
            match Box::pin(self.send(sql, parameters)).await {
                Ok(rows) => return Ok(rows),
                Err(failure) if sendings == SENDINGS || !failure.breaks() => {
                    return Err(failure.into());
                }
                Err(_) => sendings += 1,
            }
        }
    }

    async fn send(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, Failure> {
        let begun = Instant::now();
        let connection = self.connection().await?;
        let rows = async {
            if self.prepares {
                query_prepared(&connection, sql, parameters).await
            } else {
                connection.query_typed(sql, parameters).await
            }
        };
        let Ok(rows) = timeout(RESPONSE, rows).await else {
            // Another statement would wait behind this one.
            drop(Object::take(connection));
            self.discard_idle_since(begun);
            return Err(Failure::TooSlow);
        };
        rows.map_err(Failure::Statement)
    }

    /// Runs statements that take no parameters and give no rows.
    pub(super) async fn execute(&self, sql: &str) -> Result<(), StoreError> {
        let connection = self.connection().await?;
        let done = connection.batch_execute(sql).await;
        done.map_err(|error| failed(&error))
    }

    async fn connection(&self) -> Result<Object, Failure> {
        let connection = timeout(RESPONSE, self.pool.get()).await;
        match connection.map_err(|_| Failure::TooSlow)? {
            Ok(connection) => Ok(connection),
            Err(PoolError::Backend(error)) => Err(Failure::NoConnection(failed(&error))),
            Err(error) => Err(Failure::NoConnection(
                StoreError::unavailable("the pool has no connection").with_source(error),
            )),
        }
    }

    /// Where the network is gone without a word, so are all connections that nobody has heard of since.
    fn discard_idle_since(&self, begun: Instant) {
        self.pool
            .retain(|_, metrics| metrics.last_used() < begun.elapsed());
    }
}

/// Prepares a statement when a connection meets it first.
async fn query_prepared(
    connection: &Object,
    sql: &str,
    parameters: &[Parameter<'_>],
) -> Result<Vec<Row>, Error> {
    let (values, types): (Vec<_>, Vec<_>) = parameters.iter().cloned().unzip();
    let statement = connection.prepare_typed_cached(sql, &types).await?;
    connection.query(&statement, &values).await
}

impl Failure {
    /// Whether the statement may succeed by another connection.
    fn breaks(&self) -> bool {
        match self {
            Self::Statement(error) => kind(error) == StoreErrorKind::Unavailable,
            Self::TooSlow => true,
            Self::NoConnection(_) => false,
        }
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Statement(error) => failed(&error),
            Failure::TooSlow => too_slow(),
            Failure::NoConnection(error) => error,
        }
    }
}

fn too_slow() -> StoreError {
    StoreError::unavailable(
        "the PostgreSQL server did not answer in time: it cannot be reached, or another transaction \
         has the record",
    )
}

/// What the client says, in this crate's terms.
pub(super) fn failed(error: &Error) -> StoreError {
    let kind = kind(error);
    let what = match kind {
        StoreErrorKind::Unavailable => "the PostgreSQL server cannot be used now",
        StoreErrorKind::Misconfigured => "the PostgreSQL server is not set up for this",
        _ => "the PostgreSQL server failed",
    };
    let detail = error
        .as_db_error()
        .map_or_else(|| error.to_string(), |error| error.message().to_string());
    let advice = match error.code().map(SqlState::code) {
        Some(NO_TABLE) => "; make the table, by `create_table` or by its SQL",
        _ => "",
    };
    StoreError::new(kind, format!("{what}: {detail}{advice}"))
}

const NO_TABLE: &str = "42P01";

/// What the `SQLSTATE` says; without one, it is the connection that failed.
fn kind(error: &Error) -> StoreErrorKind {
    let Some(state) = error.code() else {
        return StoreErrorKind::Unavailable;
    };
    match state.code() {
        // No such table, column, schema or database; no permission; what was prepared is on another
        // connection, behind a pooler.
        NO_TABLE | "42703" | "3F000" | "3D000" | "42501" | "26000" | "42P05" => {
            StoreErrorKind::Misconfigured
        }
        // A lock is not to be had; the server has become a replica.
        "55P03" | "25006" => StoreErrorKind::Unavailable,
        state => match &state[..2] {
            // The login is refused.
            "28" => StoreErrorKind::Misconfigured,
            // The connection, a conflict of transactions, resources, an operator.
            "08" | "40" | "53" | "57" => StoreErrorKind::Unavailable,
            "54" => StoreErrorKind::TooLarge,
            _ => StoreErrorKind::Other,
        },
    }
}
