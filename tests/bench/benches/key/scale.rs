//! What a single request does not show: whether the cost stays linear up to 64 MB, and what a second
//! thread adds.

use std::thread;
use std::time::{Duration, Instant};

use agentidemp::IdempotencyKey;
use agentidemp_bench::{Chat, Text, chat};

use crate::measure::median;

const ROUNDS: usize = 7;

/// The megabytes of a request, and the nanoseconds that its key takes for each byte.
pub(crate) fn nanoseconds_per_byte() -> Vec<(usize, f64)> {
    let requests = [4, 16, 64].map(|megabytes| {
        let request = chat(Text::Prose, megabytes << 20);
        let size = request.canonical_bytes().len();
        (megabytes, request, size)
    });
    // All sizes in each round, so that what else the machine does meets them alike.
    let rounds: Vec<Vec<f64>> = (0..ROUNDS)
        .map(|_| {
            requests
                .iter()
                .map(|(_, request, size)| {
                    let start = Instant::now();
                    std::hint::black_box(request.idempotency_key());
                    start.elapsed().as_secs_f64() * 1e9 / *size as f64
                })
                .collect()
        })
        .collect();
    requests
        .iter()
        .enumerate()
        .map(|(at, (megabytes, ..))| (*megabytes, median(rounds.iter().map(|round| round[at]))))
        .collect()
}

/// Keys of a 4 KB chat request a second.
pub(crate) struct Threads {
    pub(crate) one: f64,
    pub(crate) two: f64,
    /// The median of the rounds' ratios.
    pub(crate) gain: f64,
}

pub(crate) fn threads(time: Duration) -> Threads {
    let request = chat(Text::Prose, 4096);
    let rounds: Vec<(f64, f64)> = (0..ROUNDS)
        .map(|_| {
            let one = keys_a_second(&request, 1, time);
            (one, keys_a_second(&request, 2, time))
        })
        .collect();
    Threads {
        one: median(rounds.iter().map(|(one, _)| *one)),
        two: median(rounds.iter().map(|(_, two)| *two)),
        gain: median(rounds.iter().map(|(one, two)| two / one)),
    }
}

fn keys_a_second(request: &Chat, threads: usize, time: Duration) -> f64 {
    let count = || {
        let start = Instant::now();
        let mut keys = 0_u32;
        while start.elapsed() < time {
            std::hint::black_box(request.idempotency_key());
            keys += 1;
        }
        f64::from(keys) / start.elapsed().as_secs_f64()
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(count)).collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .sum()
    })
}
