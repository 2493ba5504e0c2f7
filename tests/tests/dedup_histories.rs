//! Random histories: of operations on a store, against a model of what is promised; and of calls in
//! several layers on one store, whatever becomes of each.
//!
//! `AGENTIDEMP_CASES` says how many of each: 300, unless set.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use agentidemp::dedup::store::{
    Abandoned, Claim, ClaimId, Claimed, Complete, Get, Grant, Insert, Inserted, Interrupt,
    Invalidate, MemoryStore, Release, Renew, Resolve, Resolved, Status, Store, Sweep, Written,
};
use agentidemp::dedup::{Dedup, Figures, RunError};
use agentidemp_tests::keys::key;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::time::{Instant, sleep, sleep_until, timeout};

fn runner() -> TestRunner {
    let cases = std::env::var("AGENTIDEMP_CASES");
    let cases = cases.map_or(300, |cases| cases.parse().unwrap());
    TestRunner::new(Config {
        failure_persistence: None,
        ..Config::with_cases(cases)
    })
}

const CLAIMANTS: usize = 4;

/// A step of a history. Claimants are numbered; each has one claim id at a time, and may ask for
/// another.
#[derive(Debug, Clone)]
enum Action {
    Claim {
        who: usize,
        refuse: bool,
        lease: u64,
        kept: Option<u64>,
    },
    NewId(usize),
    Renew {
        who: usize,
        lease: u64,
        kept: Option<u64>,
    },
    Complete {
        who: usize,
        kept: Option<u64>,
    },
    Release {
        who: usize,
        kept: Option<u64>,
    },
    Interrupt {
        who: usize,
        kept: Option<u64>,
    },
    Insert {
        kept: Option<u64>,
    },
    Resolve {
        answered: bool,
        kept: Option<u64>,
    },
    Invalidate,
    Sweep,
    Time(u64),
}

fn kept() -> impl Strategy<Value = Option<u64>> {
    prop_oneof![1 => Just(None), 4 => (0..100_u64).prop_map(Some)]
}

fn action() -> impl Strategy<Value = Action> {
    let who = || 0..CLAIMANTS;
    let claim = (who(), any::<bool>(), 1..50_u64, kept());
    prop_oneof![
        8 => claim.prop_map(|(who, refuse, lease, kept)| Action::Claim { who, refuse, lease, kept }),
        4 => who().prop_map(Action::NewId),
        3 => (who(), 1..50_u64, kept()).prop_map(|(who, lease, kept)| Action::Renew { who, lease, kept }),
        3 => (who(), kept()).prop_map(|(who, kept)| Action::Complete { who, kept }),
        3 => (who(), kept()).prop_map(|(who, kept)| Action::Release { who, kept }),
        3 => (who(), kept()).prop_map(|(who, kept)| Action::Interrupt { who, kept }),
        1 => kept().prop_map(|kept| Action::Insert { kept }),
        2 => (any::<bool>(), kept()).prop_map(|(answered, kept)| Action::Resolve { answered, kept }),
        1 => Just(Action::Invalidate),
        1 => Just(Action::Sweep),
        6 => (0..60_u64).prop_map(Action::Time),
    ]
}

/// What somebody knows who hears every answer of the store, and nothing else.
#[derive(Default)]
struct Witness {
    now: u64,
    /// Who was last granted a claim that was not given up, and until when it is live.
    holder: Option<(ClaimId, u64)>,
    /// An attempt whose outcome nobody knows, unless its holder is live.
    is_unknown: bool,
    /// The answer that stands.
    answer: Option<String>,
    /// When the record goes, where it does.
    expires: Option<u64>,
    attempts: u64,
    interrupted: u64,
    last_token: u64,
}

impl Witness {
    fn is_live(&self) -> bool {
        self.holder.is_some_and(|(_, until)| until > self.now)
    }

    /// Time has passed: the record may be gone.
    fn pass(&mut self) {
        if !self.is_live() && self.expires.is_some_and(|time| time <= self.now) {
            self.forget();
        }
    }

    fn forget(&mut self) {
        *self = Self {
            now: self.now,
            last_token: self.last_token,
            ..Self::default()
        };
    }

    fn end(&mut self, kept: Option<u64>) {
        self.expires = kept.map(|kept| self.now + kept);
    }

