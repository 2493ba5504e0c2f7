//! Idempotency keys derived from what a request is.
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

#[doc(hidden)]
pub mod __private;
mod canonical;
pub mod compat;
mod error;
mod exclusions;
mod hash;
mod identity;
mod key;
mod request;
mod scope;
pub mod serde;

#[cfg(feature = "derive")]
pub use agentidemp_derive::IdempotencyKey;
pub use uuid::Uuid;

pub use self::canonical::{Array, Canonical, Encoder, Object, Set};
pub use self::error::{Error, ErrorKind, ParseKeyError};
pub use self::hash::{scoped, sha256_hex, uuidv5};
pub use self::identity::Identity;
pub use self::key::Key;
pub use self::request::IdempotencyKey;
pub use self::scope::Scope;
