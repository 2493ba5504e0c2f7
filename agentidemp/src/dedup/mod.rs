//! Work that runs once, and whose answer is remembered: under the feature `dedup`.
//!
//! An agent that asks the same thing twice need not ask the server twice. [`Dedup`] runs the work of a
//! key once, hands its answer to everybody who asks, and remembers it. [`blocking::Dedup`] does the
//! same for threads.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use agentidemp::IdempotencyKey;
//! use agentidemp::dedup::{Attempt, Dedup};
//!
//! #[derive(IdempotencyKey)]
//! struct Search {
//!     query: String,
//!     #[idem(skip)]
//!     trace_id: u64,
//! }
//!
//! async fn send(search: &Search, attempt: Attempt) -> std::io::Result<String> {
//!     // A real client would send `attempt.key()` as the header `Idempotency-Key`.
//!     Ok(format!("results for {}", search.query))
//! }
//!
//! let dedup: Dedup<String> = Dedup::builder().build();
//!
//! let first = Search { query: "canonical json".into(), trace_id: 1 };
//! let again = Search { query: "canonical json".into(), trace_id: 2 };
//! let answer = dedup.run(&first.idempotency_key(), |attempt| send(&first, attempt)).await?;
//! let recalled = dedup.run(&again.idempotency_key(), |attempt| send(&again, attempt)).await?;
//!
//! assert_eq!(answer, recalled);
//! assert_eq!(dedup.figures().misses, 1);
//! # Ok(())
//! # }
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(example()).unwrap();
//! ```
//!
//! # Stores
//!
//! One line says where it remembers, and so how far "once" reaches:
//!
//! | store | reaches | a crash of the holder is noticed |
//! |---|---|---|
//! | none | this process; answers need not be JSON | |
//! | `RedbStore`, feature `redb` | all processes on a machine, and restarts | at once, by the operating system |
//! | `RedisStore`, feature `redis` | all machines, and restarts of the server that keeps its data | when the lease is over |
//! | `PostgresStore`, feature `postgres` | all machines, and restarts; work in the same database exactly once, by `run_in_transaction` | when the lease is over |
//! | a [`Store`](store::Store) of your own | wherever it does | when the lease is over |
//!
//! ```no_run
//! # #[cfg(feature = "redb")]
//! # fn example() -> Result<(), agentidemp::dedup::store::StoreError> {
//! use agentidemp::dedup::{Dedup, store::RedbStore};
//!
//! let dedup: Dedup<String> = Dedup::builder().store(RedbStore::open("agent.redb")?).build();
//! # Ok(())
//! # }
//! ```
//!
//! Both faces take every store; those on a server run on the runtime of tokio's that they were connected
//! in.
//!
//! Who may run the work of a key **claims** it. A claim is an **attempt**, with a number and a
//! **fencing token** that rises. It is held by a **lease** that is renewed while the work runs. If its
//! holder dies or gives up, the attempt is **interrupted**: whether the work was done, nobody knows.
//! Then [`Abandoned`] says what to do: `RunAgain` is for receivers that know the key, which act once
//! however often they are asked, and is a **takeover**. `Refuse` is for receivers that do not; there the
//! **outcome is unknown** until somebody finds it out and calls [`resolve`](Dedup::resolve). Answers,
//! and what is known of attempts, are kept for a **retention**. The rules are in
//! [`store::format`](mod@store::format).
//!
//! # What is promised
//!
//! | after | in memory | with a store, `RunAgain` | with a store, `Refuse` |
//! |---|---|---|---|
//! | `Ok` was returned | remembered for its time to live, unless evicted | everybody gets this answer until it expires or is invalidated | the same |
//! | `Err` was returned | the next call runs | the next call runs | unknown, unless the work said [`did_not_happen`](Attempt::did_not_happen) |
//! | the call was dropped, or the work panicked | one of those who wait runs, at once | the same, in any process | unknown, at once |
//! | the process was killed | forgotten | runs again when the lease is over, with the same key | unknown when the lease is over |
//! | the process was stopped beyond its lease | | another runs; who was stopped cannot store, renew or release | unknown; a late answer is still taken unless it was resolved |
//! | the store failed when it was asked | | [`RunError::Store`]: nothing ran | the same |
//! | the store failed when it was told | | [`RunError::NotStored`], with the answer | the same |
//! | the key was invalidated | an answer from before is given to those who waited, and not remembered | the same | the same |
//!
//! So:
//!
//! - While a claim is live in the store, no other claim on its key succeeds. The work runs in one place
//!   at a time, as long as no process is stopped beyond its lease and the store keeps what it
//!   acknowledged.
//! - A stored answer does not change until it expires or is invalidated.
//! - Who lost a claim cannot store, renew or release it.
//! - Attempt numbers rise by one while the record is kept.
//! - In one process, calls with one key run the work once at a time, and share what comes of it: its
//!   answer, or its error as text. The error itself belongs to the caller whose work failed.
//!
//! # What is not promised
//!
//! - **One effect at a receiver that ignores keys.** Between an effect and the record of its answer a
//!   process can die. `RunAgain` then acts again, and `Refuse` tells you that it does not know. Send
//!   [`Attempt::key`] along where the receiver knows keys, and [`Attempt::fencing_token`] where it
//!   can refuse old ones.
//! - Anything that the store itself loses: a failover that dropped acknowledged writes, eviction, a
//!   network file system. `RedisStore` says what a server must be set to.
//! - That an invalidation reaches a call under way in another process at once: it does when that call
//!   renews its claim or hands in its answer.
//!
//! # What waits
//!
//! In memory a call waits for the one in flight as long as that one runs, unless
//! [`wait`](Builder::wait) says otherwise; with a store, 60 seconds, for whoever has the key. It asks the
//! store after 50 ms, then ever more rarely, at least once a second. A future that is kept but no
//! longer polled holds up the others in its process; drop it. Work that calls `run` for its own key
//! waits for itself.
//!
//! To let a call finish although its caller gives up, run it in a task of its own, such as
//! `tokio::spawn`.
//!
//! # What it costs
//!
//! Against the bare client on the same machine, within one run (AMD EPYC, 2026-11-30, the servers on
//! loopback; over a network that takes a millisecond the last three come near 1, as each has as many round trips
//! as what it is compared to):
//!
//! | store | a new key, to two writes | a remembered key, to one read |
//! |---|---|---|
//! | none, to moka's `get` | | 1.1 |
//! | `RedbStore`, to durable commits | 1.2–1.3 | |
//! | `RedisStore`, to its own commands | 1.1–1.2 | 1.1; to a `GET`, 1.6–1.8: there a script that does nothing takes 1.1, and one that reads a record 1.5 |
//! | `PostgresStore`, prepared | 1.1 | 1.2 |
//! | `PostgresStore`, not prepared | 1.3–1.4 | 1.2–1.4 |
//!
//! # What others promise after a crash
//!
//! | | where it remembers | after a crash in mid-work | a late holder |
//! |---|---|---|---|
//! | this | memory, a file, Redis, `PostgreSQL`, a store of yours | runs again, or unknown: you choose; in the caller's own transaction, exactly once | refused by claim id and fencing token |
//! | [Powertools for AWS Lambda][powertools], idempotency | `DynamoDB`, Redis, a store of yours | runs again once the function's time is over, where the function's context is known; else when the record expires | writes over the record of the next, or deletes it if its work fails |
//! | [River][river] | `PostgreSQL`, `SQLite` | a job that runs for longer than an hour, unless set otherwise, counts as stuck and runs again | is taken if the job happens to be running |
//! | [`DBOS`][dbos] | `PostgreSQL`, `SQLite` | a workflow goes on from its last completed step; the step in between runs again | is parked at its next checkpoint, and gets the recorded outcome |
//! | [`agent-effects`][effects] | memory, `SQLite`, `PostgreSQL` | unknown: verified, or run again where that is safe, or left to a person | runs on, and its writes are refused |
//! | [`idempotent`][idempotent] | memory, Redis or Valkey, a store of yours | free again when the claim expires | refused by fencing token |
//!
//! [powertools]: https://docs.powertools.aws.dev/lambda/python/latest/utilities/idempotency/#lambda-timeouts
//! [river]: https://pkg.go.dev/github.com/riverqueue/river#Config
//! [dbos]: https://docs.dbos.dev/explanations/concurrent-executions
//! [effects]: https://docs.rs/agent-effects
//! [idempotent]: https://docs.rs/idempotent
//!
//! River and `DBOS` are queues and workflow engines: where whole programs must go on after a crash, take
//! one of them, and derive the keys of its steps' requests here.
//!
//! It is built on [moka](https://docs.rs/moka), which does the caching in memory.

mod attempt;
pub mod blocking;
mod builder;
mod claim_id;
mod codec;
pub mod conformance;
mod figures;
mod flights;
mod held;
mod layer;
mod local;
mod memory;
mod observe;
mod operation;
mod pace;
mod patient;
#[cfg(feature = "postgres")]
mod postgres;
mod record;
#[cfg(feature = "redb")]
mod redb;
#[cfg(feature = "redis")]
mod redis;
mod remote;
mod run_error;
#[cfg(any(feature = "postgres", feature = "redis"))]
mod runtime;
mod started;
pub mod store;
mod store_error;
mod tasks;
mod transition;

pub use self::attempt::Attempt;
pub use self::builder::Builder;
use self::claim_id::ClaimId;
pub use self::figures::{Event, Figures};
pub use self::operation::Abandoned;
use self::record::{Record, State};
pub use self::run_error::{NotStoredCause, RunError, SharedError};
use self::store_error::StoreError;
pub use self::tasks::Dedup;