    fn granted(&mut self, id: ClaimId, grant: Grant, lease: u64, kept: Option<u64>, refuse: bool) {
        let again = self.holder.is_some_and(|(holder, _)| holder == id);
        if again {
            assert_eq!(
                (grant.attempt, grant.token),
                (self.attempts, self.last_token)
            );
        } else {
            assert!(!self.is_live(), "two live claims");
            assert!(
                !(refuse && self.is_unknown),
                "an unknown outcome was run again"
            );
            assert!(grant.token > self.last_token, "the token did not rise");
            assert_eq!(grant.attempt, self.attempts + 1);
            self.interrupted += u64::from(self.is_unknown);
        }
        assert_eq!(self.answer, None, "work ran that is done");
        assert_eq!(grant.interrupted, self.interrupted);
        assert!(grant.token < 1 << 53);
        self.attempts = grant.attempt;
        self.last_token = grant.token;
        self.is_unknown = true;
        let until = self.now + lease;
        self.holder = Some((id, until));
        self.expires = kept.map(|kept| until + kept);
    }

    fn answered(&mut self, answer: &str, kept: Option<u64>) {
        self.answer = Some(answer.into());
        self.holder = None;
        self.is_unknown = false;
        self.end(kept);
    }

    fn check_answer(&self, json: &str) {
        assert_eq!(self.answer.as_deref(), Some(json), "an answer changed");
    }

    /// What a write of a claimant must be told.
    fn check_written(&self, written: &Written, may_hold: bool) {
        match written {
            Written::Done => assert!(may_hold, "who lost a claim wrote"),
            Written::Lost => {
                assert_eq!(self.answer, None, "an answer was kept back");
                assert!(!may_hold, "who holds a claim was refused");
            }
            Written::Superseded(answer) => self.check_answer(&answer.json),
            other => panic!("{other:?}"),
        }
    }
}

/// Claimants, each with its last claim, on one key of a store.
struct History {
    store: MemoryStore,
    micros: Arc<AtomicU64>,
    witness: Witness,
    ids: Vec<ClaimId>,
    completed_by: Option<ClaimId>,
    ended_by: Option<(ClaimId, bool)>,
    answers: u64,
}

impl History {
    fn new() -> Self {
        let micros = Arc::new(AtomicU64::new(1_000_000));
        let clock = micros.clone();
        Self {
            store: MemoryStore::with_clock(move || clock.load(Ordering::Relaxed)),
            micros,
            witness: Witness {
                now: 1_000_000,
                ..Witness::default()
            },
            ids: (0..CLAIMANTS).map(|_| ClaimId::random()).collect(),
            completed_by: None,
            ended_by: None,
            answers: 0,
        }
    }

    fn holds(&self, who: usize) -> bool {
        self.witness
            .holder
            .is_some_and(|(holder, _)| holder == self.ids[who])
    }

    fn answer(&mut self) -> String {
        self.answers += 1;
        self.answers.to_string()
    }

    async fn act(&mut self, action: &Action) {
        self.witness.pass();
        match *action {
            Action::Time(micros) => {
                self.micros.fetch_add(micros, Ordering::Relaxed);
                self.witness.now += micros;
            }
            Action::NewId(who) => self.ids[who] = ClaimId::random(),
            Action::Claim {
                who,
                refuse,
                lease,
                kept,
            } => self.claim(who, refuse, lease, kept).await,
            Action::Renew { who, lease, kept } => self.renew(who, lease, kept).await,
            Action::Complete { who, kept } => self.complete(who, kept).await,
            Action::Release { who, kept } => self.end(who, false, kept).await,
            Action::Interrupt { who, kept } => self.end(who, true, kept).await,
            Action::Insert { kept } => self.insert(kept).await,
            Action::Resolve { answered, kept } => self.resolve(answered, kept).await,
            Action::Invalidate => {
                self.store
                    .invalidate(Invalidate::new(key(1)))
                    .await
                    .unwrap();
                self.witness.forget();
            }
            Action::Sweep => {
                self.store.sweep(Sweep::new(1)).await.unwrap();
            }
        }
        self.witness.pass();
        self.look().await;
    }

