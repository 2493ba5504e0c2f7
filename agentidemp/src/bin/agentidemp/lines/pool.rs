//! [`in_order`]: work by several threads, whose results come in the order of the work.

use std::ops::ControlFlow;
use std::panic;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// How many pieces of work, and how many results, wait for each thread: they bound the memory.
const WAITING: usize = 2;

/// Has the work done by as many threads as there are cores, and calls `each` with the results, in order.
///
/// The pieces are dealt in turn, and so are the results collected. Where `each` breaks, the threads are left
/// alone: one of them may wait for input that never comes.
pub(super) fn in_order<T, R>(
    pieces: impl Iterator<Item = T> + Send + 'static,
    work: impl Fn(T) -> R + Send + Sync + 'static,
    mut each: impl FnMut(R) -> ControlFlow<()>,
) where
    T: Send + 'static,
    R: Send + 'static,
{
    let cores = thread::available_parallelism().map_or(1, usize::from);
    let work = Arc::new(work);
    let workers = (0..cores).map(|_| Worker::start(Arc::clone(&work)));
    let (inputs, workers): (Vec<_>, Vec<_>) = workers.unzip();
    let dealer = thread::spawn(move || deal(pieces, &inputs));

    for worker in workers.iter().cycle() {
        let Ok(result) = worker.results.recv() else {
            break;
        };
        if each(result).is_break() {
            return;
        }
    }
    // A thread that panicked must not look like the end of the work.
    let threads = workers.into_iter().map(|worker| worker.thread);
    for thread in threads.chain([dealer]) {
        if let Err(payload) = thread.join() {
            panic::resume_unwind(payload);
        }
    }
}

fn deal<T>(pieces: impl Iterator<Item = T>, inputs: &[SyncSender<T>]) {
    for (piece, input) in pieces.zip(inputs.iter().cycle()) {
        if input.send(piece).is_err() {
            return;
        }
    }
}

/// A thread that works.
struct Worker<R> {
    results: Receiver<R>,
    thread: JoinHandle<()>,
}

impl<R: Send + 'static> Worker<R> {
    fn start<T: Send + 'static>(
        work: Arc<impl Fn(T) -> R + Send + Sync + 'static>,
    ) -> (SyncSender<T>, Self) {
        let (input, pieces) = sync_channel(WAITING);
        let (output, results) = sync_channel(WAITING);
        let thread = thread::spawn(move || {
            for piece in pieces {
                if output.send(work(piece)).is_err() {
                    return;
                }
            }
        });
        (input, Self { results, thread })
    }
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;
    use std::thread;
    use std::time::Duration;

    use super::in_order;

    #[test]
    fn results_come_in_the_order_of_the_work() {
        let mut results = Vec::new();
        let slow_at_first = |number: u64| {
            thread::sleep(Duration::from_micros(100 - number));
            number
        };
        in_order(0..100, slow_at_first, |number| {
            results.push(number);
            ControlFlow::Continue(())
        });
        assert_eq!(results, (0..100).collect::<Vec<_>>());
    }

    #[test]
    fn nobody_waits_for_work_after_the_end() {
        let endless = std::iter::from_fn(|| Some(()));
        let mut left = 10;
        in_order(
            endless,
            |()| (),
            |()| {
                left -= 1;
                if left == 0 {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        );
        assert_eq!(left, 0);
    }

    #[test]
    #[should_panic(expected = "the work panics")]
    fn a_panic_is_no_end() {
        in_order(
            0..1,
            |_| panic!("the work panics"),
            |()| ControlFlow::Continue(()),
        );
    }
}
