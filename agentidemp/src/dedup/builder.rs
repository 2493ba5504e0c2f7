//! [`Builder`]: the bounds of a dedup layer, for both of its faces.

use alloc::sync::Arc;
use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;
use std::time::Instant;

use super::lifetime::{Clock, Lifetime};
use super::{Dedup, blocking};

const CAPACITY: u64 = 10_000;
const TIME_TO_LIVE: Duration = Duration::from_secs(600);

/// Sets the bounds of a dedup layer, then builds it. `D` is what it builds: [`Dedup`] or
/// [`blocking::Dedup`].
///
/// ```
/// use std::time::Duration;
///
/// use agentidemp::dedup::Dedup;
///
/// let dedup: Dedup<String> = Dedup::builder()
///     .capacity(1_000)
///     .time_to_live(Duration::from_secs(60))
///     .build();
/// ```
#[must_use]
pub struct Builder<D> {
    pub(super) capacity: u64,
    time_to_live: Duration,
    clock: Clock,
    builds: PhantomData<fn() -> D>,
}

impl<D> Builder<D> {
    pub(super) fn new() -> Self {
        Self {
            capacity: CAPACITY,
            time_to_live: TIME_TO_LIVE,
            clock: Arc::new(Instant::now),
            builds: PhantomData,
        }
    }

    /// How many answers are remembered at most: 10,000, unless set. The least recently used go
    /// first.
    ///
    /// With 0 nothing is remembered, and only concurrent calls share their work.
    pub fn capacity(mut self, entries: u64) -> Self {
        self.capacity = entries;
        self
    }

    /// How long an answer is remembered, from when it was given: ten minutes, unless set.
    ///
    /// With zero nothing is remembered, and only concurrent calls share their work.
    pub fn time_to_live(mut self, duration: Duration) -> Self {
        self.time_to_live = duration;
        self
    }

    /// The clock that time to live is measured with: [`Instant::now`], unless set.
    ///
    /// It is for tests, which need not sleep then. In a test of tokio's with paused time,
    /// `.clock(|| tokio::time::Instant::now().into_std())`.
    pub fn clock(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(now);
        self
    }

    pub(super) fn lifetime(&self) -> Lifetime {
        Lifetime::new(self.time_to_live, self.clock.clone())
    }
}

impl<V: Clone + Send + Sync + 'static> Builder<Dedup<V>> {
    /// Builds the layer.
    #[must_use]
    pub fn build(self) -> Dedup<V> {
        Dedup::new(&self)
    }
}

impl<V: Clone + Send + Sync + 'static> Builder<blocking::Dedup<V>> {
    /// Builds the layer.
    #[must_use]
    pub fn build(self) -> blocking::Dedup<V> {
        blocking::Dedup::new(&self)
    }
}

impl<D> fmt::Debug for Builder<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("capacity", &self.capacity)
            .field("time_to_live", &self.time_to_live)
            .finish_non_exhaustive()
    }
}
