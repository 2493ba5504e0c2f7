//! The store in a file: it keeps the rules, and its promises hold when processes are killed or
//! stopped.

use std::convert::Infallible;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agentidemp::Key;
use agentidemp::dedup::conformance::{self, Harness, HarnessFuture};
use agentidemp::dedup::store::{
    Claim, ClaimId, Claimed, Get, Insert, RedbStore, Status, Store, StoreError, StoreErrorKind,
    Sweep,
};
use agentidemp::dedup::{Attempt, Dedup, RunError, blocking};
use agentidemp_tests::dedup::{BLOCKED, Folder, Hold, Receiver, Scene, kills, load};
use agentidemp_tests::keys::key;
use redb::{ConcurrencyMode, TableDefinition};
use tokio::task::JoinSet;

const PROGRAM: &str = env!("CARGO_BIN_EXE_dedup_worker");

const LEASE: Duration = Duration::from_secs(30);

fn scene(receiver: Receiver, lease: Duration) -> Scene {
    Scene::in_file(PROGRAM, receiver, lease)
}

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

fn dedup(path: &Path) -> blocking::Dedup<u32> {
    let store = RedbStore::open(path).unwrap();
    blocking::Dedup::builder().store(store).build()
}

#[test]
fn answers_survive_a_restart_on_both_faces() {
    let folder = Folder::new();
    let path = folder.path("store.redb");
    let threads = dedup(&path);
    threads.run(&key(1), |_| Ok::<_, Infallible>(7)).unwrap();
    drop(threads);

    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    let store = RedbStore::open(&path).unwrap();
    let tasks: Dedup<u32> = Dedup::builder().store(store).build();
    let run = async { tasks.run(&key(1), async |_| Ok::<_, Infallible>(8)).await };
    assert_eq!(runtime.unwrap().block_on(run).unwrap(), 7);
}

/// Waiting does not help: it is not called unavailable.
#[test]
fn a_file_of_another_kind_or_a_damaged_one_is_corrupt() {
    let folder = Folder::new();
    let path = folder.path("store.redb");
    drop(RedbStore::open(&path).unwrap());
    let whole = std::fs::read(&path).unwrap();
    let version = 64;
    let mut of_another_version = whole.clone();
    of_another_version[version] ^= 0xff;
    for damaged in [
        "a text that is no database".repeat(1000).as_bytes(),
        &of_another_version,
        &whole[..whole.len() / 2],
        &whole[..100],
        &whole[..1],
    ] {
        std::fs::write(&path, damaged).unwrap();
        let error = RedbStore::open(&path).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{error}");
        assert!(
            error.to_string().starts_with("the file cannot be used"),
            "{error}"
        );
    }
}

#[test]
fn a_place_where_no_file_can_be_is_misconfigured() {
    let folder = Folder::new();
    std::fs::create_dir(folder.path("directory")).unwrap();
    std::fs::write(folder.path("file"), "").unwrap();
    std::fs::create_dir_all(folder.path("store.redb.holders/new-database/x")).unwrap();
    for (place, message) in [
        ("directory", "the file cannot be used"),
        ("file/store.redb", "the directory of holders cannot be used"),
        ("store.redb", "the directory of holders cannot be used"),
    ] {
        let error = RedbStore::open(folder.path(place)).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Misconfigured, "{error}");
        assert!(error.to_string().starts_with(message), "{error}");
        assert!(std::error::Error::source(&error).is_some());
    }
}

#[test]
fn a_file_that_another_program_has_for_itself_is_unavailable_until_it_is_closed() {
    let folder = Folder::new();
    let path = folder.path("store.redb");
    drop(RedbStore::open(&path).unwrap());
    let alone = redb::Database::open(&path).unwrap();
    let error = RedbStore::open(&path).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "{error}");
    drop(alone);
    RedbStore::open(&path).unwrap();
}

