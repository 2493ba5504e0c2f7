//! Workers that share their jobs: start it in as many terminals as you like, with the same store.
//! Several at once share the work, and one that is killed is taken over.
//!
//! ```text
//! cargo run --example workers --all-features -- \
//!     --store agent.redb --jobs 200 --work-ms 100 --effects effects.txt
//! ```
//!
//! Each does jobs 1 to N in an order of its own. For each effect it appends a line `JOB ATTEMPT PID`
//! to the file of effects, as a receiver that knows no keys would see it. For each answer it prints
//! that line of the effect which it came from. So what they print, sorted and without repetitions, is
//! the file of effects, sorted, as long as none was killed in the middle of an effect; with `--refuse`
//! such a job is not done again, but reported as unknown.
//!
//! `--store` is `memory`, which nobody shares, or a file, or the URL of a server. `--lease-ms` is how
//! long a server waits for a worker that died; with a file nobody waits.

// An example has `std`.
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{env, process};

use agentidemp::IdempotencyKey;
use agentidemp::dedup::store::{RedbStore, Store};
use agentidemp::dedup::{Abandoned, Attempt, Dedup, RunError};
use rand::RngExt as _;
use tokio::task::JoinSet;

/// How many jobs a worker has under way at once.
const AT_ONCE: usize = 4;

type Failure = Box<dyn Error + Send + Sync>;

#[derive(IdempotencyKey)]
#[idem(scope = "jobs.do")]
struct Job {
    number: u64,
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let options = Options::from_arguments()?;
    let mut builder = Dedup::builder();
    if let Some(store) = open(&options.store)? {
        builder = builder.store(store);
    }
    if let Some(lease) = options.lease {
        builder = builder.lease(lease);
    }
    if options.refuse {
        builder = builder.abandoned(Abandoned::Refuse);
    }
    let worker = Arc::new(Worker {
        dedup: builder.build(),
        work: options.work,
        effects: OpenOptions::new()
            .create(true)
            .append(true)
            .open(&options.effects)?,
    });

    let jobs = Arc::new(Mutex::new(shuffled(options.jobs)));
    let mut callers = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (worker, jobs) = (worker.clone(), jobs.clone());
        callers.spawn(async move {
            while let Some(number) = next(&jobs) {
                worker.ask(&Job { number }).await?;
            }
            Ok::<_, Failure>(())
        });
    }
    while let Some(ended) = callers.join_next().await {
        ended??;
    }
    eprintln!("{:?}", worker.dedup.figures());
    Ok(())
}

/// The one line that changes when one machine is not enough.
fn open(store: &str) -> Result<Option<Box<dyn Store>>, Failure> {
    match store.split_once("://") {
        None if store == "memory" => Ok(None),
        None => Ok(Some(Box::new(RedbStore::open(store)?))),
        Some((scheme, _)) => Err(format!("there is no store for `{scheme}://`").into()),
    }
}

struct Worker {
    dedup: Dedup<String>,
    work: Duration,
    effects: File,
}

impl Worker {
    async fn ask(&self, job: &Job) -> Result<(), Failure> {
        let key = job.idempotency_key();
        match self
            .dedup
            .run(&key, |attempt| self.work(job, attempt))
            .await
        {
            Ok(answer) => println!("{answer}"),
            Err(error @ RunError::OutcomeUnknown { .. }) => {
                eprintln!("job {}: {error}", job.number);
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    /// The effect, in the middle of some work. Its answer is its line.
    async fn work(&self, job: &Job, attempt: Attempt) -> Result<String, Failure> {
        tokio::time::sleep(self.work / 2).await;
        let effect = format!("{} {} {}", job.number, attempt.number(), process::id());
        (&self.effects).write_all(format!("{effect}\n").as_bytes())?;
        tokio::time::sleep(self.work / 2).await;
        Ok(effect)
    }
}

fn shuffled(jobs: u64) -> Vec<u64> {
    let mut random = rand::rng();
    let mut numbers: Vec<u64> = (1..=jobs).collect();
    for last in (1..numbers.len()).rev() {
        numbers.swap(last, random.random_range(0..=last));
    }
    numbers
}

fn next(jobs: &Mutex<Vec<u64>>) -> Option<u64> {
    jobs.lock().ok()?.pop()
}

struct Options {
    store: String,
    jobs: u64,
    work: Duration,
    lease: Option<Duration>,
    refuse: bool,
    effects: String,
}

impl Options {
    fn from_arguments() -> Result<Self, Failure> {
        let arguments: Vec<String> = env::args().skip(1).collect();
        let optional = |name: &str| {
            let at = arguments.iter().position(|argument| argument == name);
            at.and_then(|at| arguments.get(at + 1)).cloned()
        };
        let required = |name: &str| optional(name).ok_or(format!("{name} is missing"));
        Ok(Self {
            store: required("--store")?,
            jobs: required("--jobs")?.parse()?,
            work: Duration::from_millis(required("--work-ms")?.parse()?),
            lease: match optional("--lease-ms") {
                Some(lease) => Some(Duration::from_millis(lease.parse()?)),
                None => None,
            },
            refuse: arguments.iter().any(|argument| argument == "--refuse"),
            effects: required("--effects")?,
        })
    }
}
