//! [`Builder`]: the settings of a dedup layer, for both of its faces.

use alloc::sync::Arc;
use core::fmt;
use core::marker::PhantomData;
use core::time::Duration;
use std::time::Instant;

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

use super::codec::Codec;
use super::layer::{Hook, Layer, RememberIf};
use super::local::{Clock, Local};
use super::remote::{Remote, Terms};
use super::store::Store;
use super::{Abandoned, Dedup, Event, blocking};
use crate::Key;

const CAPACITY: u64 = 10_000;
const LIFETIME_IN_MEMORY: Duration = Duration::from_secs(600);
const LIFETIME_IN_STORE: Duration = Duration::from_secs(24 * 60 * 60);
const LEASE: Duration = Duration::from_secs(30);
const WAIT: Duration = Duration::from_secs(60);
pub(super) const LARGEST_ANSWER: usize = 1 << 20;

/// Sets up a dedup layer, then builds it. `V` is the type of the answers, and `D` is what it builds:
/// [`Dedup`] or [`blocking::Dedup`].
///
/// ```
/// use std::time::Duration;
///
/// use agentidemp::dedup::{Abandoned, Dedup, store::MemoryStore};
///
/// let in_memory: Dedup<String> = Dedup::builder()
///     .capacity(1_000)
///     .time_to_live(Duration::from_secs(60))
///     .build();
///
/// let in_a_store: Dedup<String> = Dedup::builder()
///     .store(MemoryStore::new())
///     .abandoned(Abandoned::Refuse)
///     .build();
/// ```
#[must_use]
pub struct Builder<V, D> {
    capacity: u64,
    lifetime: Lifetime,
    clock: Option<Clock>,
    store: Option<(Arc<dyn Store>, Codec<V>)>,
    keep_in_memory: Option<Duration>,
    lease: Duration,
    wait: Option<Duration>,
    abandoned: Abandoned,
    largest_answer: usize,
    run_without_store: bool,
    remember_if: Option<RememberIf<V>>,
    hook: Option<Hook>,
    pub(super) runtime: Option<tokio::runtime::Handle>,
    builds: PhantomData<fn() -> D>,
}

/// How long answers live.
enum Lifetime {
    Usual,
    Set(Duration),
    Endless,
}

impl<V, D> Builder<V, D> {
    pub(super) fn new() -> Self {
        Self {
            capacity: CAPACITY,
            lifetime: Lifetime::Usual,
            clock: None,
            store: None,
            keep_in_memory: None,
            lease: LEASE,
            wait: None,
            abandoned: Abandoned::default(),
            largest_answer: LARGEST_ANSWER,
            run_without_store: false,
            remember_if: None,
            hook: None,
            runtime: None,
            builds: PhantomData,
        }
    }

    /// Where the layer remembers: in this process' memory, unless set. See the
    /// [module](crate::dedup#stores) for the stores that there are.
    pub fn store(mut self, store: impl Store) -> Self
    where
        V: Serialize + DeserializeOwned,
    {
        self.store = Some((Arc::new(store), Codec::json()));
        self
    }

    /// How many answers are in memory at most: 10,000, unless set. The least recently used go first.
    ///
    /// With 0 nothing is kept in memory, and only concurrent calls share their work.
    pub fn capacity(mut self, entries: u64) -> Self {
        self.capacity = entries;
        self
    }

    /// How long an answer is remembered, from when it was given: ten minutes in memory and 24 hours
    /// in a store, unless set. A store keeps what it knows of attempts for as long.
    ///
    /// With zero nothing is remembered, and only concurrent calls share their work.
    pub fn time_to_live(mut self, duration: Duration) -> Self {
        self.lifetime = Lifetime::Set(duration);
        self
    }

    /// Answers are remembered without end, or in memory until there is no room.
    pub fn remember_without_end(mut self) -> Self {
        self.lifetime = Lifetime::Endless;
        self
    }

    /// Keeps a copy of each answer of the store in memory, for this long at most and never longer
    /// than the store does: not at all, unless set.
    ///
    /// A copy saves the way to the store. An answer that another process invalidates may be given
    /// out for as long as the copy lives.
    pub fn keep_in_memory(mut self, at_most: Duration) -> Self {
        self.keep_in_memory = Some(at_most);
        self
    }

    /// How long a claim lasts unless it is renewed: 30 seconds, unless set. It is renewed after a
    /// third of that. When its holder dies, others wait this long; where a store tells by itself
    /// that a holder died, they need not.
    pub fn lease(mut self, duration: Duration) -> Self {
        self.lease = duration;
        self
    }

    /// How long a call waits for work that is in progress elsewhere: 60 seconds with a store, unless
    /// set, and without end in memory. With zero it says so at once, by
    /// [`InProgress`](super::RunError::InProgress).
    pub fn wait(mut self, at_most: Duration) -> Self {
        self.wait = Some(at_most);
        self
    }

