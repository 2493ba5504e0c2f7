//! What the dedup layer costs, against what it is made of: `cargo bench -p agentidemp-tests --bench dedup`.
//!
//! `AGENTIDEMP_REDIS_URL` and `AGENTIDEMP_POSTGRES_URL` name servers to compare on; without them these are
//! left out. The bare client sends the same commands on the same number of connections.
//!
//! Ratios within one run are compared, not times. `AGENTIDEMP_BENCH=check` fails where one is over its
//! limit.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop")]
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

use std::convert::Infallible;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};
use std::{env, fs};

use agentidemp::dedup::store::RedbStore;
use agentidemp::dedup::{Dedup, blocking};
use agentidemp::{Key, sha256_hex};
use moka::policy::EvictionPolicy;
use redb::{ConcurrencyMode, Database, TableDefinition};

const KEYS: usize = 1_000;
const ROUNDS: usize = 31;

/// A remembered answer in memory, at most, as a multiple of moka's `get`.
const HIT: f64 = 1.5;
/// A new key in a file, at most, as a multiple of two durable commits.
const NEW_KEY: f64 = 1.25;
/// A remembered key on a server, at most, as a multiple of one read by the bare client.
const REMEMBERED: f64 = 1.15;

fn main() {
    let keys: Vec<Key> = (0..KEYS)
        .map(|number| sha256_hex(number.to_string().as_bytes()))
        .collect();
    let mut within = hits(&keys);
    within &= new_keys(&keys);
    within &= servers::on_redis() & servers::on_postgres();
    if env::var("AGENTIDEMP_BENCH").is_ok_and(|mode| mode == "check") {
        assert!(within, "a ratio is over its limit");
    }
}

/// A key that no run before this one has left on a server.
fn random_key() -> Key {
    sha256_hex(uuid::Uuid::new_v4().as_bytes())
}

