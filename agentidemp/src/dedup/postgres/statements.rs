//! The statements, and how a row is a [`Record`].

use alloc::format;
use alloc::string::{String, ToString as _};
use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use deadpool_postgres::tokio_postgres::Row;
use deadpool_postgres::tokio_postgres::types::{FromSql, Type};

use super::server::Parameter;
use crate::dedup::StoreError;
use crate::dedup::record::LIMIT;
use crate::dedup::store::{Grant, Moment, Record, State, StoreErrorKind};

pub(super) const TABLE: &str = include_str!("table.sql");
pub(super) const CLAIM: &str = include_str!("claim.sql");
pub(super) const COMPLETE: &str = include_str!("complete.sql");

/// The record, and the clock. Its `xmin` says who wrote it last, and so which it is.
///
/// A server that has to plan it each time does so in half the time that a join with the clock takes, which
/// would give a row without a record too.
pub(super) const READ: &str = "\
SELECT
    clock_timestamp() AS now, state, attempt, interrupted, token, claim, started, lease_until, expires, answer,
    xmin::text AS version
FROM agentidemp_records WHERE key = $1";

pub(super) const CLOCK: &str = "SELECT clock_timestamp() AS now";

/// Claims a key that has no record. `$3` is the lease, and `$4` how long the record is kept after it.
pub(super) const CLAIM_NEW: &str = "\
INSERT INTO agentidemp_records
    (key, state, attempt, interrupted, token, claim, started, lease_until, expires)
SELECT $1, 'in_progress', 1, 0, now, $2, now, now + $3, now + $3 + $4
FROM (SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS now) AS clock
ON CONFLICT (key) DO NOTHING
RETURNING attempt, token, interrupted";

/// What [`COMPLETE`] does where its claim is within its lease.
pub(super) const COMPLETE_IN_TIME: &str = "\
UPDATE agentidemp_records SET
    state = 'completed', answer = $3, lease_until = NULL,
    expires = (extract(epoch FROM clock_timestamp()) * 1000000)::bigint + $4
WHERE key = $1 AND claim = $2 AND state = 'in_progress'
    AND lease_until > (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
    AND least(attempt, interrupted, token, started, expires) >= 0
    AND greatest(attempt, interrupted, token, started, expires, lease_until) < 9007199254740992
RETURNING 1";

pub(super) const INSERT: &str = "\
INSERT INTO agentidemp_records
    (key, state, attempt, interrupted, token, claim, started, lease_until, expires, answer)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (key) DO NOTHING
RETURNING 1";

/// Nobody else has written since it was read.
pub(super) const REPLACE: &str = "\
UPDATE agentidemp_records SET
    state = $2, attempt = $3, interrupted = $4, token = $5, claim = $6, started = $7,
    lease_until = $8, expires = $9, answer = $10
WHERE key = $1 AND xmin::text = $11
RETURNING 1";

pub(super) const REMOVE: &str = "DELETE FROM agentidemp_records WHERE key = $1";

/// The statement's time does not change within it, so that the index serves.
pub(super) const SWEEP: &str = "\
DELETE FROM agentidemp_records WHERE key IN (
    SELECT key FROM agentidemp_records
    WHERE expires <= (extract(epoch FROM statement_timestamp()) * 1000000)::bigint AND (
        state <> 'in_progress'
        OR lease_until <= (extract(epoch FROM statement_timestamp()) * 1000000)::bigint
    )
    LIMIT $1 FOR UPDATE SKIP LOCKED
)
RETURNING 1";

/// How long something lasts, in microseconds: so short, 71 years, that two of them can be added to a time.
pub(super) fn micros(duration: Option<Duration>) -> Option<i64> {
    const LONGEST: i64 = 1 << 51;
    duration.map(|duration| {
        i64::try_from(duration.as_micros()).map_or(LONGEST, |time| time.min(LONGEST))
    })
}

/// What [`READ`] gives.
pub(super) struct Found {
    pub(super) moment: Moment,
    pub(super) record: Record,
    /// Which record it is: another one after each change.
    pub(super) version: String,
}

