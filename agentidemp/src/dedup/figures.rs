//! [`Figures`]: what a dedup layer has done so far.

use core::sync::atomic::{AtomicU64, Ordering};

/// What a dedup layer has done so far.
///
/// Each call of `run` that comes to an end is one of a hit, a miss and a shared flight.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Figures {
    /// Calls that were answered from memory.
    pub hits: u64,
    /// Calls that ran their work, whatever came of it.
    pub misses: u64,
    /// Calls that waited for the work of another call, and got its answer or its error.
    pub shared_flights: u64,
    /// Answers in memory now.
    pub entries: u64,
}

#[derive(Default)]
pub(super) struct Counters {
    hits: AtomicU64,
    misses: AtomicU64,
    shared_flights: AtomicU64,
}

impl Counters {
    pub(super) fn hit(&self) {
        self.hits.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn miss(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn shared_flight(&self) {
        self.shared_flights.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn figures(&self, entries: u64) -> Figures {
        Figures {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            shared_flights: self.shared_flights.load(Ordering::Relaxed),
            entries,
        }
    }
}
