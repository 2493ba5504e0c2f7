//! What a store is asked, and what it answers: a type for each operation, and one for its outcome.
//! What happens to the record is in `transition.rs`.

use alloc::string::String;
use core::time::Duration;

use super::ClaimId;
use crate::Key;

/// Asks for the right to do the work of a key.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Claim {
    /// The key of the work.
    pub key: Key,
    /// Who claims. Sent again with the same id, it is the same claim.
    pub id: ClaimId,
    /// How long the claim lasts unless it is renewed.
    pub lease: Duration,
    /// How long the record is kept after the lease; without end where it is `None`.
    pub retention: Option<Duration>,
    /// What becomes of an earlier attempt that was interrupted.
    pub abandoned: Abandoned,
}

/// What to do where an earlier attempt was interrupted: its holder died, or lost its lease, or gave
/// up, and nobody knows whether the work was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Abandoned {
    /// Run the work again. For a receiver that knows the key, and so acts once.
    #[default]
    RunAgain,
    /// Do not run it; say that the outcome is unknown, until somebody resolves it. For a receiver
    /// that does not know keys.
    Refuse,
}

/// Lengthens a claim that is held: its lease ends `lease` from now.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Renew {
    /// The key of the work.
    pub key: Key,
    /// The claim.
    pub id: ClaimId,
    /// How long the claim lasts from now.
    pub lease: Duration,
    /// How long the record is kept after the lease; without end where it is `None`.
    pub retention: Option<Duration>,
}

/// Stores the answer of the work.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Complete<'a> {
    /// The key of the work.
    pub key: Key,
    /// The claim.
    pub id: ClaimId,
    /// The answer, as JSON text.
    pub answer: &'a str,
    /// How long the answer is remembered; without end where it is `None`.
    pub retention: Option<Duration>,
}

/// Gives a claim back: the work is known not to have happened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Release {
    /// The key of the work.
    pub key: Key,
    /// The claim.
    pub id: ClaimId,
    /// How long the record is kept; without end where it is `None`.
    pub retention: Option<Duration>,
}

/// Ends a claim at once, where nobody knows whether the work happened: it was dropped, or it
/// panicked, or it failed and the receiver does not know keys.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Interrupt {
    /// The key of the work.
    pub key: Key,
    /// The claim.
    pub id: ClaimId,
    /// How long the record is kept; without end where it is `None`.
    pub retention: Option<Duration>,
}

/// Asks how things stand with a key.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Get {
    /// The key of the work.
    pub key: Key,
}

/// Stores an answer that is known from elsewhere, whatever is under way.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Insert<'a> {
    /// The key of the work.
    pub key: Key,
    /// Who inserts. Sent again with the same id, it is the same insertion.
    pub id: ClaimId,
    /// The answer, as JSON text.
    pub answer: &'a str,
    /// How long the answer is remembered; without end where it is `None`.
    pub retention: Option<Duration>,
}

/// Says what came of an attempt that was interrupted.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Resolve<'a> {
    /// The key of the work.
    pub key: Key,
    /// Who resolves. Sent again with the same id, it is the same resolution.
    pub id: ClaimId,
    /// The answer of the work as JSON text, or `None` where it did not happen.
    pub answer: Option<&'a str>,
    /// How long that is remembered; without end where it is `None`.
    pub retention: Option<Duration>,
}

/// Forgets a key, whatever is under way.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Invalidate {
    /// The key of the work.
    pub key: Key,
}

/// Removes records whose retention is over.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Sweep {
    /// How many records to remove at most.
    pub limit: usize,
}

/// What came of a [`Claim`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claimed {
    /// The caller holds the claim and does the work.
    Granted(Grant),
    /// Somebody else holds a live claim.
    Busy {
        /// How long that claim lasts unless it is renewed.
        retry_after: Duration,
    },
    /// An earlier attempt was interrupted, and the claim said [`Abandoned::Refuse`].
    OutcomeUnknown(Unknown),
    /// The work is done.
    Completed(StoredAnswer),
    /// This very claim was released or interrupted before: it came late, or twice. A new claim needs
    /// a new id.
    Over,
}

/// A claim that was granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Grant {
    /// The number of this attempt, from 1. It rises by one while the record is kept.
    pub attempt: u64,
    /// The fencing token: it rises with every claim of the key. Below 2^53.
    pub token: u64,
    /// How many earlier attempts were interrupted.
    pub interrupted: u64,
}

/// An attempt of which nobody knows whether it did the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unknown {
    /// The number of the attempt.
    pub attempt: u64,
    /// When it began, in microseconds since 1970 by the store's clock.
    pub since: u64,
}

/// An answer that a store remembers.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StoredAnswer {
    /// The answer, as JSON text.
    pub json: String,
    /// The number of the attempt that it came from; 0 where it was inserted before any.
    pub attempt: u64,
    /// For how long it will be remembered from now; without end where it is `None`.
    pub remaining: Option<Duration>,
}

