//! [`Store`]: where a dedup layer remembers. Here are the trait and what belongs to it; `memory.rs`
//! has the store in memory.
//!
//! # How to write a store
//!
//! A store keeps one [`Record`] for a key, and changes it in atomic steps. There are two ways:
//!
//! - The engine has compare-and-set or transactions: read the record, let
//!   [`Operation::apply`] say what becomes of it, and write that if nobody else wrote meanwhile.
//!   That is all; [`MemoryStore`] is an example.
//! - The engine runs code of its own (Lua, SQL): say the rules of [`mod@format`] in it.
//!
//! Both prove themselves by [`super::conformance`] in their own tests.

use alloc::boxed::Box;
use core::pin::Pin;

pub use super::claim_id::ClaimId;
pub use super::memory::MemoryStore;
pub use super::operation::{
    Abandoned, Claim, Claimed, Complete, Get, Grant, Insert, Inserted, Interrupt, Invalidate,
    Release, Renew, Resolve, Resolved, Status, StoredAnswer, Sweep, Unknown, Written,
};
#[cfg(feature = "postgres")]
pub use super::postgres::{PostgresPool, PostgresStore, PostgresTransaction};
pub use super::record::{Record, State};
#[cfg(feature = "redb")]
pub use super::redb::RedbStore;
#[cfg(feature = "redis")]
pub use super::redis::RedisStore;
pub use super::store_error::{StoreError, StoreErrorKind};
pub use super::transition::{Change, Holder, Moment, Operation, Step};

#[doc = include_str!("record.md")]
pub mod format {}

/// What the operations of a [`Store`] return.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Where a dedup layer remembers: one record for each key, changed in atomic steps.
///
/// The rules are in [`mod@format`], and [`super::conformance`] checks them. Beyond them:
///
/// - Each operation can be sent twice, as its reply may be lost: the second time it changes nothing
///   and answers the same.
/// - All times are by the store's own clock. The clocks of those who call decide nothing.
/// - An operation ends in bounded time, by an error of kind [`StoreErrorKind::Unavailable`] if need
///   be.
/// - A future that is dropped leaves the operation done or not done, never half done.
///
/// It knows nothing of the type of an answer: answers are JSON text.
pub trait Store: Send + Sync + 'static {
    /// Asks for the right to do the work of a key.
    fn claim(&self, claim: Claim) -> StoreFuture<'_, Claimed>;

    /// Lengthens a claim.
    fn renew(&self, renew: Renew) -> StoreFuture<'_, Written>;

    /// Stores the answer of the work.
    fn complete<'a>(&'a self, complete: Complete<'a>) -> StoreFuture<'a, Written>;

    /// Gives a claim back: the work is known not to have happened.
    fn release(&self, release: Release) -> StoreFuture<'_, Written>;

    /// Ends a claim at once, where nobody knows whether the work happened.
    fn interrupt(&self, interrupt: Interrupt) -> StoreFuture<'_, Written>;

    /// Says how things stand with a key.
    fn get(&self, get: Get) -> StoreFuture<'_, Status>;

    /// Stores an answer that is known from elsewhere.
    fn insert<'a>(&'a self, insert: Insert<'a>) -> StoreFuture<'a, Inserted>;

    /// Says what came of an attempt that was interrupted.
    fn resolve<'a>(&'a self, resolve: Resolve<'a>) -> StoreFuture<'a, Resolved>;

    /// Forgets a key.
    fn invalidate(&self, invalidate: Invalidate) -> StoreFuture<'_, ()>;

    /// Removes records whose retention is over, and says how many. A store that does so by itself
    /// answers 0.
    fn sweep(&self, sweep: Sweep) -> StoreFuture<'_, usize>;

    /// Whether a claim ends with its lease, and so needs to be renewed. It is `false` for a store
    /// that learns of a holder's death by itself: there a claim lives as long as the process.
    fn ends_with_lease(&self) -> bool {
        true
    }
}

macro_rules! forward {
    ($($pointer:ty),*) => {$(
        impl<S: Store + ?Sized> Store for $pointer {
            fn claim(&self, claim: Claim) -> StoreFuture<'_, Claimed> {
                (**self).claim(claim)
            }
            fn renew(&self, renew: Renew) -> StoreFuture<'_, Written> {
                (**self).renew(renew)
            }
            fn complete<'a>(&'a self, complete: Complete<'a>) -> StoreFuture<'a, Written> {
                (**self).complete(complete)
            }
            fn release(&self, release: Release) -> StoreFuture<'_, Written> {
                (**self).release(release)
            }
            fn interrupt(&self, interrupt: Interrupt) -> StoreFuture<'_, Written> {
                (**self).interrupt(interrupt)
            }
            fn get(&self, get: Get) -> StoreFuture<'_, Status> {
                (**self).get(get)
            }
            fn insert<'a>(&'a self, insert: Insert<'a>) -> StoreFuture<'a, Inserted> {
                (**self).insert(insert)
            }
            fn resolve<'a>(&'a self, resolve: Resolve<'a>) -> StoreFuture<'a, Resolved> {
                (**self).resolve(resolve)
            }
            fn invalidate(&self, invalidate: Invalidate) -> StoreFuture<'_, ()> {
                (**self).invalidate(invalidate)
            }
            fn sweep(&self, sweep: Sweep) -> StoreFuture<'_, usize> {
                (**self).sweep(sweep)
            }
            fn ends_with_lease(&self) -> bool {
                (**self).ends_with_lease()
            }
        }
    )*};
}

forward!(Box<S>, alloc::sync::Arc<S>);
