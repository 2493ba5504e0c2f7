//! Work in the caller's own transaction of `PostgreSQL`: exactly once, whatever is killed.

use std::convert::Infallible;
use std::sync::LazyLock;
use std::time::Duration;

use agentidemp::dedup::store::{ClaimId, PostgresStore, StoreErrorKind};
use agentidemp::dedup::{Attempt, Dedup, RunError};
use agentidemp_tests::dedup::{Receiver, Scene, kills, say};
use agentidemp_tests::keys::key;
use agentidemp_tests::servers::Postgres;
use deadpool_postgres::tokio_postgres::{self, Client, NoTls};
use sqlx::{Connection as _, PgConnection, Row as _};
use tokio::runtime::Runtime;

const PROGRAM: &str = env!("CARGO_BIN_EXE_dedup_worker");

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// The URL of a database with a table of bookings.
fn bookings(postgres: &Postgres) -> String {
    let name = postgres.database();
    let url = postgres.url(&name);
    let made = async { PostgresStore::connect(&url).await?.create_table().await };
    RUNTIME.block_on(made).unwrap();
    let id = "bigint GENERATED ALWAYS AS IDENTITY";
    postgres.run(
        &name,
        &format!("CREATE TABLE bookings (id {id}, job bigint)"),
    );
    url
}

async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn count(client: &Client) -> i64 {
    let row = client.query_one("SELECT count(*) FROM bookings", &[]).await;
    row.unwrap().get(0)
}

/// The work: a row.
async fn book(transaction: &tokio_postgres::Transaction<'_>) -> Result<i64, tokio_postgres::Error> {
    let sql = "INSERT INTO bookings (job) VALUES (1) RETURNING id";
    Ok(transaction.query_one(sql, &[]).await?.get(0))
}

async fn booked(
    transaction: &tokio_postgres::Transaction<'_>,
) -> Result<i64, RunError<tokio_postgres::Error, i64>> {
    let work = async |_| book(transaction).await;
    PostgresStore::run_in_transaction(transaction, &key(1), None, work).await
}

#[test]
fn a_commit_keeps_the_work_and_its_answer() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let url = bookings(postgres);
    RUNTIME.block_on(async {
        let mut client = connect(&url).await;
        for _ in 0..2 {
            let transaction = client.transaction().await.unwrap();
            assert_eq!(booked(&transaction).await.unwrap(), 1);
            transaction.commit().await.unwrap();
        }
        assert_eq!(count(&client).await, 1);

        // A layer on the same database has the answer too.
        let store = PostgresStore::connect(&url).await.unwrap();
        let dedup: Dedup<i64> = Dedup::builder().store(store).build();
        assert_eq!(dedup.get(&key(1)).await.unwrap(), Some(1));
    });
}

#[test]
fn a_rollback_keeps_neither() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let url = bookings(postgres);
    RUNTIME.block_on(async {
        let mut client = connect(&url).await;
        let transaction = client.transaction().await.unwrap();
        booked(&transaction).await.unwrap();
        transaction.rollback().await.unwrap();

        let transaction = client.transaction().await.unwrap();
        let failed: Result<i64, _> =
            PostgresStore::run_in_transaction(&transaction, &key(1), None, async |_| {
                book(&transaction).await.unwrap();
                Err("no")
            })
            .await;
        assert_eq!(failed.unwrap_err().into_work(), Some("no"));
        drop(transaction);
        assert_eq!(count(&client).await, 0);

        let transaction = client.transaction().await.unwrap();
        booked(&transaction).await.unwrap();
        transaction.commit().await.unwrap();
        assert_eq!(count(&client).await, 1);
    });
}

#[test]
fn two_at_once_wait_for_each_other() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let url = bookings(postgres);
    RUNTIME.block_on(async {
        for first_commits in [true, false] {
            let (mut one, mut two) = (connect(&url).await, connect(&url).await);
            one.execute("DELETE FROM agentidemp_records", &[])
                .await
                .unwrap();
            let first = one.transaction().await.unwrap();
            let id = booked(&first).await.unwrap();
            let second = tokio::spawn(async move {
                let transaction = two.transaction().await.unwrap();
                let id = booked(&transaction).await.unwrap();
                transaction.commit().await.unwrap();
                id
            });
            wait_until_blocked(&url).await;
            if first_commits {
                first.commit().await.unwrap();
                assert_eq!(second.await.unwrap(), id);
            } else {
                first.rollback().await.unwrap();
                assert_ne!(second.await.unwrap(), id);
            }
        }
    });
}

async fn wait_until_blocked(url: &str) {
    let client = connect(url).await;
    let sql = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    while client.query(sql, &[]).await.unwrap().is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[test]
fn work_that_failed_and_was_committed_is_unknown() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let url = bookings(postgres);
    RUNTIME.block_on(async {
        let mut client = connect(&url).await;
        let transaction = client.transaction().await.unwrap();
        let failed: Result<i64, _> =
            PostgresStore::run_in_transaction(&transaction, &key(1), None, async |_| Err("no"))
                .await;
        failed.unwrap_err();
        transaction.commit().await.unwrap();
        let transaction = client.transaction().await.unwrap();
        let unknown = booked(&transaction).await.unwrap_err();
        assert!(
            matches!(unknown, RunError::OutcomeUnknown { .. }),
            "{unknown}"
        );
    });
}

