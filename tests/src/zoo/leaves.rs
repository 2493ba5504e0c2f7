//! What the types of the zoo hold.

use std::collections::BTreeMap;

use agentidemp::IdempotencyKey;
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde::Serialize;

/// Names that members have in the zoo, so that maps that are flattened hit them now and then.
const NAMES: [&str; 8] = [
    "a",
    "b",
    "kind",
    "content",
    "1",
    "é",
    "\u{fb33}",
    "\u{1f600}",
];

/// A text: a name of the zoo, or any characters, control characters included.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, IdempotencyKey)]
pub struct Text(pub String);

impl Arbitrary for Text {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let any_text = vec(any::<char>(), 0..6).prop_map(String::from_iter);
        let known = proptest::sample::select(&NAMES[..]).prop_map(str::to_owned);
        prop_oneof![known, any_text].prop_map(Self).boxed()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

/// A finite float.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, IdempotencyKey)]
pub struct Float(pub f64);

impl Arbitrary for Float {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        use proptest::num::f64::{NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
        let float = POSITIVE | NEGATIVE | NORMAL | SUBNORMAL | ZERO;
        prop_oneof![
            float.prop_map(Self),
            any::<i32>().prop_map(|whole| Self(whole.into()))
        ]
        .boxed()
    }
}

macro_rules! wide_integers {
    ($($name:ident($wide:ty) from $narrow:ty;)*) => {$(
        /// An integer of 128 bits. Its value stays within 2^53.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, IdempotencyKey,
        )]
        pub struct $name(pub $wide);

        impl Arbitrary for $name {
            type Parameters = ();
            type Strategy = BoxedStrategy<Self>;

            fn arbitrary_with((): ()) -> Self::Strategy {
                any::<$narrow>().prop_map(|narrow| Self(narrow.into())).boxed()
            }
        }
    )*};
}

wide_integers! {
    Signed(i128) from i32;
    Unsigned(u128) from u32;
}

/// Any JSON value.
#[derive(Debug, Clone, PartialEq, Serialize, IdempotencyKey)]
pub struct Json(pub serde_json::Value);

impl Arbitrary for Json {
    type Parameters = ();
    type Strategy = BoxedStrategy<Self>;

    fn arbitrary_with((): ()) -> Self::Strategy {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i32>().prop_map(Into::into),
            any::<Float>().prop_map(|Float(float)| float.into()),
            any::<Text>().prop_map(|Text(text)| text.into()),
        ];
        leaf.prop_recursive(3, 24, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(Into::into),
                vec((any::<Text>(), inner), 0..4).prop_map(|members| {
                    members
                        .into_iter()
                        .map(|(Text(name), value)| (name, value))
                        .collect()
                }),
            ]
        })
        .prop_map(Self)
        .boxed()
    }
}

/// A map, which is flattened in many types.
pub type Map = BTreeMap<Text, u32>;

/// A map of few entries.
pub fn map() -> impl Strategy<Value = Map> {
    btree_map(any::<Text>(), any::<u32>(), 0..3)
}

/// A serde_json object of few members.
pub fn object() -> impl Strategy<Value = serde_json::Map<String, serde_json::Value>> {
    btree_map(any::<Text>(), any::<Json>(), 0..3).prop_map(|members| {
        members
            .into_iter()
            .map(|(Text(name), Json(value))| (name, value))
            .collect()
    })
}
