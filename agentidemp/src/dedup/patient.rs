//! [`Patient`]: a store that is asked again where it is too busy to answer in its time. For the conformance
//! kit, which may run on a machine that other work has; the layer has its own patience.

use alloc::boxed::Box;

use super::store::{
    Claim, Claimed, Complete, Get, Insert, Inserted, Interrupt, Invalidate, Release, Renew,
    Resolve, Resolved, Status, Store, StoreErrorKind, StoreFuture, Sweep, Written,
};

/// How often an operation is sent before its error counts.
const SENDINGS: usize = 10;

/// As every operation can be sent twice, an answer says the same however often it was asked for.
pub(super) struct Patient(pub(super) Box<dyn Store>);

fn ask<'a, T: Send + 'a>(send: impl Fn() -> StoreFuture<'a, T> + Send + 'a) -> StoreFuture<'a, T> {
    Box::pin(async move {
        for _ in 1..SENDINGS {
            match send().await {
                Err(error) if error.kind() == StoreErrorKind::Unavailable => {}
                outcome => return outcome,
            }
        }
        send().await
    })
}

impl Store for Patient {
    fn claim(&self, claim: Claim) -> StoreFuture<'_, Claimed> {
        ask(move || self.0.claim(claim.clone()))
    }

    fn renew(&self, renew: Renew) -> StoreFuture<'_, Written> {
        ask(move || self.0.renew(renew.clone()))
    }

    fn complete<'a>(&'a self, complete: Complete<'a>) -> StoreFuture<'a, Written> {
        ask(move || self.0.complete(complete.clone()))
    }

    fn release(&self, release: Release) -> StoreFuture<'_, Written> {
        ask(move || self.0.release(release.clone()))
    }

    fn interrupt(&self, interrupt: Interrupt) -> StoreFuture<'_, Written> {
        ask(move || self.0.interrupt(interrupt.clone()))
    }

    fn get(&self, get: Get) -> StoreFuture<'_, Status> {
        ask(move || self.0.get(get.clone()))
    }

    fn insert<'a>(&'a self, insert: Insert<'a>) -> StoreFuture<'a, Inserted> {
        ask(move || self.0.insert(insert.clone()))
    }

    fn resolve<'a>(&'a self, resolve: Resolve<'a>) -> StoreFuture<'a, Resolved> {
        ask(move || self.0.resolve(resolve.clone()))
    }

    fn invalidate(&self, invalidate: Invalidate) -> StoreFuture<'_, ()> {
        ask(move || self.0.invalidate(invalidate.clone()))
    }

    fn sweep(&self, sweep: Sweep) -> StoreFuture<'_, usize> {
        ask(move || self.0.sweep(sweep.clone()))
    }

    fn ends_with_lease(&self) -> bool {
        self.0.ends_with_lease()
    }
}