    async fn claim(&mut self, who: usize, refuse: bool, lease: u64, kept: Option<u64>) {
        let id = self.ids[who];
        let abandoned = if refuse {
            Abandoned::Refuse
        } else {
            Abandoned::RunAgain
        };
        let claim = Claim::new(key(1), id, micros(lease), kept.map(micros)).abandoned(abandoned);
        for _ in 0..2 {
            match self.store.claim(claim.clone()).await.unwrap() {
                Claimed::Granted(grant) => self.witness.granted(id, grant, lease, kept, refuse),
                Claimed::Busy { retry_after } => {
                    let (holder, until) = self.witness.holder.unwrap();
                    assert_ne!(holder, id, "a claim blocks its own holder");
                    assert_eq!(retry_after, micros(until - self.witness.now));
                    assert!(self.witness.is_live());
                }
                Claimed::OutcomeUnknown(unknown) => {
                    assert!(refuse && self.witness.is_unknown && !self.witness.is_live());
                    assert_eq!(unknown.attempt, self.witness.attempts);
                }
                Claimed::Completed(answer) => self.witness.check_answer(&answer.json),
                Claimed::Over => assert_eq!(self.ended_by.map(|(ended, _)| ended), Some(id)),
                other => panic!("{other:?}"),
            }
        }
    }

    async fn renew(&mut self, who: usize, lease: u64, kept: Option<u64>) {
        let renew = Renew::new(key(1), self.ids[who], micros(lease), kept.map(micros));
        let may_hold = self.holds(who) || self.gave_up(who);
        for _ in 0..2 {
            let written = self.store.renew(renew.clone()).await.unwrap();
            self.witness.check_written(&written, may_hold);
            if written == Written::Done {
                let until = self.witness.now + lease;
                self.witness.holder = Some((self.ids[who], until));
                self.witness.expires = kept.map(|kept| until + kept);
                self.ended_by = None;
            }
        }
    }

    /// It gave up its claim, and nobody has taken over: it may still say what came of it.
    fn gave_up(&self, who: usize) -> bool {
        self.ended_by == Some((self.ids[who], true))
            && self.witness.is_unknown
            && self.witness.holder.is_none()
    }

    async fn complete(&mut self, who: usize, kept: Option<u64>) {
        let (id, answer) = (self.ids[who], self.answer());
        let again = self.completed_by == Some(id) && self.witness.answer.is_some();
        let may_hold = self.holds(who) || self.gave_up(who);
        let complete = Complete::new(key(1), id, &answer, kept.map(micros));
        for _ in 0..2 {
            let written = self.store.complete(complete.clone()).await.unwrap();
            self.witness.check_written(&written, may_hold || again);
            if written == Written::Done && !again && self.witness.answer.is_none() {
                self.witness.answered(&answer, kept);
                self.completed_by = Some(id);
            }
            // With no time to live it is gone at once.
            self.witness.pass();
            if self.witness.answer.is_none() {
                return;
            }
        }
    }

    async fn end(&mut self, who: usize, interrupt: bool, kept: Option<u64>) {
        let id = self.ids[who];
        let again = self.ended_by == Some((id, interrupt))
            && self.witness.attempts > 0
            && self.witness.holder.is_none()
            && self.witness.answer.is_none();
        let may_hold = self.holds(who) || self.gave_up(who);
        for _ in 0..2 {
            let written = if interrupt {
                let interrupt = Interrupt::new(key(1), id, kept.map(micros));
                self.store.interrupt(interrupt).await
            } else {
                let release = Release::new(key(1), id, kept.map(micros));
                self.store.release(release).await
            };
            let written = written.unwrap();
            self.witness.check_written(&written, may_hold || again);
            if written == Written::Done && !again {
                if self.ended_by != Some((id, interrupt)) || self.witness.holder.is_some() {
                    self.witness.end(kept);
                }
                self.witness.holder = None;
                self.witness.is_unknown = interrupt;
                self.ended_by = Some((id, interrupt));
            }
            self.witness.pass();
            if self.witness.attempts == 0 {
                return;
            }
        }
    }

