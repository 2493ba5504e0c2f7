//! `with`, `serialize_with`, `into`, `transparent`: what goes on the wire is another value.

use std::marker::PhantomData;

use agentidemp::IdempotencyKey;
use proptest_derive::Arbitrary;
use serde::{Serialize, Serializer};

use super::leaves::Text;

fn doubled<S: Serializer>(number: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(u16::from(*number) * 2)
}

fn shouted<S: Serializer>(text: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{text}!"))
}

fn fallible<S: Serializer>(number: &u8, serializer: S) -> Result<S::Ok, S::Error> {
    match number {
        0..128 => number.serialize(serializer),
        _ => Err(serde::ser::Error::custom("too large")),
    }
}

pub mod text {
    use super::{Serialize, Serializer};

    pub fn serialize<T: ToString, S: Serializer>(value: &T, s: S) -> Result<S::Ok, S::Error> {
        value.to_string().serialize(s)
    }
}

/// A foreign type: it has neither `Serialize` nor `Canonical`.
#[derive(Debug, Clone, Arbitrary)]
pub struct Foreign(u8);

impl std::fmt::Display for Foreign {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "no. {}", self.0)
    }
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Functions {
    #[serde(serialize_with = "doubled")]
    b: u8,
    #[serde(with = "text")]
    a: u8,
    #[serde(with = "text", rename = "é")]
    foreign: Foreign,
    #[serde(serialize_with = "shouted")]
    coerced: String,
    #[serde(serialize_with = "Option::serialize")]
    method: Option<u8>,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Fallible {
    #[serde(serialize_with = "fallible")]
    a: u8,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Newtype(#[serde(serialize_with = "doubled")] u8);

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct Tuple(
    #[serde(with = "text")] Foreign,
    #[serde(serialize_with = "doubled")] u8,
);

#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey)]
#[serde(into = "String")]
pub struct IntoText {
    a: Foreign,
}

impl From<IntoText> for String {
    fn from(value: IntoText) -> Self {
        value.a.to_string()
    }
}

#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey)]
#[serde(into = "IntoWire")]
pub enum IntoStruct {
    Plain,
    Other(u8),
}

#[derive(Debug, Serialize, IdempotencyKey)]
#[serde(rename_all = "camelCase")]
pub struct IntoWire {
    the_number: Option<u8>,
}

impl From<IntoStruct> for IntoWire {
    fn from(value: IntoStruct) -> Self {
        match value {
            IntoStruct::Plain => Self { the_number: None },
            IntoStruct::Other(number) => Self {
                the_number: Some(number),
            },
        }
    }
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
pub struct OfInto {
    #[serde(flatten)]
    flattened: IntoStruct,
    held: IntoText,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(transparent)]
pub struct Transparent {
    marker: PhantomData<u8>,
    #[serde(skip)]
    cache: u8,
    text: Text,
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(transparent)]
pub struct TransparentTuple(#[serde(skip)] u8, Option<Text>);

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(transparent)]
pub struct TransparentWith {
    #[serde(with = "text", skip_serializing_if = "always")]
    foreign: Foreign,
}

/// serde does not ask it: the field of a transparent struct is always written.
#[allow(dead_code)]
fn always(_: &Foreign) -> bool {
    true
}

#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey)]
#[repr(C, packed)]
pub struct Packed {
    a: u8,
    b: u32,
    #[serde(serialize_with = "doubled")]
    c: u8,
}

/// A bound of the function's own. serde's bounds are for serde's impls.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(bound = "T: std::fmt::Display")]
#[idem(bound = "T: std::fmt::Display")]
pub struct Bounded<T> {
    #[serde(with = "text")]
    value: T,
}
