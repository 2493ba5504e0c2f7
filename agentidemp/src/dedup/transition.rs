//! What becomes of a record: the rules of `record.md` as one pure function for each operation.
//! Stores with compare-and-set or transactions share it; Lua and SQL say it again.

use core::time::Duration;

use super::operation::{
    Abandoned, Claim, Claimed, Complete, Get, Grant, Insert, Inserted, Interrupt, Invalidate,
    Release, Renew, Resolve, Resolved, Status, StoredAnswer, Unknown, Written,
};
use super::record::LIMIT;
use super::{ClaimId, Record, State};
use crate::Key;

/// An operation on one record.
pub trait Operation {
    /// What the caller is told.
    type Outcome;

    /// The key whose record it is about.
    fn key(&self) -> Key;

    /// What becomes of the record, and what the caller is told. It has no effect by itself.
    ///
    /// ```
    /// use std::time::Duration;
    ///
    /// use agentidemp::dedup::store::{Change, Claim, ClaimId, Claimed, Moment, Operation};
    ///
    /// let key = agentidemp::sha256_hex(b"question");
    /// let claim = Claim::new(key, ClaimId::random(), Duration::from_secs(30), None);
    /// let step = claim.apply(None, &Moment::at(1_767_225_600_000_000));
    /// assert!(matches!(step.outcome, Claimed::Granted(grant) if grant.attempt == 1));
    /// assert!(matches!(step.change, Change::Put(record) if record.attempt == 1));
    /// ```
    fn apply(&self, record: Option<&Record>, moment: &Moment) -> Step<Self::Outcome>;
}

/// What an [`Operation`] does to a record, and what its caller is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step<T> {
    /// What to do to the record.
    pub change: Change,
    /// What to tell the caller, once that is done.
    pub outcome: T,
}

/// What to do to a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Leave it as it is.
    Keep,
    /// Write this one in its place.
    Put(Record),
    /// Remove it.
    Remove,
}

/// When an operation happens, and what the store knows besides the record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moment {
    /// The store's clock, in microseconds since 1970.
    pub now: u64,
    /// What the store knows of the holder's life.
    pub holder: Holder,
    /// A token that was given out already, for a store that remembers it beyond its records: so the
    /// token rises even where a record was removed within a microsecond.
    pub last_token: u64,
}

/// What a store knows of the life of a claim's holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Holder {
    /// Nothing: the lease decides.
    ByLease,
    /// Its process is alive: the claim is live, whatever its lease says.
    Alive,
    /// Its process is dead: the claim is interrupted, whatever its lease says.
    Dead,
}

impl Moment {
    /// A moment in a store that goes by leases alone.
    #[must_use]
    pub fn at(now: u64) -> Self {
        Self {
            now,
            holder: Holder::ByLease,
            last_token: 0,
        }
    }

    /// The same moment, and what is known of the holder's life.
    #[must_use]
    pub fn with_holder(mut self, holder: Holder) -> Self {
        self.holder = holder;
        self
    }

    /// The same moment, in a store that gave out this token last.
    #[must_use]
    pub fn with_last_token(mut self, token: u64) -> Self {
        self.last_token = token;
        self
    }

    fn after(&self, duration: Duration) -> u64 {
        let micros = u64::try_from(duration.as_micros()).unwrap_or(LIMIT);
        self.now.saturating_add(micros).min(LIMIT - 1)
    }

    /// When something ends that starts at `from` and is kept for `retention`.
    fn expiry(&self, from: u64, retention: Option<Duration>) -> Option<u64> {
        let start = Self { now: from, ..*self };
        retention.map(|retention| start.after(retention))
    }

    fn until(&self, time: u64) -> Duration {
        Duration::from_micros(time.saturating_sub(self.now))
    }

    fn token(&self, record: Option<&Record>) -> u64 {
        let previous = record.map_or(0, |record| record.token).max(self.last_token);
        one_more(previous).max(self.now).min(LIMIT - 1)
    }
}

impl Record {
    /// Whether the claim that it holds is live.
    #[must_use]
    pub fn is_live(&self, moment: &Moment) -> bool {
        self.state == State::InProgress
            && match moment.holder {
                Holder::ByLease => self.lease_until > moment.now,
                Holder::Alive => true,
                Holder::Dead => false,
            }
    }

    /// Whether its retention is over, so that it counts as absent.
    #[must_use]
    pub fn is_over(&self, moment: &Moment) -> bool {
        self.expires.is_some_and(|time| time <= moment.now) && !self.is_live(moment)
    }

    /// Whether nobody knows what came of the last attempt.
    fn is_interrupted(&self, moment: &Moment) -> bool {
        matches!(self.state, State::InProgress | State::Interrupted) && !self.is_live(moment)
    }

    /// Whether `id` holds it: an interrupted attempt is its holder's until somebody takes over.
    fn is_held_by(&self, id: ClaimId) -> bool {
        matches!(self.state, State::InProgress | State::Interrupted) && self.claim == id
    }

