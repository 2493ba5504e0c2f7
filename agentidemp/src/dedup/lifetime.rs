//! How long an answer is good for.
//!
//! moka drops what is too old by itself, but by a clock that cannot be set from outside. So the age
//! of an answer is checked here as well, by a clock that a test can set.

use alloc::sync::Arc;
use core::time::Duration;
use std::time::Instant;

use moka::Entry;
use moka::ops::compute::Op;

use crate::Key;

pub(super) type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// moka panics on more than a thousand years.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// An answer, and when it was given.
#[derive(Clone)]
pub(super) struct Remembered<V> {
    pub(super) answer: V,
    given: Instant,
}

#[derive(Clone)]
pub(super) struct Lifetime {
    time_to_live: Duration,
    now: Clock,
}

impl Lifetime {
    pub(super) fn new(time_to_live: Duration, now: Clock) -> Self {
        Self {
            time_to_live: time_to_live.min(LONGEST),
            now,
        }
    }

    pub(super) fn time_to_live(&self) -> Duration {
        self.time_to_live
    }

    pub(super) fn start<V>(&self, answer: V) -> Remembered<V> {
        Remembered {
            answer,
            given: (self.now)(),
        }
    }

    pub(super) fn is_over<V>(&self, remembered: &Remembered<V>) -> bool {
        (self.now)().saturating_duration_since(remembered.given) >= self.time_to_live
    }

    /// Removes an entry that is too old, and no other: somebody else may have replaced it by now.
    pub(super) fn remove_if_over<V: Clone + Send + Sync + 'static>(
        &self,
        entry: Option<Entry<Key, Remembered<V>>>,
    ) -> Op<Remembered<V>> {
        match entry {
            Some(entry) if self.is_over(entry.value()) => Op::Remove,
            _ => Op::Nop,
        }
    }
}
