//! The dedup layer for threads. Its twin for tasks is [`super::Dedup`].
//!
//! ```
//! use agentidemp::dedup::blocking::Dedup;
//!
//! let dedup = Dedup::builder().build();
//! let key = agentidemp::sha256_hex(b"question");
//! let answers: Vec<_> = std::thread::scope(|scope| {
//!     let callers = [(); 4].map(|()| scope.spawn(|| dedup.run(&key, || Ok::<_, ()>(42))));
//!     callers.into_iter().map(|caller| caller.join()).collect()
//! });
//!
//! assert!(answers.into_iter().all(|answer| matches!(answer, Ok(Ok(42)))));
//! assert_eq!(dedup.figures().misses, 1);
//! ```

use alloc::sync::Arc;
use core::fmt;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

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
/// It blocks the thread while it waits. In async code use [`crate::dedup::Dedup`].
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
    /// or error.
    ///
    /// ```
    /// use agentidemp::dedup::blocking::Dedup;
    ///
    /// let dedup = Dedup::builder().build();
    /// let key = agentidemp::sha256_hex(b"question");
    ///
    /// let failed = dedup.run(&key, || Err("try again later"));
    /// assert_eq!(*failed.unwrap_err(), "try again later");
    ///
    /// let answer = dedup.run(&key, || Ok::<_, &str>(42));
    /// assert_eq!(answer, Ok(42));
    ///
    /// let recalled = dedup.run(&key, || Err("not run"));
    /// assert_eq!(recalled, Ok(42));
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
    /// it, one after the other, panicked: moka stops there, so that it does not go on forever.
    pub fn run<F, E>(&self, key: &Key, work: F) -> Result<V, Arc<E>>
    where
        F: FnOnce() -> Result<V, E>,
        E: Send + Sync + 'static,
    {
        if let Some(answer) = self.get(key) {
            self.counters.hit();
            return Ok(answer);
        }
        let mut ran = false;
        let flight = || {
            ran = true;
            self.counters.miss();
            work().map(|answer| self.lifetime.start(answer))
        };
        let result = self.cache.try_get_with_by_ref(key, flight);
        if !ran {
            self.counters.shared_flight();
        }
        result.map(|remembered| remembered.answer)
    }

    /// The remembered answer to the key, if there is one.
    ///
    /// The entry counts as used. The figures do not change.
    #[must_use]
    pub fn get(&self, key: &Key) -> Option<V> {
        let remembered = self.cache.get(key)?;
        if self.lifetime.is_over(&remembered) {
            self.cache
                .entry_by_ref(key)
                .and_compute_with(|entry| self.lifetime.remove_if_over(entry));
            return None;
        }
        Some(remembered.answer)
    }

    /// Forgets the answer to the key.
    ///
    /// A call that is running goes on, and its answer will be remembered.
    pub fn invalidate(&self, key: &Key) {
        self.cache.invalidate(key);
    }

    /// What the layer has done so far.
    ///
    /// It does the cache's pending work first, so that the number of entries is exact.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.cache.run_pending_tasks();
        self.counters.figures(self.cache.entry_count())
    }
}

impl<V> fmt::Debug for Dedup<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dedup").finish_non_exhaustive()
    }
}
