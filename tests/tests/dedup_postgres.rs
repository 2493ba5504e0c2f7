//! The store in `PostgreSQL`: it keeps the rules, and its promises hold when processes are killed or
//! stopped, and the network fails. Work in the caller's own transaction is in `dedup_transactions.rs`.

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use agentidemp::dedup::conformance::{self, Harness, HarnessFuture};
use agentidemp::dedup::store::{PostgresStore, Store, StoreErrorKind, Sweep};
use agentidemp::dedup::{Dedup, RunError, blocking};
use agentidemp_tests::dedup::{Receiver, Scene, kills, load, network};
use agentidemp_tests::keys::key;
use agentidemp_tests::servers::{PgBouncer, Postgres, Proxy};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

const PROGRAM: &str = env!("CARGO_BIN_EXE_dedup_worker");
const LEASE: Duration = Duration::from_secs(2);

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

struct At(String);

impl Harness for At {
    fn open(&self) -> HarnessFuture<'_, Box<dyn Store>> {
        Box::pin(async {
            let store = PostgresStore::connect(&self.0).await.unwrap();
            Box::new(store) as Box<dyn Store>
        })
    }

    fn wait(&self, duration: Duration) -> HarnessFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A database with the table, by its name.
fn database(postgres: &Postgres) -> String {
    let name = postgres.database();
    let url = postgres.url(&name);
    let made = async { PostgresStore::connect(&url).await?.create_table().await };
    RUNTIME.block_on(made).unwrap();
    name
}

#[test]
fn the_store_keeps_the_rules() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let harness = At(postgres.url(&database(postgres)));
    RUNTIME.block_on(conformance::check(&harness));
}

/// Its transactions get whichever connection is free, and what was prepared on another is not there.
#[test]
fn the_store_keeps_the_rules_behind_pgbouncer() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let Some(bouncer) = PgBouncer::before(postgres) else {
        return;
    };
    let harness = At(bouncer.url(&database(postgres)));
    RUNTIME.block_on(conformance::check(&harness));
}

fn scene(postgres: &Postgres, receiver: Receiver) -> Scene {
    let url = postgres.url(&database(postgres));
    Scene::new(PROGRAM, receiver, &url, LEASE)
}

#[test]
fn killed_processes_lose_no_answer_and_nothing_happens_twice() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    kills::lose_no_answer(|| scene(postgres, Receiver::KnowsKeys));
}

/// The receiver acts on whatever it is sent.
#[test]
fn killed_processes_leave_unknown_outcomes_where_the_receiver_knows_no_keys() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    kills::leave_unknown_outcomes(|| scene(postgres, Receiver::KnowsNoKeys));
}

#[test]
fn a_killed_process_is_taken_over_when_its_lease_is_over() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    kills::time_to_take_over(&scene(postgres, Receiver::KnowsKeys));
}

#[test]
fn a_process_that_was_stopped_beyond_its_lease_changes_nothing() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    kills::stop_for_three_leases(|| scene(postgres, Receiver::KnowsKeys));
}

/// A proxy, and the URL of a database behind it.
async fn behind_proxy(postgres: &Postgres, database: &str) -> (Proxy, String) {
    let proxy = Proxy::before(postgres.socket()).await;
    let url = format!("postgres://postgres@{}/{database}", proxy.address);
    (proxy, url)
}

#[test]
fn replies_that_are_lost_cost_no_answer() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let database = database(postgres);
    RUNTIME.block_on(async {
        let (proxy, url) = behind_proxy(postgres, &database).await;
        network::lost_replies(&proxy, &url).await;
    });
}

#[test]
fn half_open_connections_block_nobody() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let database = database(postgres);
    RUNTIME.block_on(async {
        let (proxy, url) = behind_proxy(postgres, &database).await;
        network::half_open_connections(&proxy, &url).await;
    });
}

#[test]
fn an_answer_is_stored_though_the_server_crashes_meanwhile() {
    let Some(postgres) = Postgres::start() else {
        return;
    };
    let postgres = Arc::new(postgres);
    let again = postgres.clone();
    let url = postgres.url(&database(&postgres));
    let restart = network::restart(&url, || postgres.crash(), move || again.start_again());
    RUNTIME.block_on(restart);
}

/// The blocking face needs no runtime of its own.
fn dedup(url: &str) -> blocking::Dedup<u64> {
    let store = RUNTIME.block_on(PostgresStore::connect(url)).unwrap();
    blocking::Dedup::builder().store(store).build()
}

