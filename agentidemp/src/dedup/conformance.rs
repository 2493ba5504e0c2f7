//! Whether a store keeps the rules of [`store::format`](mod@super::store::format): every row of its
//! tables, each operation sent twice, the clock moved. For the tests of whoever writes a store.
//!
//! A store that can move its clock passes in no time; one that cannot waits for short leases to end.
//! The kit uses keys of its own, so it can run on a server that others use. What ends with
//! [`Unavailable`](super::store::StoreErrorKind::Unavailable) it sends again, ten times at most: a store that
//! is slow keeps the rules.
//!
//! ```
//! use std::time::Duration;
//!
//! use agentidemp::dedup::conformance::{self, Harness, HarnessFuture};
//! use agentidemp::dedup::store::{MemoryStore, Store};
//!
//! /// A store that goes by the real clock: what `wait` does by itself is to be told how to sleep.
//! struct Memory(MemoryStore);
//!
//! impl Harness for Memory {
//!     fn open(&self) -> HarnessFuture<'_, Box<dyn Store>> {
//!         Box::pin(async { Box::new(self.0.clone()) as Box<dyn Store> })
//!     }
//!
//!     fn wait(&self, duration: Duration) -> HarnessFuture<'_, ()> {
//!         Box::pin(async move { std::thread::sleep(duration) })
//!     }
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! conformance::check(&Memory(MemoryStore::new())).await;
//! # });
//! ```

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;
use core::fmt::Debug;
use core::future::poll_fn;
use core::pin::Pin;
use core::task::Poll;
use core::time::Duration;

use super::patient::Patient;
use super::store::{
    Abandoned, Claim, ClaimId, Claimed, Complete, Get, Grant, Insert, Inserted, Interrupt,
    Invalidate, Release, Renew, Resolve, Resolved, Status, Store, StoredAnswer, Sweep, Written,
};
use crate::{Key, sha256_hex};

/// What the functions of a [`Harness`] return.
pub type HarnessFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// How the kit gets at a store and its clock.
pub trait Harness: Sync {
    /// Opens the store as another process would: all that are opened share their records.
    fn open(&self) -> HarnessFuture<'_, Box<dyn Store>>;

    /// Moves the store's clock, or waits. A moment more does no harm.
    fn wait(&self, duration: Duration) -> HarnessFuture<'_, ()>;

    /// Lets the holder of a claim die, and returns when its claim is no longer live.
    ///
    /// By itself it drops the holder's store and waits for the lease to end. A store that tells a
    /// holder's life by other means may have to do something else.
    fn end_of_holder(&self, holder: Box<dyn Store>, lease: Duration) -> HarnessFuture<'_, ()> {
        drop(holder);
        self.wait(lease)
    }

    /// A lease and a retention that end soon: those that the kit waits for. It is never assumed that
    /// one of them is not over yet.
    fn soon(&self) -> Duration {
        Duration::from_millis(20)
    }
}

/// A lease and a retention that do not end while the kit runs.
const LATER: Duration = Duration::from_secs(3600);

const ANSWER: &str = r#"{"id":"ch_1","total":5e2}"#;
const OTHER: &str = r#"["another answer","\u0000","é"]"#;

/// Checks every rule, and returns if the store keeps them.
///
/// # Panics
///
/// Where it does not. The place of the panic is the rule.
pub async fn check(harness: &dyn Harness) {
    claims(harness).await;
    interrupted_claims(harness).await;
    held_claims(harness).await;
    lost_claims(harness).await;
    late_holders(harness).await;
    answers(harness).await;
    insertions(harness).await;
    resolutions(harness).await;
    invalidations(harness).await;
    retention(harness).await;
}

async fn claims(harness: &dyn Harness) {
    an_absent_record_is_claimed(harness).await;
    a_claim_sent_twice_is_the_same_attempt(harness).await;
    a_live_claim_keeps_others_out(harness).await;
    of_many_claims_at_once_one_is_granted(harness).await;
    a_released_record_is_claimed_as_the_next_attempt(harness).await;
    a_completed_record_gives_its_answer(harness).await;
    a_claim_that_was_given_up_stays_so(harness).await;
}

async fn interrupted_claims(harness: &dyn Harness) {
    a_lease_that_ended_is_taken_over(harness).await;
    a_lease_that_ended_is_refused(harness).await;
    an_interrupted_claim_is_taken_over_at_once(harness).await;
    an_interrupted_claim_is_refused_at_once(harness).await;
}

