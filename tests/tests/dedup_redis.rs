//! The store on a Redis server: it keeps the rules, and its promises hold when processes are killed or
//! stopped, and the network fails.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use agentidemp::dedup::conformance::{self, Harness, HarnessFuture};
use agentidemp::dedup::store::{ClaimId, Get, Insert, RedisStore, Store, StoreErrorKind};
use agentidemp::dedup::{Dedup, RunError, blocking};
use agentidemp_tests::dedup::{Receiver, Scene, garbage, kills, load, network, say};
use agentidemp_tests::keys::key;
use agentidemp_tests::servers::{Cluster, Fault, Proxy, Redis};
use tokio::runtime::Runtime;

const PROGRAM: &str = env!("CARGO_BIN_EXE_dedup_worker");
const LEASE: Duration = Duration::from_secs(2);

struct One(String);

impl Harness for One {
    fn open(&self) -> HarnessFuture<'_, Box<dyn Store>> {
        Box::pin(async { Box::new(RedisStore::connect(&self.0).await.unwrap()) as Box<dyn Store> })
    }

    fn wait(&self, duration: Duration) -> HarnessFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[tokio::test]
async fn the_store_on_a_server_keeps_the_rules() {
    let Some(redis) = Redis::start() else { return };
    conformance::check(&One(redis.url())).await;
}

struct Several(Vec<String>);

impl Harness for Several {
    fn open(&self) -> HarnessFuture<'_, Box<dyn Store>> {
        Box::pin(async {
            let urls = self.0.iter().map(String::as_str);
            let store = RedisStore::connect_to_cluster(urls).await;
            Box::new(store.unwrap()) as Box<dyn Store>
        })
    }

    fn wait(&self, duration: Duration) -> HarnessFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

#[tokio::test]
async fn the_store_on_a_cluster_keeps_the_rules() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    conformance::check(&Several(cluster.urls())).await;
}

#[tokio::test]
async fn one_node_of_a_cluster_that_may_evict_is_told_of() {
    let Some(cluster) = Cluster::start() else {
        return;
    };
    cluster.ask(2, "CONFIG SET maxmemory 3mb");
    cluster.ask(2, "CONFIG SET maxmemory-policy allkeys-random");
    let urls = cluster.urls();
    let store = RedisStore::connect_to_cluster(urls.iter().map(String::as_str)).await;
    assert_eq!(store.unwrap().may_evict(), Some("allkeys-random"));
}

fn scene(redis: &Redis, receiver: Receiver) -> Scene {
    redis.ask("FLUSHALL");
    Scene::new(PROGRAM, receiver, &redis.url(), LEASE)
}

#[test]
fn killed_processes_lose_no_answer_and_nothing_happens_twice() {
    let Some(redis) = Redis::start() else { return };
    kills::lose_no_answer(|| scene(&redis, Receiver::KnowsKeys));
}

/// The receiver acts on whatever it is sent.
#[test]
fn killed_processes_leave_unknown_outcomes_where_the_receiver_knows_no_keys() {
    let Some(redis) = Redis::start() else { return };
    kills::leave_unknown_outcomes(|| scene(&redis, Receiver::KnowsNoKeys));
}

#[test]
fn a_killed_process_is_taken_over_when_its_lease_is_over() {
    let Some(redis) = Redis::start() else { return };
    kills::time_to_take_over(&mut scene(&redis, Receiver::KnowsKeys));
}

#[test]
fn a_process_that_was_stopped_beyond_its_lease_changes_nothing() {
    let Some(redis) = Redis::start() else { return };
    kills::stop_for_three_leases(|| scene(&redis, Receiver::KnowsKeys));
}

