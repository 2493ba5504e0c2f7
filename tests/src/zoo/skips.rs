//! `skip`, `skip_serializing`, `skip_serializing_if`, in fields of all kinds and on variants.

use agentidemp::IdempotencyKey;
use proptest_derive::Arbitrary;
use serde::Serialize;

use super::leaves::{Map, Text, map};

fn is_even(number: &u8) -> bool {
    number.is_multiple_of(2)
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Named {
    #[serde(skip)]
    a: u8,
    #[serde(skip_serializing)]
    b: u8,
    #[serde(skip_deserializing)]
    c: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    d: Option<Text>,
    #[serde(skip_serializing_if = "str::is_empty", rename = "empty")]
    e: String,
    #[serde(skip_serializing_if = "is_even")]
    f: u8,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Sometimes {
    #[serde(skip_serializing_if = "is_even")]
    a: u8,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Tuple(
    #[serde(skip)] u8,
    u8,
    #[serde(skip_serializing_if = "is_even")] u8,
    #[serde(skip_serializing_if = "Option::is_none")] Option<Text>,
    #[serde(skip_serializing)] u8,
);

/// An array of one element: not a newtype.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct TupleOfOne(#[serde(skip)] u8, Text);

/// serde writes the field of a newtype struct even so.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Newtype(#[serde(skip)] u8);

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct NewtypeSkipSerializing(#[serde(skip_serializing)] Text);

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct NewtypeSkipIf(#[serde(skip_serializing_if = "is_even")] u8);

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Flattened {
    #[serde(flatten, skip)]
    a: Map,
    #[serde(flatten, skip_serializing_if = "Map::is_empty")]
    #[proptest(strategy = "map()")]
    b: Map,
    c: u8,
}

macro_rules! variants {
    ($($name:ident: [$($tagging:meta),*] { $($tuples:tt)* })*) => {$(
        #[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
        $(#[$tagging])*
        pub enum $name {
            NewtypeIf(#[serde(skip_serializing_if = "Map::is_empty")] #[proptest(strategy = "map()")] Map),
            Struct {
                #[serde(skip)]
                a: u8,
                b: u8,
                #[serde(skip_serializing_if = "is_even")]
                c: u8,
            },
            #[serde(skip)]
            Hidden,
            #[serde(skip_serializing)]
            HiddenNewtype(u8),
            #[serde(skip_serializing)]
            HiddenStruct { a: u8 },
            #[serde(skip_deserializing)]
            WriteOnly,
            $($tuples)*
        }
    )*};
}

variants! {
    External: [] {
        Newtype(#[serde(skip)] u8),
        StructOfNone { #[serde(skip)] a: u8 },
        Tuple(#[serde(skip)] u8, u8, #[serde(skip_serializing_if = "is_even")] u8),
        TupleOfNone(#[serde(skip)] u8, #[serde(skip)] u8),
    }
    Internal: [serde(tag = "kind")] {
        Newtype(#[serde(skip)] u8),
        StructOfNone { #[serde(skip)] a: u8 },
    }
    Adjacent: [serde(tag = "kind", content = "content")] {
        Newtype(#[serde(skip)] u8),
        StructOfNone { #[serde(skip)] a: u8 },
        Tuple(#[serde(skip)] u8, u8, #[serde(skip_serializing_if = "is_even")] u8),
        TupleOfNone(#[serde(skip)] u8, #[serde(skip)] u8),
    }
    Untagged: [serde(untagged)] {
        Tuple(#[serde(skip)] u8, u8, #[serde(skip_serializing_if = "is_even")] u8),
    }
}

fn is_odd(number: &u8) -> bool {
    !number.is_multiple_of(2)
}

/// Two fields of one name, of which each value has one at most.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct EitherOr {
    #[serde(rename = "a", skip_serializing_if = "Option::is_none")]
    #[proptest(strategy = "proptest::prelude::Just(None)")]
    none: Option<u8>,
    #[serde(skip_serializing_if = "is_even")]
    a: u8,
    z: u8,
}

/// Two fields of one name, of which a value can have both, or none.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Both {
    #[serde(rename = "a", skip_serializing_if = "is_even")]
    first: u8,
    z: u8,
    #[serde(rename = "a", skip_serializing_if = "is_odd")]
    second: u8,
}

/// A variant that cannot be sent has no name on the wire that another could share.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub enum NameOfHidden {
    #[serde(skip)]
    Sent,
    #[serde(rename = "Sent")]
    Renamed,
}
