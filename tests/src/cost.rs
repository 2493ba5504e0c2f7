//! What work costs the processor, whatever else the machine does meanwhile, and compared with other work of
//! the same run: how fast the machine is decides nothing.

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;

/// How often two costs are compared before the greater one is believed: what runs beside a test takes
/// its caches away.
const TRIES: usize = 10;

/// What this thread's work took of a processor.
fn of<T>(work: impl FnOnce() -> T) -> Duration {
    let start = ThreadTime::now();
    black_box(work());
    start.elapsed()
}

/// Work costs at most so many times what other work costs. The best of several times counts, of each.
///
/// # Panics
///
/// Where it costs more.
#[track_caller]
pub fn assert_at_most<T, U>(times: u32, work: impl Fn() -> T, other: impl Fn() -> U) {
    let [mut best, mut best_of_other] = [Duration::MAX; 2];
    for _ in 0..TRIES {
        best_of_other = best_of_other.min(of(&other));
        best = best.min(of(&work));
        if best <= times * best_of_other {
            return;
        }
    }
    panic!("it costs {best:?}, and not at most {times} times {best_of_other:?}");
}
