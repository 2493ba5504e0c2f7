//! Work in the caller's own transaction: the record becomes visible with it, or not at all.

use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::time::Duration;

use deadpool_postgres::tokio_postgres;
use deadpool_postgres::tokio_postgres::Row;
use deadpool_postgres::tokio_postgres::types::Type;
use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

use super::server::{Parameter, failed};
use super::statements;
use super::{PostgresStore, only};
use crate::Key;
use crate::dedup::codec::Codec;
use crate::dedup::remote::outcome_unknown;
use crate::dedup::store::{Get, Grant, Operation as _, Status};
use crate::dedup::{Attempt, ClaimId, RunError, StoreError};

/// A transaction in which work can run once: `tokio_postgres::Transaction` of version 0.7, or that of
/// `deadpool_postgres` of version 0.14.
///
/// Other clients, and other versions, can be added to it without a change for those who use this one.
pub trait PostgresTransaction: sealed::Transaction + Sync {}

mod sealed {
    use super::{Parameter, Row, StoreError, Vec};

    pub trait Transaction {
        fn rows(
            &self,
            sql: &str,
            parameters: &[Parameter<'_>],
        ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;
    }
}

impl PostgresTransaction for tokio_postgres::Transaction<'_> {}

impl sealed::Transaction for tokio_postgres::Transaction<'_> {
    async fn rows(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, StoreError> {
        let rows = self.query_typed(sql, parameters).await;
        rows.map_err(|error| failed(&error))
    }
}

impl PostgresTransaction for deadpool_postgres::Transaction<'_> {}

impl sealed::Transaction for deadpool_postgres::Transaction<'_> {
    async fn rows(&self, sql: &str, parameters: &[Parameter<'_>]) -> Result<Vec<Row>, StoreError> {
        (**self).rows(sql, parameters).await
    }
}

impl PostgresStore {
    /// The first of the two statements for work in a transaction of another client's, such as sqlx or
    /// diesel. `$1` is the key, and `$2` an id of this call's own: 32 lower-case hex digits.
    ///
    /// It gives a row if the work is to be done now, in the same transaction, which then ends with
    /// [`COMPLETE`](Self::COMPLETE). If it gives none, there is an answer, or somebody else's claim; see
    /// `SELECT state, answer FROM agentidemp_records WHERE key = $1`. A second transaction with the same
    /// key waits here for the end of the first.
    ///
    /// ```sql
    #[doc = include_str!("claim.sql")]
    /// ```
    pub const CLAIM: &str = statements::CLAIM;

    /// The second statement. `$1` and `$2` are those of [`CLAIM`](Self::CLAIM), `$3` is the answer as JSON
    /// text, and `$4` how long it is kept, in microseconds below 2^52, or `NULL` for without end.
    ///
    /// It gives a row unless the claim is not there; then roll back.
    ///
    /// ```sql
    #[doc = include_str!("complete.sql")]
    /// ```
    pub const COMPLETE: &str = statements::COMPLETE;

    /// Runs the work of a key in a transaction, and keeps its answer in the same one: if the transaction
    /// is committed, the work is done once and its answer is kept, and if it is not, neither has happened.
    /// That is exactly once for work that is in this database alone.
    ///
    /// A second transaction with the same key waits for the end of the first, however long that takes;
    /// `SET LOCAL lock_timeout` says how long it may. The answer is kept for `lifetime`, or without end.
    ///
    /// ```no_run
    /// # async fn example(
    /// #     client: &mut deadpool_postgres::Client,
    /// # ) -> Result<(), Box<dyn core::error::Error>> {
    /// use agentidemp::dedup::store::PostgresStore;
    ///
    /// let key = agentidemp::sha256_hex(b"order 7");
    /// let transaction = client.transaction().await?;
    /// let booked = PostgresStore::run_in_transaction(&transaction, &key, None, async |_| {
    ///     let sql = "INSERT INTO bookings (order_number) VALUES (7) RETURNING id";
    ///     let row = transaction.query_one(sql, &[]).await?;
    ///     Ok::<i64, deadpool_postgres::tokio_postgres::Error>(row.get(0))
    /// });
    /// let id = booked.await?;
    /// transaction.commit().await?;
    /// println!("booking {id}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// On every error, roll the transaction back; dropping it does. If it is committed after the work
    /// failed, the record says that the outcome is unknown. `InProgress` and `OutcomeUnknown` are about
    /// claims that were made otherwise, by a [`Dedup`](crate::dedup::Dedup) with the same key.
    pub async fn run_in_transaction<T, V, F, W, E>(
        transaction: &T,
        key: &Key,
        lifetime: Option<Duration>,
        work: F,
    ) -> Result<V, RunError<E, V>>
    where
        T: PostgresTransaction,
        V: Serialize + DeserializeOwned,
        F: FnOnce(Attempt) -> W,
        W: Future<Output = Result<V, E>>,
    {
        let codec = Codec::<V>::json();
        let id = ClaimId::random().to_string();
        let grant = loop {
            if let Some(grant) = claim(transaction, key, &id)
                .await
                .map_err(RunError::Store)?
            {
                break grant;
            }
            match status(transaction, key).await.map_err(RunError::Store)? {
                Status::Completed(answer) => {
                    return (codec.decode)(&answer.json).map_err(RunError::Decode);
                }
                Status::InProgress { retry_after, .. } => {
                    return Err(RunError::InProgress { retry_after });
                }
                Status::Interrupted(unknown) => return Err(outcome_unknown(unknown)),
                // Meanwhile somebody removed it, or it is over.
                Status::Absent | Status::Released { .. } => {}
            }
        };
        let answer = work(Attempt::new(*key, grant, None))
            .await
            .map_err(RunError::Work)?;
        let json = (codec.encode)(&answer).map_err(RunError::Store)?;
        complete(transaction, key, &id, &json, lifetime)
            .await
            .map_err(RunError::Store)?;
        Ok(answer)
    }
}

async fn claim(
    transaction: &impl PostgresTransaction,
    key: &Key,
    id: &str,
) -> Result<Option<Grant>, StoreError> {
    let parameters: [Parameter<'_>; 2] = [(&key.as_str(), Type::TEXT), (&id, Type::TEXT)];
    let rows = transaction.rows(statements::CLAIM, &parameters).await?;
    rows.first().map(statements::grant).transpose()
}

async fn status(transaction: &impl PostgresTransaction, key: &Key) -> Result<Status, StoreError> {
    let parameters: [Parameter<'_>; 1] = [(&key.as_str(), Type::TEXT)];
    let rows = transaction.rows(statements::READ, &parameters).await?;
    let Some(row) = rows.first() else {
        return Ok(Status::Absent);
    };
    let found = statements::found(row)?;
    let status = Get::new(*key).apply(Some(&found.record), &found.moment);
    Ok(status.outcome)
}

async fn complete(
    transaction: &impl PostgresTransaction,
    key: &Key,
    id: &str,
    json: &str,
    lifetime: Option<Duration>,
) -> Result<(), StoreError> {
    let kept = statements::micros(lifetime);
    let parameters: [Parameter<'_>; 4] = [
        (&key.as_str(), Type::TEXT),
        (&id, Type::TEXT),
        (&json, Type::TEXT),
        (&kept, Type::INT8),
    ];
    let rows = transaction.rows(statements::COMPLETE, &parameters).await?;
    only(&rows).map(drop)
}
