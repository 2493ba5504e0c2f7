//! The dedup layer under tasks. Under threads: `dedup_threads.rs`.
//!
//! Where the order of steps matters, the tests run on one thread, and [`settle`] lets every other
//! task go as far as it can. No test sleeps.

use std::convert::Infallible;
use std::fmt::{Debug, Display};
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use agentidemp::dedup::{Dedup, RunError};
use agentidemp_tests::keys::key;
use tokio::sync::{Barrier, Notify};
use tokio::task::{JoinHandle, JoinSet, yield_now};
use tokio::time::{advance, timeout};

const TIME_TO_LIVE: Duration = Duration::from_secs(600);

/// A layer that takes its time from tokio, which a test can pause.
fn dedup() -> Dedup<u32> {
    Dedup::builder()
        .time_to_live(TIME_TO_LIVE)
        .clock(|| tokio::time::Instant::now().into_std())
        .build()
}

/// Lets the other tasks run until all of them wait.
async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}

async fn answer(answer: u32) -> Result<u32, Infallible> {
    Ok(answer)
}

/// Starts a call whose work waits for `release`, then gives `result`.
async fn start_call<E: Debug + Display + Send + Sync + 'static>(
    dedup: &Dedup<u32>,
    release: &Arc<Notify>,
    result: Result<u32, E>,
) -> JoinHandle<Result<u32, RunError<E, u32>>> {
    let (dedup, release) = (dedup.clone(), release.clone());
    let call = tokio::spawn(async move {
        let work = async |_| {
            release.notified().await;
            result
        };
        dedup.run(&key(1), work).await
    });
    settle().await;
    call
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_calls_with_one_key_run_the_work_once_and_all_get_its_answer() {
    const CALLERS: u32 = 64;
    for round in 0..100 {
        let dedup = dedup();
        let ran = Arc::new(AtomicU32::new(0));
        let start = Arc::new(Barrier::new(CALLERS as usize));
        let mut callers = JoinSet::new();
        for caller in 0..CALLERS {
            let (dedup, ran, start) = (dedup.clone(), ran.clone(), start.clone());
            callers.spawn(async move {
                start.wait().await;
                let work = async |_| {
                    ran.fetch_add(1, Ordering::Relaxed);
                    yield_now().await;
                    Ok::<_, Infallible>(caller)
                };
                dedup.run(&key(round), work).await.unwrap()
            });
        }
        let answers = callers.join_all().await;
        assert_eq!(ran.load(Ordering::Relaxed), 1);
        assert!(answers.iter().all(|answer| *answer == answers[0]));
    }
}

#[tokio::test]
async fn those_who_wait_share_the_flight() {
    let (dedup, release) = (dedup(), Arc::new(Notify::new()));
    let first = start_call(&dedup, &release, Ok::<_, Infallible>(7)).await;
    let second = start_call(&dedup, &release, Ok::<_, Infallible>(8)).await;

    release.notify_one();
    assert_eq!(first.await.unwrap().unwrap(), 7);
    assert_eq!(second.await.unwrap().unwrap(), 7);
    let figures = dedup.figures();
    assert_eq!((figures.misses, figures.shared_flights), (1, 1));
}

#[tokio::test]
async fn calls_with_other_keys_do_not_wait() {
    let (dedup, release) = (dedup(), Arc::new(Notify::new()));
    let _running = start_call(&dedup, &release, Ok::<_, Infallible>(7)).await;
    assert_eq!(dedup.run(&key(2), |_| answer(8)).await.unwrap(), 8);
}

#[tokio::test]
async fn an_error_is_its_callers_own_and_shared_by_those_who_wait_but_not_remembered() {
    let (dedup, release) = (dedup(), Arc::new(Notify::new()));
    let first = start_call(&dedup, &release, Err("overloaded")).await;
    let second = start_call(&dedup, &release, Err("not run")).await;

    release.notify_one();
    let first = first.await.unwrap().unwrap_err();
    let second = second.await.unwrap().unwrap_err();
    assert_eq!(first.into_work(), Some("overloaded"));
    let RunError::Shared(shared) = second else {
        panic!("{second:?}");
    };
    assert_eq!(shared.to_string(), "overloaded");
    assert_eq!(dedup.get(&key(1)).await.unwrap(), None);
    assert_eq!(dedup.figures().entries, 0);
}

#[tokio::test]
async fn after_an_error_each_caller_may_try_again() {
    let dedup = dedup();
    for attempt in 1..=3 {
        let failed = dedup.run(&key(1), async |_| Err(attempt)).await;
        assert_eq!(failed.unwrap_err().into_work(), Some(attempt));
    }
    assert_eq!(dedup.run(&key(1), |_| answer(7)).await.unwrap(), 7);
    assert_eq!(dedup.run(&key(1), |_| answer(8)).await.unwrap(), 7);
    assert_eq!(dedup.figures().misses, 4);
}

#[tokio::test]
async fn when_the_caller_whose_work_runs_gives_up_another_one_takes_over() {
    let (dedup, release) = (dedup(), Arc::new(Notify::new()));
    let first = start_call(&dedup, &release, Ok::<_, Infallible>(7)).await;
    let second = start_call(&dedup, &release, Ok::<_, Infallible>(8)).await;
    let third = start_call(&dedup, &release, Ok::<_, Infallible>(9)).await;

    first.abort();
    settle().await;
    release.notify_one();
    assert_eq!(second.await.unwrap().unwrap(), 8);
    assert_eq!(third.await.unwrap().unwrap(), 8);
    assert_eq!(dedup.figures().misses, 2);
}

#[tokio::test]
async fn a_caller_that_gives_up_waiting_disturbs_nobody() {
    let (dedup, release) = (dedup(), Arc::new(Notify::new()));
    let first = start_call(&dedup, &release, Ok::<_, Infallible>(7)).await;
    let second = start_call(&dedup, &release, Ok::<_, Infallible>(8)).await;
    let third = start_call(&dedup, &release, Ok::<_, Infallible>(9)).await;

    second.abort();
    settle().await;
    release.notify_one();
    assert_eq!(first.await.unwrap().unwrap(), 7);
    assert_eq!(third.await.unwrap().unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_timed_out_leaves_the_key_free() {
    let dedup = dedup();
    let key = key(1);
    let endless = dedup.run(&key, |_| pending::<Result<u32, Infallible>>());
    assert!(timeout(Duration::from_secs(1), endless).await.is_err());
    assert_eq!(dedup.run(&key, |_| answer(7)).await.unwrap(), 7);
}

#[tokio::test]
async fn a_caller_outlasts_any_number_that_gave_up() {
    let (dedup, release) = (dedup(), Arc::new(Notify::new()));
    let mut impatient = Vec::new();
    for _ in 0..500 {
        impatient.push(start_call(&dedup, &release, Ok::<_, Infallible>(7)).await);
    }
    let patient = start_call(&dedup, &release, Ok::<_, Infallible>(8)).await;

    for call in impatient {
        call.abort();
        settle().await;
    }
    release.notify_one();
    assert_eq!(patient.await.unwrap().unwrap(), 8);
}

#[tokio::test]
async fn a_panic_reaches_its_caller_alone_and_does_not_poison_the_key() {
    let (dedup, release) = (dedup(), Arc::new(Notify::new()));
    let panicking = tokio::spawn({
        let (dedup, release) = (dedup.clone(), release.clone());
        async move {
            let work = async |_| -> Result<u32, Infallible> {
                release.notified().await;
                panic!("the work is broken")
            };
            dedup.run(&key(1), work).await
        }
    });
    settle().await;
    let waiting = start_call(&dedup, &release, Ok::<_, Infallible>(8)).await;

    release.notify_one();
    assert!(panicking.await.unwrap_err().is_panic());
    release.notify_one();
    assert_eq!(waiting.await.unwrap().unwrap(), 8);
    assert_eq!(dedup.get(&key(1)).await.unwrap(), Some(8));
}

#[tokio::test]
async fn calls_whose_work_fails_with_different_types_share_the_flight() {
    let (dedup, release) = (dedup(), Arc::new(Notify::new()));
    let first = start_call(&dedup, &release, Err::<u32, _>("a text")).await;
    let second = start_call(&dedup, &release, Ok::<_, Infallible>(8)).await;

    release.notify_one();
    assert_eq!(
        first.await.unwrap().unwrap_err().into_work(),
        Some("a text")
    );
    let shared = second.await.unwrap().unwrap_err();
    assert_eq!(shared.to_string(), "another caller's work failed: a text");
}

/// A newcomer is let in however often the others were used.
#[tokio::test]
async fn the_least_recently_used_entry_goes_first() {
    let dedup = Dedup::builder().capacity(3).build();
    for number in 1..=3 {
        dedup.run(&key(number), |_| answer(7)).await.unwrap();
    }
    for _ in 0..10 {
        let _ = dedup.figures();
        dedup.get(&key(3)).await.unwrap();
        dedup.run(&key(1), |_| answer(8)).await.unwrap();
        dedup.get(&key(2)).await.unwrap();
    }

    dedup.run(&key(4), |_| answer(7)).await.unwrap();
    assert_eq!(dedup.figures().entries, 3);
    assert_eq!(dedup.get(&key(3)).await.unwrap(), None);
    for number in [1, 2, 4] {
        assert_eq!(dedup.get(&key(number)).await.unwrap(), Some(7));
    }
}

#[tokio::test]
async fn a_layer_that_remembers_nothing_still_shares_flights() {
    let without_capacity = Dedup::builder().capacity(0).build();
    let without_time = Dedup::builder().time_to_live(Duration::ZERO).build();
    for dedup in [without_capacity, without_time] {
        let release = Arc::new(Notify::new());
        let first = start_call(&dedup, &release, Ok::<_, Infallible>(7)).await;
        let second = start_call(&dedup, &release, Ok::<_, Infallible>(8)).await;

        release.notify_one();
        assert_eq!(first.await.unwrap().unwrap(), 7);
        assert_eq!(second.await.unwrap().unwrap(), 7);
        assert_eq!(dedup.get(&key(1)).await.unwrap(), None);
        assert_eq!(dedup.figures().entries, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_lives_for_its_time_to_live_however_often_it_is_read() {
    let dedup = dedup();
    dedup.run(&key(1), |_| answer(7)).await.unwrap();
    advance(TIME_TO_LIVE / 2).await;
    assert_eq!(dedup.get(&key(1)).await.unwrap(), Some(7));
    advance(TIME_TO_LIVE / 2 - Duration::from_millis(1)).await;
    assert_eq!(dedup.run(&key(1), |_| answer(8)).await.unwrap(), 7);

    advance(Duration::from_millis(1)).await;
    assert_eq!(dedup.get(&key(1)).await.unwrap(), None);
    assert_eq!(dedup.run(&key(1), |_| answer(8)).await.unwrap(), 8);
    advance(TIME_TO_LIVE - Duration::from_millis(1)).await;
    assert_eq!(dedup.get(&key(1)).await.unwrap(), Some(8));
}

#[tokio::test(start_paused = true)]
async fn the_time_to_live_counts_from_the_answer_not_from_the_call() {
    let (dedup, release) = (dedup(), Arc::new(Notify::new()));
    let slow = start_call(&dedup, &release, Ok::<_, Infallible>(7)).await;
    advance(TIME_TO_LIVE).await;
    release.notify_one();
    slow.await.unwrap().unwrap();
    advance(TIME_TO_LIVE - Duration::from_millis(1)).await;
    assert_eq!(dedup.get(&key(1)).await.unwrap(), Some(7));
}

#[tokio::test(start_paused = true)]
async fn an_expired_answer_is_replaced_once_by_concurrent_calls() {
    let (dedup, release) = (dedup(), Arc::new(Notify::new()));
    dedup.run(&key(1), |_| answer(7)).await.unwrap();
    advance(TIME_TO_LIVE).await;
    let first = start_call(&dedup, &release, Ok::<_, Infallible>(8)).await;
    let second = start_call(&dedup, &release, Ok::<_, Infallible>(9)).await;

    release.notify_one();
    assert_eq!(first.await.unwrap().unwrap(), 8);
    assert_eq!(second.await.unwrap().unwrap(), 8);
}

/// By the real clock, which cannot be set, so the test polls until the memory is free.
#[tokio::test]
async fn expired_answers_leave_the_memory() {
    let time_to_live = Duration::from_millis(1);
    let dedup = Dedup::builder().time_to_live(time_to_live).build();
    let started = Instant::now();
    dedup.run(&key(1), |_| answer(7)).await.unwrap();
    while dedup.figures().entries > 0 {
        assert!(started.elapsed() < Duration::from_secs(60));
        yield_now().await;
    }
    assert!(started.elapsed() >= time_to_live);
}

#[tokio::test]
async fn the_longest_time_to_live_is_accepted() {
    let dedup = Dedup::builder().time_to_live(Duration::MAX).build();
    assert_eq!(dedup.run(&key(1), |_| answer(7)).await.unwrap(), 7);
    assert_eq!(dedup.get(&key(1)).await.unwrap(), Some(7));
}

#[tokio::test]
async fn an_invalidated_answer_is_forgotten() {
    let dedup = dedup();
    dedup.run(&key(1), |_| answer(7)).await.unwrap();
    dedup.run(&key(2), |_| answer(7)).await.unwrap();
    dedup.invalidate(&key(1)).await.unwrap();
    assert_eq!(dedup.get(&key(1)).await.unwrap(), None);
    assert_eq!(dedup.get(&key(2)).await.unwrap(), Some(7));
    assert_eq!(dedup.run(&key(1), |_| answer(8)).await.unwrap(), 8);
}

#[tokio::test]
async fn an_answer_that_comes_after_the_invalidation_is_not_remembered() {
    let (dedup, release) = (dedup(), Arc::new(Notify::new()));
    let before = start_call(&dedup, &release, Ok::<_, Infallible>(7)).await;
    dedup.invalidate(&key(1)).await.unwrap();
    let after = start_call(&dedup, &release, Ok::<_, Infallible>(8)).await;

    release.notify_one();
    assert_eq!(before.await.unwrap().unwrap(), 7);
    assert_eq!(dedup.get(&key(1)).await.unwrap(), None);
    release.notify_one();
    assert_eq!(after.await.unwrap().unwrap(), 8);
    assert_eq!(dedup.get(&key(1)).await.unwrap(), Some(8));
}

#[tokio::test]
async fn a_stale_answer_does_not_replace_a_fresh_one() {
    let dedup = dedup();
    let (stale, fresh) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let before = start_call(&dedup, &stale, Ok::<_, Infallible>(7)).await;
    dedup.invalidate(&key(1)).await.unwrap();
    let after = start_call(&dedup, &fresh, Ok::<_, Infallible>(8)).await;

    fresh.notify_one();
    assert_eq!(after.await.unwrap().unwrap(), 8);
    stale.notify_one();
    assert_eq!(before.await.unwrap().unwrap(), 7);
    assert_eq!(dedup.get(&key(1)).await.unwrap(), Some(8));
}

#[tokio::test]
async fn an_inserted_answer_is_given_and_does_not_replace_an_earlier_one() {
    let dedup = dedup();
    assert_eq!(dedup.insert(&key(1), 7).await.unwrap(), 7);
    assert_eq!(dedup.insert(&key(1), 8).await.unwrap(), 7);
    assert_eq!(dedup.run(&key(1), |_| answer(9)).await.unwrap(), 7);
}

#[tokio::test]
async fn what_is_not_worth_remembering_goes_to_those_who_wait_alone() {
    let dedup = Dedup::builder()
        .remember_if(|answer| *answer != 503)
        .build();
    let release = Arc::new(Notify::new());
    let first = start_call(&dedup, &release, Ok::<_, Infallible>(503)).await;
    let second = start_call(&dedup, &release, Ok::<_, Infallible>(8)).await;
    release.notify_one();
    assert_eq!(first.await.unwrap().unwrap(), 503);
    assert_eq!(second.await.unwrap().unwrap(), 503);
    assert_eq!(dedup.run(&key(1), |_| answer(200)).await.unwrap(), 200);
    assert_eq!(dedup.run(&key(1), |_| answer(9)).await.unwrap(), 200);
}

#[tokio::test]
async fn who_will_not_wait_is_told_at_once() {
    let dedup = Dedup::builder().wait(Duration::ZERO).build();
    let release = Arc::new(Notify::new());
    let first = start_call(&dedup, &release, Ok::<_, Infallible>(7)).await;
    let refused = dedup.run(&key(1), |_| answer(8)).await;
    assert!(matches!(refused, Err(RunError::InProgress { .. })));
    release.notify_one();
    assert_eq!(first.await.unwrap().unwrap(), 7);
    assert_eq!(dedup.figures().refusals, 1);
}

#[tokio::test]
async fn the_figures_count_what_was_run() {
    let dedup = dedup();
    for number in [1, 2, 1, 1] {
        dedup.run(&key(number), |_| answer(7)).await.unwrap();
    }
    dedup
        .run(&key(3), async |_| Err("overloaded"))
        .await
        .unwrap_err();
    dedup.get(&key(1)).await.unwrap();
    let figures = dedup.figures();
    assert_eq!(figures.hits, 2);
    assert_eq!(figures.misses, 3);
    assert_eq!(figures.shared_flights, 0);
    assert_eq!(figures.entries, 2);
}

#[tokio::test]
async fn a_clone_shares_the_memory() {
    let dedup = dedup();
    dedup.clone().run(&key(1), |_| answer(7)).await.unwrap();
    assert_eq!(dedup.get(&key(1)).await.unwrap(), Some(7));
    assert_eq!(dedup.figures().misses, 1);
}
