//! The store in a file: it keeps the rules, and its promises hold when processes are killed or
//! stopped.
//!
//! `AGENTIDEMP_KILLS` says how many processes are killed in each test: 30, unless set.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::io::Write as _;
use std::thread;
use std::time::{Duration, Instant};

use agentidemp::dedup::conformance::{self, Harness, HarnessFuture};
use agentidemp::dedup::store::{
    Claim, ClaimId, Claimed, Get, RedbStore, Status, Store, StoreErrorKind,
};
use agentidemp::dedup::{Dedup, blocking};
use agentidemp_tests::dedup::{Folder, Process, Scene};
use agentidemp_tests::keys::key;

const PROGRAM: &str = env!("CARGO_BIN_EXE_dedup_worker");
const WORKERS: usize = 4;
const JOBS: u64 = 200;
/// A claim of this store does not end with its lease, so nothing may wait for it.
const LEASE: Duration = Duration::from_secs(30);

struct File(Folder);

impl Harness for File {
    fn open(&self) -> HarnessFuture<'_, Box<dyn Store>> {
        Box::pin(async {
            Box::new(RedbStore::open(self.0.path("store.redb")).unwrap()) as Box<dyn Store>
        })
    }

    fn wait(&self, duration: Duration) -> HarnessFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[tokio::test]
async fn the_store_in_a_file_keeps_the_rules() {
    conformance::check(&File(Folder::new())).await;
}

#[test]
fn answers_survive_a_restart_on_both_faces() {
    let folder = Folder::new();
    let path = folder.path("store.redb");
    let open = || RedbStore::open(&path).unwrap();
    let threads: blocking::Dedup<u32> = blocking::Dedup::builder().store(open()).build();
    threads.run(&key(1), |_| Ok::<_, Infallible>(7)).unwrap();
    drop(threads);

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let tasks: Dedup<u32> = Dedup::builder().store(open()).build();
    let run = async { tasks.run(&key(1), async |_| Ok::<_, Infallible>(8)).await };
    assert_eq!(runtime.unwrap().block_on(run).unwrap(), 7);
}

#[test]
fn a_file_of_another_kind_is_refused() {
    let folder = Folder::new();
    std::fs::write(
        folder.path("store.redb"),
        "a text that is no database".repeat(1000),
    )
    .unwrap();
    let error = RedbStore::open(folder.path("store.redb")).unwrap_err();
    assert_ne!(error.kind(), StoreErrorKind::TooLarge);
    assert!(
        error.to_string().starts_with("the file cannot be used"),
        "{error}"
    );
}

#[tokio::test]
async fn a_claim_outlives_its_lease_while_its_process_lives() {
    let folder = Folder::new();
    let open = || RedbStore::open(folder.path("store.redb")).unwrap();
    let (holder, other) = (open(), open());
    let claim = |id| Claim::new(key(1), id, Duration::from_millis(1), None);
    let granted = holder.claim(claim(ClaimId::random())).await.unwrap();
    assert!(matches!(granted, Claimed::Granted(_)));
    tokio::time::sleep(Duration::from_millis(20)).await;
    let refused = other.claim(claim(ClaimId::random())).await.unwrap();
    assert!(matches!(refused, Claimed::Busy { .. }));

    drop(holder);
    let status = other.get(Get::new(key(1))).await.unwrap();
    assert!(matches!(status, Status::Interrupted(_)));
}

fn kills() -> usize {
    let kills = std::env::var("AGENTIDEMP_KILLS");
    kills.map_or(30, |kills| kills.parse().unwrap())
}

/// Past the capture of the test's output.
fn say(text: &str) {
    std::io::stderr()
        .write_all(format!("{text}\n").as_bytes())
        .unwrap();
}

/// Starts four workers, kills them at random and starts others in their place, until all jobs are
/// done. Says how many it killed.
fn kill_at_random(scene: &Scene, most: usize) -> usize {
    let start = || scene.worker(JOBS, 30, &[]);
    let mut workers: Vec<Process> = (0..WORKERS).map(|_| start()).collect();
    let mut killed = 0;
    let started = Instant::now();
    while !workers.is_empty() {
        assert!(
            started.elapsed() < Duration::from_secs(300),
            "a key is stuck"
        );
        thread::sleep(Duration::from_millis(fastrand::u64(5..100)));
        workers.retain_mut(|worker| !worker.is_done());
        if killed < most && !workers.is_empty() {
            let victim = fastrand::usize(..workers.len());
            workers[victim].kill();
            workers[victim] = start();
            killed += 1;
        }
    }
    killed
}