    async fn insert(&mut self, kept: Option<u64>) {
        let answer = self.answer();
        let insert = Insert::new(key(1), ClaimId::random(), &answer, kept.map(micros));
        match self.store.insert(insert).await.unwrap() {
            Inserted::Done => {
                assert_eq!(self.witness.answer, None, "an answer was replaced");
                self.witness.answered(&answer, kept);
                self.completed_by = None;
                self.witness.last_token = self.store.record(&key(1)).unwrap().token;
            }
            Inserted::Superseded(answer) => self.witness.check_answer(&answer.json),
            other => panic!("{other:?}"),
        }
    }

    async fn resolve(&mut self, answered: bool, kept: Option<u64>) {
        let (id, answer) = (ClaimId::random(), self.answer());
        let resolve = if answered {
            Resolve::done(key(1), id, &answer, kept.map(micros))
        } else {
            Resolve::not_done(key(1), id, kept.map(micros))
        };
        match self.store.resolve(resolve).await.unwrap() {
            Resolved::Done => {
                assert!(self.witness.is_unknown && !self.witness.is_live());
                if answered {
                    self.witness.answered(&answer, kept);
                } else {
                    self.witness.holder = None;
                    self.witness.is_unknown = false;
                    self.witness.end(kept);
                }
                self.completed_by = None;
                self.ended_by = None;
            }
            Resolved::Superseded(answer) => self.witness.check_answer(&answer.json),
            Resolved::Busy { .. } => assert!(self.witness.is_live()),
            Resolved::NothingUnknown => assert!(!self.witness.is_unknown),
            other => panic!("{other:?}"),
        }
    }

    /// What anybody sees is what the witness knows.
    async fn look(&self) {
        let witness = &self.witness;
        match self.store.get(Get::new(key(1))).await.unwrap() {
            Status::Completed(answer) => witness.check_answer(&answer.json),
            status => {
                assert_eq!(witness.answer, None, "an answer was lost");
                let is_live = matches!(status, Status::InProgress { .. });
                assert_eq!(is_live, witness.is_live());
                let is_unknown = is_live || matches!(status, Status::Interrupted(_));
                assert_eq!(is_unknown, witness.is_unknown, "{status:?}");
            }
        }
    }
}

fn micros(count: u64) -> Duration {
    Duration::from_micros(count)
}

#[test]
fn whatever_is_asked_of_a_store_its_promises_hold() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runner()
        .run(&vec(action(), 1..60), |actions| {
            runtime.block_on(async {
                let mut history = History::new();
                for action in &actions {
                    history.act(action).await;
                }
            });
            Ok(())
        })
        .unwrap();
}

const LAYERS: usize = 3;
const KEYS: u64 = 2;

/// A call in one of the layers.
#[derive(Debug, Clone)]
struct Call {
    at: u64,
    layer: usize,
    key: u64,
    work: u64,
    end: End,
}

#[derive(Debug, Clone)]
enum End {
    Answer,
    Fail,
    Panic,
    /// The caller gives up after this time.
    GiveUp(u64),
    /// It is no call: the key is invalidated.
    Invalidate,
}

fn call() -> impl Strategy<Value = Call> {
    let end = prop_oneof![
        4 => Just(End::Answer),
        2 => Just(End::Fail),
        1 => Just(End::Panic),
        3 => (0..5_000_u64).prop_map(End::GiveUp),
        1 => Just(End::Invalidate),
    ];
    (0..100_000_u64, 0..LAYERS, 0..KEYS, 0..70_000_u64, end).prop_map(
        |(at, layer, key, work, end)| Call {
            at,
            layer,
            key,
            work,
            end,
        },
    )
}

/// What goes on with each key, since it was last invalidated.
#[derive(Default)]
struct Board {
    epochs: HashMap<u64, u64>,
    running: HashMap<(u64, u64), u32>,
    given: HashMap<(u64, u64), u64>,
    answers: u64,
}

struct Running(Arc<Mutex<Board>>, (u64, u64));

impl Running {
    fn start(board: &Arc<Mutex<Board>>, key: u64) -> Self {
        let mut seen = board.lock().unwrap();
        let epoch = (key, seen.epochs.get(&key).copied().unwrap_or(0));
        let running = seen.running.entry(epoch).or_default();
        *running += 1;
        assert_eq!(*running, 1, "the work runs in two places");
        assert!(!seen.given.contains_key(&epoch), "work ran that is done");
        Self(board.clone(), epoch)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        *self.0.lock().unwrap().running.get_mut(&self.1).unwrap() -= 1;
    }
}