#[test]
fn a_row_that_is_no_record_is_reported() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let database = database(postgres);
    let dedup = dedup(&postgres.url(&database));
    for damage in [
        "state = 'asleep'",
        "attempt = -1",
        "claim = ''",
        "answer = NULL",
        "token = 1 << 53",
    ] {
        dedup.insert(&key(1), 7).unwrap();
        let damage = damage.replace("1 << 53", "9007199254740992");
        postgres.run(
            &database,
            &format!("UPDATE agentidemp_records SET {damage}"),
        );
        let error = store_error(dedup.run(&key(1), |_| Err("not run")));
        assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{damage}: {error}");
        dedup.invalidate(&key(1)).unwrap();
    }
}

fn store_error<V: std::fmt::Debug, E: std::fmt::Debug + std::fmt::Display>(
    result: Result<V, RunError<E, V>>,
) -> agentidemp::dedup::store::StoreError {
    match result {
        Err(RunError::Store(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_table_that_is_not_there_is_asked_for() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let url = postgres.url(&postgres.database());
    let error = store_error(dedup(&url).run(&key(1), |_| Err("not run")));
    assert_eq!(error.kind(), StoreErrorKind::Misconfigured);
    assert!(error.to_string().contains("`create_table`"), "{error}");
}

#[test]
fn a_table_can_be_made_by_many_at_once_and_again() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let url = postgres.url(&postgres.database());
    RUNTIME.block_on(async {
        let mut makers = JoinSet::new();
        for _ in 0..8 {
            let url = url.clone();
            makers.spawn(async move { PostgresStore::connect(&url).await?.create_table().await });
        }
        while let Some(made) = makers.join_next().await {
            made.unwrap().unwrap();
        }
    });
}

#[test]
fn a_server_that_is_not_there_or_refuses_says_so() {
    let kind_of = |url: &str| {
        RUNTIME
            .block_on(PostgresStore::connect(url))
            .unwrap_err()
            .kind()
    };
    assert_eq!(kind_of("mysql://x"), StoreErrorKind::Misconfigured);
    assert_eq!(
        kind_of("postgres://x@%2Fno%2Fsuch/x"),
        StoreErrorKind::Unavailable
    );
    assert_eq!(
        kind_of("postgres://x@localhost/x?sslmode=require"),
        StoreErrorKind::Misconfigured
    );
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    assert_eq!(
        kind_of(&postgres.url("nowhere")),
        StoreErrorKind::Misconfigured
    );
}

#[test]
fn a_sweep_removes_rows_that_are_over() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let url = postgres.url(&database(postgres));
    RUNTIME.block_on(async {
        let store = Arc::new(PostgresStore::connect(&url).await.unwrap());
        let brief: Dedup<u64> = Dedup::builder()
            .store(store.clone())
            .time_to_live(Duration::ZERO)
            .build();
        let long: Dedup<u64> = Dedup::builder().store(store.clone()).build();
        for number in 0..10 {
            brief
                .run(&key(number), async |_| Ok::<_, Infallible>(number))
                .await
                .unwrap();
        }
        long.run(&key(10), async |_| Ok::<_, Infallible>(10))
            .await
            .unwrap();
        let sweep = async |limit| store.sweep(Sweep::new(limit)).await.unwrap();
        assert_eq!(
            [sweep(4).await, sweep(100).await, sweep(100).await],
            [4, 6, 0]
        );
        assert_eq!(long.get(&key(10)).await.unwrap(), Some(10));
    });
}

/// A transaction of the caller's own has the record, and does not end.
#[test]
fn a_record_that_a_transaction_holds_blocks_nobody_for_long() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let url = postgres.url(&database(postgres));
    RUNTIME.block_on(async {
        let store = PostgresStore::connect(&url).await.unwrap();
        let dedup: Dedup<u64> = Dedup::builder().store(store).build();
        let (mut client, connection) = deadpool_postgres::tokio_postgres::connect(
            &url,
            deadpool_postgres::tokio_postgres::NoTls,
        )
        .await
        .unwrap();
        tokio::spawn(connection);
        let transaction = client.transaction().await.unwrap();
        let id = "0".repeat(32);
        transaction
            .query(PostgresStore::CLAIM, &[&key(1).as_str(), &id])
            .await
            .unwrap();
        let error = store_error(dedup.run(&key(1), async |_| Err("not run")).await);
        assert_eq!(error.kind(), StoreErrorKind::Unavailable);
        transaction.rollback().await.unwrap();
        let answer = dedup.run(&key(1), async |_| Ok::<_, Infallible>(7)).await;
        assert_eq!(answer.unwrap(), 7);
    });
}

#[test]
fn many_callers_in_two_processes_run_the_work_of_each_key_once() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    load::of_two_processes(PROGRAM, &postgres.url(&database(postgres)));
}
