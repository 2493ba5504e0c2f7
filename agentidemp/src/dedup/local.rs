//! [`Local`]: the answers in this process' memory. moka does the caching.
//!
//! moka drops what is too old by itself, but by a clock that cannot be set from outside, and after
//! one time for all. Where a test sets the clock, or a store says how long an answer lives, the end
//! is kept beside the answer and checked here.

use alloc::sync::Arc;
use core::time::Duration;
use std::time::Instant;

use moka::ops::compute::Op;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::Key;

pub(super) type Clock = Arc<dyn Fn() -> Instant + Send + Sync>;

/// moka panics on more than a thousand years.
const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);

/// An answer, and when it ends if moka does not know.
#[derive(Clone)]
struct Remembered<V> {
    answer: V,
    until: Option<Instant>,
}

pub(super) struct Local<V> {
    cache: Cache<Key, Remembered<V>>,
    time_to_live: Duration,
    clock: Option<Clock>,
}

impl<V: Clone + Send + Sync + 'static> Local<V> {
    pub(super) fn new(capacity: u64, time_to_live: Duration, clock: Option<Clock>) -> Self {
        let time_to_live = time_to_live.min(LONGEST);
        Self {
            cache: Cache::builder()
                .max_capacity(capacity)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(time_to_live)
                .build(),
            time_to_live,
            clock,
        }
    }

    pub(super) fn now(&self) -> Instant {
        self.clock.as_ref().map_or_else(Instant::now, |now| now())
    }

    #[inline]
    pub(super) fn get(&self, key: &Key) -> Option<V> {
        let remembered = self.cache.get(key)?;
        if self.is_over(&remembered) {
            self.remove_if_over(key);
            return None;
        }
        Some(remembered.answer)
    }

    /// Remembers an answer that was given now.
    pub(super) fn insert(&self, key: Key, answer: V) {
        let until = self.clock.is_some().then(|| self.end(self.now()));
        self.cache.insert(key, Remembered { answer, until });
    }

    /// Remembers an answer of which a store said at `asked` that it has `remaining` to live.
    pub(super) fn insert_until(
        &self,
        key: Key,
        answer: V,
        asked: Instant,
        remaining: Option<Duration>,
    ) {
        let remaining = remaining.map_or(self.time_to_live, |time| time.min(self.time_to_live));
        let until = asked.checked_add(remaining);
        self.cache.insert(key, Remembered { answer, until });
    }

    pub(super) fn remove(&self, key: &Key) {
        self.cache.invalidate(key);
    }

    /// How many answers there are, exactly: moka's pending work is done first.
    pub(super) fn entries(&self) -> u64 {
        self.cache.run_pending_tasks();
        self.cache.entry_count()
    }

    fn end(&self, from: Instant) -> Instant {
        from.checked_add(self.time_to_live).unwrap_or(from)
    }

    fn is_over(&self, remembered: &Remembered<V>) -> bool {
        remembered.until.is_some_and(|end| self.now() >= end)
    }

    /// Removes an entry that is too old, and no other: somebody else may have replaced it by now.
    fn remove_if_over(&self, key: &Key) {
        self.cache
            .entry_by_ref(key)
            .and_compute_with(|entry| match entry {
                Some(entry) if self.is_over(entry.value()) => Op::Remove,
                _ => Op::Nop,
            });
    }
}
