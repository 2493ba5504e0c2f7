//! Idempotency keys derived from what a request *is*: the same for every retry, in every process,
//! on every platform, in every language.
//!
//! A retry must carry the key of the first attempt. A fresh UUID on each attempt makes the server
//! see a new request each time: the LLM call runs twice, the card is charged twice. Derive the key
//! from the request instead, and say once, in the type, what changes between attempts:
//!
//! ```
//! use agentidemp::IdempotencyKey;
//!
//! #[derive(IdempotencyKey)]
//! struct CreateCharge {
//!     amount: u64,
//!     currency: String,
//!     #[idem(scope)]
//!     user: u64,
//!     #[idem(skip)]
//!     sent_at: std::time::SystemTime,
//! }
//!
//! let mut charge = CreateCharge {
//!     amount: 500,
//!     currency: "eur".into(),
//!     user: 42,
//!     sent_at: std::time::SystemTime::now(),
//! };
//! let key = charge.idempotency_key();
//! assert_eq!(key, "ik_e9d45f231903d8f3c3d8e62261faa7188581e5f6dba08505caab46864b34c22b");
//!
//! charge.sent_at = std::time::SystemTime::now();
//! assert_eq!(charge.idempotency_key(), key);
//!
//! // What was hashed is text that a person can read.
//! assert_eq!(charge.canonical_bytes(), br#"user:42:{"amount":500,"currency":"eur"}"#);
//! ```
//!
//! # Where to look
//!
//! - [`IdempotencyKey`]: the trait of requests and its derive, with all attributes.
//! - [`Identity`]: for payloads whose type is not yours, such as a `serde_json::Value`.
//! - [`Key`]: the key, and shorter renderings for APIs that limit its length.
//! - [`Canonical`] and [`canonical`]: for implementations by hand.
//! - [`foreign`] and [`with`]: for types and containers of other crates as fields.
//! - [`guide`]: what to know before keys go into production, from changes of a type to receivers, hazards
//!   and privacy.
//! - [`mod@format`]: the normative text of what is hashed.
//! - [`sha256_hex`], [`scoped`], [`uuidv5`]: keys of bytes that are canonical already.
//!
//! # What a key cannot tell
//!
//! A deliberate repeat of an identical request looks like a retry. Put something that tells the two
//! apart, and is the same for all attempts, into the request or its scope: a run id, a step, a turn
//! number.
//!
//! # Features
//!
//! - `derive` (default): `#[derive(IdempotencyKey)]`.
//! - `std` (default): [`Canonical`] for `HashMap`, `HashSet` and `Path`. Without it, the crate is
//!   `no_std` and needs `alloc`.
//! - `explain`: why two requests have two keys, and assertions for unit tests that find a forgotten
//!   `#[idem(skip)]`.
//! - `cli`: the command `agentidemp`, which does all of it for JSON bodies in a shell. No library needs it.
//! - `serde_json`: [`Canonical`] for `serde_json::Value`, `Map` and `Number`.
//! - `raw_value`: the same for its `RawValue`, and the
//!   [feature of serde_json](by_serialize#features-of-serde_json) that this needs.
//! - `http`: a [`Key`] as the value of an `http` header and back, and the headers' names.
//! - `reqwest-middleware` and `tower`: a layer that puts the key on each request of a client stack.
//! - `server`: a layer that lets a server's handlers run once for each key that comes; `axum`: the same, and
//!   the key as an extractor.
//! - `dedup`: a layer that runs the work of a key once and remembers its answer.
//! - `redb`: a store for it in a file, which several processes share.
//! - `redis`: a store for it on a Redis or Valkey server or cluster.
//! - `postgres`: a store for it in `PostgreSQL`, and exactly once in a transaction of yours.
//! - `tracing`: spans around its work.
//! - `bigdecimal`, `bytes`, `chrono`, `compact_str`, `indexmap`, `jiff`, `ordered-float`,
//!   `rust_decimal`, `semver`, `smallvec`, `smol_str`, `time`, `url`: [`Canonical`] for
//!   [types of the crate of that name](foreign).
#![no_std]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[doc(hidden)]
pub mod __private;
pub mod by_serialize;
pub mod canonical;
pub mod compat;
#[cfg(feature = "dedup")]
pub mod dedup;
mod error;
#[cfg(feature = "explain")]
pub mod explain;
pub mod guide;
mod hash;
#[cfg(feature = "http")]
pub mod header;
mod identity;
mod key;
mod pointer;
mod printable;
mod request;
mod secret;
mod serde;
#[cfg(feature = "explain")]
pub mod testing;
mod text;
pub mod with;

#[cfg(feature = "derive")]
#[doc = include_str!("derive.md")]
#[doc(inline)]
pub use agentidemp_derive::IdempotencyKey;
pub use uuid::Uuid;

pub use self::canonical::Canonical;
pub use self::canonical::scope::{Scope, ScopeValue};
pub use self::error::{Error, ErrorKind, ParseKeyError, ParseKeyErrorKind};
#[cfg(feature = "explain")]
pub use self::explain::explain;
pub use self::hash::{scoped, sha256_hex, uuidv5};
pub use self::identity::Identity;
pub use self::key::Key;
pub use self::request::IdempotencyKey;
pub use self::secret::Secret;

#[doc = include_str!("../FORMAT.md")]
pub mod format {}

#[doc = include_str!("foreign.md")]
pub mod foreign {}
