//! [`Started`]: an attempt from its turn to what came of its work, alike for both faces. How the work is
//! run in between is theirs.

use core::time::Duration;

use super::held::{Held, Lease};
use super::layer::{Answer, Layer, Life};
use super::pace::Pace;
use super::remote::{Patience, Refusal, Turn, outcome_unknown};
use super::store::Unknown;
use super::{Attempt, Event, RunError};
use crate::Key;

/// What a caller finds that is the first at a key in this process.
#[expect(
    clippy::large_enum_variant,
    reason = "it is moved once, which costs less than an allocation"
)]
pub(super) enum Start<V, P: Pace> {
    /// The work is done.
    Answered(Answer<V>),
    /// Its work is to be run.
    Run(Started<P>),
}

/// An attempt whose work runs now. If it is dropped unfinished, its claim is given up.
pub(super) struct Started<P: Pace> {
    pub(super) attempt: Attempt,
    /// What must be renewed while the work runs, if anything must.
    pub(super) lease: Option<Lease>,
    /// Nothing in memory, and where the store is down and the work runs all the same.
    held: Option<Held<P>>,
}

impl<V: Clone + Send + Sync + 'static, G> Layer<V, G> {
    /// Waits for the caller's turn. `pace` is asked for only where there is a store.
    pub(super) async fn start<P: Pace>(
        &self,
        key: Key,
        patience: Patience,
        attempts: u64,
        pace: impl FnOnce() -> P,
    ) -> Result<Start<V, P>, Refusal<V>> {
        let Some(remote) = &self.remote else {
            return Ok(Start::Run(self.start_in_memory(key, attempts)));
        };
        let pace = pace();
        let turn = remote.turn(key, patience, &pace, || self.tell(&key, Event::Wait));
        match turn.await {
            Ok(Turn::Run(held)) => Ok(Start::Run(self.start_held(held))),
            Ok(Turn::Answered(answer)) => {
                self.tell(&key, Event::Recall);
                Ok(Start::Answered(answer))
            }
            Ok(Turn::Unprotected) => Ok(Start::Run(self.start_in_memory(key, attempts))),
            Err(refusal) => {
                self.tell(&key, Event::Refusal);
                Err(refusal)
            }
        }
    }

    fn start_in_memory<P: Pace>(&self, key: Key, attempts: u64) -> Started<P> {
        self.tell(&key, Event::Miss);
        Started {
            attempt: Attempt::new(key, self.local_grant(attempts), None),
            lease: None,
            held: None,
        }
    }

    fn start_held<P: Pace>(&self, held: Held<P>) -> Started<P> {
        let (key, grant) = (held.key(), held.grant());
        self.tell(&key, Event::Miss);
        if grant.interrupted > 0 {
            self.tell(&key, Event::Takeover);
        }
        let (lease, leased) = held.lease().unzip();
        Started {
            attempt: Attempt::new(key, grant, leased),
            lease,
            held: Some(held),
        }
    }

    /// Hands in what came of the work.
    pub(super) async fn finish<E, P: Pace>(
        &self,
        started: Started<P>,
        result: Result<V, E>,
    ) -> Result<Answer<V>, RunError<E, V>> {
        let Started { attempt, held, .. } = started;
        let worth = result
            .as_ref()
            .is_ok_and(|value| self.is_worth_remembering(value));
        let (Some(held), Some(remote)) = (held, &self.remote) else {
            let life = if worth { Life::Full } else { Life::None };
            return result
                .map(|value| Answer { value, life })
                .map_err(RunError::Work);
        };
        if attempt.is_lost() {
            self.tell(&attempt.key(), Event::LostClaim);
        }
        let settled = remote.settle(held, &attempt, result, worth).await;
        if let Err(RunError::NotStored { .. }) = settled {
            self.tell(&attempt.key(), Event::NotStored);
        }
        settled
    }

    /// The claim was lost and the work was dropped, so that the answer can only come from somebody else.
    pub(super) async fn lose<E, P: Pace>(
        &self,
        started: Started<P>,
    ) -> Result<Answer<V>, RunError<E, V>> {
        let Started { attempt, held, .. } = started;
        self.tell(&attempt.key(), Event::LostClaim);
        let (Some(held), Some(remote)) = (held, &self.remote) else {
            return Err(unknown(&attempt));
        };
        let pace = held.pace().clone();
        held.interrupt().await;
        match remote.answer_of_another(attempt.key(), &pace).await {
            Ok(Some(answer)) => Ok(answer),
            // "The store could not be asked, and nothing ran" would be wrong here.
            Ok(None) | Err(RunError::Store(_)) => Err(unknown(&attempt)),
            Err(refusal) => Err(refusal.widen()),
        }
    }

    /// Nobody waits any longer for a flight in this process.
    pub(super) fn refuse_to_wait(&self, key: &Key) -> Refusal<V> {
        self.tell(key, Event::Refusal);
        RunError::InProgress {
            retry_after: Duration::ZERO,
        }
    }
}

/// The store's time is not known here any better than by the token.
fn unknown<E, V>(attempt: &Attempt) -> RunError<E, V> {
    outcome_unknown(Unknown::new(attempt.number(), attempt.fencing_token()))
}
