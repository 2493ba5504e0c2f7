//! [`Remote`]: how a caller gets its turn at a key in a store, and how it hands in what came of it.
//! The rules are the store's; here is what a well-behaved caller does with its answers.

use alloc::format;
use alloc::sync::Arc;
use core::convert::Infallible;
use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use tokio::time::Instant;
use uuid::Uuid;

use super::codec::Codec;
use super::held::Held;
use super::layer::{Answer, Life};
use super::pace::Pace;
use super::store::{
    Claim, Claimed, Complete, Get, Insert, Inserted, Invalidate, Resolve, Resolved, Status, Store,
    StoreErrorKind, StoredAnswer, Sweep, Unknown, Written,
};
use super::{Abandoned, Attempt, ClaimId, NotStoredCause, RunError, StoreError};
use crate::Key;

/// The pauses of those who wait: the first, how they grow, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const GROWTH: f64 = 1.6;
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause where a store tells at once that a holder died.
const LONGEST_PAUSE_WITHOUT_LEASE: Duration = Duration::from_millis(100);

/// How often a claim is sent to a store that does not answer.
const SENDINGS_OF_A_CLAIM: u32 = 3;
/// How long an answer is sent to a store that does not take it, unless the lease ends before.
const LONGEST_COMPLETION: Duration = Duration::from_secs(10);

/// What a layer asks of its store.
pub(super) struct Terms {
    pub(super) lease: Duration,
    pub(super) lifetime: Option<Duration>,
    pub(super) abandoned: Abandoned,
    pub(super) wait: Duration,
    pub(super) largest_answer: usize,
    pub(super) run_without_store: bool,
}

pub(super) struct Remote<V> {
    pub(super) store: Arc<dyn Store>,
    codec: Codec<V>,
    pub(super) terms: Terms,
}

/// What a caller gets when it asks for its turn.
pub(super) enum Turn<V, P: Pace> {
    /// It runs the work.
    Run(Held<P>),
    /// The work is done.
    Answered(Answer<V>),
    /// It runs the work although the store is down.
    Unprotected,
}

/// Why there is no turn, and no work that could have failed.
pub(super) type Refusal<V> = RunError<Infallible, V>;

impl<V: Clone> Remote<V> {
    pub(super) fn new(store: Arc<dyn Store>, codec: Codec<V>, terms: Terms) -> Self {
        Self {
            store,
            codec,
            terms,
        }
    }

    /// How long a record is kept that has no answer: one that says that an outcome is unknown stays
    /// until somebody resolves it.
    pub(super) fn retention(&self) -> Option<Duration> {
        match self.terms.abandoned {
            Abandoned::RunAgain => self.terms.lifetime,
            Abandoned::Refuse => None,
        }
    }

    /// Asks until the caller may run, or there is an answer, or it has waited long enough.
    /// `on_wait` is told when it begins to wait.
    pub(super) async fn turn<P: Pace>(
        &self,
        key: Key,
        pace: &P,
        on_wait: impl FnOnce(),
    ) -> Result<Turn<V, P>, Refusal<V>> {
        let mut wait = Wait::new(self.terms.wait, self.store.ends_with_lease());
        let mut on_wait = Some(on_wait);
        let mut id = ClaimId::random();
        loop {
            let asked = Instant::now();
            let claimed = match self.claim(key, id, pace).await {
                Ok(claimed) => claimed,
                Err(error) => return self.without_store(error),
            };
            match claimed {
                Claimed::Granted(grant) => {
                    let held = Held::new(self, pace.clone(), key, id, grant, asked);
                    return Ok(Turn::Run(held));
                }
                Claimed::Completed(answer) => {
                    return self.recalled(&answer, asked).map(Turn::Answered);
                }
                Claimed::OutcomeUnknown(unknown) => return Err(outcome_unknown(unknown)),
                Claimed::Over => id = ClaimId::random(),
                Claimed::Busy { retry_after } => {
                    let Some(pause) = wait.pause(retry_after) else {
                        return Err(RunError::InProgress { retry_after });
                    };
                    if let Some(on_wait) = on_wait.take() {
                        on_wait();
                    }
                    pace.sleep(pause).await;
                }
            }
        }
    }

    /// Sends a claim, again where the reply may be lost. If none comes, the claim may have been
    /// granted; nothing ran, so it is given back.
    async fn claim<P: Pace>(&self, key: Key, id: ClaimId, pace: &P) -> Result<Claimed, StoreError> {
        let claim =
            Claim::new(key, id, self.terms.lease, self.retention()).abandoned(self.terms.abandoned);
        let mut pauses = Pauses::new(LONGEST_PAUSE);
        let unheard = GiveBack::new(self, key, id, pace.clone());
        for sending in 1.. {
            match self.store.claim(claim.clone()).await {
                Ok(claimed) => {
                    unheard.heard();
                    return Ok(claimed);
                }
                Err(error) if may_pass(&error) && sending < SENDINGS_OF_A_CLAIM => {
                    pace.sleep(pauses.next()).await;
                }
                Err(error) => return Err(error),
            }
        }
        unreachable!("the loop ends by its own")
    }