async fn held_claims(harness: &dyn Harness) {
    a_renewed_claim_lives_on(harness).await;
    release_and_interrupt_can_be_sent_twice(harness).await;
}

async fn lost_claims(harness: &dyn Harness) {
    who_never_held_a_claim_changes_nothing(harness).await;
    who_lost_a_claim_changes_nothing(harness).await;
    who_comes_after_the_answer_gets_it(harness).await;
}

async fn late_holders(harness: &dyn Harness) {
    a_late_holder_completes(harness).await;
    a_late_holder_renews(harness).await;
    a_late_holder_releases(harness).await;
    a_lost_reply_is_asked_for_after_the_lease(harness).await;
}

async fn answers(harness: &dyn Harness) {
    an_answer_can_be_stored_twice(harness).await;
    an_answer_does_not_change(harness).await;
    an_answer_may_be_large(harness).await;
}

async fn insertions(harness: &dyn Harness) {
    an_insertion_answers_what_is_absent(harness).await;
    an_insertion_answers_what_is_in_progress(harness).await;
    an_insertion_does_not_change_an_answer(harness).await;
}

async fn resolutions(harness: &dyn Harness) {
    a_resolution_answers_what_is_unknown(harness).await;
    a_resolution_frees_what_did_not_happen(harness).await;
    a_resolution_needs_something_unknown(harness).await;
}

async fn invalidations(harness: &dyn Harness) {
    an_invalidated_answer_is_gone(harness).await;
    an_invalidated_claim_is_lost(harness).await;
}

async fn retention(harness: &dyn Harness) {
    an_answer_expires(harness).await;
    a_released_record_expires(harness).await;
    an_interrupted_record_expires(harness).await;
    a_record_without_retention_stays(harness).await;
    lease_and_retention_may_be_endless(harness).await;
    a_sweep_removes_what_is_over_alone(harness).await;
}

async fn open(harness: &dyn Harness) -> Box<dyn Store> {
    Box::new(Patient(harness.open().await))
}

/// A store, and a key that nobody else uses.
struct Case {
    store: Box<dyn Store>,
    key: Key,
}

impl Case {
    async fn new(harness: &dyn Harness) -> Self {
        Self {
            store: open(harness).await,
            key: sha256_hex(ClaimId::random().to_string().as_bytes()),
        }
    }

    async fn claim(&self, id: ClaimId) -> Claimed {
        let claim = Claim::new(self.key, id, LATER, Some(LATER));
        done(self.store.claim(claim).await)
    }

    async fn claim_or_refuse(&self, id: ClaimId) -> Claimed {
        let claim = Claim::new(self.key, id, LATER, None).abandoned(Abandoned::Refuse);
        done(self.store.claim(claim).await)
    }

    async fn claimed(&self) -> (ClaimId, Grant) {
        let id = ClaimId::random();
        (id, granted(self.claim(id).await))
    }

    async fn renew(&self, id: ClaimId) -> Written {
        done(
            self.store
                .renew(Renew::new(self.key, id, LATER, Some(LATER)))
                .await,
        )
    }

    async fn complete(&self, id: ClaimId, answer: &str) -> Written {
        let complete = Complete::new(self.key, id, answer, Some(LATER));
        done(self.store.complete(complete).await)
    }

    async fn release(&self, id: ClaimId) -> Written {
        done(
            self.store
                .release(Release::new(self.key, id, Some(LATER)))
                .await,
        )
    }

    async fn interrupt(&self, id: ClaimId) -> Written {
        done(
            self.store
                .interrupt(Interrupt::new(self.key, id, Some(LATER)))
                .await,
        )
    }

    async fn status(&self) -> Status {
        done(self.store.get(Get::new(self.key)).await)
    }

    async fn insert(&self, id: ClaimId, answer: &str) -> Inserted {
        done(
            self.store
                .insert(Insert::new(self.key, id, answer, Some(LATER)))
                .await,
        )
    }

    async fn resolve(&self, id: ClaimId, answer: Option<&str>) -> Resolved {
        let resolve = match answer {
            Some(answer) => Resolve::done(self.key, id, answer, Some(LATER)),
            None => Resolve::not_done(self.key, id, Some(LATER)),
        };
        done(self.store.resolve(resolve).await)
    }