/// How many calls the figures count.
fn count(figures: &Figures) -> u64 {
    assert_eq!((figures.hits, figures.entries), (0, 0));
    assert!(figures.takeovers + figures.lost_claims <= 2 * figures.misses);
    figures.recalls + figures.shared_flights + figures.misses + figures.refusals
}

/// Says whether a call came to an end.
async fn make(
    call: Call,
    layers: Arc<Vec<Dedup<u64>>>,
    board: Arc<Mutex<Board>>,
    start: Instant,
) -> bool {
    sleep_until(start + Duration::from_millis(call.at)).await;
    let layer = &layers[call.layer];
    if matches!(call.end, End::Invalidate) {
        *board.lock().unwrap().epochs.entry(call.key).or_default() += 1;
        layer.invalidate(&key(call.key)).await.unwrap();
        return false;
    }
    let epoch = board
        .lock()
        .unwrap()
        .epochs
        .get(&call.key)
        .copied()
        .unwrap_or(0);
    let work = async |_| {
        let running = Running::start(&board, call.key);
        sleep(Duration::from_millis(call.work)).await;
        match call.end {
            End::Fail => Err("overloaded"),
            End::Panic => panic!("the work is broken"),
            _ => {
                drop(running);
                let mut seen = board.lock().unwrap();
                seen.answers += 1;
                Ok(seen.answers)
            }
        }
    };
    let called = key(call.key);
    let run = layer.run(&called, work);
    let result = match call.end {
        End::GiveUp(after) => match timeout(Duration::from_millis(after), run).await {
            Ok(result) => result,
            Err(_) => return false,
        },
        _ => run.await,
    };
    match result {
        Ok(answer) => {
            let mut seen = board.lock().unwrap();
            if seen.epochs.get(&call.key).copied().unwrap_or(0) == epoch {
                let given = *seen.given.entry((call.key, epoch)).or_insert(answer);
                assert_eq!(given, answer, "two answers to one key");
            }
        }
        Err(RunError::Work(_) | RunError::Shared(_) | RunError::InProgress { .. }) => {}
        // Another layer invalidated the key meanwhile.
        Err(RunError::NotStored { .. } | RunError::OutcomeUnknown { .. }) => {
            let seen = board.lock().unwrap();
            assert_ne!(seen.epochs.get(&call.key).copied().unwrap_or(0), epoch);
        }
        Err(error) => panic!("{error:?}"),
    }
    true
}

#[test]
fn whatever_becomes_of_calls_in_several_layers_the_work_runs_in_one_place() {
    // The panics of the work are part of it.
    std::panic::set_hook(Box::new(|info| {
        if !info.to_string().contains("the work is broken") {
            eprintln!("{info}");
        }
    }));
    let checked = runner().run(&vec(call(), 1..20), |calls| {
        let failed = AssertUnwindSafe(|| play(calls));
        std::panic::catch_unwind(failed).map_err(|_| TestCaseError::fail("a promise was broken"))
    });
    drop(std::panic::take_hook());
    checked.unwrap();
}

fn play(calls: Vec<Call>) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let start = Instant::now();
        let store = MemoryStore::with_clock(move || {
            1_767_225_600_000_000 + u64::try_from(start.elapsed().as_micros()).unwrap()
        });
        let layer = || Dedup::builder().store(store.clone()).build();
        let layers = Arc::new((0..LAYERS).map(|_| layer()).collect::<Vec<_>>());
        let board = Arc::new(Mutex::new(Board::default()));
        let calls: Vec<_> = calls
            .into_iter()
            .map(|call| {
                let panics = matches!(call.end, End::Panic);
                let made = make(call, layers.clone(), board.clone(), start);
                (panics, tokio::spawn(made))
            })
            .collect();
        let made = calls.len() as u64;
        let mut ended = 0;
        for (panics, call) in calls {
            match call.await {
                Ok(has_ended) => ended += u64::from(has_ended),
                Err(error) => assert!(panics && error.is_panic()),
            }
        }
        let counted: u64 = layers.iter().map(|layer| count(&layer.figures())).sum();
        assert!(
            counted >= ended && counted <= made,
            "the figures do not add up"
        );
    });
}
