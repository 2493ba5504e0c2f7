//! [`Dedup`]: the dedup layer for tasks. Its twin for threads is in `blocking.rs`.

use alloc::sync::Arc;
use core::fmt::{self, Debug, Display};
use core::future::poll_fn;
use core::pin::pin;
use core::task::Poll;
use core::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio::task::AbortHandle;
use tokio::time::{sleep_until, timeout_at};

use super::flights::{Flights, Seat};
use super::held::{Held, Lease};
use super::layer::{Answer, Layer, Outcome};
use super::pace::{Pace, Tasks};
use super::remote::{Patience, Refusal, Remote, Turn, outcome_unknown};
use super::store::{Resolved, StoreError, Unknown};
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
    shared: Arc<Shared<V>>,
}

struct Shared<V> {
    layer: Layer<V>,
    flights: Flights<Gate<V>>,
}

/// Where those who wait for a flight queue up. Who is through finds the outcome, or runs its work.
type Gate<V> = Mutex<Flight<V>>;

struct Flight<V> {
    outcome: Option<Outcome<V>>,
    attempts: u64,
}

impl<V: Clone + Send + Sync + 'static> Dedup<V> {
    /// A builder with which to set it up.
    pub fn builder() -> Builder<V, Self> {
        Builder::new()
    }

    pub(super) fn new(layer: Layer<V>) -> Self {
        let flights = Flights::new();
        Self {
            shared: Arc::new(Shared { layer, flights }),
        }
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
        if let Some(answer) = self.shared.layer.hit(key) {
            return Ok(answer);
        }
        let patience = Patience::from_now(self.shared.layer.wait);
        let seat = self.shared.flights.join(*key);
        let mut flight = self
            .shared
            .gate(&seat, patience)
            .await
            .map_err(|refusal| refusal.widen())?;
        if let Some(outcome) = &flight.outcome {
            self.shared.layer.tell(key, Event::SharedFlight);
            return outcome.clone().map_err(|error| error.for_waiter());
        }
        // Another flight may have landed since.
        if let Some(answer) = self.shared.layer.hit(key) {
            return Ok(answer);
        }
        flight.attempts += 1;
        let flown = self.shared.fly(*key, patience, flight.attempts, work).await;
        let (result, outcome) = self.shared.layer.land(&seat, flown);
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
        let layer = &self.shared.layer;
        if let Some(answer) = layer.local.as_ref().and_then(|local| local.get(key)) {
            return Ok(Some(answer));
        }
        let Some(remote) = &layer.remote else {
            return Ok(None);
        };
        Ok(remote.get(*key).await?.map(|answer| answer.value))
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
        let Shared { layer, flights } = &*self.shared;
        let answer = match &layer.remote {
            Some(remote) => remote.insert(*key, answer).await?.value,
            None => answer,
        };
        let mut standing = None;
        flights.part_with(key, || standing = Some(layer.insert(*key, answer.clone())));
        Ok(standing.unwrap_or(answer))
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
        match &self.shared.layer.remote {
            Some(remote) => remote.resolve(*key, answer).await,
            None => Ok(Resolved::NothingUnknown),
        }
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
        let Shared { layer, flights } = &*self.shared;
        // The store comes first: what was asked of it before is in a flight that parts below.
        if let Some(remote) = &layer.remote {
            remote.invalidate(*key).await?;
        }
        flights.part_with(key, || {
            if let Some(local) = &layer.local {
                local.remove(key);
            }
        });
        Ok(())
    }

    /// Removes records of the store whose time is over, at most `limit`, and says how many. Stores
    /// that do so by themselves answer 0, as does memory.
    ///
    /// # Errors
    ///
    /// The store cannot be asked.
    pub async fn sweep(&self, limit: usize) -> Result<usize, StoreError> {
        match &self.shared.layer.remote {
            Some(remote) => remote.sweep(limit).await,
            None => Ok(0),
        }
    }

    /// How large an answer may be as JSON.
    #[cfg(feature = "server")]
    pub(crate) fn largest_answer(&self) -> usize {
        let remote = self.shared.layer.remote.as_ref();
        remote.map_or(super::builder::LARGEST_ANSWER, |remote| {
            remote.terms.largest_answer
        })
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
    /// Waits until the caller is through the gate of its flight.
    async fn gate<'a>(
        &self,
        seat: &'a Seat<'_, Gate<V>>,
        patience: Patience,
    ) -> Result<MutexGuard<'a, Flight<V>>, Refusal<V>> {
        let through = match patience {
            Patience::None => seat.gate().try_lock().ok(),
            Patience::Until(until) => timeout_at(until, seat.gate().lock()).await.ok(),
            Patience::Endless => Some(seat.gate().lock().await),
        };
        through.ok_or_else(|| {
            self.layer.tell(&seat.key(), Event::Refusal);
            RunError::InProgress {
                retry_after: Duration::ZERO,
            }
        })
    }

    async fn fly<F, W, E>(
        &self,
        key: Key,
        patience: Patience,
        attempts: u64,
        work: F,
    ) -> Result<Answer<V>, RunError<E, V>>
    where
        F: FnOnce(Attempt) -> W,
        W: Future<Output = Result<V, E>>,
    {
        let Some(remote) = &self.layer.remote else {
            return self.run_in_memory(key, attempts, work).await;
        };
        let pace = Tasks::here();
        let turn = remote.turn(key, patience, &pace, || self.layer.tell(&key, Event::Wait));
        match turn.await {
            Ok(Turn::Run(held)) => self.run_held(remote, held, work).await,
            Ok(Turn::Answered(answer)) => {
                self.layer.tell(&key, Event::Recall);
                Ok(answer)
            }
            Ok(Turn::Unprotected) => self.run_in_memory(key, attempts, work).await,
            Err(refusal) => {
                self.layer.tell(&key, Event::Refusal);
                Err(refusal.widen())
            }
        }
    }

    async fn run_in_memory<F, W, E>(
        &self,
        key: Key,
        attempts: u64,
        work: F,
    ) -> Result<Answer<V>, RunError<E, V>>
    where
        F: FnOnce(Attempt) -> W,
        W: Future<Output = Result<V, E>>,
    {
        self.layer.tell(&key, Event::Miss);
        let attempt = Attempt::new(key, self.layer.local_grant(attempts), None);
        let value = observe::in_span(&attempt, || work(attempt.clone())).await;
        value
            .map(|value| self.layer.answer(value))
            .map_err(RunError::Work)
    }

    async fn run_held<F, W, E>(
        &self,
        remote: &Remote<V>,
        held: Held<Tasks>,
        work: F,
    ) -> Result<Answer<V>, RunError<E, V>>
    where
        F: FnOnce(Attempt) -> W,
        W: Future<Output = Result<V, E>>,
    {
        let (key, grant) = (held.key(), held.grant());
        self.layer.tell(&key, Event::Miss);
        if grant.interrupted > 0 {
            self.layer.tell(&key, Event::Takeover);
        }
        let (lease, leased) = held.lease().unzip();
        let renewal = lease.map(|lease| Renewal::start(lease, held.pace()));
        let attempt = Attempt::new(key, grant, leased);
        let work = observe::in_span(&attempt, || work(attempt.clone()));
        let Some(result) = unless_lost(work, &attempt).await else {
            self.layer.tell(&key, Event::LostClaim);
            let pace = held.pace().clone();
            held.interrupt().await;
            return self.after_loss(remote, &attempt, &pace).await;
        };
        let worth = result
            .as_ref()
            .is_ok_and(|value| self.layer.is_worth_remembering(value));
        let settled = remote.settle(held, &attempt, result, worth).await;
        drop(renewal);
        if let Err(RunError::NotStored { .. }) = settled {
            self.layer.tell(&key, Event::NotStored);
        }
        settled
    }

    /// The work was dropped, so the answer can only come from somebody else.
    async fn after_loss<E, P: Pace>(
        &self,
        remote: &Remote<V>,
        attempt: &Attempt,
        pace: &P,
    ) -> Result<Answer<V>, RunError<E, V>> {
        match remote.answer_of_another(attempt.key(), pace).await {
            Ok(Some(answer)) => Ok(answer),
            // "The store could not be asked, and nothing ran" would be wrong here.
            Ok(None) | Err(RunError::Store(_)) => Err(outcome_unknown(Unknown::new(
                attempt.number(),
                // The store's time, as good as it is known here.
                attempt.fencing_token(),
            ))),
            Err(refusal) => Err(refusal.widen()),
        }
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
    fn start(mut lease: Lease, pace: &Tasks) -> Self {
        let renewal = pace.runtime().spawn(async move {
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
            shared: self.shared.clone(),
        }
    }
}

impl<V> fmt::Debug for Dedup<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dedup").finish_non_exhaustive()
    }
}