    async fn invalidate(&self) {
        done(self.store.invalidate(Invalidate::new(self.key)).await);
    }

    /// Claims as a process that dies: its claim is no longer live afterwards.
    async fn claim_and_die(
        &self,
        harness: &dyn Harness,
        retention: Option<Duration>,
    ) -> (ClaimId, Grant) {
        let holder = open(harness).await;
        let (id, lease) = (ClaimId::random(), harness.soon());
        let claim = Claim::new(self.key, id, lease, retention);
        let grant = granted(done(holder.claim(claim).await));
        harness.end_of_holder(holder, lease).await;
        (id, grant)
    }
}

#[track_caller]
fn assert_answered(status: &Status, json: &str) {
    match status {
        Status::Completed(answer) => assert_eq!(answer.json, json),
        other => panic!("it should have an answer: {other:?}"),
    }
}

#[track_caller]
fn done<T, E: Debug>(result: Result<T, E>) -> T {
    match result {
        Ok(outcome) => outcome,
        Err(error) => panic!("the store failed: {error:?}"),
    }
}

#[track_caller]
fn granted(claimed: Claimed) -> Grant {
    match claimed {
        Claimed::Granted(grant) => grant,
        other => panic!("the claim should be granted: {other:?}"),
    }
}

#[track_caller]
fn assert_busy(claimed: &Claimed) {
    match claimed {
        Claimed::Busy { retry_after } => assert!(*retry_after <= LATER),
        other => panic!("the claim should be refused while another is live: {other:?}"),
    }
}

#[track_caller]
fn assert_unknown(claimed: &Claimed, attempt: u64) {
    match claimed {
        Claimed::OutcomeUnknown(unknown) => {
            assert_eq!(unknown.attempt, attempt);
            assert!(unknown.since > 0);
        }
        other => panic!("the outcome should be unknown: {other:?}"),
    }
}

#[track_caller]
fn assert_answer(answer: &StoredAnswer, json: &str) {
    assert_eq!(answer.json, json);
    let Some(remaining) = answer.remaining else {
        panic!("the answer should end at some time");
    };
    assert!(remaining > Duration::ZERO && remaining <= LATER);
}

#[track_caller]
fn assert_superseded(written: &Written, json: &str) {
    match written {
        Written::Superseded(answer) => assert_answer(answer, json),
        other => panic!("it should be superseded by an answer: {other:?}"),
    }
}

async fn an_absent_record_is_claimed(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    assert_eq!(case.status().await, Status::Absent);
    let (_, grant) = case.claimed().await;
    assert_eq!((grant.attempt, grant.interrupted), (1, 0));
    assert!(grant.token > 0 && grant.token < 1 << 53);
    let Status::InProgress {
        attempt,
        retry_after,
    } = case.status().await
    else {
        panic!("it should be in progress");
    };
    assert_eq!(attempt, 1);
    assert!(retry_after > Duration::ZERO && retry_after <= LATER);
}

async fn a_claim_sent_twice_is_the_same_attempt(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, grant) = case.claimed().await;
    assert_eq!(granted(case.claim(id).await), grant);
    assert_eq!(granted(case.claim_or_refuse(id).await), grant);
    assert_busy(&case.claim(ClaimId::random()).await);
}

async fn a_live_claim_keeps_others_out(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, _) = case.claimed().await;
    let other = Case {
        store: open(harness).await,
        key: case.key,
    };
    for _ in 0..2 {
        assert_busy(&other.claim(ClaimId::random()).await);
        assert_busy(&other.claim_or_refuse(ClaimId::random()).await);
    }
    assert_eq!(case.complete(id, ANSWER).await, Written::Done);
}

/// As far as one task can do it: all are sent before any is answered.
async fn of_many_claims_at_once_one_is_granted(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let mut claims: Vec<_> = (0..16)
        .map(|_| {
            case.store
                .claim(Claim::new(case.key, ClaimId::random(), LATER, Some(LATER)))
        })
        .collect();
    let mut outcomes = Vec::new();
    poll_fn(|context| {
        claims.retain_mut(|claim| match claim.as_mut().poll(context) {
            Poll::Ready(outcome) => {
                outcomes.push(done(outcome));
                false
            }
            Poll::Pending => true,
        });
        if claims.is_empty() {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
    let granted = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Claimed::Granted(_)));
    assert_eq!(granted.count(), 1);
    let busy = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Claimed::Busy { .. }));
    assert_eq!(busy.count(), 15);
}

