//! Variants of all kinds under each tagging, `untagged` on a single variant, and `tag` on a struct.

use std::collections::BTreeMap;

use agentidemp::IdempotencyKey;
use proptest_derive::Arbitrary;
use serde::{Serialize, Serializer};

use super::leaves::{Float, Map, Text, map};

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Unit;

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Empty {}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct EmptyTuple();

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Newtype(Struct);

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Struct {
    b: Text,
    a: Float,
}

/// Its variants go on the wire in the three ways that an untagged value can be an object.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(untagged)]
pub enum Bare {
    Unit,
    Newtype(Struct),
    Struct { a: u8 },
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(tag = "other_kind", rename_all = "lowercase")]
pub enum OtherTag {
    Unit,
    Newtype(Struct),
    Struct { a: u8 },
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub enum Named {
    Unit,
    Newtype(u8),
    Tuple(u8, Text),
    Struct { z: u8, a: Text },
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(tag = "t", content = "c")]
pub enum Beside {
    Unit,
    Tuple(u8, Text),
}

macro_rules! taggings {
    ($($name:ident: [$($tagging:meta),*] { $($tuples:tt)* })*) => {$(
        #[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
        $(#[$tagging])*
        pub enum $name {
            Unit,
            #[serde(rename = "a name")]
            Renamed,
            Struct { a: u8, z: Text },
            EmptyStruct {},
            NewtypeOfStruct(Struct),
            NewtypeOfNewtype(Newtype),
            NewtypeOfBox(Box<Struct>),
            NewtypeOfUnit(()),
            NewtypeOfUnitStruct(Unit),
            NewtypeOfEmpty(Empty),
            NewtypeOfMap(#[proptest(strategy = "map()")] Map),
            NewtypeOfBare(Bare),
            NewtypeOfOtherTag(OtherTag),
            NewtypeOfNamed(Named),
            NewtypeOfBeside(Beside),
            $($tuples)*
        }
    )*};
}

taggings! {
    External: [] { Tuple(u8, Text), EmptyTuple(), NewtypeOfTuple((u8, Text)), NewtypeOfNumber(u8) }
    Internal: [serde(tag = "kind")] {}
    Adjacent: [serde(tag = "kind", content = "content")] {
        Tuple(u8, Text), EmptyTuple(), NewtypeOfTuple((u8, Text)), NewtypeOfNumber(u8)
    }
    AdjacentTagFirst: [serde(tag = "a", content = "b")] {
        Tuple(u8, Text), EmptyTuple(), NewtypeOfTuple((u8, Text)), NewtypeOfNumber(u8)
    }
    Untagged: [serde(untagged)] {
        Tuple(u8, Text), EmptyTuple(), NewtypeOfTuple((u8, Text)), NewtypeOfNumber(u8)
    }
}

/// Content that serde_json refuses to merge with a tag.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(tag = "kind")]
pub enum NotMergeable {
    Bool(bool),
    Number(u8),
    Float(Float),
    Char(char),
    Text(Text),
    Optional(Option<Struct>),
    Tuple((u8, u8)),
    EmptyTuple(EmptyTuple),
    Array([u8; 2]),
}

/// The tags of both are one member, twice.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(tag = "kind")]
pub enum TagTwice {
    Inner(Internal),
    Map(BTreeMap<KindOrOther, u8>),
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
pub enum KindOrOther {
    Kind,
    Other,
}

macro_rules! partly_untagged {
    ($($name:ident: [$($tagging:meta),*] { $($tuples:tt)* })*) => {$(
        #[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
        $(#[$tagging])*
        pub enum $name {
            Unit,
            Struct { a: u8 },
            #[serde(untagged)]
            BareStruct { a: u8 },
            #[serde(untagged)]
            BareNewtype(Text),
            #[serde(untagged)]
            BareUnit,
            $($tuples)*
        }
    )*};
}

partly_untagged! {
    PartlyExternal: [] { #[serde(untagged)] BareTuple(u8, Text) }
    PartlyInternal: [serde(tag = "kind")] {}
    PartlyAdjacent: [serde(tag = "kind", content = "content")] {
        #[serde(untagged)] BareTuple(u8, Text)
    }
}

fn unit<S: Serializer>(serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([("unit", true)])
}

fn newtype<S: Serializer>(number: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([("newtype", number)])
}

fn two<S: Serializer>(left: &u8, right: &Text, serializer: S) -> Result<S::Ok, S::Error> {
    (Struct {
        b: right.clone(),
        a: Float(f64::from(*left)),
    })
    .serialize(serializer)
}

mod module {
    use super::{Serializer, newtype};

    pub(super) fn serialize<S: Serializer>(number: &u8, s: S) -> Result<S::Ok, S::Error> {
        newtype(number, s)
    }
}

macro_rules! functions {
    ($($name:ident: [$($tagging:meta),*] { $($tuples:tt)* })*) => {$(
        #[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
        $(#[$tagging])*
        pub enum $name {
            #[serde(serialize_with = "unit")]
            Unit,
            #[serde(serialize_with = "newtype")]
            Newtype(u8),
            #[serde(with = "module")]
            Module(u8),
            #[serde(serialize_with = "two")]
            Struct { a: u8, b: Text },
            /// Functions of the fields, not of the variant.
            Field(#[serde(with = "module")] u8),
            FieldOfStruct {
                a: u8,
                #[serde(serialize_with = "newtype")]
                b: u8,
            },
            $($tuples)*
        }
    )*};
}

functions! {
    FunctionsExternal: [] {
        #[serde(serialize_with = "two")]
        Tuple(u8, Text),
        FieldOfTuple(u8, #[serde(serialize_with = "newtype")] u8),
    }
    FunctionsInternal: [serde(tag = "kind")] {}
    FunctionsAdjacent: [serde(tag = "kind", content = "content")] {
        #[serde(serialize_with = "two")]
        Tuple(u8, Text),
        FieldOfTuple(u8, #[serde(serialize_with = "newtype")] u8),
    }
    FunctionsUntagged: [serde(untagged)] {
        #[serde(serialize_with = "two")]
        Tuple(u8, Text),
        FieldOfTuple(u8, #[serde(serialize_with = "newtype")] u8),
    }
}

macro_rules! one_name {
    ($($name:ident: [$($tagging:meta),*])*) => {$(
        #[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
        $(#[$tagging])*
        pub enum $name {
            #[serde(rename = "photo")]
            Photo { a: u8 },
            #[serde(rename = "photo")]
            CachedPhoto { z: Text },
            #[serde(rename = "photo")]
            Neither,
        }
    )*};
}

one_name! {
    OneNameExternal: []
    OneNameInternal: [serde(tag = "kind")]
    OneNameAdjacent: [serde(tag = "kind", content = "content")]
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(tag = "kind", rename = "a struct")]
pub struct TaggedStruct {
    a: u8,
    z: Text,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(tag = "kind")]
pub struct TaggedEmpty {}

/// The struct's own tag goes beside the variant's.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(tag = "variant")]
pub enum OfTaggedStructs {
    Struct(TaggedStruct),
    Empty(TaggedEmpty),
}
