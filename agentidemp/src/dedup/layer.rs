//! [`Layer`]: what the two faces share. It remembers, counts and tells, and does what needs no work to be
//! run. How callers wait for one another in this process is the faces' affair.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::time::Instant;

use super::figures::Counters;
use super::flights::{Flights, Seat};
use super::local::Local;
use super::memory::system_time;
use super::remote::Remote;
use super::run_error::SharedError;
use super::store::{Grant, Resolved};
use super::{Event, Figures, RunError, StoreError};
use crate::Key;

pub(super) type RememberIf<V> = Arc<dyn Fn(&V) -> bool + Send + Sync>;
pub(super) type Hook = Arc<dyn Fn(&Key, Event) + Send + Sync>;

/// What those who wait for a flight are told.
pub(super) type Outcome<V> = Result<V, RunError<SharedError, V>>;

/// What the caller of a flight gets, and what those who wait for it are told.
pub(super) type Landed<V, E> = (Result<V, RunError<E, V>>, Option<Outcome<V>>);

/// `G` is the gate at which callers wait for a flight.
pub(super) struct Layer<V, G> {
    local: Option<Local<V>>,
    pub(super) remote: Option<Remote<V>>,
    pub(super) flights: Flights<G>,
    /// How long a caller waits for somebody else; without end where it is `None`.
    pub(super) wait: Option<Duration>,
    remember_if: Option<RememberIf<V>>,
    hook: Option<Hook>,
    counters: Counters,
    last_token: AtomicU64,
}

/// An answer that is on its way to the caller.
pub(super) struct Answer<V> {
    pub(super) value: V,
    pub(super) life: Life,
}

/// How long an answer may be kept in memory.
#[derive(Clone, Copy)]
pub(super) enum Life {
    /// As long as any: it was given now.
    Full,
    /// What the store said when it was asked.
    Remaining {
        asked: Instant,
        remaining: Option<Duration>,
    },
    /// Not at all.
    None,
}

impl<V: Clone + Send + Sync + 'static, G: Default> Layer<V, G> {
    pub(super) fn new(
        local: Option<Local<V>>,
        remote: Option<Remote<V>>,
        wait: Option<Duration>,
        remember_if: Option<RememberIf<V>>,
        hook: Option<Hook>,
    ) -> Self {
        Self {
            local,
            remote,
            flights: Flights::new(),
            wait,
            remember_if,
            hook,
            counters: Counters::default(),
            last_token: AtomicU64::new(0),
        }
    }
}

impl<V: Clone + Send + Sync + 'static, G> Layer<V, G> {
    #[inline]
    pub(super) fn tell(&self, key: &Key, event: Event) {
        self.counters.count(event);
        if let Some(hook) = &self.hook {
            hook(key, event);
        }
    }

    /// The answer in memory, which counts as a hit.
    #[inline]
    pub(super) fn hit(&self, key: &Key) -> Option<V> {
        let answer = self.local.as_ref()?.get(key)?;
        self.tell(key, Event::Hit);
        Some(answer)
    }

    pub(super) fn figures(&self) -> Figures {
        let entries = self.local.as_ref().map_or(0, Local::entries);
        self.counters.figures(entries)
    }

    pub(super) fn is_worth_remembering(&self, answer: &V) -> bool {
        self.remember_if.as_ref().is_none_or(|worth| worth(answer))
    }

    /// The grant of an attempt in memory, where nobody else can claim.
    pub(super) fn local_grant(&self, attempt: u64) -> Grant {
        let now = system_time();
        let next = |last: u64| (last + 1).max(now);
        let last = self
            .last_token
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| {
                Some(next(last))
            });
        let token = last.map_or(now, next);
        Grant::new(attempt, token, attempt - 1)
    }

    /// Ends a flight: remembers its answer unless it was invalidated, and says what the caller gets
    /// and what those who wait get. That is nothing where the next of them should see for itself.
    pub(super) fn land<E: core::fmt::Debug + core::fmt::Display>(
        &self,
        seat: &Seat<'_, G>,
        flown: Result<Answer<V>, RunError<E, V>>,
    ) -> Landed<V, E> {
        let life = flown.as_ref().map_or(Life::None, |answer| answer.life);
        let result = match flown {
            Ok(answer) => Ok(answer.value),
            // Whoever invalidates wants the record to be gone.
            Err(RunError::NotStored { answer, .. }) if !seat.is_current() => Ok(answer),
            Err(error) => Err(error),
        };
        seat.land(|| {
            if let Ok(value) = &result {
                self.keep(seat.key(), value, life);
            }
        });
        let outcome = match &result {
            Ok(value) => Some(Ok(value.clone())),
            Err(error) => error.share().map(Err),
        };
        (result, outcome)
    }

    fn keep(&self, key: Key, value: &V, life: Life) {
        let Some(local) = &self.local else { return };
        match life {
            Life::None => {}
            Life::Full => local.insert(key, value.clone()),
            Life::Remaining { asked, remaining } => {
                local.insert_until(key, value.clone(), asked, remaining);
            }
        }
    }

    pub(super) async fn get(&self, key: &Key) -> Result<Option<V>, StoreError> {
        if let Some(answer) = self.local.as_ref().and_then(|local| local.get(key)) {
            return Ok(Some(answer));
        }
        let Some(remote) = &self.remote else {
            return Ok(None);
        };
        Ok(remote.get(*key).await?.map(|answer| answer.value))
    }

    pub(super) async fn insert(&self, key: &Key, answer: V) -> Result<V, StoreError> {
        let answer = match &self.remote {
            Some(remote) => remote.insert(*key, answer).await?.value,
            None => answer,
        };
        let mut standing = None;
        let keep = || standing = Some(self.keep_unless_known(*key, answer.clone()));
        self.flights.part_with(key, keep);
        Ok(standing.unwrap_or(answer))
    }

    fn keep_unless_known(&self, key: Key, answer: V) -> V {
        let Some(local) = &self.local else {
            return answer;
        };
        if let Some(earlier) = local.get(&key) {
            return earlier;
        }
        local.insert(key, answer.clone());
        answer
    }

    pub(super) async fn resolve(
        &self,
        key: &Key,
        answer: Option<&V>,
    ) -> Result<Resolved, StoreError> {
        match &self.remote {
            Some(remote) => remote.resolve(*key, answer).await,
            None => Ok(Resolved::NothingUnknown),
        }
    }

    pub(super) async fn invalidate(&self, key: &Key) -> Result<(), StoreError> {
        // The store comes first: what was asked of it before is in a flight that parts below.
        if let Some(remote) = &self.remote {
            remote.invalidate(*key).await?;
        }
        self.flights.part_with(key, || {
            if let Some(local) = &self.local {
                local.remove(key);
            }
        });
        Ok(())
    }

    pub(super) async fn sweep(&self, limit: usize) -> Result<usize, StoreError> {
        match &self.remote {
            Some(remote) => remote.sweep(limit).await,
            None => Ok(0),
        }
    }
}
