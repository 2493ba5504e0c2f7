//! The store in `PostgreSQL`: it keeps the rules, and its promises hold when processes are killed or
//! stopped, and the network fails. Work in the caller's own transaction is in `dedup_transactions.rs`.

use std::convert::Infallible;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use agentidemp::dedup::conformance::{self, Harness, HarnessFuture};
use agentidemp::dedup::store::{ClaimId, Insert, PostgresStore, Store, StoreErrorKind, Sweep};
use agentidemp::dedup::{Dedup, RunError, blocking};
use agentidemp_tests::dedup::garbage::{self, Fields};
use agentidemp_tests::dedup::{Receiver, Scene, kills, load, network};
use agentidemp_tests::keys::key;
use agentidemp_tests::servers::{PgBouncer, Postgres, Proxy};
use deadpool_postgres::tokio_postgres::types::ToSql;
use deadpool_postgres::tokio_postgres::{self, Client, NoTls};
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

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
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

struct Prepared(At);

impl Harness for Prepared {
    fn open(&self) -> HarnessFuture<'_, Box<dyn Store>> {
        Box::pin(async {
            let store = PostgresStore::connect(&self.0.0).await.unwrap();
            Box::new(store.with_prepared_statements()) as Box<dyn Store>
        })
    }

    fn wait(&self, duration: Duration) -> HarnessFuture<'_, ()> {
        self.0.wait(duration)
    }
}

#[test]
fn the_store_keeps_the_rules_by_prepared_statements() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let harness = Prepared(At(postgres.url(&database(postgres))));
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
    kills::time_to_take_over(&mut scene(postgres, Receiver::KnowsKeys));
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
        network::one_lost_reply(&proxy, &url).await;
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
fn a_row_that_no_store_wrote_is_taken_as_the_rules_say_or_reported() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let database = database(postgres);
    // There is much to write, and nothing to lose.
    let setting = format!("ALTER DATABASE {database} SET synchronous_commit = off");
    postgres.run(&database, &setting);
    let url = postgres.url(&database);
    RUNTIME.block_on(async {
        let store = PostgresStore::connect(&url).await.unwrap();
        let store = store.with_prepared_statements();
        let client = connect(&url).await;
        let put = async |fields: &Fields| put(&client, fields).await.is_some();
        garbage::check(&store, put).await;
    });
}

/// Puts a row there, unless its columns do not take it.
async fn put(client: &Client, fields: &Fields) -> Option<()> {
    let text = |name: &str| fields.get(name).map(String::as_str);
    let plain = |name: &str| {
        let number: Option<i64> = text(name)?.parse().ok();
        number.filter(|number| Some(number.to_string().as_str()) == text(name))
    };
    let optional = |name: &str| match text(name) {
        None => Some(None),
        Some(_) => plain(name).map(Some),
    };
    let (state, claim) = (text("state")?, text("claim")?);
    let (attempt, interrupted) = (plain("attempt")?, plain("interrupted")?);
    let (token, started) = (plain("token")?, plain("started")?);
    let (lease_until, expires) = (optional("lease_until")?, optional("expires")?);
    let answer = text("answer");
    let key = key(1);
    let sql = "DELETE FROM agentidemp_records WHERE key = $1";
    client.execute(sql, &[&key.as_str()]).await.unwrap();
    let sql = "INSERT INTO agentidemp_records VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
    let row: [&(dyn ToSql + Sync); 10] = [
        &key.as_str(),
        &state,
        &attempt,
        &interrupted,
        &token,
        &claim,
        &started,
        &lease_until,
        &expires,
        &answer,
    ];
    client.execute(sql, &row).await.unwrap();
    Some(())
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
    let as_nobody = postgres.url("postgres").replace("postgres@", "nobody@");
    assert_eq!(kind_of(&as_nobody), StoreErrorKind::Misconfigured);
}

/// What passes is sent twice, and all else once.
#[test]
fn what_the_server_says_is_told_in_the_terms_of_stores() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let database = database(postgres);
    let url = postgres.url(&database);
    RUNTIME.block_on(async {
        let store = PostgresStore::connect(&url).await.unwrap();
        let client = connect(&url).await;
        let sendings = "CREATE SEQUENCE sendings";
        client.execute(sendings, &[]).await.unwrap();
        let unavailable = "the PostgreSQL server cannot be used now";
        let misconfigured = "the PostgreSQL server is not set up for this";
        let failed = "the PostgreSQL server failed";
        for (state, kind, message, times) in [
            ("08006", StoreErrorKind::Unavailable, unavailable, 2),
            ("25006", StoreErrorKind::Unavailable, unavailable, 2),
            ("40001", StoreErrorKind::Unavailable, unavailable, 2),
            ("53100", StoreErrorKind::Unavailable, unavailable, 2),
            ("55P03", StoreErrorKind::Unavailable, unavailable, 2),
            ("57014", StoreErrorKind::Unavailable, unavailable, 2),
            ("28000", StoreErrorKind::Misconfigured, misconfigured, 1),
            ("42501", StoreErrorKind::Misconfigured, misconfigured, 1),
            ("42703", StoreErrorKind::Misconfigured, misconfigured, 1),
            ("54000", StoreErrorKind::TooLarge, failed, 1),
            ("23514", StoreErrorKind::Other, failed, 1),
        ] {
            client.batch_execute(&refusal(state)).await.unwrap();
            let insert = Insert::new(key(1), ClaimId::random(), "7", None);
            let error = store.insert(insert).await.unwrap_err();
            assert_eq!(error.kind(), kind, "{state}");
            let text = format!("{message}: it refuses");
            assert_eq!(error.to_string(), text, "{state}");
            let sent = client.query_one("SELECT nextval('sendings')", &[]);
            let sent: i64 = sent.await.unwrap().get(0);
            assert_eq!(sent, times + 1, "{state}");
        }
        assert_eq!(format!("{store:?}"), "PostgresStore { .. }");
    });
}

/// The table refuses each record, with this `SQLSTATE`. Sequences count also what is rolled back.
fn refusal(state: &str) -> String {
    format!(
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            PERFORM nextval('sendings');
            RAISE EXCEPTION 'it refuses' USING ERRCODE = '{state}';
        END $$;
        CREATE OR REPLACE TRIGGER refuses BEFORE INSERT ON agentidemp_records
            FOR EACH ROW EXECUTE FUNCTION refuse();
        ALTER SEQUENCE sendings RESTART"
    )
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
        let mut client = connect(&url).await;
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