    fn retry_after(&self, moment: &Moment) -> Duration {
        moment.until(self.lease_until)
    }

    fn unknown(&self) -> Unknown {
        Unknown::new(self.attempt, self.started)
    }

    fn grant(&self) -> Grant {
        Grant::new(self.attempt, self.token, self.interrupted)
    }

    fn stored_answer(&self, moment: &Moment) -> Option<StoredAnswer> {
        let json = self.answer.clone()?;
        let remaining = self.expires.map(|time| moment.until(time));
        Some(StoredAnswer::new(json, self.attempt, remaining))
    }

    /// What a claim that does not hold the record is told.
    fn refusal(&self, moment: &Moment) -> Written {
        self.stored_answer(moment)
            .map_or(Written::Lost, Written::Superseded)
    }

    fn completed(self, answer: &str, expires: Option<u64>) -> Self {
        Self {
            state: State::Completed,
            lease_until: 0,
            expires,
            answer: Some(answer.into()),
            holder: None,
            ..self
        }
    }

    fn ended(self, state: State, expires: Option<u64>) -> Self {
        Self {
            state,
            lease_until: 0,
            expires,
            holder: None,
            ..self
        }
    }
}

impl<T> Step<T> {
    fn keep(outcome: T) -> Self {
        Self {
            change: Change::Keep,
            outcome,
        }
    }

    fn put(record: Record, outcome: T) -> Self {
        Self {
            change: Change::Put(record),
            outcome,
        }
    }
}

/// The next number, or the same where it is the last: what is written can be read.
fn one_more(number: u64) -> u64 {
    number.saturating_add(1).min(LIMIT - 1)
}

/// The record, unless its retention is over.
fn present<'a>(record: Option<&'a Record>, moment: &Moment) -> Option<&'a Record> {
    record.filter(|record| !record.is_over(moment))
}

impl Claim {
    /// The record of a new attempt, after an earlier one if there is one.
    fn attempt_after(&self, record: Option<&Record>, moment: &Moment) -> Record {
        let lease_until = moment.after(self.lease);
        let interrupted = record.map_or(0, |record| {
            if record.is_interrupted(moment) {
                one_more(record.interrupted)
            } else {
                record.interrupted
            }
        });
        Record {
            state: State::InProgress,
            attempt: one_more(record.map_or(0, |record| record.attempt)),
            interrupted,
            token: moment.token(record),
            claim: self.id,
            started: moment.now,
            lease_until,
            expires: moment.expiry(lease_until, self.retention),
            answer: None,
            holder: None,
        }
    }

    fn grant(&self, record: Option<&Record>, moment: &Moment) -> Step<Claimed> {
        let record = self.attempt_after(record, moment);
        let grant = record.grant();
        Step::put(record, Claimed::Granted(grant))
    }

    /// Its reply was lost: the same attempt, and its lease from now on.
    fn grant_again(&self, record: &Record, moment: &Moment) -> Step<Claimed> {
        let lease_until = moment.after(self.lease);
        let renewed = Record {
            lease_until,
            expires: moment.expiry(lease_until, self.retention),
            ..record.clone()
        };
        Step::put(renewed, Claimed::Granted(record.grant()))
    }
}

impl Operation for Claim {
    type Outcome = Claimed;

    fn key(&self) -> Key {
        self.key
    }

    fn apply(&self, record: Option<&Record>, moment: &Moment) -> Step<Claimed> {
        let Some(found) = present(record, moment) else {
            // The token rises even after a record that is over.
            let last_token = record
                .map_or(0, |record| record.token)
                .max(moment.last_token);
            return self.grant(None, &moment.with_last_token(last_token));
        };
        if let Some(answer) = found.stored_answer(moment) {
            return Step::keep(Claimed::Completed(answer));
        }
        if found.claim == self.id {
            return match found.state {
                State::InProgress => self.grant_again(found, moment),
                _ => Step::keep(Claimed::Over),
            };
        }
        if found.is_live(moment) {
            let retry_after = found.retry_after(moment);
            return Step::keep(Claimed::Busy { retry_after });
        }
        if found.is_interrupted(moment) && self.abandoned == Abandoned::Refuse {
            return Step::keep(Claimed::OutcomeUnknown(found.unknown()));
        }
        self.grant(Some(found), moment)
    }
}

impl Operation for Renew {
    type Outcome = Written;

    fn key(&self) -> Key {
        self.key
    }

    fn apply(&self, record: Option<&Record>, moment: &Moment) -> Step<Written> {
        let Some(found) = present(record, moment) else {
            return Step::keep(Written::Lost);
        };
        if !found.is_held_by(self.id) {
            return Step::keep(found.refusal(moment));
        }
        let lease_until = moment.after(self.lease);
        let renewed = Record {
            state: State::InProgress,
            lease_until,
            expires: moment.expiry(lease_until, self.retention),
            ..found.clone()
        };
        Step::put(renewed, Written::Done)
    }
}

