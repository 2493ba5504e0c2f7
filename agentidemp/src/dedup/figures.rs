//! [`Figures`] and [`Event`]: what a dedup layer has done so far, and what it does now.

use core::sync::atomic::{AtomicU64, Ordering};

/// What a dedup layer has done so far.
///
/// Each call of `run` that comes to an end is one of a hit, a recall, a shared flight, a miss and a
/// refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Figures {
    /// Calls that were answered from this process' memory.
    pub hits: u64,
    /// Calls that were answered from the store.
    pub recalls: u64,
    /// Calls that waited for the work of another call in this process, and got what it got.
    pub shared_flights: u64,
    /// Calls that ran their work, whatever came of it.
    pub misses: u64,
    /// Calls that neither ran nor were answered: in progress elsewhere, outcome unknown, store down.
    pub refusals: u64,
    /// Calls that found the work in progress in another process, and waited for it.
    pub waits: u64,
    /// Attempts that ran after an interrupted one.
    pub takeovers: u64,
    /// Claims that were lost while their work ran.
    pub lost_claims: u64,
    /// Answers that could not be stored.
    pub not_stored: u64,
    /// Answers in this process' memory now.
    pub entries: u64,
}

/// Something that a dedup layer does, as its hook is told: one counter of [`Figures`] rises by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Event {
    /// A call was answered from this process' memory.
    Hit,
    /// A call was answered from the store.
    Recall,
    /// A call got what another call in this process got.
    SharedFlight,
    /// A call runs its work.
    Miss,
    /// A call neither ran nor was answered.
    Refusal,
    /// A call waits for another process.
    Wait,
    /// An attempt runs after an interrupted one.
    Takeover,
    /// A claim was lost.
    LostClaim,
    /// An answer could not be stored.
    NotStored,
}

#[derive(Default)]
pub(super) struct Counters {
    counts: [AtomicU64; 9],
}

impl Counters {
    #[inline]
    pub(super) fn count(&self, event: Event) {
        self.counts[event as usize].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn figures(&self, entries: u64) -> Figures {
        let count = |event: Event| self.counts[event as usize].load(Ordering::Relaxed);
        Figures {
            hits: count(Event::Hit),
            recalls: count(Event::Recall),
            shared_flights: count(Event::SharedFlight),
            misses: count(Event::Miss),
            refusals: count(Event::Refusal),
            waits: count(Event::Wait),
            takeovers: count(Event::Takeover),
            lost_claims: count(Event::LostClaim),
            not_stored: count(Event::NotStored),
            entries,
        }
    }
}