/// The median of rounds in which the two take turns, so that both meet the same machine.
fn ratio(
    rounds: usize,
    mut ours: impl FnMut(usize) -> Duration,
    mut theirs: impl FnMut(usize) -> Duration,
) -> f64 {
    let mut ratios: Vec<f64> = (0..rounds)
        .map(|round| ours(round).as_secs_f64() / theirs(round).as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[rounds / 2]
}

fn report(what: &str, ratio: f64, limit: f64) -> bool {
    println!("{what}: {ratio:.2} (at most {limit})");
    ratio <= limit
}

fn time(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

fn hits(keys: &[Key]) -> bool {
    let cache = moka::sync::Cache::builder()
        .max_capacity(10_000)
        .eviction_policy(EvictionPolicy::lru())
        .time_to_live(Duration::from_secs(600))
        .build();
    let threads = blocking::Dedup::builder().build();
    let tasks = Dedup::builder().build();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let work = |_| Ok::<u64, Infallible>(7);
    for key in keys {
        cache.insert(*key, 7_u64);
        threads.run(key, work).unwrap();
        runtime
            .block_on(tasks.run(key, async |_| Ok::<u64, Infallible>(7)))
            .unwrap();
    }
    let moka = |_| {
        time(|| {
            for key in keys {
                black_box(cache.get(key));
            }
        })
    };
    let by_threads = |_| {
        time(|| {
            for key in keys {
                black_box(threads.run(key, work)).unwrap();
            }
        })
    };
    let by_tasks = |_| {
        time(|| {
            runtime.block_on(async {
                for key in keys {
                    let answer = tasks.run(key, async |_| Ok::<u64, Infallible>(7)).await;
                    black_box(answer).unwrap();
                }
            });
        })
    };
    let of_threads = ratio(ROUNDS, by_threads, moka);
    let of_tasks = ratio(ROUNDS, by_tasks, moka);
    report(
        "a remembered answer, threads, to moka's `get`",
        of_threads,
        HIT,
    ) & report("a remembered answer, tasks, to moka's `get`", of_tasks, HIT)
}

fn new_keys(keys: &[Key]) -> bool {
    const EACH: usize = 20;

    let folder = env::temp_dir().join(format!("agentidemp-bench-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let store = RedbStore::open(folder.join("ours.redb")).unwrap();
    let dedup: blocking::Dedup<u64> = blocking::Dedup::builder().store(store).build();
    let bare = bare(&folder.join("theirs.redb"));
    let text = "the text of a record, about as long as that of an answer that is not, ".repeat(4);

    let ours = |round: usize| {
        time(|| {
            for key in &keys[round * EACH..][..EACH] {
                dedup.run(key, |_| Ok::<u64, Infallible>(7)).unwrap();
            }
        })
    };
    let theirs = |round: usize| {
        time(|| {
            for key in &keys[round * EACH..][..EACH] {
                commit(&bare, key, &text);
                commit(&bare, key, &text);
            }
        })
    };
    let ratio = ratio(ROUNDS, ours, theirs);
    fs::remove_dir_all(&folder).unwrap();
    report(
        "a new key in a file, to two durable commits",
        ratio,
        NEW_KEY,
    )
}

const TABLE: TableDefinition<'static, &str, &str> = TableDefinition::new("records");

fn bare(path: &Path) -> Database {
    let mut builder = Database::builder();
    builder.set_concurrency_mode(ConcurrencyMode::MultiWriter);
    builder.create(path).unwrap()
}

fn commit(database: &Database, key: &str, text: &str) {
    let transaction = database.begin_write().unwrap();
    transaction
        .open_table(TABLE)
        .unwrap()
        .insert(key, text)
        .unwrap();
    transaction.commit().unwrap();
}

mod servers {
    //! Within one task, one after the other: what a caller waits.

    use std::convert::Infallible;
    use std::env;
    use std::time::{Duration, Instant};

    use agentidemp::Key;
    use agentidemp::dedup::Dedup;
    use agentidemp::dedup::store::{PostgresStore, RedisStore};
    use deadpool_postgres::tokio_postgres::NoTls;
    use deadpool_postgres::tokio_postgres::types::{ToSql, Type};
    use deadpool_postgres::{Manager, Pool};
    use redis::AsyncCommands as _;
    use redis::aio::ConnectionManager;
    use tokio::runtime::Runtime;

    use super::{NEW_KEY, REMEMBERED, ROUNDS, random_key, ratio, report};

    const EACH: usize = 50;

    fn keys() -> Vec<Key> {
        (0..EACH).map(|_| random_key()).collect()
    }

    /// The time of a call of the layer for each key.
    async fn ours(dedup: &Dedup<u64>, keys: &[Key]) -> Duration {
        let started = Instant::now();
        for key in keys {
            let answer = dedup.run(key, async |_| Ok::<u64, Infallible>(7)).await;
            assert_eq!(answer.unwrap(), 7);
        }
        started.elapsed()
    }

    async fn theirs(keys: &[Key], command: &impl AsyncFn(&Key)) -> Duration {
        let started = Instant::now();
        for key in keys {
            command(key).await;
        }
        started.elapsed()
    }

    /// The layer's time for keys that are new in each round, as a multiple of the bare client's.
    fn of_new_keys(runtime: &Runtime, dedup: &Dedup<u64>, command: &impl AsyncFn(&Key)) -> f64 {
        ratio(
            ROUNDS,
            |_| runtime.block_on(ours(dedup, &keys())),
            |_| runtime.block_on(theirs(&keys(), command)),
        )
    }

    /// The same for keys that are remembered.
    fn of_known_keys(
        runtime: &Runtime,
        dedup: &Dedup<u64>,
        known: &[Key],
        command: &impl AsyncFn(&Key),
    ) -> f64 {
        ratio(
            ROUNDS,
            |_| runtime.block_on(ours(dedup, known)),
            |_| runtime.block_on(theirs(known, command)),
        )
    }

    fn url(variable: &str) -> Option<String> {
        let url = env::var(variable).ok();
        if url.is_none() {
            println!("left out: {variable} is not set");
        }
        url
    }

    pub(super) fn on_redis() -> bool {
        let Some(url) = url("AGENTIDEMP_REDIS_URL") else {
            return true;
        };
        let runtime = Runtime::new().unwrap();
        let store = runtime.block_on(RedisStore::connect(&url)).unwrap();
        let dedup: Dedup<u64> = Dedup::builder().store(store).build();
        let client = redis::Client::open(url).unwrap();
        let bare = runtime.block_on(ConnectionManager::new(client)).unwrap();
        // The layer's own two commands: a claim, and its answer.
        let script =
            redis::Script::new(include_str!("../../agentidemp/src/dedup/redis/record.lua"));
        let step = async |operation: &str, key: &Key, arguments: [&str; 2]| {
            let mut step = script.key(format!("bare:{key}"));
            step.arg(operation)
                .arg("0".repeat(32))
                .arg(86_400_000_000_u64);
            step.arg(&arguments);
            let _: redis::Value = step.invoke_async(&mut bare.clone()).await.unwrap();
        };
        let set = async |key: &Key| {
            step("claim", key, ["30000000", "run_again"]).await;
            step("complete", key, ["7", ""]).await;
        };
        let new = of_new_keys(&runtime, &dedup, &set);
        let known = keys();
        runtime.block_on(ours(&dedup, &known));
        runtime.block_on(theirs(&known, &set));
        let text = "a record ".repeat(30);
        let name = "bare:text";
        let () = runtime.block_on(bare.clone().set(name, text)).unwrap();
        let get = async |_: &Key| {
            let _: String = bare.clone().get(name).await.unwrap();
        };
        let claim = async |key: &Key| step("claim", key, ["30000000", "run_again"]).await;
        let remembered = of_known_keys(&runtime, &dedup, &known, &get);
        let by_script = of_known_keys(&runtime, &dedup, &known, &claim);
        report("a new key on Redis, to its two commands", new, NEW_KEY)
            & report(
                "a remembered key on Redis, to one GET",
                remembered,
                REMEMBERED,
            )
            & report(
                "a remembered key on Redis, to its command",
                by_script,
                REMEMBERED,
            )
    }

    pub(super) fn on_postgres() -> bool {
        let Some(url) = url("AGENTIDEMP_POSTGRES_URL") else {
            return true;
        };
        let runtime = Runtime::new().unwrap();
        let unprepared = runtime.block_on(PostgresStore::connect(&url)).unwrap();
        runtime.block_on(unprepared.create_table()).unwrap();
        let prepared = runtime.block_on(PostgresStore::connect(&url)).unwrap();
        let prepared = prepared.with_prepared_statements();
        on_database(&runtime, &url, unprepared, "unprepared")
            & on_database(&runtime, &url, prepared, PREPARED)
    }

    const PREPARED: &str = "prepared";

    /// The bare client has a pool of the same kind, and prepares its statements where the store does.
    fn on_database(runtime: &Runtime, url: &str, store: PostgresStore, statements: &str) -> bool {
        let dedup: Dedup<u64> = Dedup::builder().store(store).build();
        let bare = Pool::builder(Manager::new(url.parse().unwrap(), NoTls))
            .build()
            .unwrap();
        let table = "CREATE TABLE IF NOT EXISTS bare (key text PRIMARY KEY, record text)";
        runtime.block_on(async {
            let client = bare.get().await.unwrap();
            client.batch_execute(table).await.unwrap();
        });
        let text = "a record ".repeat(30);
        let send = async |sql: &str, parameters: &[(&(dyn ToSql + Sync), Type)]| {
            let client = bare.get().await.unwrap();
            let rows = if statements == PREPARED {
                let (values, types): (Vec<_>, Vec<_>) = parameters.iter().cloned().unzip();
                let statement = client.prepare_typed_cached(sql, &types).await.unwrap();
                client.query(&statement, &values).await
            } else {
                client.query_typed(sql, parameters).await
            };
            assert_eq!(rows.unwrap().len(), 1);
        };
        let write = async |key: &Key| {
            let parameters: [(&(dyn ToSql + Sync), Type); 2] =
                [(&key.as_str(), Type::TEXT), (&text, Type::TEXT)];
            let insert = "INSERT INTO bare VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1";
            send(insert, &parameters).await;
            let update = "UPDATE bare SET record = $2 WHERE key = $1 RETURNING 1";
            send(update, &parameters).await;
        };
        let new = of_new_keys(runtime, &dedup, &write);
        let known = keys();
        runtime.block_on(ours(&dedup, &known));
        runtime.block_on(theirs(&known, &write));
        let read = async |key: &Key| {
            let select = "SELECT record FROM bare WHERE key = $1";
            send(select, &[(&key.as_str(), Type::TEXT)]).await;
        };
        let remembered = of_known_keys(runtime, &dedup, &known, &read);
        report(
            &format!("a new key in PostgreSQL, to two {statements} statements"),
            new,
            NEW_KEY,
        ) & report(
            &format!("a remembered key in PostgreSQL, to one {statements} SELECT"),
            remembered,
            REMEMBERED,
        )
    }
}