async fn a_released_record_is_claimed_as_the_next_attempt(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let mut token = 0;
    for attempt in 1..=3 {
        let (id, grant) = case.claimed().await;
        assert_eq!((grant.attempt, grant.interrupted), (attempt, 0));
        assert!(grant.token > token);
        token = grant.token;
        assert_eq!(case.release(id).await, Written::Done);
        assert_eq!(case.status().await, Status::Released { attempt });
    }
    let grant = granted(case.claim_or_refuse(ClaimId::random()).await);
    assert_eq!((grant.attempt, grant.interrupted), (4, 0));
}

async fn a_completed_record_gives_its_answer(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, _) = case.claimed().await;
    case.complete(id, ANSWER).await;
    for id in [id, ClaimId::random()] {
        for claimed in [case.claim(id).await, case.claim_or_refuse(id).await] {
            let Claimed::Completed(answer) = claimed else {
                panic!("it should be completed: {claimed:?}");
            };
            assert_answer(&answer, ANSWER);
            assert_eq!(answer.attempt, 1);
        }
    }
}

/// A claim that comes late, after its holder gave it up, must not block the key.
async fn a_claim_that_was_given_up_stays_so(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, _) = case.claimed().await;
    case.release(id).await;
    assert_eq!(case.claim(id).await, Claimed::Over);
    let (id, _) = case.claimed().await;
    case.interrupt(id).await;
    assert_eq!(case.claim(id).await, Claimed::Over);
    assert_eq!(case.claim_or_refuse(id).await, Claimed::Over);
    assert_eq!(case.claimed().await.1.attempt, 3);
}

async fn a_lease_that_ended_is_taken_over(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (_, first) = case.claim_and_die(harness, Some(LATER)).await;
    let Status::Interrupted(unknown) = case.status().await else {
        panic!("it should be interrupted");
    };
    assert_eq!(unknown.attempt, 1);
    let (_, second) = case.claim_and_die(harness, Some(LATER)).await;
    assert_eq!((second.attempt, second.interrupted), (2, 1));
    assert!(second.token > first.token);
    let (id, third) = case.claimed().await;
    assert_eq!((third.attempt, third.interrupted), (3, 2));
    assert!(third.token > second.token);
    assert_busy(&case.claim(ClaimId::random()).await);
    assert_eq!(case.release(id).await, Written::Done);
    assert_eq!(case.claimed().await.1.interrupted, 2);
}

async fn a_lease_that_ended_is_refused(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    case.claim_and_die(harness, None).await;
    for _ in 0..2 {
        assert_unknown(&case.claim_or_refuse(ClaimId::random()).await, 1);
    }
    assert_eq!(case.claimed().await.1.attempt, 2);
}

async fn an_interrupted_claim_is_taken_over_at_once(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, first) = case.claimed().await;
    assert_eq!(case.interrupt(id).await, Written::Done);
    let (_, second) = case.claimed().await;
    assert_eq!((second.attempt, second.interrupted), (2, 1));
    assert!(second.token > first.token);
}

async fn an_interrupted_claim_is_refused_at_once(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, _) = case.claimed().await;
    case.interrupt(id).await;
    assert_unknown(&case.claim_or_refuse(ClaimId::random()).await, 1);
    let Status::Interrupted(unknown) = case.status().await else {
        panic!("it should be interrupted");
    };
    assert_eq!(unknown.attempt, 1);
}

async fn a_renewed_claim_lives_on(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, lease) = (ClaimId::random(), harness.soon());
    let claim = Claim::new(case.key, id, lease, Some(LATER));
    granted(done(case.store.claim(claim).await));
    for _ in 0..2 {
        assert_eq!(case.renew(id).await, Written::Done);
    }
    harness.wait(lease).await;
    assert_busy(&case.claim(ClaimId::random()).await);
    assert_eq!(case.complete(id, ANSWER).await, Written::Done);
}

async fn release_and_interrupt_can_be_sent_twice(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, _) = case.claimed().await;
    for _ in 0..2 {
        assert_eq!(case.interrupt(id).await, Written::Done);
    }
    let (id, _) = case.claimed().await;
    for _ in 0..2 {
        assert_eq!(case.release(id).await, Written::Done);
    }
    assert_eq!(case.renew(id).await, Written::Lost);
    assert_eq!(case.interrupt(id).await, Written::Lost);
    assert_eq!(case.complete(id, ANSWER).await, Written::Lost);
    assert_eq!(case.status().await, Status::Released { attempt: 2 });
}