/// And nobody else is.
#[test]
fn a_record_that_no_store_wrote_is_reported_to_who_asks_for_it() {
    let folder = Folder::new();
    let path = folder.path("store.redb");
    let dedup = dedup(&path);
    let whole = r#"{"state":"in_progress","attempt":"1","interrupted":"0","token":"1",
        "claim":"6f1c1cf2b1a04e7c9d1d5a2f5b0d9d7e","started":"1","lease_until":"1"}"#;
    for (part, damage) in [
        (whole, ""),
        (whole, "text"),
        (whole, "[]"),
        (whole, "{}"),
        ("\"1\"", "1"),
        ("\"0\"", "-0"),
        ("in_progress", "asleep"),
        ("in_progress", "completed"),
        ("\"lease_until\"", "\"leased\""),
        ("\"lease_until\":\"1\"", "\"lease_until\":1"),
        ("}", ",\"expires\":1}"),
        ("}", ",\"holder\":7}"),
        ("}", ",\"holder\":\"\"}"),
        ("}", ",\"holder\":\"../store.redb\"}"),
    ] {
        let json = whole.replace(part, damage);
        put(&path, key(1), &json);
        let refused = dedup.run(&key(1), |_| Err("not run")).unwrap_err();
        let RunError::Store(error) = refused else {
            panic!("{json}: {refused}");
        };
        assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{json}: {error}");
        dedup.run(&key(2), |_| Ok::<_, Infallible>(7)).unwrap();
    }
    put(&path, key(1), whole);
    let attempt = |attempt: Attempt| Ok::<_, Infallible>(u32::try_from(attempt.number()).unwrap());
    assert_eq!(dedup.run(&key(1), attempt).unwrap(), 2);

    // Nobody asks who held what is completed.
    let completed = r#"{"state":"completed","attempt":"1","interrupted":"0","token":"1","answer":"7",
        "claim":"6f1c1cf2b1a04e7c9d1d5a2f5b0d9d7e","started":"1","holder":"../store.redb"}"#;
    put(&path, key(1), completed);
    assert_eq!(dedup.run(&key(1), |_| Err("not run")).unwrap(), 7);
}

fn put(path: &Path, key: Key, json: &str) {
    const RECORDS: TableDefinition<'static, &str, &str> =
        TableDefinition::new("agentidemp_records");

    let database = open_as_redb(path);
    let transaction = database.begin_write().unwrap();
    let mut table = transaction.open_table(RECORDS).unwrap();
    table.insert(key.as_str(), json).unwrap();
    drop(table);
    transaction.commit().unwrap();
}

fn open_as_redb(path: &Path) -> redb::Database {
    let mut builder = redb::Builder::new();
    builder.set_concurrency_mode(ConcurrencyMode::MultiWriter);
    builder.open(path).unwrap()
}

/// A store in a file with ten records that were over long ago.
fn with_old_records(folder: &Folder) -> RedbStore {
    let path = folder.path("store.redb");
    drop(RedbStore::open(&path).unwrap());
    for number in 0..10 {
        let over = r#"{"state":"completed","attempt":"1","interrupted":"0","token":"1","answer":"7",
            "claim":"6f1c1cf2b1a04e7c9d1d5a2f5b0d9d7e","started":"1","expires":"2"}"#;
        put(&path, key(number), over);
    }
    RedbStore::open(&path).unwrap()
}

#[tokio::test]
async fn a_sweep_removes_what_is_over() {
    let folder = Folder::new();
    let store = with_old_records(&folder);
    for removed in [4, 4, 2, 0] {
        assert_eq!(store.sweep(Sweep::new(4)).await.unwrap(), removed);
    }
}

#[tokio::test]
async fn each_write_removes_a_few_that_are_over() {
    let folder = Folder::new();
    let store = with_old_records(&folder);
    for number in 100..120 {
        insert(&store, number).await.unwrap();
    }
    assert_eq!(store.sweep(Sweep::new(100)).await.unwrap(), 0);
    let status = store.get(Get::new(key(100))).await.unwrap();
    assert!(matches!(status, Status::Completed(_)), "{status:?}");
}

#[test]
fn a_process_that_is_killed_while_it_creates_the_file_leaves_none_that_cannot_be_opened() {
    let unfinished = Folder::new();
    let beside = unfinished.path("store.redb.holders");
    std::fs::create_dir(&beside).unwrap();
    std::fs::write(beside.join("new-database"), [0; 4096]).unwrap();
    RedbStore::open(unfinished.path("store.redb")).unwrap();

    for _ in 0..40 {
        let scene = scene(Receiver::KnowsKeys, LEASE);
        let mut creator = scene.worker(1, 1000, &[]);
        std::thread::sleep(Duration::from_millis(fastrand::u64(..20)));
        creator.kill();
        RedbStore::open(&scene.store).unwrap();
    }
}

