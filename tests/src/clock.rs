//! A clock that a test sets.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

#[derive(Clone)]
pub struct ManualClock(Arc<Mutex<Instant>>);

impl ManualClock {
    pub fn new() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }

    pub fn now(&self) -> Instant {
        *self.0.lock().unwrap()
    }

    pub fn advance(&self, duration: Duration) {
        *self.0.lock().unwrap() += duration;
    }
}

impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}