async fn who_never_held_a_claim_changes_nothing(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let stranger = ClaimId::random();
    for _ in 0..2 {
        assert_eq!(case.renew(stranger).await, Written::Lost);
        assert_eq!(case.release(stranger).await, Written::Lost);
        assert_eq!(case.interrupt(stranger).await, Written::Lost);
        assert_eq!(case.complete(stranger, OTHER).await, Written::Lost);
        assert_eq!(case.status().await, Status::Absent);
    }
}

async fn who_lost_a_claim_changes_nothing(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (lost, _) = case.claimed().await;
    case.interrupt(lost).await;
    let (id, grant) = case.claimed().await;
    for _ in 0..2 {
        assert_eq!(case.renew(lost).await, Written::Lost);
        assert_eq!(case.release(lost).await, Written::Lost);
        assert_eq!(case.interrupt(lost).await, Written::Lost);
        assert_eq!(case.complete(lost, OTHER).await, Written::Lost);
        assert_busy(&case.claim(lost).await);
    }
    assert_eq!(granted(case.claim(id).await), grant);
    assert_eq!(case.complete(id, ANSWER).await, Written::Done);
    assert_answered(&case.status().await, ANSWER);
}

async fn who_comes_after_the_answer_gets_it(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (lost, _) = case.claimed().await;
    case.interrupt(lost).await;
    let (id, _) = case.claimed().await;
    case.complete(id, ANSWER).await;
    for _ in 0..2 {
        assert_superseded(&case.renew(lost).await, ANSWER);
        assert_superseded(&case.release(lost).await, ANSWER);
        assert_superseded(&case.interrupt(lost).await, ANSWER);
        assert_superseded(&case.complete(lost, OTHER).await, ANSWER);
    }
    assert_answered(&case.status().await, ANSWER);
}

async fn a_late_holder_completes(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, _) = case.claim_and_die(harness, Some(LATER)).await;
    for _ in 0..2 {
        assert_eq!(case.complete(id, ANSWER).await, Written::Done);
    }
    assert_answered(&case.status().await, ANSWER);

    let case = Case::new(harness).await;
    let (id, _) = case.claimed().await;
    case.interrupt(id).await;
    assert_eq!(case.complete(id, ANSWER).await, Written::Done);
    assert_answered(&case.status().await, ANSWER);
}

async fn a_late_holder_renews(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, grant) = case.claim_and_die(harness, Some(LATER)).await;
    assert_eq!(case.renew(id).await, Written::Done);
    assert_busy(&case.claim(ClaimId::random()).await);
    assert_eq!(granted(case.claim(id).await), grant);
}

async fn a_late_holder_releases(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, _) = case.claim_and_die(harness, None).await;
    assert_eq!(case.release(id).await, Written::Done);
    let grant = granted(case.claim_or_refuse(ClaimId::random()).await);
    assert_eq!((grant.attempt, grant.interrupted), (2, 0));
}

/// Whoever did not hear of its claim did not run: it must not be told that it might have.
async fn a_lost_reply_is_asked_for_after_the_lease(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, grant) = case.claim_and_die(harness, None).await;
    assert_eq!(granted(case.claim_or_refuse(id).await), grant);
    assert_busy(&case.claim(ClaimId::random()).await);
}

async fn an_answer_can_be_stored_twice(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, _) = case.claimed().await;
    for _ in 0..2 {
        assert_eq!(case.complete(id, ANSWER).await, Written::Done);
    }
    assert_answered(&case.status().await, ANSWER);
}

async fn an_answer_does_not_change(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, _) = case.claimed().await;
    case.complete(id, ANSWER).await;
    case.complete(id, OTHER).await;
    assert_superseded(&case.renew(id).await, ANSWER);
    assert_superseded(&case.release(id).await, ANSWER);
    assert_superseded(&case.interrupt(id).await, ANSWER);
    assert_answered(&case.status().await, ANSWER);
}

/// A mebibyte, which is what a dedup layer allows unless told otherwise.
async fn an_answer_may_be_large(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, _) = case.claimed().await;
    let answer = alloc::format!("\"{}\"", "ä".repeat((1 << 19) - 1));
    assert_eq!(case.complete(id, &answer).await, Written::Done);
    assert_answered(&case.status().await, &answer);
}

