//! The keys of version 0.1, byte for byte, so that a fleet can move over without a duplicate.
//!
//! Version 0.1 of this crate and version 0.1 of the Python package `agentidemp-py` hash bytes that
//! the caller has serialized, and keep 32 hex digits. The functions here give the same keys, as
//! [`Key`]s where 0.1 gives a `String`. New code derives [`IdempotencyKey`](crate::IdempotencyKey)
//! instead.
//!
//! | 0.1 in Rust | 0.1 in Python | here |
//! |---|---|---|
//! | `sha256_hex` | `sha256_hex` | [`compat::sha256_hex`](sha256_hex) |
//! | `scoped_sha256_hex` | `scoped_sha256_hex` | [`compat::scoped_sha256_hex`](scoped_sha256_hex) |
//! | | `scoped_key` | [`compat::scoped_key`](scoped_key) |
//! | `uuid_v5` | `uuid5_key`, `uuid_v5` | [`compat::uuid_v5`](uuid_v5) |
//! | `NAMESPACE_ANTHROPIC` | `NAMESPACE_ANTHROPIC`, `NAMESPACE_DNS` | [`compat::NAMESPACE_ANTHROPIC`](NAMESPACE_ANTHROPIC) |
//! | `random` | `random_key`, `random` | none: `Uuid::new_v4()`, which makes every retry a new request |
//!
//! # The zero byte
//!
//! [`scoped_sha256_hex`] and [`scoped_key`] put a zero byte after the scope and before each part. It
//! does not separate a scope or a part that itself contains one: these two are one key.
//!
//! ```
//! use agentidemp::compat::scoped_sha256_hex;
//!
//! assert_eq!(scoped_sha256_hex("a", b"b\0c"), scoped_sha256_hex("a\0b", b"c"));
//! ```
//!
//! Where somebody else chooses the scope, as a tenant chooses its name, refuse text with a zero byte,
//! or move to `#[idem(scope)]`, which escapes the text.
//!
//! # Moving a mixed fleet
//!
//! The two generations give different keys to one request. What must not happen is that a request
//! goes out under the old key and its retry under the new one, with nobody who knows that they are the
//! same. In this order it does not happen:
//!
//! 1. Upgrade the crate everywhere, and call `compat::sha256_hex` where `sha256_hex` was called.
//!    No key changes: Rust services of both generations and Python services still agree.
//! 2. Upgrade those who look keys up. They compute both keys of a request: the derived one, and that
//!    of `compat` from the bytes as received. An entry under either is a duplicate, and new entries
//!    are stored under both.
//! 3. Upgrade those who send: they derive the key. A retry under the new key finds the entry of the
//!    first attempt, as whoever looks it up computes both from the request.
//! 4. When entries from before step 3 have expired, stop looking up the old key, and stop storing it.
//!
//! Where the far end is somebody else's API, which sees the key alone, there is no step 2: a request
//! that may still be retried must keep its key. Store the key with the pending request, and derive
//! keys only for requests that are new.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Key;

/// The namespace that 0.1 offers for [`uuid_v5`]: the DNS namespace of RFC 9562, despite its name.
///
/// ```
/// use agentidemp::{Uuid, compat};
///
/// assert_eq!(compat::NAMESPACE_ANTHROPIC, Uuid::NAMESPACE_DNS);
/// ```
pub const NAMESPACE_ANTHROPIC: Uuid = Uuid::NAMESPACE_DNS;

/// The key of some bytes as 0.1 gives it: `ik_` and the first 32 hex digits of their SHA-256.
///
/// This is the [short](Key::short) form of [`sha256_hex`](crate::sha256_hex).
///
/// ```
/// use agentidemp::compat;
///
/// assert_eq!(compat::sha256_hex(b"abc"), "ik_ba7816bf8f01cfea414140de5dae2223");
/// ```
#[must_use]
pub fn sha256_hex(content: &[u8]) -> Key {
    crate::sha256_hex(content).short()
}

/// The key of some bytes within a scope as 0.1 gives it: `ik_` and the first 32 hex digits of the
/// SHA-256 of `scope`, a zero byte and `content`.
///
/// Not that of [`scoped`](crate::scoped), which puts a `:` there. The zero byte does not separate a
/// scope that itself [contains one](self#the-zero-byte).
///
/// ```
/// use agentidemp::compat;
///
/// let key = compat::scoped_sha256_hex("tenant-1", b"{}");
/// assert_eq!(key, "ik_78acfc29e1647fbddde451a704d4437a");
/// assert_eq!(key, compat::sha256_hex(b"tenant-1\0{}"));
/// ```
#[must_use]
pub fn scoped_sha256_hex(scope: &str, content: &[u8]) -> Key {
    scoped_key(scope, &[content])
}

/// The key of several parts within a scope as `scoped_key` of `agentidemp-py` 0.1 gives it: `ik_` and
/// the first 32 hex digits of the SHA-256 of `scope` and, for each part, a zero byte and the part.
///
/// The zero byte does not separate a scope or a part that itself [contains one](self#the-zero-byte).
///
/// ```
/// use agentidemp::compat;
///
/// let key = compat::scoped_key("tenant-1", &["user-2", "{}"]);
/// assert_eq!(key, "ik_d486c0fe84e1567f247327ac0c67ae07");
/// assert_eq!(key, compat::sha256_hex(b"tenant-1\0user-2\0{}"));
/// ```
#[must_use]
pub fn scoped_key<P: AsRef<[u8]>>(scope: &str, parts: &[P]) -> Key {
    let mut digest = Sha256::new_with_prefix(scope);
    for part in parts {
        digest.update([0]);
        digest.update(part);
    }
    Key::from_digest(digest.finalize().into()).short()
}

/// The version 5 UUID of some bytes as 0.1 gives it: a UUID, without `ik_`.
///
/// The [`Key`] of the same UUID, with `ik_`, is [`uuidv5`](crate::uuidv5). The Python package takes
/// only bytes that are UTF-8.
///
/// ```
/// use agentidemp::compat::{NAMESPACE_ANTHROPIC, uuid_v5};
///
/// let uuid = uuid_v5(&NAMESPACE_ANTHROPIC, b"www.example.com");
/// assert_eq!(uuid.to_string(), "2ed6657d-e927-568b-95e1-2665a8aea6a2");
/// ```
#[must_use]
pub fn uuid_v5(namespace: &Uuid, content: &[u8]) -> Uuid {
    Uuid::new_v5(namespace, content)
}
