//! What the dedup layer costs, against what it is made of: `cargo bench --bench dedup --all-features`.
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

fn main() {
    let keys: Vec<Key> = (0..KEYS)
        .map(|number| sha256_hex(number.to_string().as_bytes()))
        .collect();
    let mut within = hits(&keys);
    within &= new_keys(&keys);
    if env::var("AGENTIDEMP_BENCH").is_ok_and(|mode| mode == "check") {
        assert!(within, "a ratio is over its limit");
    }
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