async fn an_insertion_answers_what_is_absent(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let id = ClaimId::random();
    for _ in 0..2 {
        assert_eq!(case.insert(id, OTHER).await, Inserted::Done);
    }
    let Claimed::Completed(answer) = case.claim(ClaimId::random()).await else {
        panic!("it should be completed");
    };
    assert_answer(&answer, OTHER);
    assert_eq!(answer.attempt, 0);
}

async fn an_insertion_answers_what_is_in_progress(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, _) = case.claimed().await;
    assert_eq!(case.insert(ClaimId::random(), OTHER).await, Inserted::Done);
    assert_superseded(&case.complete(id, ANSWER).await, OTHER);

    for give_up in [true, false] {
        let case = Case::new(harness).await;
        let (id, _) = case.claimed().await;
        if give_up {
            case.interrupt(id).await;
        } else {
            case.release(id).await;
        }
        assert_eq!(case.insert(ClaimId::random(), OTHER).await, Inserted::Done);
        assert_answered(&case.status().await, OTHER);
    }
}

async fn an_insertion_does_not_change_an_answer(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, _) = case.claimed().await;
    case.complete(id, ANSWER).await;
    let Inserted::Superseded(answer) = case.insert(ClaimId::random(), OTHER).await else {
        panic!("it should be superseded");
    };
    assert_answer(&answer, ANSWER);
    assert_answered(&case.status().await, ANSWER);
}

async fn a_resolution_answers_what_is_unknown(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (late, _) = case.claim_and_die(harness, None).await;
    let id = ClaimId::random();
    for _ in 0..2 {
        assert_eq!(case.resolve(id, Some(OTHER)).await, Resolved::Done);
    }
    assert_superseded(&case.complete(late, ANSWER).await, OTHER);
    let Claimed::Completed(answer) = case.claim_or_refuse(ClaimId::random()).await else {
        panic!("it should be completed");
    };
    assert_answer(&answer, OTHER);
    assert_eq!(answer.attempt, 1);
}

async fn a_resolution_frees_what_did_not_happen(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (late, _) = case.claimed().await;
    case.interrupt(late).await;
    let id = ClaimId::random();
    for _ in 0..2 {
        assert_eq!(case.resolve(id, None).await, Resolved::Done);
    }
    assert_eq!(case.complete(late, ANSWER).await, Written::Lost);
    let grant = granted(case.claim_or_refuse(ClaimId::random()).await);
    assert_eq!((grant.attempt, grant.interrupted), (2, 0));
}

async fn a_resolution_needs_something_unknown(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let resolver = ClaimId::random();
    assert_eq!(case.resolve(resolver, None).await, Resolved::NothingUnknown);
    assert_eq!(
        case.resolve(resolver, Some(OTHER)).await,
        Resolved::NothingUnknown
    );
    assert_eq!(case.status().await, Status::Absent);

    let (id, _) = case.claimed().await;
    let outcome = case.resolve(resolver, Some(OTHER)).await;
    assert!(matches!(outcome, Resolved::Busy { .. }));
    case.release(id).await;
    assert_eq!(case.resolve(resolver, None).await, Resolved::NothingUnknown);

    let (id, _) = case.claimed().await;
    case.complete(id, ANSWER).await;
    let Resolved::Superseded(answer) = case.resolve(resolver, Some(OTHER)).await else {
        panic!("it should be superseded");
    };
    assert_answer(&answer, ANSWER);
}

async fn an_invalidated_answer_is_gone(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    case.invalidate().await;
    let (id, first) = case.claimed().await;
    case.complete(id, ANSWER).await;
    for _ in 0..2 {
        case.invalidate().await;
        assert_eq!(case.status().await, Status::Absent);
    }
    let (_, second) = case.claimed().await;
    assert_eq!((second.attempt, second.interrupted), (1, 0));
    assert!(second.token > first.token);
}

async fn an_invalidated_claim_is_lost(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (lost, _) = case.claimed().await;
    case.invalidate().await;
    assert_eq!(case.renew(lost).await, Written::Lost);
    assert_eq!(case.complete(lost, OTHER).await, Written::Lost);
    assert_eq!(case.status().await, Status::Absent);
    let (id, _) = case.claimed().await;
    assert_eq!(case.complete(lost, OTHER).await, Written::Lost);
    assert_eq!(case.complete(id, ANSWER).await, Written::Done);
    assert_answered(&case.status().await, ANSWER);
}

