//! [`Dedup`]: the dedup layer for tasks. Its twin for threads is in `blocking.rs`.

use alloc::sync::Arc;
use core::fmt;

use moka::future::Cache;
use moka::policy::EvictionPolicy;

use super::figures::Counters;
use super::lifetime::{Lifetime, Remembered};
use super::{Builder, Figures};
use crate::Key;

/// Runs the work of a key once, and remembers its answer for a while.
///
/// What it promises, and what may run twice, is in the documentation of the
/// [module](crate::dedup). A clone shares the memory of the original. An answer is cloned for each
/// caller; put one that is costly to clone behind an [`Arc`].
///
/// It runs on any executor.
#[derive(Clone)]
pub struct Dedup<V> {
    cache: Cache<Key, Remembered<V>>,
    lifetime: Lifetime,
    counters: Arc<Counters>,
}

impl<V: Clone + Send + Sync + 'static> Dedup<V> {
    /// A builder with which to set the bounds.
    pub fn builder() -> Builder<Self> {
        Builder::new()
    }

    pub(super) fn new(builder: &Builder<Self>) -> Self {
        let lifetime = builder.lifetime();
        Self {
            cache: Cache::builder()
                .max_capacity(builder.capacity)
                .eviction_policy(EvictionPolicy::lru())
                .time_to_live(lifetime.time_to_live())
                .build(),
            lifetime,
            counters: Arc::default(),
        }
    }

    /// The remembered answer to the key, or else the answer of `work`, which is remembered if it is
    /// `Ok`.
    ///
    /// Where another call with the key is running its work, this one waits and gets the same answer
    /// or error. Dropping the future is safe at any point: one of those who wait runs its own work.
    ///
    /// ```
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// use agentidemp::dedup::Dedup;
    ///
    /// let dedup = Dedup::builder().build();
    /// let key = agentidemp::sha256_hex(b"question");
    ///
    /// let failed = dedup.run(&key, async || Err("try again later")).await;
    /// assert_eq!(*failed.unwrap_err(), "try again later");
    ///
    /// let answer = dedup.run(&key, async || Ok::<_, &str>(42)).await;
    /// assert_eq!(answer, Ok(42));
    ///
    /// let recalled = dedup.run(&key, async || Err("not run")).await;
    /// assert_eq!(recalled, Ok(42));
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// The error of `work`, shared among those who waited for it. It is not remembered. Where `E` is
    /// an error, so is `Arc<E>`, and `?` turns it into a `Box<dyn Error>` as usual.
    ///
    /// # Panics
    ///
    /// Where `work` panics; those who wait do not. And where this call waited while 200 others before
    /// it, one after the other, gave up or panicked: moka stops there, so that it does not go on
    /// forever.
    pub async fn run<F, W, E>(&self, key: &Key, work: F) -> Result<V, Arc<E>>
    where
        F: FnOnce() -> W,
        W: Future<Output = Result<V, E>>,
        E: Send + Sync + 'static,
    {
        if let Some(answer) = self.get(key).await {
            self.counters.hit();
            return Ok(answer);
        }
        let mut ran = false;
        let flight = async {
            ran = true;
            self.counters.miss();
            work().await.map(|answer| self.lifetime.start(answer))
        };
        let result = self.cache.try_get_with_by_ref(key, flight).await;
        if !ran {
            self.counters.shared_flight();
        }
        result.map(|remembered| remembered.answer)
    }

    /// The remembered answer to the key, if there is one.
    ///
    /// The entry counts as used. The figures do not change.
    pub async fn get(&self, key: &Key) -> Option<V> {
        let remembered = self.cache.get(key).await?;
        if self.lifetime.is_over(&remembered) {
            self.cache
                .entry_by_ref(key)
                .and_compute_with(async |entry| self.lifetime.remove_if_over(entry))
                .await;
            return None;
        }
        Some(remembered.answer)
    }

    /// Forgets the answer to the key.
    ///
    /// A call that is running goes on, and its answer will be remembered.
    pub async fn invalidate(&self, key: &Key) {
        self.cache.invalidate(key).await;
    }

    /// What the layer has done so far.
    ///
    /// It does the cache's pending work first, so that the number of entries is exact.
    pub async fn figures(&self) -> Figures {
        self.cache.run_pending_tasks().await;
        self.counters.figures(self.cache.entry_count())
    }
}

impl<V> fmt::Debug for Dedup<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dedup").finish_non_exhaustive()
    }
}