impl Operation for Complete<'_> {
    type Outcome = Written;

    fn key(&self) -> Key {
        self.key
    }

    fn apply(&self, record: Option<&Record>, moment: &Moment) -> Step<Written> {
        let Some(found) = present(record, moment) else {
            return Step::keep(Written::Lost);
        };
        if found.is_held_by(self.id) {
            let expires = moment.expiry(moment.now, self.retention);
            return Step::put(found.clone().completed(self.answer, expires), Written::Done);
        }
        let completed_by_it = found.state == State::Completed && found.claim == self.id;
        Step::keep(if completed_by_it {
            Written::Done
        } else {
            found.refusal(moment)
        })
    }
}

/// Ends a claim without an answer: what [`Release`] and [`Interrupt`] share.
fn end(
    state: State,
    id: ClaimId,
    retention: Option<Duration>,
    record: Option<&Record>,
    moment: &Moment,
) -> Step<Written> {
    let Some(found) = present(record, moment) else {
        return Step::keep(Written::Lost);
    };
    if found.state == state && found.claim == id {
        return Step::keep(Written::Done);
    }
    if !found.is_held_by(id) {
        return Step::keep(found.refusal(moment));
    }
    let expires = moment.expiry(moment.now, retention);
    Step::put(found.clone().ended(state, expires), Written::Done)
}

impl Operation for Release {
    type Outcome = Written;

    fn key(&self) -> Key {
        self.key
    }

    fn apply(&self, record: Option<&Record>, moment: &Moment) -> Step<Written> {
        end(State::Released, self.id, self.retention, record, moment)
    }
}

impl Operation for Interrupt {
    type Outcome = Written;

    fn key(&self) -> Key {
        self.key
    }

    fn apply(&self, record: Option<&Record>, moment: &Moment) -> Step<Written> {
        end(State::Interrupted, self.id, self.retention, record, moment)
    }
}

impl Operation for Get {
    type Outcome = Status;

    fn key(&self) -> Key {
        self.key
    }

    fn apply(&self, record: Option<&Record>, moment: &Moment) -> Step<Status> {
        let Some(found) = present(record, moment) else {
            return Step::keep(Status::Absent);
        };
        let attempt = found.attempt;
        Step::keep(if let Some(answer) = found.stored_answer(moment) {
            Status::Completed(answer)
        } else if found.state == State::Released {
            Status::Released { attempt }
        } else if found.is_live(moment) {
            let retry_after = found.retry_after(moment);
            Status::InProgress {
                attempt,
                retry_after,
            }
        } else {
            Status::Interrupted(found.unknown())
        })
    }
}

impl Operation for Insert<'_> {
    type Outcome = Inserted;

    fn key(&self) -> Key {
        self.key
    }

    fn apply(&self, record: Option<&Record>, moment: &Moment) -> Step<Inserted> {
        let found = present(record, moment);
        if let Some(answer) = found.and_then(|found| found.stored_answer(moment)) {
            let again = found.is_some_and(|found| found.claim == self.id);
            return Step::keep(if again {
                Inserted::Done
            } else {
                Inserted::Superseded(answer)
            });
        }
        let inserted = Record {
            state: State::Completed,
            attempt: found.map_or(0, |found| found.attempt),
            interrupted: found.map_or(0, |found| found.interrupted),
            token: moment.token(record),
            claim: self.id,
            started: moment.now,
            lease_until: 0,
            expires: moment.expiry(moment.now, self.retention),
            answer: Some(self.answer.into()),
            holder: None,
        };
        Step::put(inserted, Inserted::Done)
    }
}

impl Operation for Resolve<'_> {
    type Outcome = Resolved;

    fn key(&self) -> Key {
        self.key
    }

    fn apply(&self, record: Option<&Record>, moment: &Moment) -> Step<Resolved> {
        let Some(found) = present(record, moment) else {
            return Step::keep(Resolved::NothingUnknown);
        };
        let ended = matches!(found.state, State::Completed | State::Released);
        if ended && found.claim == self.id {
            return Step::keep(Resolved::Done);
        }
        if let Some(answer) = found.stored_answer(moment) {
            return Step::keep(Resolved::Superseded(answer));
        }
        if found.is_live(moment) {
            let retry_after = found.retry_after(moment);
            return Step::keep(Resolved::Busy { retry_after });
        }
        if !found.is_interrupted(moment) {
            return Step::keep(Resolved::NothingUnknown);
        }
        let expires = moment.expiry(moment.now, self.retention);
        // From here on the late holder has lost its claim.
        let resolved = Record {
            claim: self.id,
            ..found.clone()
        };
        let resolved = match self.answer {
            Some(answer) => resolved.completed(answer, expires),
            None => resolved.ended(State::Released, expires),
        };
        Step::put(resolved, Resolved::Done)
    }
}

impl Operation for Invalidate {
    type Outcome = ();

    fn key(&self) -> Key {
        self.key
    }

    fn apply(&self, record: Option<&Record>, _: &Moment) -> Step<()> {
        Step {
            change: record.map_or(Change::Keep, |_| Change::Remove),
            outcome: (),
        }
    }
}
