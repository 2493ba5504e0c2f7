//! [`MemoryStore`]: records in memory, for tests and for layers that share one process.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use super::store::{
    Change, Claim, Claimed, Complete, Get, Insert, Inserted, Interrupt, Invalidate, Moment,
    Operation, Record, Release, Renew, Resolve, Resolved, Status, Store, StoreFuture, Sweep,
    Written,
};
use crate::Key;

/// A store in memory. It dies with its process; a clone shares its records.
///
/// A dedup layer without a store is faster. This one is for tests, where several layers share it as
/// several processes would share a server, and time is what the test says:
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU64, Ordering};
///
/// use agentidemp::dedup::store::MemoryStore;
///
/// let micros = Arc::new(AtomicU64::new(1_767_225_600_000_000));
/// let clock = micros.clone();
/// let store = MemoryStore::with_clock(move || clock.load(Ordering::Relaxed));
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

struct Shared {
    now: Box<dyn Fn() -> u64 + Send + Sync>,
    records: Mutex<Records>,
}

#[derive(Default)]
struct Records {
    of_keys: HashMap<Key, Record>,
    /// The greatest token that a removed record had.
    last_token: u64,
}

impl MemoryStore {
    /// An empty store that goes by the system's clock.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(system_time)
    }

    /// An empty store that goes by `now`, in microseconds since 1970.
    pub fn with_clock(now: impl Fn() -> u64 + Send + Sync + 'static) -> Self {
        Self {
            shared: Arc::new(Shared {
                now: Box::new(now),
                records: Mutex::default(),
            }),
        }
    }

    /// The record of a key as it stands, even where its retention is over.
    #[must_use]
    pub fn record(&self, key: &Key) -> Option<Record> {
        self.records().of_keys.get(key).cloned()
    }

    fn records(&self) -> MutexGuard<'_, Records> {
        let records = &self.shared.records;
        // No change is left half done, so a panic elsewhere does not matter.
        records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn apply<'a, O: Operation + Send + 'a>(&'a self, operation: O) -> StoreFuture<'a, O::Outcome> {
        Box::pin(async move { Ok(self.records().apply(&operation, (self.shared.now)())) })
    }
}

impl Records {
    fn apply<O: Operation>(&mut self, operation: &O, now: u64) -> O::Outcome {
        let key = operation.key();
        let moment = Moment::at(now).with_last_token(self.last_token);
        let step = operation.apply(self.of_keys.get(&key), &moment);
        match step.change {
            Change::Keep => {}
            Change::Put(record) => {
                self.of_keys.insert(key, record);
            }
            Change::Remove => self.remove(&key),
        }
        step.outcome
    }

    fn remove(&mut self, key: &Key) {
        if let Some(record) = self.of_keys.remove(key) {
            self.last_token = self.last_token.max(record.token);
        }
    }

    fn sweep(&mut self, limit: usize, now: u64) -> usize {
        let moment = Moment::at(now);
        let over = self
            .of_keys
            .iter()
            .filter(|(_, record)| record.is_over(&moment));
        let over: Vec<Key> = over.map(|(key, _)| *key).take(limit).collect();
        for key in &over {
            self.remove(key);
        }
        over.len()
    }
}

impl Default for MemoryStore {
    fn default() -> Self {
        Self::new()
    }
}

impl Store for MemoryStore {
    fn claim(&self, claim: Claim) -> StoreFuture<'_, Claimed> {
        self.apply(claim)
    }

    fn renew(&self, renew: Renew) -> StoreFuture<'_, Written> {
        self.apply(renew)
    }

    fn complete<'a>(&'a self, complete: Complete<'a>) -> StoreFuture<'a, Written> {
        self.apply(complete)
    }

    fn release(&self, release: Release) -> StoreFuture<'_, Written> {
        self.apply(release)
    }

    fn interrupt(&self, interrupt: Interrupt) -> StoreFuture<'_, Written> {
        self.apply(interrupt)
    }

    fn get(&self, get: Get) -> StoreFuture<'_, Status> {
        self.apply(get)
    }

    fn insert<'a>(&'a self, insert: Insert<'a>) -> StoreFuture<'a, Inserted> {
        self.apply(insert)
    }

    fn resolve<'a>(&'a self, resolve: Resolve<'a>) -> StoreFuture<'a, Resolved> {
        self.apply(resolve)
    }

    fn invalidate(&self, invalidate: Invalidate) -> StoreFuture<'_, ()> {
        self.apply(invalidate)
    }

    fn sweep(&self, sweep: Sweep) -> StoreFuture<'_, usize> {
        Box::pin(async move { Ok(self.records().sweep(sweep.limit, (self.shared.now)())) })
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("records", &self.records().of_keys.len())
            .finish_non_exhaustive()
    }
}

/// The system's clock, in microseconds since 1970.
pub(super) fn system_time() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |time| {
        u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
    })
}
