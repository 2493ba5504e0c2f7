//! The dedup layer for threads: [`Dedup`](super::Dedup), which waits by blocking.
//!
//! ```
//! use agentidemp::dedup::blocking::Dedup;
//!
//! let dedup = Dedup::builder().build();
//! let key = agentidemp::sha256_hex(b"question");
//! let answers: Vec<_> = std::thread::scope(|scope| {
//!     let callers = [(); 4].map(|()| scope.spawn(|| dedup.run(&key, |_| Ok::<_, String>(42))));
//!     callers.into_iter().map(|caller| caller.join()).collect()
//! });
//!
//! assert!(answers.into_iter().all(|answer| matches!(answer, Ok(Ok(42)))));
//! assert_eq!(dedup.figures().misses, 1);
//! ```

use alloc::sync::Arc;
use core::fmt::{self, Debug, Display};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use tokio::runtime::Handle;
use tokio::time::Instant;

use super::held::Lease;
use super::layer::{Answer, Layer, Outcome};
use super::pace::Threads;
use super::remote::Patience;
use super::started::{Start, Started};
use super::store::{Resolved, StoreError};
use super::{Attempt, Builder, Event, Figures, RunError, observe};
use crate::Key;

/// Runs the work of a key once, and remembers its answer for a while.
///
/// What it promises, and what may run twice, is in the documentation of the
/// [module](crate::dedup). A clone shares the memory of the original. An answer is cloned for each
/// caller; put one that is costly to clone behind an [`Arc`].
///
/// It blocks the thread while it waits. In async code use [`crate::dedup::Dedup`].
///
/// Work on a thread cannot be dropped when its claim is lost. It can ask
/// [`Attempt::is_lost`](super::Attempt::is_lost) before each effect; its answer is not stored then.
pub struct Dedup<V> {
    shared: Arc<Shared<V>>,
}

struct Shared<V> {
    layer: Layer<V, Gate<V>>,
    pace: Threads,
}

/// Where those who wait for a flight queue up.
pub(super) struct Gate<V> {
    flight: Mutex<Flight<V>>,
    changed: Condvar,
}

struct Flight<V> {
    outcome: Option<Outcome<V>>,
    attempts: u64,
    is_flying: bool,
}

impl<V: Clone + Send + Sync + 'static> Dedup<V> {
    /// A builder with which to set it up.
    pub fn builder() -> Builder<V, Self> {
        Builder::new()
    }

    pub(super) fn new(layer: Layer<V, Gate<V>>, runtime: Option<Handle>) -> Self {
        // In memory nobody waits for a runtime.
        let runtime = layer.remote.as_ref().and(runtime);
        let pace = Threads { runtime };
        Self {
            shared: Arc::new(Shared { layer, pace }),
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
    /// let failed = dedup.run(&key, |_| Err("try again later"));
    /// assert_eq!(failed.unwrap_err().into_work(), Some("try again later"));
    ///
    /// let answer = dedup.run(&key, |_| Ok::<_, &str>(42));
    /// assert_eq!(answer.unwrap(), 42);
    ///
    /// let recalled = dedup.run(&key, |_| Err("not run"));
    /// assert_eq!(recalled.unwrap(), 42);
    /// ```
    ///
    /// # Errors
    ///
    /// What is in [`RunError`]: the error of `work`, which is the caller's own, and what kept `work`
    /// from running or its answer from being stored.
    ///
    /// # Panics
    ///
    /// Where `work` panics; those who wait do not.
    pub fn run<F, E>(&self, key: &Key, work: F) -> Result<V, RunError<E, V>>
    where
        F: FnOnce(Attempt) -> Result<V, E>,
        E: Debug + Display,
    {
        let Shared { layer, pace } = &*self.shared;
        if let Some(answer) = layer.hit(key) {
            return Ok(answer);
        }
        let patience = Patience::from_now(layer.wait);
        let seat = layer.flights.join(*key);
        let through = seat.gate().pass(patience);
        let takeoff = match through.ok_or_else(|| layer.refuse_to_wait(key).widen())? {
            Through::Landed(outcome) => {
                layer.tell(key, Event::SharedFlight);
                return outcome.map_err(|error| error.for_waiter());
            }
            Through::First(takeoff) => takeoff,
        };
        // Another flight may have landed since.
        if let Some(answer) = layer.hit(key) {
            return Ok(answer);
        }
        let start = layer.start(*key, patience, takeoff.attempts, || pace.clone());
        let flown = match pace.block_on(start) {
            Ok(Start::Run(started)) => self.shared.fly(started, work),
            Ok(Start::Answered(answer)) => Ok(answer),
            Err(refusal) => Err(refusal.widen()),
        };
        let (result, outcome) = layer.land(&seat, flown);
        takeoff.gate.flight().outcome = outcome;
        result
    }

    /// The remembered answer to the key, if there is one.
    ///
    /// In memory the entry counts as used. The figures do not change.
    ///
    /// # Errors
    ///
    /// The store cannot be asked, or has something that is no `V`. In memory there is no error.
    pub fn get(&self, key: &Key) -> Result<Option<V>, StoreError> {
        let Shared { layer, pace } = &*self.shared;
        pace.block_on(layer.get(key))
    }

    /// Remembers an answer that is known from elsewhere, and gives back the one that stands: this
    /// one, or an earlier.
    ///
    /// An attempt that is under way is superseded by it.
    ///
    /// # Errors
    ///
    /// The store cannot be asked, or the answer is too large or no JSON. In memory there is no error.
    pub fn insert(&self, key: &Key, answer: V) -> Result<V, StoreError> {
        let Shared { layer, pace } = &*self.shared;
        pace.block_on(layer.insert(key, answer))
    }

    /// Says what came of an attempt that was interrupted: its answer, or `None` where it did not
    /// happen.
    ///
    /// In memory nothing is ever unknown.
    ///
    /// # Errors
    ///
    /// The store cannot be asked, or the answer is no JSON.
    pub fn resolve(&self, key: &Key, answer: Option<&V>) -> Result<Resolved, StoreError> {
        let Shared { layer, pace } = &*self.shared;
        pace.block_on(layer.resolve(key, answer))
    }

    /// Forgets the key.
    ///
    /// A call that is running goes on and gets its answer, as do those who wait with it. But that
    /// answer is not remembered, and calls that come later do not join it.
    ///
    /// # Errors
    ///
    /// The store cannot be asked. In memory there is no error.
    pub fn invalidate(&self, key: &Key) -> Result<(), StoreError> {
        let Shared { layer, pace } = &*self.shared;
        pace.block_on(layer.invalidate(key))
    }

    /// Removes records of the store whose time is over, at most `limit`, and says how many. Stores
    /// that do so by themselves answer 0, as does memory.
    ///
    /// # Errors
    ///
    /// The store cannot be asked.
    pub fn sweep(&self, limit: usize) -> Result<usize, StoreError> {
        let Shared { layer, pace } = &*self.shared;
        pace.block_on(layer.sweep(limit))
    }

    /// What the layer has done so far.
    ///
    /// It does the cache's pending work first, so that the number of entries is exact.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.shared.layer.figures()
    }
}

