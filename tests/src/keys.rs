//! Keys that are only told apart.

use agentidemp::{Key, sha256_hex};

/// The key number so-and-so.
pub fn key(number: u64) -> Key {
    sha256_hex(&number.to_be_bytes())
}