pub(super) fn found(row: &Row) -> Result<Found, StoreError> {
    Ok(Found {
        moment: moment(row)?,
        record: record(row)?,
        version: column(row, "version")?,
    })
}

fn record(row: &Row) -> Result<Record, StoreError> {
    let state = column::<&str>(row, "state")?.parse()?;
    // A column that the state does not have, as one that an earlier attempt left, says nothing.
    let lease_until = match state {
        State::InProgress => number(row, "lease_until")?,
        _ => 0,
    };
    let answer = match state {
        State::Completed => Some(column(row, "answer")?),
        _ => None,
    };
    Ok(Record {
        state,
        attempt: number(row, "attempt")?,
        interrupted: number(row, "interrupted")?,
        token: number(row, "token")?,
        claim: column::<&str>(row, "claim")?.parse()?,
        started: number(row, "started")?,
        lease_until,
        expires: optional_number(row, "expires")?,
        answer,
        holder: None,
    })
}

/// The clock, which [`READ`] and [`CLOCK`] give.
pub(super) fn moment(row: &Row) -> Result<Moment, StoreError> {
    let since = column::<SystemTime>(row, "now")?.duration_since(UNIX_EPOCH);
    let micros = since.ok().map(|since| since.as_micros());
    let micros = micros.and_then(|micros| u64::try_from(micros).ok());
    micros
        .map(Moment::at)
        .ok_or_else(|| StoreError::new(StoreErrorKind::Other, "the server's clock is before 1970"))
}

/// What a statement gives that makes a claim.
pub(super) fn grant(row: &Row) -> Result<Grant, StoreError> {
    Ok(Grant::new(
        number(row, "attempt")?,
        number(row, "token")?,
        number(row, "interrupted")?,
    ))
}

fn number(row: &Row, name: &str) -> Result<u64, StoreError> {
    optional_number(row, name)?.ok_or_else(|| malformed(name))
}

fn optional_number(row: &Row, name: &str) -> Result<Option<u64>, StoreError> {
    let Some(number) = column::<Option<i64>>(row, name)? else {
        return Ok(None);
    };
    let number = u64::try_from(number).ok().filter(|number| *number < LIMIT);
    number.map(Some).ok_or_else(|| malformed(name))
}

fn column<'r, T: FromSql<'r>>(row: &'r Row, name: &str) -> Result<T, StoreError> {
    row.try_get(name)
        .map_err(|error| malformed(name).with_source(error))
}

fn malformed(name: &str) -> StoreError {
    StoreError::corrupt(format!("a record's `{name}` is absent or malformed"))
}

/// A record as the parameters of a statement.
pub(super) struct Columns<'a> {
    record: &'a Record,
    state: &'static str,
    attempt: i64,
    interrupted: i64,
    token: i64,
    claim: String,
    started: i64,
    lease_until: Option<i64>,
    expires: Option<i64>,
}

impl<'a> Columns<'a> {
    pub(super) fn of(record: &'a Record) -> Self {
        Self {
            record,
            state: record.state.as_str(),
            attempt: signed(record.attempt),
            interrupted: signed(record.interrupted),
            token: signed(record.token),
            claim: record.claim.to_string(),
            started: signed(record.started),
            lease_until: (record.state == State::InProgress).then(|| signed(record.lease_until)),
            expires: record.expires.map(signed),
        }
    }

    /// All but the key.
    pub(super) fn all(&self) -> [Parameter<'_>; 9] {
        [
            (&self.state, Type::TEXT),
            (&self.attempt, Type::INT8),
            (&self.interrupted, Type::INT8),
            (&self.token, Type::INT8),
            (&self.claim, Type::TEXT),
            (&self.started, Type::INT8),
            (&self.lease_until, Type::INT8),
            (&self.expires, Type::INT8),
            (&self.record.answer, Type::TEXT),
        ]
    }
}

/// Numbers of a record are below 2^53.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
