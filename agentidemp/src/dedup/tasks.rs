//! [`Dedup`]: the dedup layer for tasks. What it does not do by itself is in `layer.rs` and `started.rs`;
//! here is how tasks wait, how their work is dropped, and how a lease is renewed beside it.

use alloc::sync::Arc;
use core::fmt::{self, Debug, Display};
use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;

use tokio::sync::{Mutex, MutexGuard};
use tokio::task::AbortHandle;
use tokio::time::{sleep_until, timeout_at};

use super::held::Lease;
use super::layer::{Answer, Layer, Outcome};
use super::pace::Tasks;
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
/// In memory it runs on any executor. With a store it needs tokio, whose time it goes by.
pub struct Dedup<V> {
    layer: Arc<Layer<V, Gate<V>>>,
}

/// Where those who wait for a flight queue up. Who is through finds the outcome, or runs its work.
pub(super) type Gate<V> = Mutex<Flight<V>>;

pub(super) struct Flight<V> {
    outcome: Option<Outcome<V>>,
    attempts: u64,
}

impl<V: Clone + Send + Sync + 'static> Dedup<V> {
    /// A builder with which to set it up.
    pub fn builder() -> Builder<V, Self> {
        Builder::new()
    }

    pub(super) fn new(layer: Layer<V, Gate<V>>) -> Self {
        let layer = Arc::new(layer);
        Self { layer }
    }

    /// The remembered answer to the key, or else the answer of `work`, which is remembered if it is
    /// `Ok`.
    ///
    /// Where another call with the key is running its work, this one waits and gets the same answer
    /// or error. Dropping the future is safe at any point: one of those who wait runs its own work.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// use agentidemp::dedup::Dedup;
    ///
    /// let dedup = Dedup::builder().build();
    /// let key = agentidemp::sha256_hex(b"question");
    ///
    /// let failed = dedup.run(&key, async |_| Err("try again later")).await;
    /// assert_eq!(failed.unwrap_err().into_work(), Some("try again later"));
    ///
    /// let answer = dedup.run(&key, async |_| Ok::<_, &str>(42)).await;
    /// assert_eq!(answer.unwrap(), 42);
    ///
    /// let recalled = dedup.run(&key, async |_| Err("not run")).await;
    /// assert_eq!(recalled.unwrap(), 42);
    /// # });
    /// ```
    ///
    /// # Errors
    ///
    /// What is in [`RunError`]: the error of `work`, which is the caller's own, and what kept `work`
    /// from running or its answer from being stored.
    ///
    /// # Panics
    ///
    /// Where `work` panics; those who wait do not. With a store, outside a runtime of tokio's.
    pub async fn run<F, W, E>(&self, key: &Key, work: F) -> Result<V, RunError<E, V>>
    where
        F: FnOnce(Attempt) -> W,
        W: Future<Output = Result<V, E>>,
        E: Debug + Display,
    {
        let layer = &*self.layer;
        if let Some(answer) = layer.hit(key) {
            return Ok(answer);
        }
        let patience = Patience::from_now(layer.wait);
        let seat = layer.flights.join(*key);
        let gate = pass(seat.gate(), patience).await;
        let mut flight = gate.ok_or_else(|| layer.refuse_to_wait(key).widen())?;
        if let Some(outcome) = &flight.outcome {
            layer.tell(key, Event::SharedFlight);
            return outcome.clone().map_err(|error| error.for_waiter());
        }
        // Another flight may have landed since.
        if let Some(answer) = layer.hit(key) {
            return Ok(answer);
        }
        flight.attempts += 1;
        let start = layer.start(*key, patience, flight.attempts, Tasks::here);
        let flown = match start.await {
            Ok(Start::Run(started)) => layer.fly(started, work).await,
            Ok(Start::Answered(answer)) => Ok(answer),
            Err(refusal) => Err(refusal.widen()),
        };
        let (result, outcome) = layer.land(&seat, flown);
        flight.outcome = outcome;
        result
    }

    /// The remembered answer to the key, if there is one.
    ///
    /// In memory the entry counts as used. The figures do not change.
    ///
    /// # Errors
    ///
    /// The store cannot be asked, or has something that is no `V`. In memory there is no error.
    pub async fn get(&self, key: &Key) -> Result<Option<V>, StoreError> {
        self.layer.get(key).await
    }

    /// Remembers an answer that is known from elsewhere, and gives back the one that stands: this
    /// one, or an earlier.
    ///
    /// An attempt that is under way is superseded by it.
    ///
    /// # Errors
    ///
    /// The store cannot be asked, or the answer is too large or no JSON. In memory there is no error.
    pub async fn insert(&self, key: &Key, answer: V) -> Result<V, StoreError> {
        self.layer.insert(key, answer).await
    }

    /// Says what came of an attempt that was interrupted: its answer, or `None` where it did not
    /// happen.
    ///
    /// In memory nothing is ever unknown.
    ///
    /// # Errors
    ///
    /// The store cannot be asked, or the answer is no JSON.
    pub async fn resolve(&self, key: &Key, answer: Option<&V>) -> Result<Resolved, StoreError> {
        self.layer.resolve(key, answer).await
    }

    /// Forgets the key.
    ///
    /// A call that is running goes on and gets its answer, as do those who wait with it. But that
    /// answer is not remembered, and calls that come later do not join it.
    ///
    /// # Errors
    ///
    /// The store cannot be asked. In memory there is no error.
    pub async fn invalidate(&self, key: &Key) -> Result<(), StoreError> {
        self.layer.invalidate(key).await
    }

    /// Removes records of the store whose time is over, at most `limit`, and says how many. Stores
    /// that do so by themselves answer 0, as does memory.
    ///
    /// # Errors
    ///
    /// The store cannot be asked.
    pub async fn sweep(&self, limit: usize) -> Result<usize, StoreError> {
        self.layer.sweep(limit).await
    }

    /// How large an answer may be as JSON.
    #[cfg(feature = "server")]
    pub(crate) fn largest_answer(&self) -> usize {
        let remote = self.layer.remote.as_ref();
        remote.map_or(super::builder::LARGEST_ANSWER, |remote| {
            remote.terms.largest_answer
        })
    }

    /// What the layer has done so far.
    ///
    /// It does the cache's pending work first, so that the number of entries is exact.
    #[must_use]
    pub fn figures(&self) -> Figures {
        self.layer.figures()
    }
}