#[test]
fn a_claim_of_a_layer_keeps_a_transaction_out() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let url = bookings(postgres);
    RUNTIME.block_on(async {
        let mut client = connect(&url).await;
        let store = PostgresStore::connect(&url).await.unwrap();
        let dedup: Dedup<i64> = Dedup::builder().store(store).build();
        let work = async |_| {
            let transaction = client.transaction().await.unwrap();
            let busy = booked(&transaction).await.unwrap_err();
            assert!(matches!(busy, RunError::InProgress { .. }), "{busy}");
            Ok::<_, String>(7)
        };
        assert_eq!(dedup.run(&key(1), work).await.unwrap(), 7);
        let transaction = client.transaction().await.unwrap();
        assert_eq!(booked(&transaction).await.unwrap(), 7);
    });
}

/// The statements keep the same rules for rows that no store wrote.
#[test]
fn a_row_that_no_store_wrote_is_claimed_as_the_rules_say_or_reported() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let url = bookings(postgres);
    RUNTIME.block_on(async {
        let mut client = connect(&url).await;
        let claims = async |client: &mut Client, state: &str, damage: &str| {
            let sql = format!(
                "DELETE FROM agentidemp_records; INSERT INTO agentidemp_records VALUES \
                 ('{}', '{state}', 3, 1, 5, repeat('0', 32), 7, 1, NULL, '7'); \
                 UPDATE agentidemp_records SET {damage}",
                key(1)
            );
            client.batch_execute(&sql).await.unwrap();
            let transaction = client.transaction().await.unwrap();
            let number = async |attempt: Attempt| Ok::<_, Infallible>(attempt.number());
            PostgresStore::run_in_transaction(&transaction, &key(1), None, number).await
        };
        // What an earlier attempt left says nothing.
        for left in ["lease_until = 9007199254740000", "lease_until = NULL"] {
            let next = claims(&mut client, "released", left).await;
            assert_eq!(next.unwrap(), 4);
            for state in ["completed", "interrupted"] {
                let over = format!("expires = 1, {left}");
                assert_eq!(claims(&mut client, state, &over).await.unwrap(), 1);
            }
        }
        let last = (1 << 53) - 1;
        let damage = format!("attempt = {last}, interrupted = {last}, token = {last}");
        assert_eq!(
            claims(&mut client, "released", &damage).await.unwrap(),
            last
        );
        for damage in [
            "state = 'asleep'",
            "attempt = -1",
            "interrupted = 9007199254740992",
            "token = 9223372036854775807",
            "expires = 1, state = 'in_progress', lease_until = NULL",
        ] {
            let refused = claims(&mut client, "released", damage).await.unwrap_err();
            let RunError::Store(error) = refused else {
                panic!("{damage}: {refused}");
            };
            assert_eq!(error.kind(), StoreErrorKind::Corrupt, "{damage}: {error}");
        }
    });
}

/// Killed at random, also between the work and the commit.
#[test]
fn killed_processes_leave_as_many_rows_as_answers() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let mut killed = 0;
    while killed < kills::kills() {
        let url = bookings(postgres);
        let scene = Scene::new(PROGRAM, Receiver::KnowsKeys, &url, Duration::from_secs(2));
        let scene = scene.in_transactions();
        killed += kills::kill_at_random(&scene, (kills::kills() - killed).min(20));
        let rows = RUNTIME.block_on(async {
            let client = connect(&url).await;
            client
                .query("SELECT job, id FROM bookings ORDER BY job", &[])
                .await
                .unwrap()
        });
        let rows: Vec<(i64, i64)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        assert_eq!(rows.len() as u64, kills::JOBS);
        let told = scene.told();
        for (row, (job, answers)) in rows.iter().zip(&told) {
            assert_eq!(row.0, i64::try_from(*job).unwrap());
            assert!(answers.iter().all(|answer| *answer == row.1.to_string()));
        }
    }
    say(&format!("{killed} processes killed in transactions"));
}

/// As the documentation shows it for other clients.
async fn book_by_sqlx(connection: &mut PgConnection) -> i64 {
    let (key, id) = (key(1), ClaimId::random().to_string());
    let mut transaction = connection.begin().await.unwrap();
    let claimed = sqlx::query(PostgresStore::CLAIM)
        .bind(key.as_str())
        .bind(&id);
    if claimed
        .fetch_optional(&mut *transaction)
        .await
        .unwrap()
        .is_none()
    {
        let sql = "SELECT state, answer FROM agentidemp_records WHERE key = $1";
        let record = sqlx::query(sql)
            .bind(key.as_str())
            .fetch_one(&mut *transaction)
            .await
            .unwrap();
        assert_eq!(record.get::<&str, _>("state"), "completed");
        return record.get::<&str, _>("answer").parse().unwrap();
    }
    let sql = "INSERT INTO bookings (job) VALUES (1) RETURNING id";
    let booking: i64 = sqlx::query(sql)
        .fetch_one(&mut *transaction)
        .await
        .unwrap()
        .get(0);
    let completed = sqlx::query(PostgresStore::COMPLETE)
        .bind(key.as_str())
        .bind(&id)
        .bind(booking.to_string())
        .bind(None::<i64>);
    completed.fetch_one(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
    booking
}

#[test]
fn the_two_statements_serve_sqlx() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let url = bookings(postgres);
    RUNTIME.block_on(async {
        let mut callers = tokio::task::JoinSet::new();
        for _ in 0..4 {
            let mut connection = PgConnection::connect(&url).await.unwrap();
            callers.spawn(async move {
                [
                    book_by_sqlx(&mut connection).await,
                    book_by_sqlx(&mut connection).await,
                ]
            });
        }
        let ids: Vec<i64> = callers.join_all().await.concat();
        assert!(ids.iter().all(|id| *id == ids[0]));
        let client = connect(&url).await;
        assert_eq!(count(&client).await, 1);
        let store = PostgresStore::connect(&url).await.unwrap();
        let dedup: Dedup<i64> = Dedup::builder().store(store).build();
        assert_eq!(dedup.get(&key(1)).await.unwrap(), Some(ids[0]));
    });
}
