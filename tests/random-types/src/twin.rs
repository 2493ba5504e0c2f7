//! The twins of what the types are made of, which write what counts.

pub use std::borrow::Cow;
pub use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
pub use std::marker::PhantomData;

pub use fastrand::Rng;
pub use serde::Serialize;
use serde::Serializer;
use serde::ser::Error;
use serde_json::value::RawValue;

use crate::canonical_of_wire;
pub use crate::ours::{JsonText, NewtypeKey, UnitKey, halves, is_even, lower_text, odd, two, unit};
pub use crate::{Random, ScopeText, Scoped};

macro_rules! finite {
    ($($name:ident($float:ty) by $serialize:ident)*) => {$(
        /// A float that is an error where serde_json writes `null`.
        pub struct $name($float);

        impl Random for $name {
            fn random(rng: &mut Rng) -> Self {
                Self(Random::random(rng))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                if !self.0.is_finite() {
                    return Err(S::Error::custom("it is not finite"));
                }
                serializer.$serialize(self.0)
            }
        }
    )*};
}

finite! {
    Real(f64) by serialize_f64
    Small(f32) by serialize_f32
}

/// A set in the order of its elements' canonical bytes.
pub struct BTreeSet<T>(std::collections::BTreeSet<T>);

impl<T: Random + Ord> Random for BTreeSet<T> {
    fn random(rng: &mut Rng) -> Self {
        Self(Random::random(rng))
    }
}

impl<T: Serialize> Serialize for BTreeSet<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_sorted(self.0.iter(), serializer)
    }
}

/// As [`BTreeSet`].
pub struct HashSet<T>(std::collections::HashSet<T>);

impl<T: Random + Eq + Hash> Random for HashSet<T> {
    fn random(rng: &mut Rng) -> Self {
        Self(Random::random(rng))
    }
}

impl<T: Serialize> Serialize for HashSet<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize_sorted(self.0.iter(), serializer)
    }
}

fn serialize_sorted<'t, T: Serialize + 't, S: Serializer>(
    elements: impl Iterator<Item = &'t T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    let mut elements: Vec<_> = elements.collect();
    elements.sort_by_key(|element| canonical_of_wire(element));
    serializer.collect_seq(elements)
}

pub fn sorted<T: Serialize, S: Serializer>(
    elements: &[T],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serialize_sorted(elements.iter(), serializer)
}

/// The value that the text is.
pub fn json_text<S: Serializer>(text: &JsonText, serializer: S) -> Result<S::Ok, S::Error> {
    let text = text.0.trim();
    if text == "null" || crate::reference::canonical_text(text.as_bytes()).is_err() {
        return Err(S::Error::custom("it holds no JSON text"));
    }
    let raw = RawValue::from_string(text.to_owned()).map_err(S::Error::custom)?;
    raw.serialize(serializer)
}

pub fn json_texts<S: Serializer>(
    text: &Option<JsonText>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match text {
        Some(text) => json_text(text, serializer),
        None => serializer.serialize_none(),
    }
}
