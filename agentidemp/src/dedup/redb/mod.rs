//! [`RedbStore`]: records in a file, under the feature `redb`. The file is in `file.rs`, the thread
//! that works on it in `worker.rs`, and how processes know of each other's death in `holders.rs`.

use alloc::string::String;
use core::fmt;
use std::path::{Path, PathBuf};

use self::worker::Worker;
use super::store::{
    Claim, Claimed, Complete, Get, Insert, Inserted, Interrupt, Invalidate, Moment, Operation,
    Record, Release, Renew, Resolve, Resolved, Status, Step, Store, StoreError, StoreFuture, Sweep,
    Written,
};
use crate::Key;

mod file;
mod holders;
mod worker;

/// A store in a file, which any number of processes on one machine may use at once. It outlives them
/// all, and a power failure.
///
/// ```
/// # let directory = std::env::temp_dir().join(format!("redb-store-doc-{}", std::process::id()));
/// # std::fs::create_dir_all(&directory)?;
/// # let path = directory.join("agent.redb");
/// use agentidemp::dedup::blocking::Dedup;
/// use agentidemp::dedup::store::RedbStore;
///
/// let key = agentidemp::sha256_hex(b"question");
/// let dedup: Dedup<u32> = Dedup::builder().store(RedbStore::open(&path)?).build();
/// dedup.run(&key, |_| Ok::<_, String>(42))?;
/// drop(dedup);
///
/// let restarted: Dedup<u32> = Dedup::builder().store(RedbStore::open(&path)?).build();
/// assert_eq!(restarted.run(&key, |_| Err("not run"))?, 42);
/// # drop(restarted);
/// # std::fs::remove_dir_all(&directory)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Who holds a claim
///
/// A process holds a claim for as long as it lives, and not for a lease: the operating system tells
/// by a file lock whether it does. So a process that was killed is taken over at once, and one that
/// is stopped, or on a machine that sleeps, is never taken over. A caller that gives up without the
/// process' end gives up its claim, as with any store. The locked files are in a directory beside the
/// file, with `.holders` after its name; nothing else may remove them.
///
/// # What waits
///
/// Each operation is a transaction of a few records, and those that wait at the same time share one.
/// One that changes something is on the disk before it is answered. While a process is stopped within
/// one, which lasts milliseconds, the others cannot write; after five seconds they say that the store
/// is unavailable.
///
/// # Where it works
///
/// On Linux, Windows and Apple's systems, on a local disk. On a network file system nothing is
/// promised.
///
/// Both faces use it without a runtime: it has a thread of its own.
pub struct RedbStore {
    path: PathBuf,
    worker: Worker,
}

impl RedbStore {
    /// Opens the file, or makes it.
    ///
    /// # Errors
    ///
    /// Of kind [`Corrupt`], where it is a file of another kind, or damaged; [`Misconfigured`], where there
    /// can be no file at this place, or this process may not use it; [`Unavailable`], where a program that
    /// does not share it has it open.
    ///
    /// Operations can end in the same ways: after a failure, the next one opens the file anew.
    ///
    /// [`Corrupt`]: super::store::StoreErrorKind::Corrupt
    /// [`Misconfigured`]: super::store::StoreErrorKind::Misconfigured
    /// [`Unavailable`]: super::store::StoreErrorKind::Unavailable
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StoreError> {
        let path = path.as_ref().to_path_buf();
        let worker = Worker::start(&path)?;
        Ok(Self { path, worker })
    }

    fn apply<T: Send + 'static>(
        &self,
        key: Key,
        step: impl Fn(Option<&Record>, &Moment) -> Step<T> + Send + Sync + 'static,
    ) -> StoreFuture<'_, T> {
        self.worker.apply(key, step)
    }

    fn apply_owned<O>(&self, operation: O) -> StoreFuture<'_, O::Outcome>
    where
        O: Operation + Send + Sync + 'static,
        O::Outcome: Send + 'static,
    {
        self.apply(operation.key(), move |record, moment| {
            operation.apply(record, moment)
        })
    }
}

impl Store for RedbStore {
    fn claim(&self, claim: Claim) -> StoreFuture<'_, Claimed> {
        self.apply_owned(claim)
    }

    fn renew(&self, renew: Renew) -> StoreFuture<'_, Written> {
        self.apply_owned(renew)
    }

    fn complete<'a>(&'a self, complete: Complete<'a>) -> StoreFuture<'a, Written> {
        let Complete {
            key, id, retention, ..
        } = complete;
        let answer = String::from(complete.answer);
        self.apply(key, move |record, moment| {
            Complete::new(key, id, &answer, retention).apply(record, moment)
        })
    }

    fn release(&self, release: Release) -> StoreFuture<'_, Written> {
        self.apply_owned(release)
    }

    fn interrupt(&self, interrupt: Interrupt) -> StoreFuture<'_, Written> {
        self.apply_owned(interrupt)
    }

    fn get(&self, get: Get) -> StoreFuture<'_, Status> {
        self.apply_owned(get)
    }

    fn insert<'a>(&'a self, insert: Insert<'a>) -> StoreFuture<'a, Inserted> {
        let Insert {
            key, id, retention, ..
        } = insert;
        let answer = String::from(insert.answer);
        self.apply(key, move |record, moment| {
            Insert::new(key, id, &answer, retention).apply(record, moment)
        })
    }

    fn resolve<'a>(&'a self, resolve: Resolve<'a>) -> StoreFuture<'a, Resolved> {
        let Resolve {
            key, id, retention, ..
        } = resolve;
        let answer = resolve.answer.map(String::from);
        self.apply(key, move |record, moment| {
            let resolve = match &answer {
                Some(answer) => Resolve::done(key, id, answer, retention),
                None => Resolve::not_done(key, id, retention),
            };
            resolve.apply(record, moment)
        })
    }

    fn invalidate(&self, invalidate: Invalidate) -> StoreFuture<'_, ()> {
        self.apply_owned(invalidate)
    }

    /// Each write also looks at a few records and removes those that are over, so that the file does
    /// not need sweeps to stay small.
    fn sweep(&self, sweep: Sweep) -> StoreFuture<'_, usize> {
        self.worker.sweep(sweep.limit)
    }

    fn ends_with_lease(&self) -> bool {
        false
    }
}

impl fmt::Debug for RedbStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedbStore")
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}