#[test]
fn a_record_is_a_hash_that_any_language_reads() {
    let Some(redis) = Redis::start() else { return };
    let dedup = dedup(&redis.url());
    dedup.run(&key(1), |_| Ok::<_, Infallible>(7)).unwrap();
    let name = format!("agentidemp:{}", key(1));
    assert_eq!(redis.field(&name, "state"), "completed");
    assert_eq!(redis.field(&name, "attempt"), "1");
    assert_eq!(redis.field(&name, "answer"), "7");
    assert_eq!(redis.ask(&format!("HEXISTS {name} lease_until")), ":0\r\n");

    // The server removes it in the millisecond after it is over, and no earlier.
    let expires: u64 = redis.field(&name, "expires").parse().unwrap();
    let removed = format!(":{}\r\n", expires.div_ceil(1000));
    assert_eq!(redis.ask(&format!("PEXPIRETIME {name}")), removed);
}

#[tokio::test]
async fn a_hash_that_no_store_wrote_is_taken_as_the_rules_say_or_reported() {
    let Some(redis) = Redis::with(&[]) else {
        return;
    };
    let store = RedisStore::connect(&redis.url()).await.unwrap();
    let name = format!("agentidemp:{}", key(1));
    garbage::check(&store, async |fields| {
        let mut command = format!("HSET {name}");
        for (field, text) in fields {
            let escaped: String = text.bytes().map(|byte| format!("\\x{byte:02x}")).collect();
            command.push_str(&format!(" {field} \"{escaped}\""));
        }
        redis.ask(&format!("DEL {name}"));
        redis.ask(&command);
        true
    })
    .await;
}

#[test]
fn what_is_no_record_is_reported_and_left_alone() {
    let Some(redis) = Redis::start() else { return };
    let dedup = dedup(&redis.url());
    let name = format!("agentidemp:{}", key(1));
    redis.ask(&format!("SET {name} text"));
    check_corrupt(&dedup);
    assert_eq!(redis.ask(&format!("GET {name}")), "$4\r\ntext\r\n");
    redis.ask(&format!("DEL {name}"));
    redis.ask(&format!("HSET {name} mine 7"));
    check_corrupt(&dedup);
    assert_eq!(redis.field(&name, "mine"), "7");
}

#[test]
fn an_answer_that_is_no_text_or_no_json_is_reported_and_nothing_runs() {
    let Some(redis) = Redis::start() else { return };
    let dedup = dedup(&redis.url());
    let name = format!("agentidemp:{}", key(1));
    dedup.insert(&key(1), 7).unwrap();
    for answer in ["NaN", "7 8", "-1", "1e999", ""] {
        redis.ask(&format!("HSET {name} answer \"{answer}\""));
        let refused = dedup.run(&key(1), |_| Err("not run")).unwrap_err();
        assert!(
            matches!(refused, RunError::Decode(_)),
            "{answer}: {refused}"
        );
    }
    redis.ask(&format!("HSET {name} answer \"\\xff\""));
    check_corrupt(&dedup);
}

fn check_corrupt(dedup: &blocking::Dedup<u64>) {
    let refused = dedup.run(&key(1), |_| Err("not run")).unwrap_err();
    let RunError::Store(error) = refused else {
        panic!("{refused}");
    };
    assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{error}");
}

#[tokio::test]
async fn a_server_that_is_not_there_or_refuses_says_so() {
    let kind_of = async |url: &str| RedisStore::connect(url).await.unwrap_err().kind();
    assert_eq!(kind_of("no URL").await, StoreErrorKind::Misconfigured);
    assert_eq!(
        kind_of("unix:///no/socket").await,
        StoreErrorKind::Unavailable
    );
    let Some(redis) = Redis::with(&["--requirepass", "secret"]) else {
        return;
    };
    assert_eq!(kind_of(&redis.url()).await, StoreErrorKind::Misconfigured);

    let with_password = format!("{}?pass=secret", redis.url());
    let store = RedisStore::connect(&with_password).await.unwrap();
    assert_eq!(
        format!("{store:?}"),
        r#"RedisStore { prefix: "agentidemp:", .. }"#
    );
}

