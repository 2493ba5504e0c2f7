//! Stores keep the rules.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use agentidemp::dedup::conformance::{self, Harness, HarnessFuture};
use agentidemp::dedup::store::{MemoryStore, Store};

/// A store in memory whose clock stands still until it is moved.
struct Memory {
    store: MemoryStore,
    micros: Arc<AtomicU64>,
}

impl Memory {
    fn new() -> Self {
        let micros = Arc::new(AtomicU64::new(1_767_225_600_000_000));
        let clock = micros.clone();
        let store = MemoryStore::with_clock(move || clock.load(Ordering::Relaxed));
        Self { store, micros }
    }
}

impl Harness for Memory {
    fn open(&self) -> HarnessFuture<'_, Box<dyn Store>> {
        Box::pin(async { Box::new(self.store.clone()) as Box<dyn Store> })
    }

    fn wait(&self, duration: Duration) -> HarnessFuture<'_, ()> {
        let micros = u64::try_from(duration.as_micros()).unwrap();
        self.micros.fetch_add(micros, Ordering::Relaxed);
        Box::pin(async {})
    }
}

#[tokio::test]
async fn the_store_in_memory_keeps_the_rules() {
    conformance::check(&Memory::new()).await;
}
