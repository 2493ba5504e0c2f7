//! Workers that share their jobs: start it in as many terminals as you like, with the same store.
//! Several at once share the work, and one that is killed is taken over.
//!
//! ```text
//! cargo run -p agentidemp-tests --example workers -- \
//!     --store agent.redb --jobs 200 --work-ms 100 --effects effects.txt
//! ```
//!
//! Each does jobs 1 to N in an order of its own. For each effect it appends a line `JOB ATTEMPT PID` to
//! the file of effects, as a receiver that knows no keys would see it. For each answer it prints
//! `JOB ANSWER`, where the answer names the effect that it came from, as `ATTEMPT/PID`; and at the end,
//! to standard error, what it did.
//!
//! `--store` is one of
//!
//! - `memory`, which nobody shares
//! - a file, such as `agent.redb`: all processes on a machine; one that is killed is taken over at once
//! - `redis://HOST` or `unix:///SOCKET`: all machines; whoever waits for one that is killed waits for the
//!   end of its lease, which is `--lease-ms`
//! - `postgres://USER@HOST/DATABASE`: the same
//!
//! A job whose worker was killed between its effect and its answer is done again. Where that must not be,
//! say `--refuse`: such a job is reported on standard error instead, and has no answer.

// An example has `std`.
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{env, io, process};

use agentidemp::IdempotencyKey;
use agentidemp::dedup::store::{PostgresStore, RedbStore, RedisStore, Store};
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
    if let Some(store) = open(&options.store).await? {
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
        refuse: options.refuse,
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
async fn open(store: &str) -> Result<Option<Box<dyn Store>>, Failure> {
    Ok(match store.split_once("://") {
        None if store == "memory" => None,
        None => Some(Box::new(RedbStore::open(store)?)),
        Some(("redis" | "unix", _)) => Some(Box::new(RedisStore::connect(store).await?)),
        Some(("postgres" | "postgresql", _)) => {
            let store = PostgresStore::connect(store).await?;
            store.create_table().await?;
            Some(Box::new(store))
        }
        Some((scheme, _)) => return Err(format!("there is no store for `{scheme}://`").into()),
    })
}

struct Worker {
    dedup: Dedup<String>,
    refuse: bool,
    work: Duration,
    effects: File,
}

impl Worker {
    async fn ask(&self, job: &Job) -> Result<(), Failure> {
        let key = job.idempotency_key();
        let answer = loop {
            let asked = self.dedup.run(&key, |attempt| self.work(job, attempt));
            match asked.await {
                // The second is an answer that came too late to be stored, and is no less an answer.
                Ok(answer) | Err(RunError::NotStored { answer, .. }) => break answer,
                Err(unknown @ RunError::OutcomeUnknown { .. }) if self.refuse => {
                    eprintln!("job {}: {unknown}", job.number);
                    return Ok(());
                }
                // Others have had the job for as long as one waits, or its claim was lost: ask again.
                Err(RunError::InProgress { .. } | RunError::OutcomeUnknown { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        };
        // A whole line in one write, for several processes may share a terminal or a file.
        let line = format!("{} {answer}\n", job.number);
        Ok(io::stdout().write_all(line.as_bytes())?)
    }

    /// The effect, in the middle of some work.
    async fn work(&self, job: &Job, attempt: Attempt) -> Result<String, Failure> {
        tokio::time::sleep(self.work / 2).await;
        let effect = format!("{} {}", attempt.number(), process::id());
        let line = format!("{} {effect}\n", job.number);
        (&self.effects).write_all(line.as_bytes())?;
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
        let (mut values, mut refuse) = (BTreeMap::new(), false);
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--refuse" => refuse = true,
                "--store" | "--jobs" | "--work-ms" | "--lease-ms" | "--effects" => {
                    let value = arguments
                        .next()
                        .ok_or(format!("{argument} lacks a value"))?;
                    values.insert(argument, value);
                }
                _ => return Err(format!("there is no option `{argument}`").into()),
            }
        }
        let mut required = |name| values.remove(name).ok_or(format!("{name} is missing"));
        Ok(Self {
            store: required("--store")?,
            jobs: required("--jobs")?.parse()?,
            work: Duration::from_millis(required("--work-ms")?.parse()?),
            effects: required("--effects")?,
            lease: match values.remove("--lease-ms") {
                Some(lease) => Some(Duration::from_millis(lease.parse()?)),
                None => None,
            },
            refuse,
        })
    }
}
