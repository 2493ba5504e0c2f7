//! `rename`, `rename_all`, `rename_all_fields`, and the names that need no attribute.

use agentidemp::IdempotencyKey;
use proptest_derive::Arbitrary;
use serde::Serialize;

use super::leaves::{Float, Text};

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(rename = "unseen")]
pub struct Renamed {
    #[serde(rename = "z")]
    first: u8,
    #[serde(rename(serialize = "sent", deserialize = "read"))]
    second: Text,
    r#type: bool,
    __leading: i32,
    #[serde(rename = "")]
    nameless: Option<Float>,
    #[serde(rename = "\u{fb33}")]
    basic_plane: u8,
    #[serde(rename = "\u{1f600}")]
    beyond_basic_plane: u8,
    #[serde(rename = "\"\\\u{8}\u{1f}/é")]
    escaped: (u8, Text),
}

/// Attributes that do not touch serialization.
#[derive(Debug, Default, Arbitrary, Serialize, IdempotencyKey)]
#[serde(default, deny_unknown_fields, expecting = "a request", bound = "")]
pub struct ReadersAttributes {
    #[serde(default, alias = "other", deserialize_with = "unused::deserialize")]
    a: u8,
    #[serde(default = "unused::default", bound(deserialize = "u8: Copy"))]
    b: u8,
    #[serde(skip_deserializing)]
    c: u8,
}

#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey)]
#[serde(tag = "kind", from = "u8", rename_all(deserialize = "UPPERCASE"))]
pub enum ReadersAttributesOfVariants {
    #[serde(alias = "other", rename_all(deserialize = "UPPERCASE"))]
    Struct { a: u8 },
    #[serde(
        deserialize_with = "unused::deserialize",
        bound(deserialize = "u8: Copy")
    )]
    Newtype(Tagless),
    #[serde(other)]
    Unknown,
}

#[derive(Debug, Clone, Arbitrary, Serialize, IdempotencyKey)]
#[serde(try_from = "u8", crate = "serde")]
pub struct Tagless {
    b: u8,
}

#[derive(Debug, Serialize, IdempotencyKey)]
pub struct Borrowing<'a> {
    #[serde(borrow)]
    pub text: std::borrow::Cow<'a, str>,
    #[serde(borrow = "'a")]
    pub slice: &'a [u8],
}

macro_rules! rules {
    ($($name:ident $rule:tt)*) => {$(
        pub mod $name {
            use super::*;

            #[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
            #[serde(rename_all = $rule)]
            pub struct Fields {
                plain: u8,
                two_words: u8,
                with_2_digits: u8,
                _underscore: u8,
                r#type: u8,
                #[serde(rename = "As_Written")]
                renamed: u8,
            }

            #[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
            #[serde(rename_all = $rule, rename_all_fields = $rule)]
            pub enum Variants {
                Plain,
                TwoWords(u8),
                HTTPServer(u8, u8),
                With2Digits { field_of_variant: u8, other: u8 },
                #[serde(rename = "As_Written", rename_all = "UPPERCASE")]
                OwnRule { field_of_variant: u8 },
            }

            #[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
            #[serde(rename_all(serialize = $rule, deserialize = "lowercase"))]
            #[serde(rename_all_fields(serialize = $rule))]
            pub enum VariantsAsWritten {
                TwoWords { field_of_variant: u8 },
                #[serde(rename_all(serialize = $rule))]
                OwnRule { field_of_variant: u8 },
            }
        }
    )*};
}

rules! {
    lower "lowercase"
    upper "UPPERCASE"
    pascal "PascalCase"
    camel "camelCase"
    snake "snake_case"
    screaming_snake "SCREAMING_SNAKE_CASE"
    kebab "kebab-case"
    screaming_kebab "SCREAMING-KEBAB-CASE"
}

/// `rename_all` of an enum is for the variants, not for their fields.
#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(rename_all = "camelCase")]
pub enum FieldsKeepTheirNames {
    TwoWords { field_of_variant: u8 },
}

#[derive(Debug, Arbitrary, Serialize, IdempotencyKey)]
#[serde(rename_all(deserialize = "UPPERCASE"))]
pub struct RenamedForReaders {
    two_words: u8,
    #[serde(rename(deserialize = "read"))]
    other: u8,
}