#[test]
fn an_empty_file_becomes_a_store() {
    let folder = Folder::new();
    let path = folder.path("store.redb");
    std::fs::write(&path, "").unwrap();
    let store = RedbStore::open(&path).unwrap();
    assert_eq!(
        format!("{store:?}"),
        format!("RedbStore {{ path: {path:?}, .. }}")
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

#[test]
fn killed_processes_lose_no_answer_and_nothing_happens_twice() {
    kills::lose_no_answer(|| scene(Receiver::KnowsKeys, LEASE));
}

#[test]
fn the_files_of_holders_that_are_gone_are_removed() {
    let folder = Folder::new();
    let path = folder.path("store.redb");
    let holders = || {
        let files = std::fs::read_dir(folder.path("store.redb.holders")).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let holders: Vec<String> = names.filter(|name| !name.starts_with("new-")).collect();
        holders
    };
    let store = RedbStore::open(&path).unwrap();
    let own = holders();
    assert_eq!(own.len(), 1);
    std::fs::write(folder.path("store.redb.holders/0123abcd"), "").unwrap();
    let other = RedbStore::open(&path).unwrap();
    let both = holders();
    assert_eq!(both.len(), 2, "{both:?}");
    assert!(both.contains(&own[0]));

    // When a store is dropped, its thread may need a moment.
    drop(other);
    wait_until(|| holders() == own);
    drop(store);
    wait_until(|| holders().is_empty());
}

fn wait_until(condition: impl Fn() -> bool) {
    while !condition() {
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// Whatever it is that cannot be told: here, a link that leads to itself.
#[test]
fn a_claim_whose_holder_may_live_is_not_taken_over() {
    let folder = Folder::new();
    let path = folder.path("store.redb");
    let dedup = dedup(&path);
    let holder = folder.path("store.redb.holders/0123abcd");
    std::os::unix::fs::symlink(&holder, &holder).unwrap();
    let held = r#"{"state":"in_progress","attempt":"1","interrupted":"0","token":"1","holder":"0123abcd",
        "claim":"6f1c1cf2b1a04e7c9d1d5a2f5b0d9d7e","started":"1","lease_until":"1"}"#;
    put(&path, key(1), held);
    let refused = dedup.run(&key(1), |_| Err("not run")).unwrap_err();
    assert!(matches!(refused, RunError::Store(_)), "{refused}");

    std::fs::remove_file(&holder).unwrap();
    assert_eq!(dedup.run(&key(1), |_| Ok::<_, Infallible>(7)).unwrap(), 7);
}

/// The receiver acts on whatever it is sent.
#[test]
fn killed_processes_leave_unknown_outcomes_where_the_receiver_knows_no_keys() {
    kills::leave_unknown_outcomes(|| scene(Receiver::KnowsNoKeys, LEASE));
}

/// Whoever waited for the lease would give up before.
#[test]
fn a_killed_process_is_taken_over_at_once() {
    kills::time_to_take_over(&mut scene(Receiver::KnowsKeys, Duration::from_secs(3600)));
}

#[test]
fn a_stopped_process_is_never_taken_over() {
    let mut scene = scene(Receiver::KnowsNoKeys, Duration::from_millis(100));
    scene.hold(Hold::BeforeEffect);
    let mut stopped = scene.worker(1, 0, &[]);
    scene.wait_until_held();
    stopped.signal("STOP");
    // Many leases.
    let mut other = scene.worker(1, 0, &["--wait-ms", "3000"]);
    assert!(other.0.wait().unwrap().success());
    assert_eq!(scene.told()[&1], ["in-progress"]);
    stopped.signal("CONT");
    scene.let_go();
    assert!(stopped.0.wait().unwrap().success());
    assert_eq!(scene.effects(), [1]);
    assert_eq!(scene.told()[&1], ["in-progress", "1"]);
}

#[tokio::test]
async fn a_write_that_another_process_does_not_end_blocks_nobody_for_long() {
    let folder = Folder::new();
    let path = folder.path("store.redb");
    let store = Arc::new(RedbStore::open(&path).unwrap());
    let other = open_as_redb(&path);
    let unended = other.begin_write().unwrap();

    let mut operations = JoinSet::new();
    for number in [1, 2] {
        let store = store.clone();
        operations.spawn(async move { insert(&store, number).await });
        // The first is with the file when the second comes.
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let sweep = store.clone();
    operations.spawn(async move { sweep.sweep(Sweep::new(1)).await.map(drop) });
    let ended = tokio::time::timeout(BLOCKED, operations.join_all()).await;
    for refused in ended.expect("they are blocked") {
        assert_eq!(refused.unwrap_err().kind(), StoreErrorKind::Unavailable);
    }

    unended.abort().unwrap();
    insert(&store, 3).await.unwrap();
}

async fn insert(store: &RedbStore, number: u64) -> Result<(), StoreError> {
    let insert = Insert::new(key(number), ClaimId::random(), "7", None);
    store.insert(insert).await.map(drop)
}

#[test]
fn many_callers_in_two_processes_run_the_work_of_each_key_once() {
    let folder = Folder::new();
    load::of_two_processes(PROGRAM, folder.path("store.redb").to_str().unwrap());
}
