//! A layer in memory that skips the round trip for keys seen lately, under the feature `dedup`.
//!
//! An agent that asks the same thing twice within a few minutes need not ask the server twice.
//! [`Dedup`] runs the work of a key once, hands its answer to everybody who asks at the same time,
//! and remembers it for a while. [`blocking::Dedup`] does the same for threads.
//!
//! ```
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::Duration;
//!
//! use agentidemp::IdempotencyKey;
//! use agentidemp::dedup::Dedup;
//!
//! #[derive(IdempotencyKey)]
//! struct Search {
//!     query: String,
//!     #[idem(skip)]
//!     trace_id: u64,
//! }
//!
//! async fn send(search: &Search) -> std::io::Result<String> {
//!     Ok(format!("results for {}", search.query))
//! }
//!
//! let dedup = Dedup::builder()
//!     .capacity(10_000)
//!     .time_to_live(Duration::from_secs(600))
//!     .build();
//!
//! let first = Search { query: "canonical json".into(), trace_id: 1 };
//! let again = Search { query: "canonical json".into(), trace_id: 2 };
//! let answer = dedup.run(&first.idempotency_key(), |_| send(&first)).await?;
//! let recalled = dedup.run(&again.idempotency_key(), |_| send(&again)).await?;
//!
//! assert_eq!(answer, recalled);
//! assert_eq!(dedup.figures().misses, 1);
//! # Ok(())
//! # }
//! # tokio::runtime::Runtime::new().unwrap().block_on(example()).unwrap();
//! ```
//!
//! # What holds
//!
//! - Concurrent calls with one key run the work once, and all get its answer.
//! - `Ok` is remembered; `Err` is not. Those who waited for the call that failed get the same error,
//!   behind an [`Arc`](alloc::sync::Arc), and each of them may call again.
//! - A panic in the work reaches the caller whose work it was. One of those who waited runs its own
//!   work instead; nothing is poisoned.
//! - At capacity, the least recently used entries go first.
//! - No answer is handed out once its time to live is over.
//!
//! # What may run twice
//!
//! This layer saves round trips. It is the server that makes a request safe to send again, by
//! remembering the key; this layer neither replaces that nor gets in its way. Work runs again for a
//! key
//!
//! - **when the caller whose work was running gave up**: its future was dropped, by a timeout, a
//!   `select!` or an aborted task. One of those who waited then runs its own work. The dropped
//!   request may already have reached the server, so the server may see the request twice: with one
//!   key, and so it acts once.
//! - when the work failed or panicked, and somebody calls again: here, too, the server may have acted
//!   before the answer was lost.
//! - when the entry is gone: evicted, expired, invalidated, or with the process that held it.
//! - when two calls for one key name different error types: they cannot share an error, so they do
//!   not wait for each other.
//!
//! To let a call finish although its caller gives up, run it in a task of its own, such as
//! `tokio::spawn`.
//!
//! # What waits
//!
//! A call waits for the one in flight for as long as that one is neither finished nor dropped. A
//! future that is kept but no longer polled holds up the others; drop it. Work that calls `run` for
//! its own key waits for itself, forever.
//!
//! It is built on [moka](https://docs.rs/moka), which does all the caching.

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
mod record;
#[cfg(feature = "redb")]
mod redb;
mod remote;
mod run_error;
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