#[test]
fn killed_processes_lose_no_answer_and_nothing_happens_twice() {
    let mut killed = 0;
    while killed < kills() {
        let scene = Scene::new(PROGRAM);
        killed += kill_at_random(&scene, (kills() - killed).min(20));
        check_answers(&scene);

        // Whoever comes later is told the same, and nothing runs again.
        let effects = scene.effects();
        let mut late = scene.worker(JOBS, 0, &[]);
        assert!(late.0.wait().unwrap().success());
        assert_eq!(scene.effects(), effects);
        check_answers(&scene);
    }
    say(&format!("{killed} processes killed"));
}

/// Each job has one effect, and everybody was told of that one.
fn check_answers(scene: &Scene) {
    let (effects, told) = (scene.effects(), scene.told());
    let distinct: BTreeSet<u64> = effects.iter().copied().collect();
    assert_eq!(distinct.len(), effects.len(), "an effect happened twice");
    assert_eq!(told.len() as u64, JOBS);
    for (job, answers) in told {
        for answer in answers {
            let effect: usize = answer.parse().unwrap();
            assert_eq!(effects[effect - 1], job);
        }
    }
}

/// The receiver acts on whatever it is sent.
#[test]
fn killed_processes_leave_unknown_outcomes_where_the_receiver_knows_no_keys() {
    let (mut killed, mut unknown) = (0, 0);
    while killed < kills() {
        let scene = Scene::with_refusal(PROGRAM);
        killed += kill_at_random(&scene, (kills() - killed).min(20));
        let (effects, told) = (scene.effects(), scene.told());
        let distinct: BTreeSet<u64> = effects.iter().copied().collect();
        assert_eq!(distinct.len(), effects.len(), "an effect happened twice");
        for job in 1..=JOBS {
            let answers = told.get(&job).map(Vec::as_slice).unwrap_or_default();
            assert!(!answers.is_empty(), "job {job} is stuck");
            let answered: BTreeSet<&String> = answers
                .iter()
                .filter(|answer| *answer != "unknown")
                .collect();
            assert!(answered.len() <= 1);
            for effect in answered {
                let effect: usize = effect.parse().unwrap();
                assert_eq!(effects[effect - 1], job);
            }
            unknown += usize::from(answers.iter().any(|answer| answer == "unknown"));
        }
    }
    say(&format!(
        "{killed} processes killed, {unknown} outcomes unknown"
    ));
    assert!(unknown > 0);
}

#[test]
fn a_killed_process_is_taken_over_at_once() {
    let scene = Scene::new(PROGRAM);
    let mut victim = scene.worker(1, 120_000, &[]);
    wait_until_claimed(&scene);
    let mut heir = scene.worker(1, 0, &[]);
    thread::sleep(Duration::from_millis(300));
    assert!(!heir.is_done());
    victim.kill();
    let killed = Instant::now();
    while !heir.is_done() {
        thread::sleep(Duration::from_millis(1));
        assert!(killed.elapsed() < LEASE, "it waited for the lease");
    }
    say(&format!(
        "taken over and answered after {:?}",
        killed.elapsed()
    ));
    assert_eq!(scene.effects(), [1]);
}

#[test]
fn a_stopped_process_is_never_taken_over() {
    let scene = Scene::with_refusal(PROGRAM);
    let mut stopped = scene.worker(1, 2_000, &[]);
    wait_until_claimed(&scene);
    stopped.signal("STOP");
    let mut other = scene.worker(1, 0, &["--wait-ms", "3000"]);
    assert!(other.0.wait().unwrap().success());
    assert_eq!(scene.told()[&1], ["in-progress"]);
    stopped.signal("CONT");
    assert!(stopped.0.wait().unwrap().success());
    assert_eq!(scene.effects(), [1]);
    assert_eq!(scene.told()[&1], ["in-progress", "1"]);
}

/// Waits until job 1 is in progress.
fn wait_until_claimed(scene: &Scene) {
    let store = RedbStore::open(scene.folder.path("store.redb")).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    loop {
        let status = runtime.block_on(store.get(Get::new(key(1)))).unwrap();
        if matches!(status, Status::InProgress { .. }) {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
}
