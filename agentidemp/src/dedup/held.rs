//! [`Held`]: a claim that this process holds, from its grant to its end, and [`Lease`], which keeps it
//! alive.

use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::ClaimId;
use super::pace::Pace;
use super::remote::Remote;
use super::store::{Grant, Interrupt, Release, Renew, Store, Written};
use crate::Key;

/// A lease is renewed after this part of it.
const RENEWALS: u32 = 3;
/// After a renewal that failed, this part of a lease passes before the next.
const RETRIES: u32 = 12;

/// A claim that is held. If it is dropped unsettled, its work was given up, and nobody knows whether
/// it happened.
pub(super) struct Held<P: Pace> {
    store: Arc<dyn Store>,
    pace: P,
    key: Key,
    id: ClaimId,
    grant: Grant,
    asked: Instant,
    lease: Duration,
    /// How long a record is kept that has no answer and says that an outcome is unknown.
    retention: Option<Duration>,
    lifetime: Option<Duration>,
    settled: AtomicBool,
}

impl<P: Pace> Held<P> {
    pub(super) fn new<V: Clone>(
        remote: &Remote<V>,
        pace: P,
        key: Key,
        id: ClaimId,
        grant: Grant,
        asked: Instant,
    ) -> Self {
        Self {
            store: remote.store.clone(),
            pace,
            key,
            id,
            grant,
            asked,
            lease: remote.terms.lease,
            retention: remote.retention(),
            lifetime: remote.terms.lifetime,
            settled: AtomicBool::new(false),
        }
    }

    pub(super) fn key(&self) -> Key {
        self.key
    }

    pub(super) fn id(&self) -> ClaimId {
        self.id
    }

    pub(super) fn grant(&self) -> Grant {
        self.grant
    }

    pub(super) fn pace(&self) -> &P {
        &self.pace
    }

    /// From here on the claim is not given up by dropping it.
    pub(super) fn is_settled(&self) {
        self.settled.store(true, Ordering::Relaxed);
    }

    /// The work is known not to have happened. If that cannot be said, the lease ends by itself.
    pub(super) async fn release(self) {
        self.is_settled();
        let release = Release::new(self.key, self.id, self.lifetime);
        drop(self.store.release(release).await);
    }

    /// Nobody knows whether the work happened. If that cannot be said, the lease ends by itself.
    pub(super) async fn interrupt(self) {
        self.is_settled();
        drop(self.store.interrupt(self.interruption()).await);
    }

    fn interruption(&self) -> Interrupt {
        Interrupt::new(self.key, self.id, self.retention)
    }

    /// What keeps the claim alive, and what the work sees of it; nothing where a claim lives as long
    /// as its process.
    pub(super) fn lease(&self) -> Option<(Lease, Leased)> {
        if !self.store.ends_with_lease() {
            return None;
        }
        let until = self.asked + self.lease;
        let (held_until, seen) = watch::channel(Some(until));
        let lease = Lease {
            store: self.store.clone(),
            renew: Renew::new(self.key, self.id, self.lease, self.retention),
            until,
            next: self.asked + self.lease / RENEWALS,
            held_until,
        };
        Some((lease, seen))
    }
}

impl<P: Pace> Drop for Held<P> {
    fn drop(&mut self) {
        if self.settled.load(Ordering::Relaxed) {
            return;
        }
        let (store, interruption) = (self.store.clone(), self.interruption());
        self.pace
            .detach(async move { drop(store.interrupt(interruption).await) });
    }
}

/// What the work sees of its lease: when it ends, or nothing once it is lost.
pub(super) type Leased = watch::Receiver<Option<Instant>>;

/// A lease as its holder sees it: by a monotonic clock that started before the claim was sent, so
/// that it never ends later than in the store.
pub(super) struct Lease {
    store: Arc<dyn Store>,
    renew: Renew,
    until: Instant,
    next: Instant,
    held_until: watch::Sender<Option<Instant>>,
}

impl Lease {
    pub(super) fn until(&self) -> Instant {
        self.until
    }

    /// When to renew it.
    pub(super) fn next(&self) -> Instant {
        self.next.min(self.until)
    }

    /// Renews it, and says whether the claim is still held. The caller gives up at [`Self::until`].
    pub(super) async fn renew(&mut self) -> bool {
        let asked = Instant::now();
        if asked >= self.until {
            return false;
        }
        match self.store.renew(self.renew.clone()).await {
            Ok(Written::Done) => {
                self.until = asked + self.renew.lease;
                self.held_until.send_replace(Some(self.until));
                self.next = asked + self.renew.lease / RENEWALS;
                true
            }
            Ok(_) => false,
            Err(_) => {
                self.next = Instant::now() + self.renew.lease / RETRIES;
                true
            }
        }
    }

    /// Says to the work that its claim is lost.
    pub(super) fn is_lost(&self) {
        self.held_until.send_replace(None);
    }
}
