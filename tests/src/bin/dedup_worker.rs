//! A process of the kill tests, for which `agentidemp_tests::dedup` starts it.
//!
//! `dedup_worker receive --ledger FILE [--knows-no-keys]` acts on requests. It prints its address, and
//! appends a line `JOB ATTEMPT PID` to FILE for each effect. Told `hold before` or `hold after` on standard
//! input, it says `holding`, and holds back all that the next process to ask is answered, before the effect
//! or after it; it says `held` when the first of it is there. Told `go`, it holds nothing any more.
//!
//! `dedup_worker work --store STORE --receiver ADDRESS --jobs N --work-ms M --lease-ms L --answers FILE
//! [--refuse] [--wait-ms W] [--at-once C]` asks for jobs 1 to N in an order of its own, C at a time, until
//! each has an answer or an unknown outcome. It appends a line `JOB ANSWER`, `JOB unknown` or
//! `JOB in-progress` to FILE for each, and prints how often it ran its work and how often it was told an
//! answer from the store.
//!
//! `dedup_worker book`, with the same options, does the same without a receiver: its work is a row of the
//! table `bookings` in the database of the store, in one transaction with the record.
//!
//! `dedup_worker load --store STORE --seconds S --effects FILE` calls with 64 tasks for so long, with keys as
//! agents have them. It appends a line to FILE for each time that its work runs, and prints its figures:
//! `CALLS RECALLS SHARED MISSES`.

use std::collections::HashMap;
use std::error::Error;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};
use std::{env, process, thread};

use agentidemp::dedup::store::{PostgresStore, StoreErrorKind};
use agentidemp::dedup::{Abandoned, Attempt, Dedup, RunError};
use agentidemp_tests::dedup::open;
use agentidemp_tests::keys::key;
use agentidemp_tests::zipf::zipf;
use deadpool_postgres::tokio_postgres::NoTls;
use deadpool_postgres::{Manager, Pool};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

type Result<T> = std::result::Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let options = Options(arguments);
    match options.0.first().map(String::as_str) {
        Some("receive") => receive(&options),
        Some("work" | "book") => runtime()?.block_on(work(&options)),
        Some("load") => runtime()?.block_on(load(&options)),
        _ => Err("say `receive`, `work`, `book` or `load`".into()),
    }
}

fn runtime() -> Result<Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?)
}

struct Options(Vec<String>);

impl Options {
    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|option| option == name)
    }

    fn text(&self, name: &str) -> Result<&str> {
        let at = self.0.iter().position(|option| option == name);
        let value = at.and_then(|at| self.0.get(at + 1));
        value
            .map(String::as_str)
            .ok_or_else(|| format!("{name} is missing").into())
    }

    fn number(&self, name: &str) -> Result<u64> {
        Ok(self.text(name)?.parse()?)
    }
}

fn append(path: &str) -> Result<File> {
    Ok(OpenOptions::new().create(true).append(true).open(path)?)
}

/// What the receiver did: the effect of each job that it acted on, by key if it knows keys.
struct Ledger {
    file: File,
    effects: u64,
    of_keys: Option<HashMap<String, u64>>,
}

impl Ledger {
    /// A request is `KEY JOB ATTEMPT PID`, and its answer the number of the effect.
    fn act(&mut self, request: &str) -> Result<u64> {
        let (key, effect) = request.split_once(' ').ok_or("no request")?;
        if let Some(effect) = self.of_keys.as_ref().and_then(|of_keys| of_keys.get(key)) {
            return Ok(*effect);
        }
        self.effects += 1;
        self.file.write_all(format!("{effect}\n").as_bytes())?;
        if let Some(of_keys) = &mut self.of_keys {
            of_keys.insert(key.into(), self.effects);
        }
        Ok(self.effects)
    }
}

/// Where requests of one process are held back.
#[derive(Default)]
struct Gate {
    held: Mutex<Held>,
    changed: Condvar,
}

#[derive(Default)]
struct Held {
    /// `before` or `after`.
    place: Option<String>,
    /// The one whose request came first.
    process: Option<String>,
}