impl<V: Clone + Send + Sync + 'static> Shared<V> {
    /// The work runs outside of the runtime, as it may block on that itself.
    fn fly<F, E>(&self, mut started: Started<Threads>, work: F) -> Result<Answer<V>, RunError<E, V>>
    where
        F: FnOnce(Attempt) -> Result<V, E>,
    {
        let lease = started.lease.take();
        let _renewal = lease.map(|lease| Renewal::start(lease, self.pace.clone()));
        let attempt = &started.attempt;
        let result = observe::within_span(attempt, || work(attempt.clone()));
        self.pace.block_on(self.layer.finish(started, result))
    }
}

/// What a caller finds behind the gate.
enum Through<'a, V> {
    /// The flight has landed.
    Landed(Outcome<V>),
    /// It flies itself.
    First(Takeoff<'a, V>),
}

/// The right to fly. When it is dropped, the next of those who wait is let through.
struct Takeoff<'a, V> {
    gate: &'a Gate<V>,
    attempts: u64,
}

impl<V: Clone> Gate<V> {
    fn pass(&self, patience: Patience) -> Option<Through<'_, V>> {
        let mut flight = self.flight();
        loop {
            if let Some(outcome) = &flight.outcome {
                return Some(Through::Landed(outcome.clone()));
            }
            if !flight.is_flying {
                flight.is_flying = true;
                flight.attempts += 1;
                let attempts = flight.attempts;
                return Some(Through::First(Takeoff {
                    gate: self,
                    attempts,
                }));
            }
            flight = self.wait(flight, patience)?;
        }
    }

    /// Waits for a change, or not at all where that is long enough.
    fn wait<'a>(
        &self,
        flight: MutexGuard<'a, Flight<V>>,
        patience: Patience,
    ) -> Option<MutexGuard<'a, Flight<V>>> {
        let left = match patience {
            Patience::None => return None,
            Patience::Until(until) => until.saturating_duration_since(Instant::now()),
            Patience::Endless => {
                let waited = self.changed.wait(flight);
                return Some(waited.unwrap_or_else(PoisonError::into_inner));
            }
        };
        if left.is_zero() {
            return None;
        }
        let waited = self.changed.wait_timeout(flight, left);
        Some(waited.unwrap_or_else(PoisonError::into_inner).0)
    }
}

impl<V> Gate<V> {
    fn flight(&self) -> MutexGuard<'_, Flight<V>> {
        // No work runs under this lock.
        self.flight.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<V> Drop for Takeoff<'_, V> {
    fn drop(&mut self) {
        self.gate.flight().is_flying = false;
        self.gate.changed.notify_all();
    }
}

/// Renews a lease on a thread of its own.
struct Renewal {
    _over: Sender<()>,
}

impl Renewal {
    fn start(mut lease: Lease, pace: Threads) -> Self {
        let (over, is_over) = mpsc::channel();
        thread::spawn(move || {
            loop {
                let pause = lease.next().saturating_duration_since(Instant::now());
                if is_over.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                if !pace.block_on(lease.renew()) {
                    return lease.is_lost();
                }
            }
        });
        Self { _over: over }
    }
}

impl<V> Default for Gate<V> {
    fn default() -> Self {
        Self {
            flight: Mutex::new(Flight {
                outcome: None,
                attempts: 0,
                is_flying: false,
            }),
            changed: Condvar::new(),
        }
    }
}

impl<V> Clone for Dedup<V> {
    fn clone(&self) -> Self {
        Self {
            shared: self.shared.clone(),
        }
    }
}

impl<V> fmt::Debug for Dedup<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dedup").finish_non_exhaustive()
    }
}
