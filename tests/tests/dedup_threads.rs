//! The dedup layer under threads. Under tasks: `dedup.rs`.

use std::collections::HashSet;
use std::convert::Infallible;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use agentidemp::dedup::Attempt;
use agentidemp::dedup::blocking::Dedup;
use agentidemp_tests::clock::ManualClock;
use agentidemp_tests::keys::key;

const CALLERS: usize = 32;
const TIME_TO_LIVE: Duration = Duration::from_secs(600);

fn answer(answer: u32) -> impl FnOnce(Attempt) -> Result<u32, Infallible> {
    move |_| Ok(answer)
}

/// Calls from many threads at once, and gives what each of them got.
fn call_at_once<T: Send>(call: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(CALLERS);
    thread::scope(|scope| {
        let callers: Vec<_> = (0..CALLERS)
            .map(|caller| {
                let (call, start) = (&call, &start);
                scope.spawn(move || {
                    start.wait();
                    call(caller)
                })
            })
            .collect();
        let results = callers.into_iter().map(|caller| caller.join().unwrap());
        results.collect()
    })
}

#[test]
fn concurrent_calls_with_one_key_run_the_work_once_and_all_get_its_answer() {
    for round in 0..100 {
        let dedup = Dedup::builder().build();
        let ran = AtomicU32::new(0);
        let answers = call_at_once(|caller| {
            let work = |_| {
                ran.fetch_add(1, Ordering::Relaxed);
                thread::yield_now();
                Ok::<_, Infallible>(caller)
            };
            dedup.run(&key(round), work).unwrap()
        });
        assert_eq!(ran.load(Ordering::Relaxed), 1);
        assert!(answers.iter().all(|answer| *answer == answers[0]));
        let figures = dedup.figures();
        assert_eq!(figures.misses, 1);
        assert_eq!(figures.hits + figures.shared_flights, CALLERS as u64 - 1);
    }
}

#[test]
fn calls_with_other_keys_do_not_wait() {
    let dedup = Dedup::builder().build();
    let nested = |_| dedup.run(&key(2), answer(8));
    assert_eq!(dedup.run(&key(1), nested).unwrap(), 8);
}

#[test]
fn an_error_is_not_remembered_and_each_caller_may_try_again() {
    let dedup = Dedup::builder().build();
    let errors = call_at_once(|_| dedup.run(&key(1), |_| Err("overloaded")));
    assert!(
        errors
            .into_iter()
            .all(|error| error.unwrap_err().to_string().ends_with("overloaded"))
    );
    assert_eq!(dedup.figures().entries, 0);

    assert_eq!(dedup.run(&key(1), answer(7)).unwrap(), 7);
    assert_eq!(dedup.run(&key(1), answer(8)).unwrap(), 7);
}

#[test]
fn a_panic_reaches_its_caller_alone_and_does_not_poison_the_key() {
    let dedup = Dedup::builder().build();
    let (running, released) = (Barrier::new(2), Barrier::new(2));
    let broken = |_| -> Result<u32, Infallible> {
        running.wait();
        released.wait();
        panic!("the work is broken")
    };
    thread::scope(|scope| {
        let panicking = scope.spawn(|| dedup.run(&key(1), broken));
        running.wait();
        let waiting = scope.spawn(|| dedup.run(&key(1), answer(8)));
        released.wait();
        assert!(panicking.join().is_err());
        assert_eq!(waiting.join().unwrap().unwrap(), 8);
    });
    assert_eq!(dedup.get(&key(1)).unwrap(), Some(8));
}

#[test]
fn many_panics_at_once_do_not_poison_the_key() {
    let dedup = Dedup::builder().build();
    let broken = |_| -> Result<u32, Infallible> { panic!("the work is broken") };
    let results = call_at_once(|_| catch_unwind(AssertUnwindSafe(|| dedup.run(&key(1), broken))));
    assert!(results.iter().all(Result::is_err));
    assert_eq!(dedup.run(&key(1), answer(7)).unwrap(), 7);
}

