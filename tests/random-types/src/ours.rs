//! What the types are made of and name in their attributes.

pub use std::borrow::Cow;
pub use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
pub use std::marker::PhantomData;

pub use agentidemp::IdempotencyKey;
pub use fastrand::Rng;
pub use serde::Serialize;
use serde::Serializer;

pub use crate::{Random, ScopeText, Scoped};

pub type Real = f64;
pub type Small = f32;

impl Random for f64 {
    fn random(rng: &mut Rng) -> Self {
        crate::random::float(rng)
    }
}

impl Random for f32 {
    #[expect(clippy::cast_possible_truncation, reason = "any float will do")]
    fn random(rng: &mut Rng) -> Self {
        crate::random::float(rng) as f32
    }
}

/// A string that holds JSON text, or should.
#[derive(Serialize, IdempotencyKey)]
#[serde(transparent)]
pub struct JsonText(pub String);

impl Random for JsonText {
    fn random(rng: &mut Rng) -> Self {
        let texts = [
            "1.0",
            " {\"b\": [1, 2.50], \"a\": \"\\u00e9\"}",
            "[ ]",
            "\"\"",
            "null ",
            "{\"a\":1,\"a\":2}",
            "[1,",
            "true",
            "18446744073709551617",
        ];
        // Most hold one, as else few values are left of a type with many.
        let at = if rng.u8(..8) == 0 {
            rng.usize(..texts.len())
        } else {
            rng.usize(..4)
        };
        Self(texts[at].to_owned())
    }
}

pub fn lower(text: &str) -> String {
    text.to_lowercase()
}

pub fn is_even(number: &u8) -> bool {
    number.is_multiple_of(2)
}

pub fn lower_text<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&lower(text))
}

/// An error for every third number.
pub fn odd<S: Serializer>(number: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    if number.is_multiple_of(3) {
        return Err(serde::ser::Error::custom("it is a multiple of three"));
    }
    serializer.serialize_bool(number % 2 == 1)
}

pub fn unit<S: Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([("unit", true)])
}

pub fn two<S: Serializer>(number: &u8, text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([(text, number)])
}

/// The name of a member.
#[derive(Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[serde(rename_all = "snake_case")]
pub enum UnitKey {
    FirstOne,
    #[serde(rename = "9")]
    Other,
}

impl Random for UnitKey {
    fn random(rng: &mut Rng) -> Self {
        if rng.bool() {
            Self::FirstOne
        } else {
            Self::Other
        }
    }
}

/// The name of a member, by the number in it.
#[derive(Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NewtypeKey(pub i64);

impl Random for NewtypeKey {
    fn random(rng: &mut Rng) -> Self {
        Self(Random::random(rng))
    }
}

pub mod halves {
    use serde::Serializer;

    pub fn serialize<S: Serializer>(number: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([("low", number & 15), ("high", number >> 4)])
    }
}
