//! A million calls of 64 callers with 10,000 keys, zipf-distributed: the work runs once for each
//! key, and each answer is right.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use agentidemp::Key;
use agentidemp::dedup::{Dedup, Figures, blocking};
use agentidemp_tests::keys::key;
use agentidemp_tests::zipf::zipf;
use tokio::task::{JoinSet, yield_now};

const CALLERS: u64 = 64;
const CALLS: u64 = 1_000_000;
const CALLS_OF_EACH: usize = (CALLS / CALLERS) as usize;
const KEYS: u32 = 10_000;

/// What is called: a key, its answer, and how often the work for it ran.
struct Target {
    key: Key,
    answer: u64,
    ran: AtomicU32,
}

impl Target {
    fn all() -> Vec<Self> {
        (0..u64::from(KEYS))
            .map(|number| Self {
                key: key(number),
                answer: number * number,
                ran: AtomicU32::new(0),
            })
            .collect()
    }

    fn work(&self) -> Result<u64, Infallible> {
        self.ran.fetch_add(1, Ordering::Relaxed);
        Ok(self.answer)
    }
}

/// The calls of one caller. All callers together call each target.
fn calls(targets: &[Target], caller: u64) -> impl Iterator<Item = &Target> {
    let numbers = zipf(KEYS, caller).take(CALLS_OF_EACH);
    numbers.map(|number| &targets[number as usize])
}

fn check(callers: &str, started: Instant, targets: &[Target], figures: Figures) {
    let seconds = started.elapsed().as_secs_f64();
    let rate = CALLS as f64 / seconds;
    let mut text = format!("\n{CALLS} calls of {CALLERS} {callers}: {seconds:.1} s, ");
    writeln!(text, "{rate:.0} calls a second\n  {figures:?}").unwrap();
    // Past the capture of the test's output.
    std::io::stderr().write_all(text.as_bytes()).unwrap();

    for target in targets {
        assert_eq!(target.ran.load(Ordering::Relaxed), 1);
    }
    assert_eq!(figures.misses, u64::from(KEYS));
    assert_eq!(figures.entries, u64::from(KEYS));
    assert_eq!(
        figures.hits + figures.misses + figures.shared_flights,
        CALLS
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tasks_run_the_work_once_for_each_key() {
    let targets = Arc::new(Target::all());
    let dedup = Dedup::builder().capacity(KEYS.into()).build();
    let started = Instant::now();
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (dedup, targets) = (dedup.clone(), targets.clone());
        callers.spawn(async move {
            for target in calls(&targets, caller) {
                let work = async |_| {
                    yield_now().await;
                    target.work()
                };
                assert_eq!(dedup.run(&target.key, work).await.unwrap(), target.answer);
            }
        });
    }
    callers.join_all().await;
    check("tasks", started, &targets, dedup.figures());
}

#[test]
fn threads_run_the_work_once_for_each_key() {
    let targets = Target::all();
    let dedup = blocking::Dedup::builder().capacity(KEYS.into()).build();
    let started = Instant::now();
    std::thread::scope(|scope| {
        for caller in 0..CALLERS {
            let (dedup, targets) = (&dedup, &targets);
            scope.spawn(move || {
                for target in calls(targets, caller) {
                    let work = |_| target.work();
                    assert_eq!(dedup.run(&target.key, work).unwrap(), target.answer);
                }
            });
        }
    });
    check("threads", started, &targets, dedup.figures());
}
