//! The store on a Redis server: it keeps the rules, and its promises hold when processes are killed or
//! stopped, and the network fails.

use std::time::Duration;

use agentidemp::dedup::conformance::{self, Harness, HarnessFuture};
use agentidemp::dedup::store::{RedisStore, Store};
use agentidemp_tests::dedup::{Receiver, Scene, kills};
use agentidemp_tests::servers::{Cluster, Redis};

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
    kills::time_to_take_over(&scene(&redis, Receiver::KnowsKeys));
}

#[test]
fn a_process_that_was_stopped_beyond_its_lease_changes_nothing() {
    let Some(redis) = Redis::start() else { return };
    kills::stop_for_three_leases(|| scene(&redis, Receiver::KnowsKeys));
}