/// What the server refuses is not sent again: only where it has become a replica, another connection may
/// lead to its primary.
#[tokio::test]
async fn what_the_server_says_is_told_in_the_terms_of_stores() {
    let Some(redis) = Redis::start() else { return };
    let store = RedisStore::connect(&redis.url()).await.unwrap();
    // From then on the server has the script.
    store.get(Get::new(key(1))).await.unwrap();
    let text = format!("SET agentidemp:{} text", key(1));
    let no_text = format!("DEL agentidemp:{}", key(1));
    let corrupt = "a record in Redis cannot be read";
    let unavailable = "the Redis server cannot be used now";
    let misconfigured = "the Redis server is not set up for this";
    for (cause, remedy, kind, message, times) in [
        (&*text, &*no_text, StoreErrorKind::Corrupt, corrupt, 1),
        (
            "CONFIG SET min-replicas-to-write 1",
            "CONFIG SET min-replicas-to-write 0",
            StoreErrorKind::Unavailable,
            unavailable,
            1,
        ),
        (
            "CONFIG SET maxmemory 1",
            "CONFIG SET maxmemory 0",
            StoreErrorKind::Unavailable,
            unavailable,
            1,
        ),
        (
            "REPLICAOF 127.0.0.1 1",
            "REPLICAOF NO ONE",
            StoreErrorKind::Unavailable,
            unavailable,
            2,
        ),
        (
            "ACL SETUSER default -@scripting",
            "ACL SETUSER default +@scripting",
            StoreErrorKind::Misconfigured,
            misconfigured,
            1,
        ),
    ] {
        redis.ask(cause);
        redis.ask("CONFIG RESETSTAT");
        let insert = Insert::new(key(1), ClaimId::random(), "7", None);
        let error = store.insert(insert).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{cause}: {error}");
        assert!(error.to_string().starts_with(message), "{error}");
        assert_eq!(scripts_sent(&redis), times, "{cause}");
        redis.ask(remedy);
    }
}

#[tokio::test]
async fn a_server_without_memory_refuses_new_keys_and_takes_answers() {
    let Some(redis) = Redis::start() else { return };
    let store = RedisStore::connect(&redis.url()).await.unwrap();
    let dedup: Dedup<u64> = Dedup::builder().store(store).build();
    let work = async |_| {
        redis.ask("CONFIG SET maxmemory 1");
        Ok::<_, Infallible>(7)
    };
    assert_eq!(dedup.run(&key(1), work).await.unwrap(), 7);
    assert_eq!(dedup.get(&key(1)).await.unwrap(), Some(7));
    let refused = dedup.run(&key(2), async |_| Err("not run")).await;
    let Err(RunError::Store(error)) = refused else {
        panic!("{refused:?}");
    };
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
}

/// By their digest or as they are, whether they ran or not.
fn scripts_sent(redis: &Redis) -> u64 {
    let statistics = redis.ask("INFO commandstats");
    let scripts = statistics
        .lines()
        .filter(|line| line.starts_with("cmdstat_eval"));
    let counts = scripts.flat_map(|line| line.split([':', ',']));
    let counts = counts.filter_map(|figure| {
        let (name, count) = figure.split_once('=')?;
        let sent = name == "calls" || name == "rejected_calls";
        sent.then(|| count.parse::<u64>().unwrap())
    });
    counts.sum()
}

/// The blocking face needs no runtime of its own.
fn dedup(url: &str) -> blocking::Dedup<u64> {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
    let store = RUNTIME.block_on(RedisStore::connect(url)).unwrap();
    blocking::Dedup::builder().store(store).build()
}

