//! All shapes and attributes in code that takes no warning, and allows none.

#![deny(warnings, missing_docs, clippy::pedantic, clippy::nursery)]

use std::collections::{BTreeMap, HashMap};
use std::marker::PhantomData;

use agentidemp::IdempotencyKey;

/// A struct with all attributes.
#[derive(Debug, Clone, PartialEq, IdempotencyKey)]
#[idem(scope = "charges.create")]
pub struct Charge<'a, T: Clone, const N: usize> {
    /// A plain member.
    pub amount: u64,
    /// A string.
    pub currency: &'a str,
    /// A generic member.
    pub lines: [T; N],
    /// A map.
    pub labels: HashMap<String, Option<f64>>,
    /// A scope.
    #[idem(scope)]
    pub user: u64,
    /// Another one.
    #[idem(scope = "org")]
    pub tenant: String,
    /// Skipped.
    #[idem(skip)]
    pub sent_at: Option<std::time::SystemTime>,
    /// Renamed.
    #[idem(rename = "kind")]
    pub r#type: u8,
    /// By serde.
    #[idem(serde)]
    pub foreign: std::num::NonZeroU8,
    /// By a function.
    #[idem(with = str::len)]
    pub text: String,
    /// Conditional.
    #[idem(skip_if = Option::is_none)]
    pub note: Option<char>,
    /// Flattened.
    #[serde(flatten)]
    pub rest: BTreeMap<u8, u8>,
    /// Nothing.
    pub marker: PhantomData<T>,
}

/// A tuple.
#[derive(IdempotencyKey)]
pub struct Tuple(pub u8, #[idem(scope = "user")] pub u8);

/// A newtype.
#[derive(Clone, Copy, IdempotencyKey)]
pub struct Newtype(pub bool);

/// Nothing.
#[derive(IdempotencyKey)]
pub struct Unit;

/// No members.
#[derive(IdempotencyKey)]
pub struct NoMembers {}

/// Packed.
#[derive(IdempotencyKey)]
#[repr(C, packed)]
pub struct Packed {
    /// A member.
    pub amount: u64,
}

/// All kinds of variants.
#[derive(Debug, IdempotencyKey)]
pub enum Tool<T> {
    /// A unit.
    Stop,
    /// A newtype.
    Wait(T),
    /// A tuple.
    Move(T, u8),
    /// Another one, with the same fields.
    Turn(T, u8),
    /// With names.
    Search {
        /// A member.
        query: String,
        /// A scope.
        #[idem(scope)]
        user: u8,
        /// Skipped.
        #[idem(skip)]
        _at: u8,
        /// Conditional.
        #[idem(skip_if = Vec::is_empty)]
        tags: Vec<T>,
    },
}

/// One variant.
#[derive(IdempotencyKey)]
pub enum One {
    /// The one.
    Only(#[idem(serde)] u8),
}

/// No variants.
#[derive(IdempotencyKey)]
pub enum Never {}

/// Tagged within.
#[derive(IdempotencyKey)]
#[serde(tag = "type")]
pub enum Internal {
    /// A unit.
    Unit,
    /// A newtype.
    Newtype(BTreeMap<u8, u8>),
    /// With names.
    Named {
        /// A member.
        amount: u8,
    },
}

/// Tagged beside.
#[derive(IdempotencyKey)]
#[serde(tag = "type", content = "value")]
pub enum Adjacent {
    /// A unit.
    Unit,
    /// With names.
    Named {
        /// A member.
        amount: u8,
    },
}

/// Not tagged.
#[derive(IdempotencyKey)]
#[serde(untagged)]
pub enum Untagged {
    /// A unit.
    Unit,
    /// A newtype.
    Newtype(u8),
    /// With names.
    Named {
        /// A member.
        amount: u8,
    },
}

/// By its `Serialize`.
#[derive(serde::Serialize)]
pub struct BySerialize<T>(pub T);

agentidemp::canonical_by_serialize!(impl<T> BySerialize<T>);

#[test]
fn each_type_of_the_strict_module_has_a_key() {
    let charge = Charge {
        amount: 1,
        currency: "eur",
        lines: [1, 2],
        labels: HashMap::from([("a".to_owned(), Some(0.5))]),
        user: 42,
        tenant: "acme".to_owned(),
        sent_at: None,
        r#type: 3,
        foreign: std::num::NonZeroU8::MIN,
        text: "four".to_owned(),
        note: None,
        rest: BTreeMap::from([(7, 8)]),
        marker: PhantomData,
    };
    let search = Tool::Search {
        query: "x".to_owned(),
        user: 1,
        _at: 2,
        tags: vec![3],
    };
    let requests: [(&dyn IdempotencyKey, &str); 20] = [
        (
            &charge,
            concat!(
                r#"charges.create:org:acme:user:42:{"7":8,"amount":1,"currency":"eur","foreign":1,"#,
                r#""kind":3,"labels":{"a":0.5},"lines":[1,2],"marker":null,"text":4}"#
            ),
        ),
        (&Tuple(1, 2), "user:2:[1]"),
        (&Newtype(true), "true"),
        (&Unit, "null"),
        (&NoMembers {}, "{}"),
        (&Packed { amount: 1 }, r#"{"amount":1}"#),
        (&Tool::<u8>::Stop, r#""Stop""#),
        (&Tool::Wait(1), r#"{"Wait":1}"#),
        (&Tool::Move(1, 2), r#"{"Move":[1,2]}"#),
        (&Tool::Turn(1, 2), r#"{"Turn":[1,2]}"#),
        (&search, r#"user:1:{"Search":{"query":"x","tags":[3]}}"#),
        (&One::Only(1), r#"{"Only":1}"#),
        (&Internal::Unit, r#"{"type":"Unit"}"#),
        (
            &Internal::Newtype(BTreeMap::from([(1, 2)])),
            r#"{"1":2,"type":"Newtype"}"#,
        ),
        (
            &Internal::Named { amount: 1 },
            r#"{"amount":1,"type":"Named"}"#,
        ),
        (&Adjacent::Unit, r#"{"type":"Unit"}"#),
        (
            &Adjacent::Named { amount: 1 },
            r#"{"type":"Named","value":{"amount":1}}"#,
        ),
        (&Untagged::Unit, "null"),
        (&Untagged::Newtype(1), "1"),
        (&Untagged::Named { amount: 1 }, r#"{"amount":1}"#),
    ];
    for (request, expected) in requests {
        assert_eq!(
            String::from_utf8_lossy(&request.canonical_bytes()),
            expected
        );
    }
    let _: fn(&Never) -> agentidemp::Key = IdempotencyKey::idempotency_key;
}