impl Gate {
    /// Obeys a line, and says so where it is waited for.
    fn obey(&self, order: &str) -> Result<()> {
        let mut held = self.held.lock().map_err(|_| "poisoned")?;
        let place = order.strip_prefix("hold ").map(String::from);
        if place.is_some() {
            println!("holding");
        }
        *held = Held {
            place,
            process: None,
        };
        self.changed.notify_all();
        Ok(())
    }

    fn pass(&self, place: &str, process: &str) -> Result<()> {
        let mut held = self.held.lock().map_err(|_| "poisoned")?;
        while held.place.as_deref() == Some(place) {
            let first = held.process.get_or_insert_with(|| {
                println!("held");
                process.into()
            });
            if *first != process {
                break;
            }
            held = self.changed.wait(held).map_err(|_| "poisoned")?;
        }
        Ok(())
    }
}

fn receive(options: &Options) -> Result<()> {
    let ledger = Arc::new(Mutex::new(Ledger {
        file: append(options.text("--ledger")?)?,
        effects: 0,
        of_keys: (!options.has("--knows-no-keys")).then(HashMap::new),
    }));
    let gate = Arc::new(Gate::default());
    let listener = TcpListener::bind("127.0.0.1:0")?;
    println!("{}", listener.local_addr()?);
    let told = gate.clone();
    thread::spawn(move || {
        for order in std::io::stdin().lines() {
            told.obey(&order?)?;
        }
        Result::Ok(())
    });
    for connection in listener.incoming() {
        let (connection, ledger, gate) = (connection?, ledger.clone(), gate.clone());
        thread::spawn(move || serve(connection, &ledger, &gate));
    }
    Ok(())
}

fn serve(mut connection: TcpStream, ledger: &Mutex<Ledger>, gate: &Gate) -> Result<()> {
    let mut request = String::new();
    BufReader::new(connection.try_clone()?).read_line(&mut request)?;
    // A process that was killed in the middle of its request sent none.
    if let Some(request) = request.strip_suffix('\n') {
        let process = request.rsplit(' ').next().unwrap_or_default();
        gate.pass("before", process)?;
        let effect = ledger.lock().map_err(|_| "poisoned")?.act(request)?;
        gate.pass("after", process)?;
        connection.write_all(format!("{effect}\n").as_bytes())?;
    }
    Ok(())
}

async fn work(options: &Options) -> Result<()> {
    let refuse = options.has("--refuse");
    let lease = Duration::from_millis(options.number("--lease-ms")?);
    let store = open(options.text("--store")?).await?;
    let mut builder = Dedup::builder().store(store).lease(lease);
    if refuse {
        builder = builder.abandoned(Abandoned::Refuse);
    }
    if options.has("--wait-ms") {
        builder = builder.wait(Duration::from_millis(options.number("--wait-ms")?));
    }
    let worker = Arc::new(Worker {
        dedup: builder.build(),
        refuse,
        bookings: match options.has("book") {
            true => Some(pool(options.text("--store")?)?),
            false => None,
        },
        receiver: options.text("--receiver")?.into(),
        work: Duration::from_millis(options.number("--work-ms")?),
        answers: Mutex::new(append(options.text("--answers")?)?),
    });
    let mut jobs: Vec<u64> = (1..=options.number("--jobs")?).collect();
    fastrand::shuffle(&mut jobs);
    let jobs = Arc::new(Mutex::new(jobs));
    let mut callers = JoinSet::new();
    let at_once = options.number("--at-once").unwrap_or(4);
    for _ in 0..at_once {
        let (worker, jobs) = (worker.clone(), jobs.clone());
        callers.spawn(async move {
            while let Some(job) = next(&jobs) {
                worker.run(job).await?;
            }
            Result::Ok(())
        });
    }
    while let Some(caller) = callers.join_next().await {
        caller??;
    }
    let figures = worker.dedup.figures();
    println!("{} {}", figures.misses, figures.recalls);
    Ok(())
}

fn pool(url: &str) -> Result<Pool> {
    let manager = Manager::new(url.parse()?, NoTls);
    Ok(Pool::builder(manager).build()?)
}

fn next(jobs: &Mutex<Vec<u64>>) -> Option<u64> {
    jobs.lock().ok()?.pop()
}

