//! [`Pace`]: how a face lets time pass, and how it does what nobody waits for.

use core::time::Duration;
use std::thread;

use tokio::runtime::Handle;

/// Time for what the two faces do alike.
pub(super) trait Pace: Clone + Send + Sync + 'static {
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;

    /// Does something without a caller who waits.
    fn detach(&self, work: impl Future<Output = ()> + Send + 'static);
}

/// The pace of tasks: tokio's.
#[derive(Clone)]
pub(super) struct Tasks {
    /// A future may be dropped outside its runtime.
    runtime: Handle,
}

impl Tasks {
    /// # Panics
    ///
    /// Outside a runtime of tokio's.
    pub(super) fn here() -> Self {
        Self {
            runtime: Handle::current(),
        }
    }
}

impl Pace for Tasks {
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send {
        tokio::time::sleep(duration)
    }

    fn detach(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }
}

/// The pace of threads, which block.
#[derive(Clone)]
pub(super) struct Threads {
    pub(super) runtime: Option<Handle>,
}

impl Threads {
    pub(super) fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        match &self.runtime {
            Some(runtime) => runtime.block_on(work),
            None => pollster::block_on(work),
        }
    }
}

impl Pace for Threads {
    async fn sleep(&self, duration: Duration) {
        thread::sleep(duration);
    }

    fn detach(&self, work: impl Future<Output = ()> + Send + 'static) {
        match &self.runtime {
            Some(runtime) => drop(runtime.spawn(work)),
            None => pollster::block_on(work),
        }
    }
}
