//! Several dedup layers on one store, as several processes would be. Time is tokio's, and paused.

use std::convert::Infallible;
use std::error::Error as _;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use agentidemp::dedup::store::{
    Claim, Claimed, Complete, Get, Insert, Inserted, Interrupt, Invalidate, MemoryStore, Release,
    Renew, Resolve, Resolved, Status, Store, StoreError, StoreErrorKind, StoreFuture, Sweep,
    Written,
};
use agentidemp::dedup::{Abandoned, Attempt, Builder, Dedup, NotStoredCause, RunError};
use agentidemp_tests::keys::key;
use tokio::sync::Notify;
use tokio::task::{JoinHandle, yield_now};
use tokio::time::{Instant, advance, sleep, timeout};

const LEASE: Duration = Duration::from_secs(30);

/// A store that goes by tokio's time.
fn store() -> MemoryStore {
    let start = Instant::now();
    MemoryStore::with_clock(move || {
        let micros = u64::try_from(start.elapsed().as_micros()).unwrap();
        1_767_225_600_000_000 + micros
    })
}

fn builder(store: &impl CloneStore) -> Builder<u32, Dedup<u32>> {
    Dedup::builder().store(store.share())
}

fn layer(store: &MemoryStore) -> Dedup<u32> {
    builder(store).build()
}

trait CloneStore {
    fn share(&self) -> Box<dyn Store>;
}

impl<S: Store + Clone> CloneStore for S {
    fn share(&self) -> Box<dyn Store> {
        Box::new(self.clone())
    }
}

async fn answer(answer: u32) -> Result<u32, Infallible> {
    Ok(answer)
}

async fn settle() {
    for _ in 0..100 {
        yield_now().await;
    }
}

type Call = JoinHandle<Result<u32, RunError<String, u32>>>;