    /// What to do where an earlier attempt was interrupted: run again, unless set.
    pub fn abandoned(mut self, abandoned: Abandoned) -> Self {
        self.abandoned = abandoned;
        self
    }

    /// How large an answer may be as JSON in a store: 1 MiB, unless set, in bytes. A larger one goes
    /// to its caller alone, by [`NotStored`](super::RunError::NotStored).
    pub fn largest_answer(mut self, bytes: usize) -> Self {
        self.largest_answer = bytes;
        self
    }

    /// Runs the work although the store cannot be reached. Unless set, that is an error and nothing
    /// runs.
    ///
    /// Such work may run twice, and its answer is not stored. It is for receivers that know keys.
    pub fn run_without_store(mut self) -> Self {
        self.run_without_store = true;
        self
    }

    /// Remembers only the answers for which `worth` says so. The others go to the caller and to those
    /// who wait with it, and the next call runs again: a server's 503 that comes as `Ok`.
    pub fn remember_if(mut self, worth: impl Fn(&V) -> bool + Send + Sync + 'static) -> Self {
        self.remember_if = Some(Arc::new(worth));
        self
    }

    /// Is told what the layer does, as it does it: for metrics. It must not block.
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::sync::atomic::{AtomicU64, Ordering};
    ///
    /// use agentidemp::dedup::{Event, blocking::Dedup};
    ///
    /// let misses = Arc::new(AtomicU64::new(0));
    /// let counter = misses.clone();
    /// let dedup = Dedup::builder()
    ///     .on_event(move |_key, event| {
    ///         if event == Event::Miss {
    ///             counter.fetch_add(1, Ordering::Relaxed);
    ///         }
    ///     })
    ///     .build();
    /// dedup.run(&agentidemp::sha256_hex(b"question"), |_| Ok::<_, String>(42)).unwrap();
    /// assert_eq!(misses.load(Ordering::Relaxed), 1);
    /// ```
    pub fn on_event(mut self, hook: impl Fn(&Key, Event) + Send + Sync + 'static) -> Self {
        self.hook = Some(Arc::new(hook));
        self
    }

    /// The clock that time to live is measured with in memory: [`Instant::now`], unless set. A store
    /// goes by its own.
    ///
    /// It is for tests, which need not sleep then. In a test of tokio's with paused time,
    /// `.clock(|| tokio::time::Instant::now().into_std())`.
    pub fn clock(mut self, now: impl Fn() -> Instant + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(now));
        self
    }
}

impl<V: Clone + Send + Sync + 'static, D> Builder<V, D> {
    pub(super) fn layer<G: Default>(self) -> Layer<V, G> {
        let in_memory = self.store.is_none();
        let lifetime = self.lifetime.unless_set(if in_memory {
            LIFETIME_IN_MEMORY
        } else {
            LIFETIME_IN_STORE
        });
        let in_memory_for = if in_memory {
            Some(lifetime.unwrap_or(Duration::MAX))
        } else {
            self.keep_in_memory
        };
        let terms = Terms {
            lease: self.lease,
            lifetime,
            abandoned: self.abandoned,
            wait: self.wait.unwrap_or(WAIT),
            largest_answer: self.largest_answer,
            run_without_store: self.run_without_store,
        };
        Layer::new(
            in_memory_for.map(|time| Local::new(self.capacity, time, self.clock)),
            self.store
                .map(|(store, codec)| Remote::new(store, codec, terms)),
            if in_memory {
                self.wait
            } else {
                Some(self.wait.unwrap_or(WAIT))
            },
            self.remember_if,
            self.hook,
        )
    }
}

impl<V: Clone + Send + Sync + 'static> Builder<V, Dedup<V>> {
    /// Builds the layer.
    #[must_use]
    pub fn build(self) -> Dedup<V> {
        Dedup::new(self.layer())
    }
}

impl<V: Clone + Send + Sync + 'static> Builder<V, blocking::Dedup<V>> {
    /// The runtime of tokio's on which the store runs. A store that needs one, such as a server's,
    /// says so; the others need none.
    ///
    /// The threads that call the layer must not be that runtime's own.
    pub fn runtime(mut self, runtime: tokio::runtime::Handle) -> Self {
        self.runtime = Some(runtime);
        self
    }

    /// Builds the layer.
    #[must_use]
    pub fn build(mut self) -> blocking::Dedup<V> {
        let runtime = self.runtime.take();
        blocking::Dedup::new(self.layer(), runtime)
    }
}

impl Lifetime {
    /// The lifetime, without end where it is `None`.
    fn unless_set(&self, usual: Duration) -> Option<Duration> {
        match *self {
            Self::Usual => Some(usual),
            Self::Set(duration) => Some(duration),
            Self::Endless => None,
        }
    }
}

impl<V, D> fmt::Debug for Builder<V, D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("capacity", &self.capacity)
            .field("store", &self.store.is_some())
            .field("lease", &self.lease)
            .field("abandoned", &self.abandoned)
            .finish_non_exhaustive()
    }
}
