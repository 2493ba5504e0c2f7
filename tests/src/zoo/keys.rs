//! Maps, by the type of their key.

use std::collections::{BTreeMap, HashMap};

use agentidemp::IdempotencyKey;
use proptest_derive::Arbitrary;
use serde::{Serialize, Serializer};

use super::leaves::Text;

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct By<K: Ord>(#[proptest(strategy = "few()")] BTreeMap<K, u8>)
where
    K: proptest::arbitrary::Arbitrary + 'static;

fn few<K>() -> impl proptest::strategy::Strategy<Value = BTreeMap<K, u8>>
where
    K: proptest::arbitrary::Arbitrary + Ord + 'static,
{
    proptest::collection::btree_map(proptest::prelude::any::<K>(), 0..9_u8, 0..4)
}

#[derive(
    Debug, Clone, Arbitrary, Serialize, IdempotencyKey, PartialEq, Eq, Hash, PartialOrd, Ord,
)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum Unit {
    TheFirst,
    #[serde(rename = "\u{1f600}")]
    Second,
    Third,
}

#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
pub struct Newtype(pub Text);

#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
pub struct NewtypeOfUnit(Unit);

#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
#[serde(transparent)]
pub struct Transparent {
    number: i16,
}

#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
pub struct WithFunction(#[serde(serialize_with = "hexadecimal")] u8);

fn hexadecimal<S: Serializer>(number: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{number:x}"))
}

/// `1` and `"1"` are one name.
#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
#[serde(untagged)]
pub enum NumberOrText {
    Number(#[proptest(strategy = "0..3_u8")] u8),
    Text(#[proptest(strategy = "\"[0-2]\"")] String),
    Bool(bool),
}

/// Only the unit variant can name a member.
#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mixed {
    Unit,
    Newtype(u8),
    Tuple(u8, u8),
    Struct { a: u8 },
}

#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pair(u8, u8);

#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
pub struct Struct {
    a: u8,
}

#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
#[serde(tag = "kind", content = "content")]
pub enum Adjacent {
    Unit,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Nested {
    #[proptest(strategy = "nested()")]
    maps: HashMap<Unit, BTreeMap<char, BTreeMap<bool, Text>>>,
}

fn nested()
-> impl proptest::strategy::Strategy<Value = HashMap<Unit, BTreeMap<char, BTreeMap<bool, Text>>>> {
    use proptest::collection::{btree_map, hash_map};
    use proptest::prelude::any;
    let innermost = btree_map(any::<bool>(), any::<Text>(), 0..3);
    hash_map(
        any::<Unit>(),
        btree_map(any::<char>(), innermost, 0..3),
        0..3,
    )
}