struct Worker {
    dedup: Dedup<u64>,
    refuse: bool,
    /// Where the work is done in transactions.
    bookings: Option<Pool>,
    receiver: String,
    work: Duration,
    answers: Mutex<File>,
}

impl Worker {
    async fn run(&self, job: u64) -> Result<()> {
        let line = match &self.bookings {
            Some(pool) => format!("{job} {}\n", self.book(pool, job).await?),
            None => self.ask(job).await?,
        };
        let mut answers = self.answers.lock().map_err(|_| "poisoned")?;
        Ok(answers.write_all(line.as_bytes())?)
    }

    /// A row in the table, with time around it to be killed in.
    async fn book(&self, pool: &Pool, job: u64) -> Result<i64> {
        let mut client = pool.get().await?;
        let transaction = client.transaction().await?;
        let work = async |_| {
            tokio::time::sleep(self.work / 2).await;
            let sql = "INSERT INTO bookings (job) VALUES ($1) RETURNING id";
            let row = transaction.query_one(sql, &[&i64::try_from(job)?]).await?;
            tokio::time::sleep(self.work / 2).await;
            Result::Ok(row.get(0))
        };
        let key = key(job);
        let id = PostgresStore::run_in_transaction(&transaction, &key, None, work).await?;
        transaction.commit().await?;
        Ok(id)
    }

    async fn ask(&self, job: u64) -> Result<String> {
        loop {
            let work = |attempt| self.send(job, attempt);
            match self.dedup.run(&key(job), work).await {
                // An answer that nobody else is given: its claim was lost while it was handed in.
                Ok(answer) | Err(RunError::NotStored { answer, .. }) => {
                    return Ok(format!("{job} {answer}\n"));
                }
                Err(RunError::OutcomeUnknown { .. }) if self.refuse => {
                    return Ok(format!("{job} unknown\n"));
                }
                // Its claim was lost while it ran, and nobody has the key now.
                Err(RunError::OutcomeUnknown { .. }) => {}
                // Nothing ran.
                Err(RunError::Store(error)) if error.kind() == StoreErrorKind::Unavailable => {}
                Err(RunError::InProgress { .. }) => return Ok(format!("{job} in-progress\n")),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Sends a request, with time before and after to be killed in.
    async fn send(&self, job: u64, attempt: Attempt) -> Result<u64> {
        tokio::time::sleep(self.work / 2).await;
        let mut connection = tokio::net::TcpStream::connect(&self.receiver).await?;
        let (key, number, pid) = (attempt.key(), attempt.number(), process::id());
        let request = format!("{key} {job} {number} {pid}\n");
        connection.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        tokio::io::BufReader::new(connection)
            .read_line(&mut answer)
            .await?;
        tokio::time::sleep(self.work / 2).await;
        Ok(answer.trim_end().parse()?)
    }
}

async fn load(options: &Options) -> Result<()> {
    const TASKS: u64 = 64;
    const KEYS: u32 = 1_000_000;

    let store = open(options.text("--store")?).await?;
    let dedup: Dedup<u64> = Dedup::builder().store(store).build();
    let effects = Arc::new(append(options.text("--effects")?)?);
    let end = Instant::now() + Duration::from_secs(options.number("--seconds")?);
    let mut tasks = JoinSet::new();
    for _ in 0..TASKS {
        let (dedup, effects) = (dedup.clone(), effects.clone());
        tasks.spawn(async move {
            let mut calls = 0;
            for number in zipf(KEYS, fastrand::u64(..)).map(u64::from) {
                if Instant::now() > end {
                    break;
                }
                let work = async |_| {
                    (&*effects).write_all(format!("{number}\n").as_bytes())?;
                    std::io::Result::Ok(number)
                };
                let answer = dedup.run(&key(number), work).await?;
                if answer != number {
                    return Err(format!("{number} is answered by {answer}").into());
                }
                calls += 1;
            }
            Result::Ok(calls)
        });
    }
    let mut calls: u64 = 0;
    while let Some(ended) = tasks.join_next().await {
        calls += ended??;
    }
    let figures = dedup.figures();
    let (recalls, shared, misses) = (figures.recalls, figures.shared_flights, figures.misses);
    println!("{calls} {recalls} {shared} {misses}");
    Ok(())
}