async fn an_answer_expires(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, first) = case.claimed().await;
    let complete = Complete::new(case.key, id, ANSWER, Some(harness.soon()));
    assert_eq!(done(case.store.complete(complete).await), Written::Done);
    harness.wait(harness.soon()).await;
    assert_eq!(case.status().await, Status::Absent);
    assert_eq!(case.complete(id, ANSWER).await, Written::Lost);
    let (_, second) = case.claimed().await;
    assert_eq!((second.attempt, second.interrupted), (1, 0));
    assert!(second.token > first.token);

    let insert = Insert::new(case.key, ClaimId::random(), OTHER, Some(harness.soon()));
    assert_eq!(done(case.store.insert(insert).await), Inserted::Done);
    harness.wait(harness.soon()).await;
    assert_eq!(case.status().await, Status::Absent);
}

async fn a_released_record_expires(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, _) = case.claimed().await;
    let release = Release::new(case.key, id, Some(harness.soon()));
    assert_eq!(done(case.store.release(release).await), Written::Done);
    harness.wait(harness.soon()).await;
    assert_eq!(case.status().await, Status::Absent);
    assert_eq!(case.claimed().await.1.attempt, 1);
}

async fn an_interrupted_record_expires(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    case.claim_and_die(harness, Some(harness.soon())).await;
    harness.wait(harness.soon()).await;
    assert_eq!(case.status().await, Status::Absent);
    let (id, grant) = case.claimed().await;
    assert_eq!((grant.attempt, grant.interrupted), (1, 0));

    let interrupt = Interrupt::new(case.key, id, Some(harness.soon()));
    assert_eq!(done(case.store.interrupt(interrupt).await), Written::Done);
    harness.wait(harness.soon()).await;
    assert_eq!(case.status().await, Status::Absent);
}

async fn a_record_without_retention_stays(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    case.claim_and_die(harness, None).await;
    harness.wait(harness.soon()).await;
    assert_unknown(&case.claim_or_refuse(ClaimId::random()).await, 1);

    let case = Case::new(harness).await;
    let (id, _) = case.claimed().await;
    done(
        case.store
            .complete(Complete::new(case.key, id, ANSWER, None))
            .await,
    );
    let Claimed::Completed(answer) = case.claim(ClaimId::random()).await else {
        panic!("it should be completed");
    };
    assert_eq!(answer.remaining, None);
}

/// As long as a store can say, rather than an error or no time at all.
async fn lease_and_retention_may_be_endless(harness: &dyn Harness) {
    let case = Case::new(harness).await;
    let (id, endless) = (ClaimId::random(), Some(Duration::MAX));
    let claim = Claim::new(case.key, id, Duration::MAX, endless);
    granted(done(case.store.claim(claim).await));
    let renew = Renew::new(case.key, id, Duration::MAX, endless);
    assert_eq!(done(case.store.renew(renew).await), Written::Done);
    match case.status().await {
        Status::InProgress { retry_after, .. } => assert!(retry_after > LATER),
        other => panic!("it should be in progress: {other:?}"),
    }
    let complete = Complete::new(case.key, id, ANSWER, endless);
    assert_eq!(done(case.store.complete(complete).await), Written::Done);
    let Claimed::Completed(answer) = case.claim(ClaimId::random()).await else {
        panic!("it should be completed");
    };
    assert!(answer.remaining.is_none_or(|remaining| remaining > LATER));
}

/// A store that removes such records by itself answers 0, so the number is not checked.
async fn a_sweep_removes_what_is_over_alone(harness: &dyn Harness) {
    let (stays, goes) = (Case::new(harness).await, Case::new(harness).await);
    let (id, _) = stays.claimed().await;
    stays.complete(id, ANSWER).await;
    let (id, _) = goes.claimed().await;
    let complete = Complete::new(goes.key, id, OTHER, Some(harness.soon()));
    done(goes.store.complete(complete).await);
    harness.wait(harness.soon()).await;
    for _ in 0..2 {
        done(stays.store.sweep(Sweep::new(1_000)).await);
    }
    assert_answered(&stays.status().await, ANSWER);
    assert_eq!(goes.status().await, Status::Absent);
}
