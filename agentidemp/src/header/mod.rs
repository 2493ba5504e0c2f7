//! Keys in HTTP headers, under the feature `http`: the headers' names, a [`Key`](crate::Key) as a
//! [`HeaderValue`](http::HeaderValue), and the way back.
//!
//! Where an SDK or a client stack owns the send, a layer puts the key on: see `reqwest_middleware` and
//! `tower`, under the features of these names. Where the server is yours, a layer lets its handlers run once
//! for each key: see `server`, under the features `server` and `axum`.
//!
//! # Sending a key
//!
//! Stripe and most other APIs take the bare key. It becomes a header's value by itself, so that the
//! builders of `http`, and of what is built upon it (`reqwest`, `hyper`, `axum`), take it as it is:
//!
//! ```
//! use agentidemp::IdempotencyKey;
//! use agentidemp::header::IDEMPOTENCY_KEY;
//!
//! #[derive(IdempotencyKey)]
//! #[idem(scope = "charges.create")]
//! struct CreateCharge {
//!     amount: u64,
//!     currency: String,
//! }
//!
//! let charge = CreateCharge { amount: 500, currency: "eur".into() };
//! let request = http::Request::post("https://api.example/charges")
//!     .header(IDEMPOTENCY_KEY, charge.idempotency_key())
//!     .body(())?;
//! assert_eq!(request.headers()["idempotency-key"], charge.idempotency_key().as_str());
//! # Ok::<(), http::Error>(())
//! ```
//!
//! The IETF draft `draft-ietf-httpapi-idempotency-key-header` wants a Structured Field string, which
//! is the key in quotes: [`Key::structured`](crate::Key::structured).
//!
//! # Reading a key
//!
//! A server reads both forms in one way. What else may come in the header, `ReceivedKey` of the feature
//! `server` has an answer for:
//!
//! ```
//! use agentidemp::Key;
//! use agentidemp::header::IDEMPOTENCY_KEY;
//!
//! fn key_of(headers: &http::HeaderMap) -> Option<Key> {
//!     Key::try_from(headers.get(IDEMPOTENCY_KEY)?).ok()
//! }
//!
//! let key = agentidemp::sha256_hex(b"abc");
//! let mut headers = http::HeaderMap::new();
//! headers.insert(IDEMPOTENCY_KEY, key.into());
//! assert_eq!(key_of(&headers), Some(key));
//! headers.insert(IDEMPOTENCY_KEY, key.structured());
//! assert_eq!(key_of(&headers), Some(key));
//! ```

#[cfg(any(feature = "reqwest-middleware", feature = "server", feature = "tower"))]
mod derivation;
#[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
mod keys;
#[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
mod no_key;
#[cfg(feature = "reqwest-middleware")]
pub mod reqwest_middleware;
#[cfg(feature = "server")]
pub mod server;
#[cfg(feature = "tower")]
pub mod tower;
mod value;

use http::HeaderName;

#[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
pub use self::keys::{Form, IdempotencyKeys};
#[cfg(any(feature = "reqwest-middleware", feature = "tower"))]
pub use self::no_key::{NoKey, NoKeyKind};

/// The header `Idempotency-Key`: of the IETF draft, and of most APIs.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The header `X-Idempotency-Key`, which some APIs still use.
pub const X_IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("x-idempotency-key");