    fn without_store<P: Pace>(&self, error: StoreError) -> Result<Turn<V, P>, Refusal<V>> {
        if self.terms.run_without_store && may_pass(&error) {
            Ok(Turn::Unprotected)
        } else {
            Err(RunError::Store(error))
        }
    }

    fn recalled<E>(
        &self,
        stored: &StoredAnswer,
        asked: Instant,
    ) -> Result<Answer<V>, RunError<E, V>> {
        self.read(stored, asked).map_err(RunError::Decode)
    }

    /// Hands in what came of the work. `worth` says whether an answer is worth remembering.
    pub(super) async fn settle<E, P: Pace>(
        &self,
        held: Held<P>,
        attempt: &Attempt,
        result: Result<V, E>,
        worth: bool,
    ) -> Result<Answer<V>, RunError<E, V>> {
        match result {
            Ok(value) if worth => self.complete(held, value).await,
            Ok(value) => {
                held.release().await;
                let life = Life::None;
                Ok(Answer { value, life })
            }
            Err(error) => {
                let may_have_happened = !attempt.is_known_not_to_have_happened();
                if self.terms.abandoned == Abandoned::Refuse && may_have_happened {
                    held.interrupt().await;
                } else {
                    held.release().await;
                }
                Err(RunError::Work(error))
            }
        }
    }

    async fn complete<E, P: Pace>(
        &self,
        held: Held<P>,
        value: V,
    ) -> Result<Answer<V>, RunError<E, V>> {
        let not_stored = |answer, cause| Err(RunError::NotStored { answer, cause });
        let json = match (self.codec.encode)(&value) {
            Ok(json) if json.len() <= self.terms.largest_answer => json,
            unfit => {
                // It happened, so nobody may run it again unless it is known to be harmless.
                held.interrupt().await;
                let cause = match unfit {
                    Ok(json) => NotStoredCause::TooLarge { size: json.len() },
                    Err(error) => NotStoredCause::Encode(error),
                };
                return not_stored(value, cause);
            }
        };
        let asked = Instant::now();
        match self.send_answer(&held, &json).await {
            Ok(Written::Done) => Ok(Answer {
                value,
                life: Life::Remaining {
                    asked: asked.into_std(),
                    remaining: self.terms.lifetime,
                },
            }),
            Ok(Written::Superseded(answer)) => self.recalled(&answer, asked),
            Ok(Written::Lost) => match self.answer_of_another(held.key(), held.pace()).await {
                Ok(Some(answer)) => Ok(answer),
                Ok(None) | Err(_) => not_stored(value, NotStoredCause::Lost),
            },
            Err(error) => not_stored(value, NotStoredCause::Store(error)),
        }
    }

    async fn send_answer<P: Pace>(
        &self,
        held: &Held<P>,
        json: &str,
    ) -> Result<Written, StoreError> {
        held.is_settled();
        let lifetime = self.terms.lifetime;
        let complete = Complete::new(held.key(), held.id(), json, lifetime);
        let give_up = Instant::now() + self.terms.lease.min(LONGEST_COMPLETION);
        let mut pauses = Pauses::new(LONGEST_PAUSE);
        loop {
            match self.store.complete(complete.clone()).await {
                Err(error) if may_pass(&error) && Instant::now() < give_up => {
                    held.pace().sleep(pauses.next()).await;
                }
                outcome => return outcome,
            }
        }
    }

    /// The answer of whoever has the key now, if anybody has, for a caller that lost its claim: it has
    /// no work left to run.
    pub(super) async fn answer_of_another<P: Pace>(
        &self,
        key: Key,
        pace: &P,
    ) -> Result<Option<Answer<V>>, Refusal<V>> {
        let mut wait = Wait::new(self.terms.wait, self.store.ends_with_lease());
        loop {
            let asked = Instant::now();
            let status = self.store.get(Get::new(key)).await;
            match status.map_err(RunError::Store)? {
                Status::Completed(answer) => return self.recalled(&answer, asked).map(Some),
                Status::InProgress { retry_after, .. } => {
                    let Some(pause) = wait.pause(retry_after) else {
                        return Err(RunError::InProgress { retry_after });
                    };
                    pace.sleep(pause).await;
                }
                Status::Absent | Status::Interrupted(_) | Status::Released { .. } => {
                    return Ok(None);
                }
            }
        }
    }

    pub(super) async fn get(&self, key: Key) -> Result<Option<Answer<V>>, StoreError> {
        let asked = Instant::now();
        let Status::Completed(answer) = self.store.get(Get::new(key)).await? else {
            return Ok(None);
        };
        self.read(&answer, asked).map(Some)
    }

