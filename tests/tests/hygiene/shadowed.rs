//! A module that has names of its own for everything that the generated code could mean.

#![allow(dead_code, non_upper_case_globals, unused_imports)]

use ::std::string::String as Text;

mod names {
    use super::Text;

    pub(super) mod agentidemp {}
    pub(super) mod core {}
    pub(super) mod std {}

    pub(super) struct Array;
    pub(super) struct Box;
    pub(super) struct Canonical;
    pub(super) struct Clone;
    pub(super) struct Display;
    pub(super) struct Encoder;
    pub(super) struct Err;
    pub(super) struct Fn;
    pub(super) struct IdempotencyKey;
    pub(super) struct Into;
    pub(super) struct Key;
    pub(super) struct None;
    pub(super) struct Object;
    pub(super) struct Ok;
    pub(super) struct Option;
    pub(super) struct Result;
    pub(super) struct Scope;
    pub(super) struct Serialize;
    pub(super) struct Some;
    pub(super) struct String;
    pub(super) struct Vec;

    pub(super) const out: u8 = 0;
    pub(super) const object: u8 = 0;
    pub(super) const serializer: u8 = 0;
    pub(super) static array: u8 = 0;
    pub(super) static scope: u8 = 0;
    pub(super) static wire: u8 = 0;
    pub(super) const fn name() {}
    pub(super) const __0: u8 = 0;
    pub(super) const __amount: u8 = 0;

    /// Methods that would win over those of the builders in a call with a dot.
    pub(super) trait Everything: Sized {
        fn member(self, _: &str, _: &Text) {}
        fn element(self, _: &Text) {}
        fn flatten(self, _: &Text) {}
        fn finish(self) {}
        fn operation(self, _: &Text) {}
        fn field(self, _: &Text) {}
        fn array(self) {}
        fn object(self) {}
        fn encode(self) {}
        fn into(self) {}
        fn clone(self) {}
        fn serialize(self) {}
    }

    impl<T> Everything for T {}
}

use names::*;

fn text(value: &u8) -> Text {
    ::std::string::ToString::to_string(value)
}

const fn is_odd(value: &u8) -> bool {
    *value % 2 == 1
}

#[derive(::agentidemp::IdempotencyKey)]
#[idem(scope = "charges.create")]
struct Fields {
    out: u8,
    self_: u8,
    object: u8,
    #[idem(scope)]
    scope: u8,
    #[idem(with = text)]
    __out: u8,
    #[idem(serde, skip_if = is_odd)]
    __object: u8,
    #[serde(flatten)]
    flat: Flat,
}

#[derive(::agentidemp::IdempotencyKey)]
struct Flat {
    wire: u8,
}

#[derive(::agentidemp::IdempotencyKey)]
enum Variants {
    Key,
    Some(u8),
    Tuple(u8, #[idem(scope = "object")] u8),
    Named {
        out: u8,
        self_: u8,
        #[idem(scope)]
        scope: u8,
        __out: u8,
    },
}

#[derive(::core::clone::Clone, ::agentidemp::IdempotencyKey)]
#[serde(into = "Flat")]
struct Domain<const out: u8>;

impl<const N: u8> ::core::convert::From<Domain<N>> for Flat {
    fn from(_: Domain<N>) -> Self {
        Self { wire: N }
    }
}

#[test]
fn among_names_of_the_users_own() {
    // Within a function too, with constants that a pattern could mean.
    const out: u8 = 0;
    const object: u8 = 0;
    const scope: u8 = 0;
    const __0: u8 = 0;

    #[derive(::agentidemp::IdempotencyKey)]
    struct Local(u8, #[idem(scope = "user")] u8);

    fn canonical(request: &impl ::agentidemp::IdempotencyKey) -> Text {
        Text::from_utf8(request.canonical_bytes()).unwrap()
    }

    let fields = Fields {
        out: 1,
        self_: 2,
        object: 3,
        scope: 4,
        __out: 5,
        __object: 6,
        flat: Flat { wire: 7 },
    };
    let named = Variants::Named {
        out: 1,
        self_: 2,
        scope: 3,
        __out: 4,
    };
    assert_eq!(
        canonical(&fields),
        r#"charges.create:scope:4:{"__object":6,"__out":"5","object":3,"out":1,"self_":2,"wire":7}"#
    );
    assert_eq!(canonical(&Variants::Key), r#""Key""#);
    assert_eq!(canonical(&Variants::Some(1)), r#"{"Some":1}"#);
    assert_eq!(
        canonical(&Variants::Tuple(1, 2)),
        r#"object:2:{"Tuple":[1]}"#
    );
    assert_eq!(
        canonical(&named),
        r#"scope:3:{"Named":{"__out":4,"out":1,"self_":2}}"#
    );
    assert_eq!(canonical(&Domain::<1>), r#"{"wire":1}"#);
    assert_eq!(canonical(&Local(1, 2)), "user:2:[1]");
}
