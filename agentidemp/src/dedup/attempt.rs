//! [`Attempt`]: what the work of a key is told.

use alloc::sync::Arc;
use core::fmt;
use core::sync::atomic::{AtomicBool, Ordering};

use tokio::time::{Instant, timeout_at};

use super::held::Leased;
use super::store::Grant;
use crate::Key;

/// An attempt at the work of a key: what the work is told, and what it can tell.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// use agentidemp::dedup::Dedup;
///
/// let dedup: Dedup<String> = Dedup::builder().build();
/// let key = agentidemp::sha256_hex(b"question");
/// let sent = dedup.run(&key, async |attempt| {
///     Ok::<_, std::io::Error>(format!("Idempotency-Key: {}", attempt.key()))
/// });
/// assert_eq!(sent.await.unwrap(), format!("Idempotency-Key: {key}"));
/// # });
/// ```
#[derive(Clone)]
pub struct Attempt {
    key: Key,
    grant: Grant,
    did_not_happen: Arc<AtomicBool>,
    /// Nothing where the claim cannot be lost.
    leased: Option<Leased>,
}

impl Attempt {
    pub(super) fn new(key: Key, grant: Grant, leased: Option<Leased>) -> Self {
        Self {
            key,
            grant,
            did_not_happen: Arc::default(),
            leased,
        }
    }

    /// The key: what to send along, so that the receiver acts once.
    #[must_use]
    pub fn key(&self) -> Key {
        self.key
    }

    /// The number of this attempt, from 1. It rises by one with each attempt while the store keeps
    /// the record; without a store it counts those who took over within this process.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.grant.attempt
    }

    /// The fencing token: it rises with every claim of the key, and is below 2^53. A receiver that
    /// refuses all tokens below the greatest that it saw is safe from a holder that comes late.
    #[must_use]
    pub fn fencing_token(&self) -> u64 {
        self.grant.token
    }

    /// Whether an earlier attempt was interrupted, and so may have reached the receiver.
    #[must_use]
    pub fn after_interruption(&self) -> bool {
        self.grant.interrupted > 0
    }

    /// Says that, if the work fails, it is known not to have happened: nothing was sent yet. Then
    /// even [`Abandoned::Refuse`](super::Abandoned::Refuse) lets it run again.
    pub fn did_not_happen(&self) {
        self.did_not_happen.store(true, Ordering::Relaxed);
    }

    /// Whether the claim was lost: then somebody else may be doing the work.
    #[must_use]
    pub fn is_lost(&self) -> bool {
        self.leased.as_ref().is_some_and(|leased| {
            let until = *leased.borrow();
            until.is_none_or(|until| Instant::now() >= until)
        })
    }

    /// Ends when the claim is lost, or when the work is over. For what the work started elsewhere:
    /// the work itself is dropped when its claim is lost.
    ///
    /// Where a claim cannot be lost (in memory) it does not end.
    pub async fn lost(&self) {
        let Some(mut leased) = self.leased.clone() else {
            return core::future::pending().await;
        };
        loop {
            let until = *leased.borrow_and_update();
            let Some(until) = until.filter(|until| Instant::now() < *until) else {
                return;
            };
            // An error says that the work is over.
            if let Ok(Err(_)) = timeout_at(until, leased.changed()).await {
                return;
            }
        }
    }

    pub(super) fn is_known_not_to_have_happened(&self) -> bool {
        self.did_not_happen.load(Ordering::Relaxed)
    }
}

impl fmt::Debug for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attempt")
            .field("key", &self.key)
            .field("number", &self.grant.attempt)
            .field("fencing_token", &self.grant.token)
            .field("is_lost", &self.is_lost())
            .finish_non_exhaustive()
    }
}
