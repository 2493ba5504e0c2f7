//! `flatten`: of everything that serde takes, in everything that can hold it.

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;

use agentidemp::IdempotencyKey;
use proptest::collection::{btree_map, hash_map, vec};
use proptest::prelude::*;
use proptest_derive::Arbitrary;
use serde::{Serialize, Serializer};

use super::leaves::{Float, Json, Map, Signed, Text, Unsigned, map, object};
use super::tagging::{Adjacent, External, Internal, Untagged};

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Inner {
    z: u8,
    b: Text,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Struct {
    #[serde(flatten)]
    inner: Inner,
    a: u8,
    n: u8,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Alone {
    #[serde(flatten)]
    inner: Inner,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Optional {
    a: u8,
    #[serde(flatten)]
    inner: Option<Inner>,
    #[serde(flatten)]
    nested: Option<Option<Alone2>>,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Alone2 {
    y: Float,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct OfMaps {
    a: u8,
    #[serde(flatten)]
    #[proptest(strategy = "map()")]
    map: Map,
    #[serde(flatten)]
    #[proptest(strategy = "hash_map(any::<u16>(), any::<Text>(), 0..3)")]
    numbered: HashMap<u16, Text>,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct OfObject {
    #[serde(flatten)]
    #[proptest(strategy = "object()")]
    rest: serde_json::Map<String, serde_json::Value>,
    b: u8,
}

/// Objects and null can be flattened, other JSON values cannot.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct OfJson {
    #[serde(flatten)]
    rest: Json,
    b: u8,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Nested {
    #[serde(flatten)]
    outer: NestedOuter,
    #[serde(rename = "0")]
    first: u8,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct NestedOuter {
    m: u8,
    #[serde(flatten)]
    middle: Box<Struct>,
    #[serde(flatten)]
    #[proptest(strategy = "map()")]
    map: Map,
    held: Alone,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct OfNothing {
    a: u8,
    #[serde(flatten)]
    unit: (),
    #[serde(flatten)]
    unit_struct: UnitStruct,
    #[serde(flatten)]
    empty: EmptyStruct,
    #[serde(flatten)]
    phantom: PhantomData<u8>,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct UnitStruct;

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct EmptyStruct {}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct OnlyNothing {
    #[serde(flatten)]
    empty: EmptyStruct,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct OfNewtypes {
    #[serde(flatten)]
    newtype: Newtype,
    #[serde(flatten)]
    transparent: Transparent,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Newtype(Inner);

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(transparent)]
pub struct Transparent {
    inner: Option<Alone2>,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct OfEnum<T> {
    before: u8,
    #[serde(flatten)]
    variant: T,
    zone: u8,
}

pub type OfExternal = OfEnum<External>;
pub type OfInternal = OfEnum<Internal>;
pub type OfAdjacent = OfEnum<Adjacent>;
pub type OfUntagged = OfEnum<Untagged>;
pub type OfNestedEnums = OfEnum<OfEnum2<Internal>>;
pub type OfWide = OfEnum<Wide>;
pub type OfTaggedWide = OfEnum<TaggedWide>;
/// Not flattenable: serde_json reports an error.
pub type OfText = OfEnum<Text>;
pub type OfSequence = OfEnum<(u8, u8)>;
pub type OfOptionalNumber = OfEnum<Option<u8>>;

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct OfEnum2<T> {
    #[serde(flatten)]
    variant: T,
    other: u8,
}

/// Where it is flattened, serde keeps tuples and structs in a buffer, which has no room for integers of
/// 128 bits.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub enum Wide {
    Newtype(Signed),
    Tuple(Signed, u8),
    Struct {
        a: Unsigned,
    },
    Within(u8, Option<Within>),
    WithFlatten {
        a: Signed,
        #[serde(flatten)]
        inner: Inner,
    },
    #[serde(serialize_with = "two")]
    ByFunction(Signed, u8),
    Narrow(u32, Text, Float),
    Bytes {
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
        small: f32,
        unit: (),
        char: char,
        json: Json,
    },
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Within {
    none: Option<Unsigned>,
    #[proptest(strategy = "vec(any::<Signed>(), 0..2)")]
    list: Vec<Signed>,
    #[proptest(strategy = "btree_map(any::<Signed>(), any::<u8>(), 0..2)")]
    keys: BTreeMap<Signed, u8>,
}

fn two<S: Serializer>(first: &Signed, second: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    (first, second).serialize(serializer)
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(tag = "kind")]
pub enum TaggedWide {
    External(Wide),
    Struct {
        a: Signed,
    },
    Flat {
        #[serde(flatten)]
        wide: Wide,
    },
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct OfSerializedWide {
    a: u8,
    #[serde(flatten)]
    #[idem(serde)]
    wide: Wide,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct WithFunction {
    #[serde(flatten, serialize_with = "as_members")]
    number: u8,
    a: u8,
}

fn as_members<S: Serializer>(number: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([("low", number & 15), ("high", number >> 4)])
}

macro_rules! in_variants {
    ($($name:ident: [$($tagging:meta),*])*) => {$(
        #[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
        $(#[$tagging])*
        pub enum $name {
            Struct {
                a: u8,
                #[serde(flatten)]
                inner: Option<Inner>,
            },
            Map {
                #[serde(flatten)]
                #[proptest(strategy = "map()")]
                map: Map,
            },
            Skipped {
                a: u8,
                #[serde(flatten, skip)]
                map: Map,
            },
            Newtype(Nested),
        }
    )*};
}

in_variants! {
    InExternal: []
    InInternal: [serde(tag = "kind")]
    InAdjacent: [serde(tag = "kind", content = "content")]
    InUntagged: [serde(untagged)]
}

/// A struct with a tag is flattened as any other.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(tag = "kind")]
pub struct TaggedStruct {
    #[serde(flatten)]
    inner: Inner,
    #[serde(flatten)]
    #[proptest(strategy = "map()")]
    map: Map,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct OfTaggedStruct {
    #[serde(flatten)]
    tagged: TaggedStruct,
    a: u8,
}
