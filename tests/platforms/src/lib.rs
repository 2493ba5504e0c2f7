//! What the runtime crate does on another machine than the one it is built on: see the tests, and run.sh.
#![no_std]

use agentidemp::{Error, Identity, Key};

/// The key of a JSON body, on a machine that has no more than memory.
///
/// # Errors
///
/// Where the body has no key.
pub fn key(body: &[u8]) -> Result<Key, Error> {
    Identity::new().key_of_json(body)
}