#[tokio::test]
async fn a_server_that_may_evict_is_told_of_and_then_work_runs_twice() {
    let Some(redis) = Redis::start() else { return };
    for (memory, policy, may_evict) in [
        ("0", "noeviction", None),
        ("0", "allkeys-random", None),
        ("3mb", "noeviction", None),
        ("3mb", "allkeys-random", Some("allkeys-random")),
    ] {
        redis.ask(&format!("CONFIG SET maxmemory {memory}"));
        redis.ask(&format!("CONFIG SET maxmemory-policy {policy}"));
        let store = RedisStore::connect(&redis.url()).await.unwrap();
        assert_eq!(store.may_evict(), may_evict, "{memory} {policy}");
    }

    let store = RedisStore::connect(&redis.url()).await.unwrap();

    let dedup: Dedup<String> = Dedup::builder().store(store).build();
    let ran = AtomicU64::new(0);
    let answer = "an answer, ".repeat(1_000);
    for _ in 0..2 {
        for number in 0..500 {
            let work = async |_| {
                ran.fetch_add(1, Ordering::Relaxed);
                Ok::<_, Infallible>(answer.clone())
            };
            match dedup.run(&key(number), work).await {
                // Even the claim may be evicted while its work runs.
                Ok(_) | Err(RunError::NotStored { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
    let twice = ran.into_inner() - 500;
    say(&format!("of 500 keys, {twice} ran again after an eviction"));
    assert!(twice > 0, "the documentation warns of what does not happen");
}

/// The documentation warns of it: replication is asynchronous, so a replica may lack what was acknowledged.
#[tokio::test]
async fn a_failover_that_loses_a_record_runs_its_work_twice() {
    let (Some(primary), Some(replica)) = (Redis::start(), Redis::start()) else {
        return;
    };
    let network = Proxy::before(primary.socket()).await;
    replica.ask(&format!("REPLICAOF 127.0.0.1 {}", network.address.port()));
    let store = RedisStore::connect(&primary.url()).await.unwrap();
    let before: Dedup<u64> = Dedup::builder().store(store).build();
    let run = async |dedup: &Dedup<u64>, number, answer| {
        let work = async |_| Ok::<_, Infallible>(answer);
        dedup.run(&key(number), work).await.unwrap()
    };
    run(&before, 1, 10).await;
    wait_until(|| replica.ask("DBSIZE") == ":1\r\n").await;
    network.set(Fault::HalfOpen);
    run(&before, 2, 20).await;
    primary.kill();
    replica.ask("REPLICAOF NO ONE");

    let store = RedisStore::connect(&replica.url()).await.unwrap();
    let after: Dedup<u64> = Dedup::builder().store(store).build();
    assert_eq!(run(&after, 1, 11).await, 10);
    assert_eq!(run(&after, 2, 21).await, 21, "it is not lost");
}

async fn wait_until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn behind_proxy(redis: &Redis) -> (Proxy, String) {
    let proxy = Proxy::before(redis.socket()).await;
    let url = format!("redis://{}", proxy.address);
    (proxy, url)
}

#[tokio::test]
async fn replies_that_are_lost_cost_no_answer() {
    let Some(redis) = Redis::start() else { return };
    let (proxy, url) = behind_proxy(&redis).await;
    network::one_lost_reply(&proxy, &url).await;
    network::lost_replies(&proxy, &url).await;
}

#[tokio::test]
async fn half_open_connections_block_nobody() {
    let Some(redis) = Redis::start() else { return };
    let (proxy, url) = behind_proxy(&redis).await;
    network::half_open_connections(&proxy, &url).await;
}

#[tokio::test]
async fn an_answer_is_stored_though_the_server_is_killed_meanwhile() {
    let Some(redis) = Redis::start() else { return };
    let redis = Arc::new(redis);
    let again = redis.clone();
    network::restart(&redis.url(), || redis.kill(), move || again.start_again()).await;
}

#[test]
fn many_callers_in_two_processes_run_the_work_of_each_key_once() {
    let Some(redis) = Redis::start() else { return };
    load::of_two_processes(PROGRAM, &redis.url());
}