/// What came of a [`Renew`], [`Complete`], [`Release`] or [`Interrupt`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Written {
    /// It is done, now or when it was first sent.
    Done,
    /// The claim does not hold the key. Nothing was changed.
    Lost,
    /// The key has an answer already, which stands. Nothing was changed.
    Superseded(StoredAnswer),
}

/// What came of an [`Insert`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Inserted {
    /// It is done, now or when it was first sent.
    Done,
    /// The key has an answer already, which stands. Nothing was changed.
    Superseded(StoredAnswer),
}

/// What came of a [`Resolve`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resolved {
    /// It is done, now or when it was first sent.
    Done,
    /// The key has an answer already, which stands. Nothing was changed.
    Superseded(StoredAnswer),
    /// A claim is live. Nothing was changed.
    Busy {
        /// How long that claim lasts unless it is renewed.
        retry_after: Duration,
    },
    /// There is no attempt, or it is known not to have done the work. Nothing was changed.
    NothingUnknown,
}

/// How things stand with a key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Status {
    /// Nothing is known of it.
    Absent,
    /// A claim is live.
    InProgress {
        /// The number of the attempt.
        attempt: u64,
        /// How long the claim lasts unless it is renewed.
        retry_after: Duration,
    },
    /// An attempt was interrupted: nobody knows whether it did the work.
    Interrupted(Unknown),
    /// The last attempt is known not to have done the work.
    Released {
        /// The number of the attempt.
        attempt: u64,
    },
    /// The work is done.
    Completed(StoredAnswer),
}

impl Claim {
    /// A claim that runs abandoned work again.
    #[must_use]
    pub fn new(key: Key, id: ClaimId, lease: Duration, retention: Option<Duration>) -> Self {
        Self {
            key,
            id,
            lease,
            retention,
            abandoned: Abandoned::RunAgain,
        }
    }

    /// The same claim, with another rule for work that was abandoned.
    #[must_use]
    pub fn abandoned(mut self, abandoned: Abandoned) -> Self {
        self.abandoned = abandoned;
        self
    }
}

impl Renew {
    /// Lengthens the claim `id`.
    #[must_use]
    pub fn new(key: Key, id: ClaimId, lease: Duration, retention: Option<Duration>) -> Self {
        Self {
            key,
            id,
            lease,
            retention,
        }
    }
}

impl<'a> Complete<'a> {
    /// Completes the claim `id`.
    #[must_use]
    pub fn new(key: Key, id: ClaimId, answer: &'a str, retention: Option<Duration>) -> Self {
        Self {
            key,
            id,
            answer,
            retention,
        }
    }
}

impl Release {
    /// Releases the claim `id`.
    #[must_use]
    pub fn new(key: Key, id: ClaimId, retention: Option<Duration>) -> Self {
        Self { key, id, retention }
    }
}

impl Interrupt {
    /// Interrupts the claim `id`.
    #[must_use]
    pub fn new(key: Key, id: ClaimId, retention: Option<Duration>) -> Self {
        Self { key, id, retention }
    }
}

impl Get {
    /// Asks for `key`.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self { key }
    }
}

impl<'a> Insert<'a> {
    /// Inserts `answer`.
    #[must_use]
    pub fn new(key: Key, id: ClaimId, answer: &'a str, retention: Option<Duration>) -> Self {
        Self {
            key,
            id,
            answer,
            retention,
        }
    }
}

impl<'a> Resolve<'a> {
    /// Says that the work was done, and gave `answer`.
    #[must_use]
    pub fn done(key: Key, id: ClaimId, answer: &'a str, retention: Option<Duration>) -> Self {
        Self {
            key,
            id,
            answer: Some(answer),
            retention,
        }
    }

    /// Says that the work was not done.
    #[must_use]
    pub fn not_done(key: Key, id: ClaimId, retention: Option<Duration>) -> Self {
        Self {
            key,
            id,
            answer: None,
            retention,
        }
    }
}

impl Invalidate {
    /// Forgets `key`.
    #[must_use]
    pub fn new(key: Key) -> Self {
        Self { key }
    }
}

impl Sweep {
    /// Removes at most `limit` records.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self { limit }
    }
}

impl Grant {
    /// A grant, for a store that keeps the rules itself.
    #[must_use]
    pub fn new(attempt: u64, token: u64, interrupted: u64) -> Self {
        Self {
            attempt,
            token,
            interrupted,
        }
    }
}

impl Unknown {
    /// An attempt, for a store that keeps the rules itself.
    #[must_use]
    pub fn new(attempt: u64, since: u64) -> Self {
        Self { attempt, since }
    }
}

impl StoredAnswer {
    /// An answer, for a store that keeps the rules itself.
    #[must_use]
    pub fn new(json: String, attempt: u64, remaining: Option<Duration>) -> Self {
        Self {
            json,
            attempt,
            remaining,
        }
    }
}