/// A newcomer is let in however often the others were used.
#[test]
fn the_least_recently_used_entry_goes_first() {
    let dedup = Dedup::builder().capacity(3).build();
    for number in 1..=3 {
        dedup.run(&key(number), answer(7)).unwrap();
    }
    for _ in 0..10 {
        let _ = dedup.figures();
        for number in [3, 1, 2] {
            dedup.run(&key(number), answer(8)).unwrap();
        }
    }

    dedup.run(&key(4), answer(7)).unwrap();
    assert_eq!(dedup.figures().entries, 3);
    assert_eq!(dedup.get(&key(3)).unwrap(), None);
    for number in [1, 2, 4] {
        assert_eq!(dedup.get(&key(number)).unwrap(), Some(7));
    }
}

#[test]
fn at_capacity_under_threads_the_entries_stay_within_bounds() {
    let dedup = Dedup::builder().capacity(10).build();
    call_at_once(|caller| {
        for number in 0..100 {
            let number = number * CALLERS as u64 + caller as u64;
            dedup.run(&key(number), answer(7)).unwrap();
        }
    });
    assert_eq!(dedup.figures().entries, 10);
}

/// A layer whose answers live for `TIME_TO_LIVE`, and the clock that it goes by.
fn with_manual_clock() -> (Dedup<u32>, ManualClock) {
    let clock = ManualClock::new();
    let now = clock.clone();
    let dedup = Dedup::builder()
        .time_to_live(TIME_TO_LIVE)
        .clock(move || now.now())
        .build();
    (dedup, clock)
}

#[test]
fn an_answer_lives_for_its_time_to_live() {
    let (dedup, clock) = with_manual_clock();
    dedup.run(&key(1), answer(7)).unwrap();
    clock.advance(TIME_TO_LIVE - Duration::from_nanos(1));
    assert_eq!(dedup.run(&key(1), answer(8)).unwrap(), 7);

    clock.advance(Duration::from_nanos(1));
    assert_eq!(dedup.get(&key(1)).unwrap(), None);
    assert_eq!(dedup.figures().entries, 0);
}

#[test]
fn an_expired_answer_is_replaced_once_by_concurrent_calls() {
    let (dedup, clock) = with_manual_clock();
    for round in 1..=100 {
        let answers = call_at_once(|_| dedup.run(&key(1), answer(round)).unwrap());
        assert!(answers.iter().all(|answer| *answer == round));
        assert_eq!(dedup.figures().misses, u64::from(round));
        clock.advance(TIME_TO_LIVE);
    }
}

#[test]
fn get_and_invalidate_and_figures() {
    let dedup = Dedup::builder().build();
    assert_eq!(dedup.get(&key(1)).unwrap(), None);
    for number in [1, 2, 1, 1] {
        dedup.run(&key(number), answer(7)).unwrap();
    }
    assert_eq!(dedup.get(&key(1)).unwrap(), Some(7));
    dedup.invalidate(&key(1)).unwrap();
    assert_eq!(dedup.get(&key(1)).unwrap(), None);
    let figures = dedup.figures();
    assert_eq!((figures.hits, figures.misses, figures.entries), (2, 2, 1));
}

#[test]
fn in_memory_no_two_attempts_have_one_token_and_none_is_after_another() {
    const KEYS: usize = 2000;

    let dedup = Dedup::builder().build();
    let tokens = call_at_once(|caller| {
        let token = |attempt: Attempt| {
            assert_eq!((attempt.number(), attempt.after_interruption()), (1, false));
            Ok::<_, Infallible>(attempt.fencing_token())
        };
        let keys = (caller * KEYS..(caller + 1) * KEYS).map(|number| key(number as u64));
        let tokens: Vec<_> = keys.map(|key| dedup.run(&key, token).unwrap()).collect();
        assert!(tokens.is_sorted());
        tokens
    });
    let distinct: HashSet<_> = tokens.into_iter().flatten().collect();
    assert_eq!(distinct.len(), CALLERS * KEYS);
}

/// The failed flight is gone with its last caller.
#[test]
fn after_failed_work_that_nobody_waited_for_the_next_attempt_is_a_first_one() {
    let dedup = Dedup::builder().build();
    for _ in 0..3 {
        let number = |attempt: Attempt| Err::<u32, _>(attempt.number());
        assert_eq!(dedup.run(&key(1), number).unwrap_err().into_work(), Some(1));
        let panics = catch_unwind(AssertUnwindSafe(|| {
            drop(dedup.run(&key(1), |_| -> Result<u32, Infallible> { panic!("boom") }));
        }));
        assert!(panics.is_err());
    }
}