/// Starts a call whose work waits for `release`, then gives `result`.
async fn start_call(dedup: &Dedup<u32>, release: &Arc<Notify>, result: Result<u32, &str>) -> Call {
    let (dedup, release) = (dedup.clone(), release.clone());
    let result = result.map_err(String::from);
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

/// A call whose process dies while its work runs: it neither goes on nor gives up.
async fn crash(store: &MemoryStore) {
    let lease = Claim::new(
        key(1),
        agentidemp::dedup::store::ClaimId::random(),
        LEASE,
        None,
    );
    assert!(matches!(store.claim(lease).await, Ok(Claimed::Granted(_))));
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_remembered_by_the_next_process() {
    let store = store();
    assert_eq!(layer(&store).run(&key(1), |_| answer(7)).await.unwrap(), 7);
    let next = layer(&store);
    assert_eq!(next.run(&key(1), |_| answer(8)).await.unwrap(), 7);
    assert_eq!(next.get(&key(1)).await.unwrap(), Some(7));
    let figures = next.figures();
    assert_eq!(
        (figures.recalls, figures.misses, figures.entries),
        (1, 0, 0)
    );
}

#[tokio::test(start_paused = true)]
async fn a_first_attempt_takes_nothing_over() {
    let dedup = layer(&store());
    let work = async |attempt: Attempt| {
        assert_eq!((attempt.number(), attempt.after_interruption()), (1, false));
        answer(7).await
    };
    assert_eq!(dedup.run(&key(1), work).await.unwrap(), 7);
    assert_eq!((dedup.figures().misses, dedup.figures().takeovers), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_process_waits_for_the_work_of_another() {
    let store = store();
    let (first, second, release) = (layer(&store), layer(&store), Arc::new(Notify::new()));
    let first = start_call(&first, &release, Ok(7)).await;
    let waiting = second.clone();
    let waiting = tokio::spawn(async move { waiting.run(&key(1), |_| answer(8)).await });
    sleep(Duration::from_secs(20)).await;
    release.notify_one();
    assert_eq!(first.await.unwrap().unwrap(), 7);
    let asked = Instant::now();
    assert_eq!(waiting.await.unwrap().unwrap(), 7);
    assert!(asked.elapsed() <= Duration::from_secs(1));
    let figures = second.figures();
    assert_eq!((figures.waits, figures.recalls, figures.misses), (1, 1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_process_waits_no_longer_than_it_was_told() {
    let store = store();
    let (first, release) = (layer(&store), Arc::new(Notify::new()));
    let _running = start_call(&first, &release, Ok(7)).await;
    for wait in [Duration::ZERO, Duration::from_secs(5)] {
        let second = builder(&store).wait(wait).build();
        let asked = Instant::now();
        let refused = second.run(&key(1), |_| answer(8)).await;
        let Err(RunError::InProgress { retry_after, .. }) = refused else {
            panic!("{refused:?}");
        };
        assert!(retry_after <= LEASE);
        assert!(asked.elapsed() >= wait && asked.elapsed() <= wait + Duration::from_millis(1));
    }
}

/// Three times as long as the lease.
#[tokio::test(start_paused = true)]
async fn a_claim_is_renewed_while_its_work_runs() {
    let store = store();
    let (first, second, release) = (layer(&store), layer(&store), Arc::new(Notify::new()));
    let first = start_call(&first, &release, Ok(7)).await;
    for _ in 0..9 {
        sleep(LEASE / 3).await;
        let second = builder(&store).wait(Duration::ZERO).build();
        let refused = second.run(&key(1), |_| answer(8)).await;
        assert!(matches!(refused, Err(RunError::InProgress { .. })));
    }
    release.notify_one();
    assert_eq!(first.await.unwrap().unwrap(), 7);
    assert_eq!(second.run(&key(1), |_| answer(8)).await.unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn work_that_was_abandoned_runs_again_after_the_lease() {
    let store = store();
    crash(&store).await;
    let (dedup, asked) = (layer(&store), Instant::now());
    let work = async |attempt: Attempt| {
        assert!(attempt.after_interruption());
        Ok::<_, Infallible>(u32::try_from(attempt.number()).unwrap())
    };
    let number = dedup.run(&key(1), work).await;
    assert_eq!(number.unwrap(), 2);
    assert!(asked.elapsed() >= LEASE && asked.elapsed() < LEASE + Duration::from_secs(1));
    assert_eq!(dedup.figures().takeovers, 1);
}

#[tokio::test(start_paused = true)]
async fn work_that_was_abandoned_is_refused_until_it_is_resolved() {
    let store = store();
    crash(&store).await;
    advance(LEASE).await;
    let dedup = builder(&store).abandoned(Abandoned::Refuse).build();
    for _ in 0..2 {
        advance(Duration::from_secs(7 * 24 * 60 * 60)).await;
        let refused = dedup.run(&key(1), |_| answer(8)).await;
        assert!(matches!(
            refused,
            Err(RunError::OutcomeUnknown { attempt: 1, since, .. })
                if since == UNIX_EPOCH + Duration::from_secs(1_767_225_600)
        ));
    }
    assert_eq!(dedup.resolve(&key(1), None).await.unwrap(), Resolved::Done);
    let number =
        async |attempt: Attempt| Ok::<_, Infallible>(u32::try_from(attempt.number()).unwrap());
    assert_eq!(dedup.run(&key(1), number).await.unwrap(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_was_found_out_is_the_answer() {
    let store = store();
    crash(&store).await;
    advance(LEASE).await;
    let dedup = builder(&store).abandoned(Abandoned::Refuse).build();
    assert_eq!(
        dedup.resolve(&key(1), Some(&7)).await.unwrap(),
        Resolved::Done
    );
    assert_eq!(dedup.run(&key(1), |_| answer(8)).await.unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_was_abandoned_is_kept_only_where_its_outcome_is_to_be_found_out() {
    for (abandoned, is_kept) in [(Abandoned::RunAgain, false), (Abandoned::Refuse, true)] {
        let store = store();
        let dedup = builder(&store).abandoned(abandoned).time_to_live(LEASE);
        let call = start_call(&dedup.build(), &Arc::new(Notify::new()), Ok(7)).await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        sleep(LEASE * 3).await;
        let status = store.get(Get::new(key(1))).await.unwrap();
        assert_eq!(matches!(status, Status::Interrupted(_)), is_kept);
        assert_eq!(status == Status::Absent, !is_kept);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_worth_it_is_stored_nowhere() {
    let store = store();
    let dedup = builder(&store).remember_if(|answer| *answer != 503).build();
    assert_eq!(dedup.run(&key(1), |_| answer(503)).await.unwrap(), 503);
    let status = store.get(Get::new(key(1))).await.unwrap();
    assert_eq!(status, Status::Released { attempt: 1 });
    assert_eq!(dedup.run(&key(1), |_| answer(200)).await.unwrap(), 200);
    assert_eq!(layer(&store).get(&key(1)).await.unwrap(), Some(200));
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_the_largest_size_can_be_inserted_and_no_larger_one() {
    let store = store();
    let dedup = builder(&store).largest_answer(4).build();
    assert_eq!(dedup.insert(&key(1), 9999).await.unwrap(), 9999);
    for larger in [10_000, 1_000_000] {
        let error = dedup.insert(&key(2), larger).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::TooLarge);
        assert_eq!(dedup.get(&key(2)).await.unwrap(), None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_call_that_gives_up_frees_the_key_at_once() {
    let store = store();
    let (first, second) = (layer(&store), layer(&store));
    let key = key(1);
    let endless = first.run(&key, |_| pending::<Result<u32, Infallible>>());
    assert!(timeout(Duration::from_secs(1), endless).await.is_err());
    settle().await;
    let asked = Instant::now();
    let work = async |attempt: Attempt| {
        assert!(attempt.after_interruption());
        answer(8).await
    };
    let attempt = second.run(&key, work).await;
    assert_eq!(attempt.unwrap(), 8);
    assert_eq!(asked.elapsed(), Duration::ZERO);
}

/// A renewal would give the claim back to a holder that is gone.
#[tokio::test(start_paused = true)]
async fn a_call_that_gave_up_renews_its_claim_no_more() {
    let store = store();
    let dedup = layer(&store);
    let call = start_call(&dedup, &Arc::new(Notify::new()), Ok(7)).await;
    call.abort();
    assert!(call.await.unwrap_err().is_cancelled());
    sleep(LEASE * 2).await;
    let status = store.get(Get::new(key(1))).await.unwrap();
    assert!(matches!(status, Status::Interrupted(_)), "{status:?}");
}

#[tokio::test(start_paused = true)]
async fn a_panic_frees_the_key_at_once() {
    let store = store();
    let first = layer(&store);
    let panicking = tokio::spawn(async move {
        let work = async |_| -> Result<u32, Infallible> { panic!("the work is broken") };
        first.run(&key(1), work).await
    });
    assert!(panicking.await.unwrap_err().is_panic());
    settle().await;
    assert_eq!(layer(&store).run(&key(1), |_| answer(8)).await.unwrap(), 8);

    let refusing = builder(&store).abandoned(Abandoned::Refuse).build();
    let panicking = tokio::spawn(async move {
        let work = async |_| -> Result<u32, Infallible> { panic!("the work is broken") };
        refusing.run(&key(2), work).await
    });
    assert!(panicking.await.unwrap_err().is_panic());
    settle().await;
    let refusing = builder(&store).abandoned(Abandoned::Refuse).build();
    let refused = refusing.run(&key(2), |_| answer(8)).await;
    assert!(matches!(refused, Err(RunError::OutcomeUnknown { .. })));
}

#[tokio::test(start_paused = true)]
async fn failed_work_runs_again() {
    let store = store();
    for attempt in 1..=3 {
        let work = async |this: Attempt| {
            assert_eq!(this.number(), attempt);
            assert!(!this.after_interruption());
            Err("overloaded")
        };
        let failed = layer(&store).run(&key(1), work).await;
        assert_eq!(failed.unwrap_err().into_work(), Some("overloaded"));
    }
}

#[tokio::test(start_paused = true)]
async fn failed_work_is_unknown_where_the_receiver_knows_no_keys() {
    let store = store();
    let dedup = builder(&store).abandoned(Abandoned::Refuse).build();
    let work = async |attempt: Attempt| {
        attempt.did_not_happen();
        Err("connection refused")
    };
    let refused = dedup.run(&key(1), work).await;
    assert_eq!(refused.unwrap_err().into_work(), Some("connection refused"));
    let failed = dedup.run(&key(1), async |_| Err("connection reset")).await;
    assert_eq!(failed.unwrap_err().into_work(), Some("connection reset"));
    let status = store.get(Get::new(key(1))).await.unwrap();
    assert!(matches!(status, Status::Interrupted(_)), "{status:?}");
    let unknown = dedup.run(&key(1), |_| answer(8)).await;
    assert!(matches!(
        unknown,
        Err(RunError::OutcomeUnknown { attempt: 2, .. })
    ));
}

#[tokio::test(start_paused = true)]
async fn an_invalidation_holds_against_work_in_another_process() {
    let store = store();
    let (first, second, release) = (layer(&store), layer(&store), Arc::new(Notify::new()));
    let stale = start_call(&first, &release, Ok(7)).await;
    second.invalidate(&key(1)).await.unwrap();
    assert_eq!(second.run(&key(1), |_| answer(8)).await.unwrap(), 8);
    release.notify_one();
    // Its own answer is superseded by the one that everybody else has.
    assert_eq!(stale.await.unwrap().unwrap(), 8);
    assert_eq!(first.get(&key(1)).await.unwrap(), Some(8));
}

#[tokio::test(start_paused = true)]
async fn an_invalidation_holds_against_work_in_the_same_process() {
    let store = store();
    let (dedup, release) = (layer(&store), Arc::new(Notify::new()));
    let stale = start_call(&dedup, &release, Ok(7)).await;
    dedup.invalidate(&key(1)).await.unwrap();
    release.notify_one();
    assert_eq!(stale.await.unwrap().unwrap(), 7);
    assert_eq!(dedup.get(&key(1)).await.unwrap(), None);
    assert_eq!(dedup.run(&key(1), |_| answer(8)).await.unwrap(), 8);
}

#[tokio::test(start_paused = true)]
async fn an_answer_whose_record_is_gone_is_not_lost() {
    let store = store();
    let (dedup, release) = (layer(&store), Arc::new(Notify::new()));
    let running = start_call(&dedup, &release, Ok(7)).await;
    layer(&store).invalidate(&key(1)).await.unwrap();
    release.notify_one();
    let Err(RunError::NotStored { answer, cause, .. }) = running.await.unwrap() else {
        panic!("nobody else will be given the answer");
    };
    assert_eq!(answer, 7);
    assert!(matches!(cause, NotStoredCause::Lost));
}

#[tokio::test(start_paused = true)]
async fn a_copy_in_memory_does_not_outlive_the_answer() {
    let store = store();
    let builder = || {
        builder(&store)
            .time_to_live(Duration::from_secs(100))
            .keep_in_memory(Duration::from_secs(60))
            .clock(|| Instant::now().into_std())
    };
    let first = builder().build();
    assert_eq!(first.run(&key(1), |_| answer(7)).await.unwrap(), 7);
    assert_eq!(first.run(&key(1), |_| answer(8)).await.unwrap(), 7);
    assert_eq!(first.figures().hits, 1);

    advance(Duration::from_secs(70)).await;
    let second = builder().build();
    for hits in 0..2 {
        assert_eq!(second.run(&key(1), |_| answer(8)).await.unwrap(), 7);
        assert_eq!(second.figures().hits, hits);
    }
    advance(Duration::from_secs(30)).await;
    assert_eq!(second.run(&key(1), |_| answer(9)).await.unwrap(), 9);
}

#[tokio::test(start_paused = true)]
async fn answers_can_be_kept_without_end() {
    let store = store();
    let dedup = builder(&store).remember_without_end().build();
    assert_eq!(dedup.run(&key(1), |_| answer(7)).await.unwrap(), 7);
    advance(Duration::from_secs(10 * 365 * 24 * 60 * 60)).await;
    assert_eq!(dedup.sweep(10).await.unwrap(), 0);
    assert_eq!(dedup.run(&key(1), |_| answer(8)).await.unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_sweep_removes_what_is_over() {
    let store = store();
    let dedup = layer(&store);
    for number in 0..10 {
        dedup.run(&key(number), |_| answer(7)).await.unwrap();
    }
    assert_eq!(dedup.sweep(100).await.unwrap(), 0);
    advance(Duration::from_secs(24 * 60 * 60)).await;
    assert_eq!(dedup.sweep(4).await.unwrap(), 4);
    assert_eq!(dedup.sweep(100).await.unwrap(), 6);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_too_large_goes_to_its_caller() {
    let store = store();
    let dedup: Dedup<String> = Dedup::builder().store(store).largest_answer(10).build();
    let work = async |_| Ok::<_, Infallible>("a long answer".to_string());
    let Err(RunError::NotStored { answer, cause, .. }) = dedup.run(&key(1), work).await else {
        panic!("it should be too large");
    };
    assert_eq!(answer, "a long answer");
    assert!(matches!(cause, NotStoredCause::TooLarge { size: 15, .. }));
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_another_type_is_an_error_and_nothing_runs() {
    let store = store();
    let texts: Dedup<String> = Dedup::builder().store(store.clone()).build();
    texts
        .run(&key(1), async |_| Ok::<_, Infallible>("a secret".into()))
        .await
        .unwrap();
    let error = layer(&store).run(&key(1), |_| answer(8)).await.unwrap_err();
    assert!(matches!(error, RunError::Decode(_)));
    assert!(!error.to_string().contains("secret"));
}

#[tokio::test(start_paused = true)]
async fn errors_go_into_boxes() {
    async fn fails() -> Result<u32, Box<dyn std::error::Error + Send + Sync>> {
        let dedup = Dedup::builder().build();
        let refused = async |_| Err(std::fmt::Error);
        Ok(dedup.run(&key(1), refused).await?)
    }
    assert!(fails().await.is_err());
}

/// A store that is down at times, or whose replies are lost: what was asked may have happened.
#[derive(Clone)]
struct Faulty {
    store: MemoryStore,
    is_down: Arc<AtomicBool>,
    replies_to_lose: Arc<AtomicU32>,
    claims: Arc<AtomicU32>,
    renewals: Arc<AtomicU32>,
    interruptions: Arc<AtomicU32>,
    kind: StoreErrorKind,
}

impl Faulty {
    fn new(store: MemoryStore) -> Self {
        Self {
            store,
            is_down: Arc::default(),
            replies_to_lose: Arc::default(),
            claims: Arc::default(),
            renewals: Arc::default(),
            interruptions: Arc::default(),
            kind: StoreErrorKind::Unavailable,
        }
    }

    fn pass<'a, T: Send + 'a>(&'a self, reply: StoreFuture<'a, T>) -> StoreFuture<'a, T> {
        Box::pin(async move {
            if self.is_down.load(Ordering::Relaxed) {
                return Err(StoreError::new(self.kind, "it is down"));
            }
            let reply = reply.await;
            let one_less = |left: u32| left.checked_sub(1);
            let lost = &self.replies_to_lose;
            match lost.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less) {
                Ok(_) => Err(StoreError::unavailable("the reply was lost")),
                Err(_) => reply,
            }
        })
    }
}

impl Store for Faulty {
    fn claim(&self, claim: Claim) -> StoreFuture<'_, Claimed> {
        self.claims.fetch_add(1, Ordering::Relaxed);
        self.pass(self.store.claim(claim))
    }
    fn renew(&self, renew: Renew) -> StoreFuture<'_, Written> {
        self.renewals.fetch_add(1, Ordering::Relaxed);
        self.pass(self.store.renew(renew))
    }
    fn complete<'a>(&'a self, complete: Complete<'a>) -> StoreFuture<'a, Written> {
        self.pass(self.store.complete(complete))
    }
    fn release(&self, release: Release) -> StoreFuture<'_, Written> {
        self.pass(self.store.release(release))
    }
    fn interrupt(&self, interrupt: Interrupt) -> StoreFuture<'_, Written> {
        self.interruptions.fetch_add(1, Ordering::Relaxed);
        self.pass(self.store.interrupt(interrupt))
    }
    fn get(&self, get: Get) -> StoreFuture<'_, Status> {
        self.pass(self.store.get(get))
    }
    fn insert<'a>(&'a self, insert: Insert<'a>) -> StoreFuture<'a, Inserted> {
        self.pass(self.store.insert(insert))
    }
    fn resolve<'a>(&'a self, resolve: Resolve<'a>) -> StoreFuture<'a, Resolved> {
        self.pass(self.store.resolve(resolve))
    }
    fn invalidate(&self, invalidate: Invalidate) -> StoreFuture<'_, ()> {
        self.pass(self.store.invalidate(invalidate))
    }
    fn sweep(&self, sweep: Sweep) -> StoreFuture<'_, usize> {
        self.pass(self.store.sweep(sweep))
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_is_down_is_an_error_and_nothing_runs() {
    let faulty = Faulty::new(store());
    faulty.is_down.store(true, Ordering::Relaxed);
    let strict = builder(&faulty).build();
    let work = async |_| -> Result<u32, Infallible> { panic!("it should not run") };
    assert!(matches!(
        strict.run(&key(1), work).await,
        Err(RunError::Store(_))
    ));

    let lenient = builder(&faulty).run_without_store().build();
    assert_eq!(lenient.run(&key(1), |_| answer(7)).await.unwrap(), 7);
    assert_eq!(lenient.run(&key(1), |_| answer(8)).await.unwrap(), 8);
}

#[tokio::test(start_paused = true)]
async fn a_lost_reply_does_not_block_the_holder() {
    for lost in 1..=2 {
        let faulty = Faulty::new(store());
        faulty.replies_to_lose.store(lost, Ordering::Relaxed);
        let dedup = builder(&faulty).abandoned(Abandoned::Refuse).build();
        let work =
            async |attempt: Attempt| Ok::<_, Infallible>(u32::try_from(attempt.number()).unwrap());
        let number = dedup.run(&key(1), work).await;
        assert_eq!(number.unwrap(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_claim_of_which_nobody_heard_is_given_back() {
    let faulty = Faulty::new(store());
    faulty.replies_to_lose.store(3, Ordering::Relaxed);
    let dedup = builder(&faulty).abandoned(Abandoned::Refuse).build();
    assert!(matches!(
        dedup.run(&key(1), |_| answer(7)).await,
        Err(RunError::Store(_))
    ));
    settle().await;
    let asked = Instant::now();
    assert_eq!(dedup.run(&key(1), |_| answer(8)).await.unwrap(), 8);
    assert_eq!(asked.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn an_answer_outlasts_a_store_that_is_down_for_a_while() {
    let faulty = Faulty::new(store());
    let (dedup, release) = (builder(&faulty).build(), Arc::new(Notify::new()));
    let running = start_call(&dedup, &release, Ok(7)).await;
    faulty.is_down.store(true, Ordering::Relaxed);
    release.notify_one();
    sleep(Duration::from_secs(5)).await;
    faulty.is_down.store(false, Ordering::Relaxed);
    assert_eq!(running.await.unwrap().unwrap(), 7);
    assert_eq!(dedup.get(&key(1)).await.unwrap(), Some(7));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_no_store_takes_is_not_lost() {
    let faulty = Faulty::new(store());
    let (dedup, release) = (builder(&faulty).build(), Arc::new(Notify::new()));
    let running = start_call(&dedup, &release, Ok(7)).await;
    faulty.is_down.store(true, Ordering::Relaxed);
    release.notify_one();
    let Err(RunError::NotStored { answer, cause, .. }) = running.await.unwrap() else {
        panic!("the answer cannot be stored");
    };
    assert_eq!(answer, 7);
    assert!(matches!(cause, NotStoredCause::Store(_)));
    assert_eq!(dedup.figures().not_stored, 1);
}

#[tokio::test(start_paused = true)]
async fn a_claim_is_renewed_three_times_in_a_lease() {
    let faulty = Faulty::new(store());
    let release = Arc::new(Notify::new());
    let running = start_call(&builder(&faulty).build(), &release, Ok(7)).await;
    for renewals in 0..4 {
        assert_eq!(faulty.renewals.load(Ordering::Relaxed), renewals);
        sleep(LEASE / 3 + Duration::from_millis(1)).await;
    }
    release.notify_one();
    assert_eq!(running.await.unwrap().unwrap(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_fails_is_tried_again_within_the_lease() {
    let faulty = Faulty::new(store());
    let (dedup, release) = (builder(&faulty).build(), Arc::new(Notify::new()));
    let running = start_call(&dedup, &release, Ok(7)).await;
    faulty.is_down.store(true, Ordering::Relaxed);
    sleep(LEASE / 3 + Duration::from_secs(1)).await;
    assert_eq!(faulty.renewals.load(Ordering::Relaxed), 1);
    faulty.is_down.store(false, Ordering::Relaxed);
    sleep(LEASE).await;
    release.notify_one();
    assert_eq!(running.await.unwrap().unwrap(), 7);
    assert_eq!(dedup.figures().lost_claims, 0);
}

#[tokio::test(start_paused = true)]
async fn who_handed_in_an_answer_gives_nothing_up() {
    let faulty = Faulty::new(store());
    let dedup = builder(&faulty).build();
    assert_eq!(dedup.run(&key(1), |_| answer(7)).await.unwrap(), 7);
    settle().await;
    assert_eq!(faulty.interruptions.load(Ordering::Relaxed), 0);
}

#[tokio::test(start_paused = true)]
async fn an_error_that_does_not_pass_is_told_at_once() {
    let kind = StoreErrorKind::Misconfigured;
    let faulty = Faulty {
        kind,
        ..Faulty::new(store())
    };
    let work = async |_| {
        faulty.is_down.store(true, Ordering::Relaxed);
        answer(7).await
    };
    let asked = Instant::now();
    let dedup = builder(&faulty).build();
    let error = dedup.run(&key(1), work).await.unwrap_err();
    assert!(matches!(error, RunError::NotStored { answer: 7, .. }));
    assert_eq!(asked.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn an_error_of_the_store_is_the_source_and_an_answer_is_not_shown() {
    let faulty = Faulty::new(store());
    let dedup = builder(&faulty).build();
    let work = async |_| {
        faulty.is_down.store(true, Ordering::Relaxed);
        answer(70_707).await
    };
    let not_stored = dedup.run(&key(1), work).await.unwrap_err();
    let nothing_ran = dedup.run(&key(1), |_| answer(8)).await.unwrap_err();
    for error in [&not_stored, &nothing_ran] {
        let source = error.source().unwrap();
        assert_eq!(source.to_string(), "it is down");
        assert!(source.downcast_ref::<StoreError>().is_some());
    }
    let debug = format!("{not_stored:?}");
    assert!(debug.starts_with("NotStored { cause: Store("), "{debug}");
    assert!(!debug.contains("70707"), "{debug}");
    let RunError::NotStored { cause, .. } = not_stored else {
        panic!("the answer cannot be stored");
    };
    assert_eq!(cause.to_string(), "the store failed");
    assert_eq!(cause.source().unwrap().to_string(), "it is down");
}

/// The lease is over in the store as well, and somebody else is at it.
#[tokio::test(start_paused = true)]
async fn who_cannot_renew_drops_its_work_and_gets_the_answer_of_another() {
    let store = store();
    let faulty = Faulty::new(store.clone());
    let (cut_off, release) = (builder(&faulty).build(), Arc::new(Notify::new()));
    let lost = start_call(&cut_off, &release, Ok(7)).await;
    faulty.is_down.store(true, Ordering::Relaxed);
    let other = layer(&store);
    assert_eq!(other.run(&key(1), |_| answer(8)).await.unwrap(), 8);
    faulty.is_down.store(false, Ordering::Relaxed);
    release.notify_one();
    let result = lost.await.unwrap();
    assert!(
        matches!(result, Ok(8) | Err(RunError::OutcomeUnknown { .. })),
        "{result:?}"
    );
    assert_eq!(cut_off.figures().lost_claims, 1);
    assert_eq!(other.get(&key(1)).await.unwrap(), Some(8));
}

#[tokio::test(start_paused = true)]
async fn the_work_is_told_that_its_claim_was_lost() {
    let store = store();
    let dedup = layer(&store);
    let told = Arc::new(Notify::new());
    let seen = told.clone();
    let run = tokio::spawn(async move {
        let work = async |attempt: Attempt| {
            tokio::spawn(async move {
                attempt.lost().await;
                assert!(attempt.is_lost());
                seen.notify_one();
            });
            pending::<Result<u32, Infallible>>().await
        };
        dedup.run(&key(1), work).await
    });
    settle().await;
    assert_eq!(layer(&store).insert(&key(1), 8).await.unwrap(), 8);
    timeout(LEASE, told.notified()).await.unwrap();
    assert_eq!(run.await.unwrap().unwrap(), 8);
}

#[test]
fn threads_share_a_store() {
    use agentidemp::dedup::blocking;

    let store = MemoryStore::new();
    let layers = [(); 4].map(|()| blocking::Dedup::builder().store(store.clone()).build());
    let ran = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for layer in &layers {
            for _ in 0..4 {
                scope.spawn(|| {
                    for number in 0..20_u32 {
                        let work = |_| {
                            ran.fetch_add(1, Ordering::Relaxed);
                            Ok::<_, Infallible>(number)
                        };
                        assert_eq!(layer.run(&key(u64::from(number)), work).unwrap(), number);
                    }
                });
            }
        }
    });
    assert_eq!(ran.load(Ordering::Relaxed), 20);
}

/// By the real clock. On a slow machine it asks less often still.
#[test]
fn a_thread_that_waits_asks_the_store_again_after_a_pause() {
    use agentidemp::dedup::blocking;

    let faulty = Faulty::new(MemoryStore::new());
    let claims = || u128::from(faulty.claims.load(Ordering::Relaxed));
    let layer = || blocking::Dedup::builder().store(faulty.clone());
    let waiting = layer().wait(Duration::from_millis(300)).build();
    let asks_meanwhile = |_| {
        let (begun, before) = (std::time::Instant::now(), claims());
        let waited = waiting.run(&key(1), |_| Ok::<u32, Infallible>(8));
        assert!(matches!(waited, Err(RunError::InProgress { .. })));
        assert!(claims() - before <= 2 + begun.elapsed().as_millis() / 20);
        Ok::<u32, Infallible>(7)
    };
    assert_eq!(layer().build().run(&key(1), asks_meanwhile).unwrap(), 7);
}

#[test]
fn the_claim_of_a_thread_is_renewed_again_and_again() {
    use agentidemp::dedup::blocking;

    let faulty = Faulty::new(MemoryStore::new());
    let lease = Duration::from_secs(6);
    let dedup = blocking::Dedup::builder().store(faulty.clone());
    let dedup = dedup.lease(lease).build();
    let renewals = || faulty.renewals.load(Ordering::Relaxed);
    let is_renewed_twice = |attempt: Attempt| {
        let twice = renewals() + 2;
        while renewals() < twice && !attempt.is_lost() {
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok::<_, Infallible>(u32::from(renewals() >= twice))
    };
    // On a machine that other work has, a lease may end before its renewal.
    let mut keys = (1..=10).map(key);
    assert!(keys.any(|key| matches!(dedup.run(&key, is_renewed_twice), Ok(1))));
}

/// The clock of the store stands still, so that the lease never ends.
#[test]
fn a_panic_on_a_thread_frees_the_key_at_once() {
    use agentidemp::dedup::blocking;

    let store = MemoryStore::with_clock(|| 1_767_225_600_000_000);
    let layer = || {
        let builder = blocking::Dedup::builder().store(store.clone());
        builder.wait(Duration::from_secs(20)).build()
    };
    let panics = std::thread::spawn({
        let layer = layer();
        move || layer.run(&key(1), |_| -> Result<u32, Infallible> { panic!("boom") })
    });
    assert!(panics.join().is_err());
    let number = |attempt: Attempt| Ok::<_, Infallible>(u32::try_from(attempt.number()).unwrap());
    assert_eq!(layer().run(&key(1), number).unwrap(), 2);
}

#[test]
fn a_thread_sweeps_a_store() {
    use agentidemp::dedup::blocking;

    let now = Arc::new(AtomicU64::new(1_767_225_600_000_000));
    let clock = now.clone();
    let store = MemoryStore::with_clock(move || clock.load(Ordering::Relaxed));
    let dedup = blocking::Dedup::builder().store(store).build();
    for number in 0..10 {
        dedup.insert(&key(number), 7_u32).unwrap();
    }
    assert_eq!(dedup.sweep(100).unwrap(), 0);
    now.fetch_add(48 * 3600 * 1_000_000, Ordering::Relaxed);
    assert_eq!(dedup.sweep(4).unwrap(), 4);
    assert_eq!(dedup.sweep(100).unwrap(), 6);
}
