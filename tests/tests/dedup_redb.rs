//! The store in a file: it keeps the rules, and its promises hold when processes are killed or
//! stopped.

use std::convert::Infallible;
use std::time::Duration;

use agentidemp::dedup::conformance::{self, Harness, HarnessFuture};
use agentidemp::dedup::store::{
    Claim, ClaimId, Claimed, Get, RedbStore, Status, Store, StoreErrorKind,
};
use agentidemp::dedup::{Dedup, blocking};
use agentidemp_tests::dedup::{Folder, Receiver, Scene, kills, load};
use agentidemp_tests::keys::key;

const PROGRAM: &str = env!("CARGO_BIN_EXE_dedup_worker");

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

#[test]
fn a_process_that_is_killed_while_it_creates_the_file_leaves_none_that_cannot_be_opened() {
    let unfinished = Folder::new();
    let beside = unfinished.path("store.redb.holders");
    std::fs::create_dir(&beside).unwrap();
    std::fs::write(beside.join("new-database"), [0; 4096]).unwrap();
    RedbStore::open(unfinished.path("store.redb")).unwrap();

    for _ in 0..40 {
        let scene = Scene::in_file(PROGRAM, Receiver::KnowsKeys);
        let mut creator = scene.worker(1, 1000, &[]);
        std::thread::sleep(Duration::from_millis(fastrand::u64(..20)));
        creator.kill();
        RedbStore::open(&scene.store).unwrap();
    }
}

#[test]
fn an_empty_file_becomes_a_store() {
    let folder = Folder::new();
    std::fs::write(folder.path("store.redb"), "").unwrap();
    RedbStore::open(folder.path("store.redb")).unwrap();
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

#[test]
fn killed_processes_lose_no_answer_and_nothing_happens_twice() {
    kills::lose_no_answer(|| Scene::in_file(PROGRAM, Receiver::KnowsKeys));
}

/// The receiver acts on whatever it is sent.
#[test]
fn killed_processes_leave_unknown_outcomes_where_the_receiver_knows_no_keys() {
    kills::leave_unknown_outcomes(|| Scene::in_file(PROGRAM, Receiver::KnowsNoKeys));
}

#[test]
fn a_killed_process_is_taken_over_at_once() {
    let scene = Scene::in_file(PROGRAM, Receiver::KnowsKeys);
    let taken = kills::time_to_take_over(&scene);
    assert!(taken < scene.lease, "it waited for the lease");
}

#[test]
fn a_stopped_process_is_never_taken_over() {
    let scene = Scene::in_file(PROGRAM, Receiver::KnowsNoKeys);
    let mut stopped = scene.worker(1, 2_000, &[]);
    kills::wait_until_claimed(&scene);
    stopped.signal("STOP");
    let mut other = scene.worker(1, 0, &["--wait-ms", "3000"]);
    assert!(other.0.wait().unwrap().success());
    assert_eq!(scene.told()[&1], ["in-progress"]);
    stopped.signal("CONT");
    assert!(stopped.0.wait().unwrap().success());
    assert_eq!(scene.effects(), [1]);
    assert_eq!(scene.told()[&1], ["in-progress", "1"]);
}

#[test]
fn many_callers_in_two_processes_run_the_work_of_each_key_once() {
    let folder = Folder::new();
    load::of_two_processes(PROGRAM, folder.path("store.redb").to_str().unwrap());
}
