//! The three functions on bytes: [`sha256_hex`], [`scoped`] and [`uuidv5`]. What they hash is the
//! caller's; for the bytes of a request see [`crate::IdempotencyKey::canonical_bytes`].

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Key;

/// The key of some bytes: `ik_` and the SHA-256 of `content` in 64 lower-case hex digits.
///
/// Of a request's [canonical bytes](crate::IdempotencyKey::canonical_bytes) this is the request's
/// key.
///
/// ```
/// assert_eq!(
///     agentidemp::sha256_hex(b"abc"),
///     "ik_ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
/// );
/// ```
#[must_use]
pub fn sha256_hex(content: &[u8]) -> Key {
    Key::from_digest(Sha256::digest(content).into())
}

/// The key of some bytes within a scope: `ik_` and the SHA-256 of `scope`, one `:` and `content`.
///
/// The scope is taken as written. Where it holds text that somebody else chose, such as a tenant's
/// name, that text may itself hold a `:`; `#[idem(scope)]` and
/// [`Identity::scope_field`](crate::Identity::scope_field) escape it.
///
/// ```
/// let key = agentidemp::scoped("user:42", b"{}");
/// assert_eq!(key, "ik_05aed8cfee303fd416f8e55cb2488411e679ab9c24d07e917cb0e3d9d5337093");
/// assert_eq!(key, agentidemp::sha256_hex(b"user:42:{}"));
/// ```
#[must_use]
pub fn scoped(scope: &str, content: &[u8]) -> Key {
    let digest = Sha256::new()
        .chain_update(scope)
        .chain_update(b":")
        .chain_update(content);
    Key::from_digest(digest.finalize().into())
}

/// The key of some bytes as a UUID: `ik_` and the hyphenated version 5 UUID of `content` in
/// `namespace` (RFC 9562 section 5.5).
///
/// Version 5 is built on SHA-1 and keeps 122 bits of it. Prefer [`sha256_hex`], and
/// [`Key::uuid`](crate::Key::uuid) where an API takes only UUIDs, unless another service already
/// computes version 5.
///
/// ```
/// use agentidemp::{Uuid, uuidv5};
///
/// assert_eq!(
///     uuidv5(&Uuid::NAMESPACE_DNS, b"www.example.com"),
///     "ik_2ed6657d-e927-568b-95e1-2665a8aea6a2"
/// );
/// ```
#[must_use]
pub fn uuidv5(namespace: &Uuid, content: &[u8]) -> Key {
    Key::from_uuid(&Uuid::new_v5(namespace, content))
}
