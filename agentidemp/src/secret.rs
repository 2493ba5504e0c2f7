//! [`Secret`]: keyed keys, for content that can be guessed.

use alloc::vec::Vec;
use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::{Error, ErrorKind, Key};

/// A secret for keyed keys: HMAC-SHA-256 (RFC 2104) of the canonical bytes, in place of SHA-256.
///
/// Who sees a key of `sha256(amount, user)` can try amounts and users until one fits: millions in a
/// second. Without the secret nobody can. All services that compute a key need the same secret, and a new
/// secret gives all requests new keys.
///
/// It never shows itself: [`Debug`](fmt::Debug) writes `Secret(..)`. Give it at least 32 random bytes.
///
/// ```
/// use agentidemp::{IdempotencyKey, Secret};
///
/// #[derive(IdempotencyKey)]
/// struct Charge {
///     amount: u64,
/// }
///
/// let secret = Secret::new(b"0123456789abcdef0123456789abcdef");
/// let charge = Charge { amount: 500 };
/// let key = charge.keyed_idempotency_key(&secret);
/// assert_eq!(key.len(), 67);
/// assert_ne!(key, charge.idempotency_key());
/// ```
#[derive(Clone)]
pub struct Secret {
    bytes: Vec<u8>,
}

impl Secret {
    /// A secret of these bytes.
    ///
    /// An empty one is an error of each key.
    #[must_use]
    pub fn new(bytes: impl AsRef<[u8]>) -> Self {
        Self {
            bytes: bytes.as_ref().to_vec(),
        }
    }

    /// The key of canonical bytes under this secret.
    ///
    /// # Errors
    ///
    /// Where the secret is empty.
    pub fn key_of(&self, canonical: &[u8]) -> Result<Key, Error> {
        let mac = Hmac::<Sha256>::new_from_slice(&self.bytes);
        match mac {
            Ok(mac) if !self.bytes.is_empty() => {
                let digest = mac.chain_update(canonical).finalize().into_bytes();
                Ok(Key::from_digest(digest.into()))
            }
            _ => Err(Error::new(ErrorKind::InvalidSecret, "the secret is empty")),
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