    pub(super) async fn insert(&self, key: Key, value: V) -> Result<Answer<V>, StoreError> {
        let json = (self.codec.encode)(&value)?;
        if json.len() > self.terms.largest_answer {
            let message = format!("the answer has {} bytes, which is too many", json.len());
            return Err(StoreError::new(StoreErrorKind::TooLarge, message));
        }
        let asked = Instant::now();
        let lifetime = self.terms.lifetime;
        let insert = Insert::new(key, ClaimId::random(), &json, lifetime);
        match self.store.insert(insert).await? {
            Inserted::Superseded(answer) => self.read(&answer, asked),
            Inserted::Done => Ok(Answer {
                value,
                life: Life::Remaining {
                    asked: asked.into_std(),
                    remaining: lifetime,
                },
            }),
        }
    }

    pub(super) async fn resolve(
        &self,
        key: Key,
        answer: Option<&V>,
    ) -> Result<Resolved, StoreError> {
        let (id, lifetime) = (ClaimId::random(), self.terms.lifetime);
        let Some(answer) = answer else {
            let resolve = Resolve::not_done(key, id, lifetime);
            return self.store.resolve(resolve).await;
        };
        let json = (self.codec.encode)(answer)?;
        let resolve = Resolve::done(key, id, &json, lifetime);
        self.store.resolve(resolve).await
    }

    pub(super) async fn invalidate(&self, key: Key) -> Result<(), StoreError> {
        self.store.invalidate(Invalidate::new(key)).await
    }

    pub(super) async fn sweep(&self, limit: usize) -> Result<usize, StoreError> {
        self.store.sweep(Sweep::new(limit)).await
    }

    fn read(&self, stored: &StoredAnswer, asked: Instant) -> Result<Answer<V>, StoreError> {
        let value = (self.codec.decode)(&stored.json)?;
        let life = Life::Remaining {
            asked: asked.into_std(),
            remaining: stored.remaining,
        };
        Ok(Answer { value, life })
    }
}

fn may_pass(error: &StoreError) -> bool {
    error.kind() == StoreErrorKind::Unavailable
}

pub(super) fn outcome_unknown<E, V>(unknown: Unknown) -> RunError<E, V> {
    RunError::OutcomeUnknown {
        attempt: unknown.attempt,
        since: time(unknown.since),
    }
}

fn time(micros: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_micros(micros)
}

/// Gives a claim back of which nobody heard whether it was granted.
struct GiveBack<P: Pace> {
    held: Option<(Arc<dyn Store>, super::store::Release, P)>,
}

impl<P: Pace> GiveBack<P> {
    fn new<V: Clone>(remote: &Remote<V>, key: Key, id: ClaimId, pace: P) -> Self {
        let release = super::store::Release::new(key, id, remote.terms.lifetime);
        Self {
            held: Some((remote.store.clone(), release, pace)),
        }
    }

    fn heard(mut self) {
        self.held = None;
    }
}

impl<P: Pace> Drop for GiveBack<P> {
    fn drop(&mut self) {
        if let Some((store, release, pace)) = self.held.take() {
            // If this fails too, the lease ends by itself.
            pace.detach(async move { drop(store.release(release).await) });
        }
    }
}

/// How long a caller waits, and in which steps.
struct Wait {
    until: Instant,
    pauses: Pauses,
    at_once: bool,
}

impl Wait {
    fn new(at_most: Duration, ends_with_lease: bool) -> Self {
        let longest = if ends_with_lease {
            LONGEST_PAUSE
        } else {
            LONGEST_PAUSE_WITHOUT_LEASE
        };
        let now = Instant::now();
        Self {
            until: now.checked_add(at_most).unwrap_or(now + LONGEST_WAIT),
            pauses: Pauses::new(longest),
            at_once: at_most.is_zero(),
        }
    }

    /// How long to pause before asking again, or nothing if that is enough of waiting. It is not past
    /// the lease, when the key may be free.
    fn pause(&mut self, lease: Duration) -> Option<Duration> {
        let left = self.until.saturating_duration_since(Instant::now());
        if self.at_once || left.is_zero() {
            return None;
        }
        let pause = self.pauses.next().min(left);
        Some(if lease.is_zero() {
            pause
        } else {
            pause.min(lease)
        })
    }
}

const LONGEST_WAIT: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// Pauses that grow, each shortened at random, so that those who wait do not ask in step.
struct Pauses {
    next: Duration,
    longest: Duration,
}

impl Pauses {
    fn new(longest: Duration) -> Self {
        Self {
            next: FIRST_PAUSE,
            longest,
        }
    }

    fn next(&mut self) -> Duration {
        let pause = self.next.min(self.longest);
        self.next = pause.mul_f64(GROWTH);
        let (random, _) = Uuid::new_v4().as_u64_pair();
        let share = f64::from((random >> 48) as u16) / f64::from(u16::MAX);
        pause.mul_f64(0.5 + share / 2.0)
    }
}
