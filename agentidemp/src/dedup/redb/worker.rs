//! [`Worker`]: the thread that has the file, and the one that watches it.
//!
//! A lock of the operating system's has no time limit, and another process may be stopped while it
//! holds one. So nobody waits for the file itself: jobs are handed to a thread, and where it does not
//! come back in time, the watchman answers in its place.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::time::Duration;
use std::path::Path;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use tokio::sync::oneshot;

use super::file::RecordFile;
use crate::Key;
use crate::dedup::store::{Change, Moment, Record, Step, StoreError, StoreFuture};

/// How long a job may take.
const LIMIT: Duration = Duration::from_secs(5);

/// How long the end of the thread is waited for when the store is dropped.
const END: Duration = Duration::from_secs(1);

/// How many jobs share a transaction.
const TOGETHER: usize = 64;

/// An operation on one record, whatever its outcome is.
pub(super) trait Job: Send + Sync {
    fn key(&self) -> Key;

    /// What becomes of the record, and what answers the caller once that is done.
    fn say(&self, record: Option<&Record>, moment: &Moment) -> Said<'_>;

    fn fail(&self, error: &StoreError);
}

pub(super) struct Said<'a> {
    pub(super) change: Change,
    pub(super) answer: Box<dyn FnOnce() + 'a>,
}

/// A caller that waits. It is answered once, by whoever comes first.
struct Caller<T>(Mutex<Option<oneshot::Sender<Result<T, StoreError>>>>);

impl<T> Caller<T> {
    fn answer(&self, outcome: Result<T, StoreError>) {
        let sender = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(sender) = sender {
            // A caller that gave up does not listen.
            drop(sender.send(outcome));
        }
    }
}

struct Pending<T, F> {
    key: Key,
    step: F,
    caller: Caller<T>,
}

impl<T, F> Job for Pending<T, F>
where
    T: Send,
    F: Fn(Option<&Record>, &Moment) -> Step<T> + Send + Sync,
{
    fn key(&self) -> Key {
        self.key
    }

    fn say(&self, record: Option<&Record>, moment: &Moment) -> Said<'_> {
        let Step { change, outcome } = (self.step)(record, moment);
        Said {
            change,
            answer: Box::new(move || self.caller.answer(Ok(outcome))),
        }
    }

    fn fail(&self, error: &StoreError) {
        self.caller.answer(Err(error.clone()));
    }
}

#[derive(Clone)]
enum Task {
    Job(Arc<dyn Job>),
    Sweep(Arc<Caller<usize>>, usize),
}

impl Task {
    fn fail(&self, error: &StoreError) {
        match self {
            Self::Job(job) => job.fail(error),
            Self::Sweep(caller, _) => caller.answer(Err(error.clone())),
        }
    }
}

#[derive(Default)]
struct Desk {
    waiting: Vec<(Instant, Task)>,
    in_work: Vec<(Instant, Task)>,
    is_closed: bool,
    is_over: bool,
}

#[derive(Default)]
struct Shared {
    desk: Mutex<Desk>,
    changed: Condvar,
}

pub(super) struct Worker {
    shared: Arc<Shared>,
}

impl Worker {
    pub(super) fn start(path: &Path) -> Result<Self, StoreError> {
        let mut file = RecordFile::open(path)?;
        let shared = Arc::new(Shared::default());
        let (worker, watchman) = (shared.clone(), shared.clone());
        thread::spawn(move || {
            while let Some(tasks) = worker.take() {
                work(&mut file, tasks);
            }
            drop(file);
            worker.desk().is_over = true;
            worker.changed.notify_all();
        });
        thread::spawn(move || watchman.watch());
        Ok(Self { shared })
    }

    pub(super) fn apply<T: Send + 'static>(
        &self,
        key: Key,
        step: impl Fn(Option<&Record>, &Moment) -> Step<T> + Send + Sync + 'static,
    ) -> StoreFuture<'_, T> {
        self.ask(move |caller| Task::Job(Arc::new(Pending { key, step, caller })))
    }

    pub(super) fn sweep(&self, limit: usize) -> StoreFuture<'_, usize> {
        self.ask(move |caller| Task::Sweep(Arc::new(caller), limit))
    }

    fn ask<T: Send + 'static>(
        &self,
        task: impl FnOnce(Caller<T>) -> Task + Send + 'static,
    ) -> StoreFuture<'_, T> {
        Box::pin(async move {
            let (sender, outcome) = oneshot::channel();
            self.shared.hand_in(task(Caller(Mutex::new(Some(sender)))));
            let closed = |_| Err(StoreError::unavailable("the store's thread has ended"));
            outcome.await.unwrap_or_else(closed)
        })
    }
}

impl Drop for Worker {
    /// When this returns, the others see that this process holds nothing here any more: unless the
    /// thread hangs.
    fn drop(&mut self) {
        let mut desk = self.shared.desk();
        desk.is_closed = true;
        self.shared.changed.notify_all();
        let ended = self
            .shared
            .changed
            .wait_timeout_while(desk, END, |desk| !desk.is_over);
        drop(ended);
    }
}

impl Shared {
    fn desk(&self) -> MutexGuard<'_, Desk> {
        // What is done under the lock leaves the desk whole.
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand_in(&self, task: Task) {
        self.desk().waiting.push((Instant::now() + LIMIT, task));
        self.changed.notify_all();
    }

    /// The next tasks, when there are any; nothing when the store is closed.
    fn take(&self) -> Option<Vec<Task>> {
        let mut desk = self.desk();
        desk.in_work.clear();
        let idle = |desk: &mut Desk| desk.waiting.is_empty() && !desk.is_closed;
        let waited = self.changed.wait_while(desk, idle);
        let mut desk = waited.unwrap_or_else(PoisonError::into_inner);
        if desk.waiting.is_empty() {
            return None;
        }
        let count = desk.waiting.len().min(TOGETHER);
        desk.in_work = desk.waiting.drain(..count).collect();
        Some(desk.in_work.iter().map(|(_, task)| task.clone()).collect())
    }

    /// Answers those whose time is over.
    fn watch(&self) {
        let mut desk = self.desk();
        while !desk.is_over {
            let now = Instant::now();
            let hanging = StoreError::unavailable(
                "the file did not answer in time: another process may have been stopped while it \
                 wrote",
            );
            for (_, task) in desk.in_work.iter().filter(|(until, _)| *until <= now) {
                task.fail(&hanging);
            }
            desk.in_work.retain(|(until, _)| *until > now);
            for (_, task) in desk.waiting.extract_if(.., |(until, _)| *until <= now) {
                task.fail(&hanging);
            }
            let all = desk.in_work.iter().chain(&desk.waiting);
            let next = all.map(|(until, _)| *until).min();
            desk = match next {
                None => self
                    .changed
                    .wait(desk)
                    .unwrap_or_else(PoisonError::into_inner),
                Some(until) => {
                    let waited = self.changed.wait_timeout(desk, until - now);
                    waited.unwrap_or_else(PoisonError::into_inner).0
                }
            };
        }
    }
}

fn work(file: &mut RecordFile, tasks: Vec<Task>) {
    let mut jobs = Vec::new();
    for task in tasks {
        match task {
            Task::Job(job) => jobs.push(job),
            Task::Sweep(caller, limit) => caller.answer(file.sweep(limit)),
        }
    }
    if !jobs.is_empty() {
        file.work(&jobs);
    }
}
