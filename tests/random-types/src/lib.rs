//! What the random types are held to, and what they are made of.
//!
//! Each type is written twice by `build/`: with serde's and `#[idem(..)]` attributes, and as a twin with
//! serde's alone. Two values of one seed are the same value.

pub mod ours;
mod random;
#[path = "../../src/reference/mod.rs"]
pub mod reference;
mod rules;
mod scope;
pub mod twin;

use agentidemp::{IdempotencyKey, Identity, sha256_hex};
use fastrand::Rng;
use serde::Serialize;

pub use self::random::Random;
pub use self::scope::{ScopeText, Scoped};

/// The key of a type is made of what serde_json writes of its twin, and where that is nothing there is none.
///
/// # Panics
///
/// Where it is not.
pub fn assert_law<T, U>(name: &str, values: u64)
where
    T: Random + IdempotencyKey + Serialize,
    U: Random + Serialize,
{
    for (value, twin) in pairs::<T, U>(values) {
        assert_written(name, &value, canonical_of_wire(&twin));
    }
}

/// As [`assert_law`], of a type without attributes of ours: its `Serialize` and its body have the same key.
///
/// # Panics
///
/// Where it is not so.
pub fn assert_plain<T, U>(name: &str, values: u64)
where
    T: Random + IdempotencyKey + Serialize,
    U: Random + Serialize,
{
    let identity = Identity::new();
    for (seed, (value, twin)) in (0..).zip(pairs::<T, U>(values)) {
        let expected = canonical_of_wire(&twin);
        assert_written(name, &value, expected.clone());
        let serialized = identity.canonical_bytes(&value).ok().map(text);
        assert_eq!(serialized, expected, "{name}: by Serialize");
        if expected.is_some() {
            let body = serde_json::to_vec(&value).expect("its twin has a text");
            let of_body = identity.canonical_bytes_of_json(&body).ok().map(text);
            assert_eq!(of_body, expected, "{name}: of the body");
            assert_ruled(name, &value, &body, seed);
        }
    }
}

/// Rules leave the same of a value, however serde goes about it, and of its body.
fn assert_ruled(name: &str, value: &impl Serialize, body: &[u8], seed: u64) {
    let identity = rules::identity(&mut Rng::with_seed(seed));
    let of_value = identity.canonical_bytes(value).ok().map(text);
    let of_body = identity.canonical_bytes_of_json(body).ok().map(text);
    let document = serde_json::to_string(&identity).unwrap_or_default();
    assert_eq!(of_value, of_body, "{name}: {document}");
}

/// As [`assert_law`], of a type with a scope; where an identity says the same, the body has the same key.
///
/// # Panics
///
/// Where it is not so.
pub fn assert_request<T, U>(name: &str, values: u64, identity: Option<Identity>)
where
    T: Random + IdempotencyKey + Serialize,
    U: Random + Serialize + Scoped,
{
    for (value, twin) in pairs::<T, U>(values) {
        let mut scope = ScopeText::default();
        twin.scope(&mut scope);
        let expected = canonical_of_wire(&twin).map(|payload| scope.text() + &payload);
        assert_written(name, &value, expected.clone());
        // What is skipped may be what serde_json refuses: then there is a key, and no body.
        let has_body = expected.is_some() && serde_json::to_vec(&value).is_ok();
        if let (true, Some(identity)) = (has_body, &identity) {
            agentidemp::testing::assert_wire_agrees(&value, identity);
        }
    }
}

/// The same values as both types.
fn pairs<T: Random, U: Random>(values: u64) -> impl Iterator<Item = (T, U)> {
    (0..values).map(|seed| {
        let value = T::random(&mut Rng::with_seed(seed));
        (value, U::random(&mut Rng::with_seed(seed)))
    })
}

fn assert_written(name: &str, value: &impl IdempotencyKey, expected: Option<String>) {
    let written = value.try_canonical_bytes();
    let key = value.try_idempotency_key().ok();
    assert_eq!(key, written.as_deref().ok().map(sha256_hex), "{name}");
    let shown = format!("{name}: {written:?}");
    assert_eq!(written.ok().map(text), expected, "{shown}");
}

/// The canonical form of what serde_json sends, if it sends anything that has one.
fn canonical_of_wire(value: &impl Serialize) -> Option<String> {
    let body = serde_json::to_vec(value).ok()?;
    reference::canonical_text(&body).ok()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("canonical bytes are UTF-8")
}