impl<V: Clone + Send + Sync + 'static> Layer<V, Gate<V>> {
    async fn fly<F, W, E>(
        &self,
        mut started: Started<Tasks>,
        work: F,
    ) -> Result<Answer<V>, RunError<E, V>>
    where
        F: FnOnce(Attempt) -> W,
        W: Future<Output = Result<V, E>>,
    {
        let _renewal = started.lease.take().map(Renewal::start);
        let attempt = &started.attempt;
        let work = observe::in_span(attempt, || work(attempt.clone()));
        match unless_lost(work, attempt).await {
            Some(result) => self.finish(started, result).await,
            None => self.lose(started).await,
        }
    }
}

/// Waits until the caller is through the gate of its flight, or nothing if it lost patience.
async fn pass<V>(gate: &Gate<V>, patience: Patience) -> Option<MutexGuard<'_, Flight<V>>> {
    match patience {
        Patience::None => gate.try_lock().ok(),
        Patience::Until(until) => timeout_at(until, gate.lock()).await.ok(),
        Patience::Endless => Some(gate.lock().await),
    }
}

/// The result of the work, or nothing if its claim is lost before: then it is dropped.
async fn unless_lost<T>(work: impl Future<Output = T>, attempt: &Attempt) -> Option<T> {
    let (mut work, mut lost) = (pin!(work), pin!(attempt.lost()));
    poll_fn(|context| {
        // A process that was stopped may come to the work before its timers.
        if attempt.is_lost() || lost.as_mut().poll(context).is_ready() {
            return Poll::Ready(None);
        }
        work.as_mut().poll(context).map(Some)
    })
    .await
}

/// Renews a lease in a task of its own, since nobody knows how often the caller's is polled.
struct Renewal(AbortHandle);

impl Renewal {
    fn start(mut lease: Lease) -> Self {
        let renewal = tokio::spawn(async move {
            loop {
                sleep_until(lease.next()).await;
                let until = lease.until();
                if !matches!(timeout_at(until, lease.renew()).await, Ok(true)) {
                    return lease.is_lost();
                }
            }
        });
        Self(renewal.abort_handle())
    }
}

impl Drop for Renewal {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl<V> Default for Flight<V> {
    fn default() -> Self {
        Self {
            outcome: None,
            attempts: 0,
        }
    }
}

impl<V> Clone for Dedup<V> {
    fn clone(&self) -> Self {
        Self {
            layer: self.layer.clone(),
        }
    }
}

impl<V> fmt::Debug for Dedup<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dedup").finish_non_exhaustive()
    }
}
