//! What `#[derive(IdempotencyKey)]` writes for each kind of type and each attribute.

// Nobody reads the fields that are skipped.
#![allow(dead_code)]

use std::collections::HashMap;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;
use std::time::SystemTime;

use agentidemp::{Canonical, IdempotencyKey, ScopeValue, sha256_hex};

/// The canonical bytes, as text: the scope included.
fn canonical(request: &(impl IdempotencyKey + ?Sized)) -> String {
    String::from_utf8(request.canonical_bytes()).unwrap()
}

/// Asserts the canonical bytes of each request, and that its key is their hash.
macro_rules! assert_canonical {
    ($($request:expr => $expected:expr),+ $(,)?) => {$(
        let request = $request;
        assert_eq!(canonical(&request), $expected);
        assert_eq!(request.idempotency_key(), sha256_hex($expected.as_bytes()));
    )+};
}

mod shapes {
    use super::*;

    #[derive(IdempotencyKey)]
    struct Named {
        b: u8,
        a: &'static str,
    }

    #[derive(IdempotencyKey)]
    struct Tuple(u8, &'static str);

    #[derive(IdempotencyKey)]
    struct Newtype(Tuple);

    #[derive(IdempotencyKey)]
    struct Unit;

    #[derive(IdempotencyKey)]
    struct NoMembers {}

    #[derive(IdempotencyKey)]
    struct NoElements();

    #[derive(IdempotencyKey)]
    enum Shape {
        Unit,
        Newtype(u8),
        Tuple(u8, &'static str),
        Named { b: u8, a: &'static str },
        NoElements(),
        NoMembers {},
    }

    #[test]
    fn structs_of_all_kinds() {
        assert_canonical! {
            Named { b: 1, a: "x" } => r#"{"a":"x","b":1}"#,
            Tuple(1, "x") => r#"[1,"x"]"#,
            Newtype(Tuple(1, "x")) => r#"[1,"x"]"#,
            Unit => "null",
            NoMembers {} => "{}",
            NoElements() => "[]",
        }
    }

    #[test]
    fn variants_of_all_kinds() {
        assert_canonical! {
            Shape::Unit => r#""Unit""#,
            Shape::Newtype(1) => r#"{"Newtype":1}"#,
            Shape::Tuple(1, "x") => r#"{"Tuple":[1,"x"]}"#,
            Shape::Named { b: 1, a: "x" } => r#"{"Named":{"a":"x","b":1}}"#,
            Shape::NoElements() => r#"{"NoElements":[]}"#,
            Shape::NoMembers {} => r#"{"NoMembers":{}}"#,
        }
    }

    #[derive(IdempotencyKey)]
    enum Never {}

    #[test]
    fn an_enum_without_variants_compiles() {
        let requests: Vec<Never> = Vec::new();
        assert!(
            requests
                .iter()
                .all(|request| request.idempotency_key().is_empty())
        );
    }

    #[test]
    fn reordering_fields_keeps_the_key() {
        mod before {
            #[derive(agentidemp::IdempotencyKey)]
            pub(super) struct CreateCharge {
                pub(super) amount: u64,
                pub(super) currency: &'static str,
                #[idem(scope)]
                pub(super) user: u64,
                #[idem(scope)]
                pub(super) session: u64,
            }
        }
        mod after {
            #[derive(agentidemp::IdempotencyKey)]
            pub(super) struct CreateCharge {
                #[idem(scope)]
                pub(super) session: u64,
                pub(super) currency: &'static str,
                #[idem(scope)]
                pub(super) user: u64,
                pub(super) amount: u64,
            }
        }
        let (amount, currency, user, session) = (500, "eur", 42, 7);
        let before = before::CreateCharge {
            amount,
            currency,
            user,
            session,
        };
        let after = after::CreateCharge {
            amount,
            currency,
            user,
            session,
        };
        assert_eq!(before.idempotency_key(), after.idempotency_key());
    }

    #[derive(IdempotencyKey)]
    struct Utf16Order {
        #[idem(rename = "\u{1F600}")]
        surrogates: u8,
        #[idem(rename = "\u{FB33}")]
        above_the_surrogates: u8,
    }

    #[test]
    fn members_are_sorted_by_utf16_code_units() {
        let request = Utf16Order {
            above_the_surrogates: 2,
            surrogates: 1,
        };
        assert_canonical!(request => "{\"\u{1F600}\":1,\"\u{FB33}\":2}");
    }

    #[derive(IdempotencyKey)]
    struct Raw {
        r#type: u8,
        #[idem(scope)]
        r#fn: u8,
    }

    #[derive(IdempotencyKey)]
    #[allow(non_camel_case_types)]
    enum RawVariant {
        r#fn { r#match: u8 },
    }

    #[test]
    fn raw_identifiers_lose_their_prefix() {
        assert_canonical! {
            Raw { r#type: 1, r#fn: 2 } => r#"fn:2:{"type":1}"#,
            RawVariant::r#fn { r#match: 1 } => r#"{"fn":{"match":1}}"#,
        }
    }

    #[derive(IdempotencyKey)]
    #[repr(C, packed)]
    struct Packed {
        flag: u8,
        amount: u64,
        #[idem(scope)]
        user: u32,
    }

    #[test]
    fn packed_structs() {
        let request = Packed {
            flag: 1,
            amount: 500,
            user: 42,
        };
        assert_canonical!(request => r#"user:42:{"amount":500,"flag":1}"#);
    }

    #[derive(IdempotencyKey)]
    struct Unsized<T: ?Sized> {
        id: u8,
        tail: T,
    }

    #[test]
    fn the_last_field_may_be_unsized() {
        let request: Box<Unsized<[u8]>> = Box::new(Unsized {
            id: 1,
            tail: [2, 3],
        });
        assert_canonical!(request => r#"{"id":1,"tail":[2,3]}"#);
    }
}

/// A warning in the generated code would be an error here.
#[deny(warnings)]
mod deprecated {
    use super::*;

    #[derive(IdempotencyKey)]
    pub(super) struct Field {
        #[deprecated]
        pub(super) old: u8,
    }

    #[derive(IdempotencyKey)]
    pub(super) enum Variant {
        #[deprecated]
        Old,
        New,
    }

    #[derive(IdempotencyKey)]
    #[deprecated]
    pub(super) struct Struct(pub(super) u8);

    #[test]
    #[allow(deprecated)]
    fn deprecated_items_give_no_warning() {
        assert_canonical! {
            Field { old: 1 } => r#"{"old":1}"#,
            Variant::Old => r#""Old""#,
            Variant::New => r#""New""#,
            Struct(1) => "1",
        }
    }
}

mod generics {
    use super::*;

    /// Has no canonical form, so that a needless bound on its type parameter is a compile error.
    struct Opaque;

    #[derive(IdempotencyKey)]
    struct Borrowed<'a, 'b: 'a> {
        text: &'a str,
        parts: &'a [&'b str],
    }

    #[derive(IdempotencyKey)]
    struct Typed<T, U = u8>
    where
        T: Clone,
    {
        value: T,
        others: Vec<Option<(U, [U; 2])>>,
    }

    #[derive(IdempotencyKey)]
    struct Constant<T, const N: usize = 2>([T; N]);

    #[test]
    fn lifetimes_types_and_constants() {
        assert_canonical! {
            Borrowed { text: "a", parts: &["b"] } => r#"{"parts":["b"],"text":"a"}"#,
            Typed { value: "a", others: vec![Some((1, [2, 3])), None] }
                => r#"{"others":[[1,[2,3]],null],"value":"a"}"#,
            Constant([1, 2]) => "[1,2]",
        }
    }

    #[derive(IdempotencyKey)]
    struct Slice<T>(Box<[T]>);

    #[derive(IdempotencyKey)]
    struct Parenthesized<T>(#[expect(unused_parens, reason = "they count as nothing")] (T));

    #[test]
    fn a_parameter_within_a_slice_or_parentheses_counts() {
        assert_canonical! {
            Slice([1, 2].into()) => "[1,2]",
            Parenthesized('a') => r#""a""#,
        }
    }

    trait Tool {
        type Input;
    }

    impl Tool for Opaque {
        type Input = u8;
    }

    #[derive(IdempotencyKey)]
    struct Call<T: Tool> {
        plain: T::Input,
        qualified: <T as Tool>::Input,
        nested: Vec<T::Input>,
    }

    #[test]
    fn a_bound_is_on_the_associated_type_not_on_its_owner() {
        let call: Call<Opaque> = Call {
            plain: 1,
            qualified: 2,
            nested: vec![3],
        };
        assert_canonical!(call => r#"{"nested":[3],"plain":1,"qualified":2}"#);
    }

    #[derive(IdempotencyKey)]
    struct Qualified<T: Tool>(<T as Tool>::Input);

    #[test]
    fn an_owner_in_a_qualified_path_counts() {
        assert_canonical!(Qualified::<Opaque>(1) => "1");
    }

    trait Convert<T> {
        type Output;
    }

    impl<T> Convert<T> for u8 {
        type Output = T;
    }

    #[derive(IdempotencyKey)]
    struct Converted<T>
    where
        u8: Convert<T>,
    {
        output: <u8 as Convert<T>>::Output,
    }

    #[test]
    fn a_parameter_within_a_qualified_path_counts() {
        assert_canonical!(Converted { output: 'x' } => r#"{"output":"x"}"#);
    }

    #[derive(IdempotencyKey)]
    struct Thread {
        text: &'static str,
        replies: Vec<Thread>,
    }

    #[derive(IdempotencyKey)]
    enum List<T> {
        Nil,
        Cons(T, Box<List<T>>),
    }

    #[derive(IdempotencyKey)]
    struct Tree<T> {
        value: T,
        left: Option<Box<Self>>,
    }

    #[test]
    fn recursive_types() {
        let thread = Thread {
            text: "a",
            replies: vec![Thread {
                text: "b",
                replies: vec![],
            }],
        };
        let tree = Tree {
            value: 1,
            left: Some(Box::new(Tree {
                value: 2,
                left: None,
            })),
        };
        assert_canonical! {
            thread => r#"{"replies":[{"replies":[],"text":"b"}],"text":"a"}"#,
            List::Cons(1, Box::new(List::Nil)) => r#"{"Cons":[1,"Nil"]}"#,
            tree => r#"{"left":{"left":null,"value":2},"value":1}"#,
        }
    }

    #[derive(IdempotencyKey)]
    struct Marked<T> {
        id: u8,
        marker: PhantomData<T>,
        #[idem(skip)]
        _skipped: Option<T>,
    }

    #[test]
    fn phantom_data_and_skipped_fields_need_no_bound() {
        let request: Marked<Opaque> = Marked {
            id: 1,
            marker: PhantomData,
            _skipped: Some(Opaque),
        };
        assert_canonical!(request => r#"{"id":1,"marker":null}"#);
    }

    #[derive(IdempotencyKey)]
    enum Reply<T> {
        Text(u8),
        #[serde(skip)]
        #[expect(dead_code, reason = "it is never sent")]
        Local(T),
        #[serde(serialize_with = "hide")]
        Hidden(T),
    }

    fn hide<T, S: serde::Serializer>(_: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("hidden")
    }

    #[test]
    fn variants_that_are_skipped_or_written_by_a_function_need_no_bound() {
        assert_canonical! {
            Reply::<Opaque>::Text(1) => r#"{"Text":1}"#,
            Reply::Hidden(Opaque) => r#"{"Hidden":"hidden"}"#,
        }
    }

    #[derive(IdempotencyKey)]
    struct ForTenant<T> {
        amount: u8,
        #[idem(scope)]
        tenant: T,
    }

    #[test]
    fn a_generic_scope_needs_text() {
        fn key_of<T: Canonical + ScopeValue>(tenant: T) -> String {
            canonical(&ForTenant { amount: 1, tenant })
        }
        assert_eq!(key_of("a"), r#"tenant:a:{"amount":1}"#);
        assert_eq!(key_of(7), r#"tenant:7:{"amount":1}"#);
    }

    #[derive(IdempotencyKey)]
    #[idem(bound = "T: Canonical")]
    struct Bounded<T, S> {
        values: HashMap<String, T, S>,
    }

    #[test]
    fn a_bound_of_the_user_replaces_the_inferred_ones() {
        let values = HashMap::from([("a".to_owned(), 1)]);
        assert_canonical!(Bounded { values } => r#"{"values":{"a":1}}"#);
    }
}

mod attributes {
    use super::*;

    #[derive(IdempotencyKey)]
    struct CreateCharge {
        amount: u64,
        currency: String,
        #[idem(scope)]
        user: u64,
        #[idem(skip)]
        sent_at: SystemTime,
    }

    fn charge(sent_at: SystemTime) -> CreateCharge {
        CreateCharge {
            amount: 500,
            currency: "eur".into(),
            user: 42,
            sent_at,
        }
    }

    #[test]
    fn the_charge_of_the_readme() {
        assert_canonical!(
            charge(SystemTime::now()) => r#"user:42:{"amount":500,"currency":"eur"}"#
        );
    }

    #[test]
    fn a_skipped_field_does_not_change_the_key() {
        assert_eq!(
            charge(SystemTime::UNIX_EPOCH).idempotency_key(),
            charge(SystemTime::now()).idempotency_key(),
        );
    }

    #[derive(IdempotencyKey)]
    struct Pair(u8, #[idem(skip)] u8);

    #[derive(IdempotencyKey)]
    enum Event {
        Ping(#[idem(skip)] u8),
        Pong(#[idem(skip)] u8, u8),
        Named {
            #[idem(skip)]
            at: u8,
        },
    }

    #[derive(IdempotencyKey)]
    struct Batch {
        charge: CreateCharge,
        pair: Pair,
        events: Vec<Event>,
    }

    #[test]
    fn skipped_fields_are_skipped_and_scope_fields_are_members_when_nested() {
        let at = |at| Batch {
            charge: charge(SystemTime::now()),
            pair: Pair(1, at),
            events: vec![Event::Ping(at), Event::Pong(at, 2), Event::Named { at }],
        };
        assert_canonical!(at(7) => concat!(
            r#"{"charge":{"amount":500,"currency":"eur","user":42},"#,
            r#""events":["Ping",{"Pong":[2]},{"Named":{}}],"pair":[1]}"#
        ));
        assert_eq!(at(7).idempotency_key(), at(8).idempotency_key());
    }

    #[derive(IdempotencyKey)]
    #[idem(scope = "refunds.create")]
    struct Refund {
        #[idem(scope)]
        user: &'static str,
        amount: u8,
        #[idem(scope = "org")]
        tenant: &'static str,
        #[idem(scope, rename = "app")]
        zone: u8,
    }

    #[test]
    fn scopes_are_the_operation_and_the_fields_sorted_by_label() {
        let refund = Refund {
            user: "u",
            amount: 1,
            tenant: "t",
            zone: 2,
        };
        assert_canonical! {
            &refund => r#"refunds.create:app:2:org:t:user:u:{"amount":1}"#,
            Nest { refunds: [refund] } => r#"{"refunds":[{"amount":1,"app":2,"org":"t","user":"u"}]}"#,
        }
    }

    #[derive(IdempotencyKey)]
    struct Nest<T> {
        refunds: [T; 1],
    }

    #[test]
    fn a_tenant_cannot_forge_the_scope_of_another() {
        let refund = |user, tenant| Refund {
            user,
            tenant,
            amount: 1,
            zone: 2,
        };
        assert_canonical!(
            refund("50%", "a:user:b") =>
                r#"refunds.create:app:2:org:a%3Auser%3Ab:user:50%25:{"amount":1}"#
        );
    }

    #[derive(IdempotencyKey)]
    #[idem(scope = "ping")]
    struct Ping;

    #[derive(IdempotencyKey)]
    struct Only(#[idem(scope = "user")] u8);

    #[derive(IdempotencyKey)]
    struct Elements(#[idem(scope = "user")] u8, u8, #[idem(scope = "org")] u8);

    #[derive(IdempotencyKey)]
    #[idem(scope = "tools")]
    enum Tool {
        Search {
            query: &'static str,
            #[idem(scope)]
            user: u8,
        },
        Fetch(&'static str, #[idem(scope = "user")] u8),
        Delete(#[idem(scope = "user")] u8),
        Stop,
    }

    #[test]
    fn scopes_of_all_kinds_of_types() {
        assert_canonical! {
            Ping => "ping:null",
            Only(1) => "user:1:null",
            Elements(1, 2, 3) => "org:3:user:1:[2]",
            Tool::Search { query: "x", user: 1 } => r#"tools:user:1:{"Search":{"query":"x"}}"#,
            Tool::Fetch("x", 1) => r#"tools:user:1:{"Fetch":["x"]}"#,
            Tool::Delete(1) => r#"tools:user:1:"Delete""#,
            Tool::Stop => r#"tools:"Stop""#,
            Nest { refunds: [Only(1)] } => r#"{"refunds":[1]}"#,
            Nest { refunds: [Elements(1, 2, 3)] } => r#"{"refunds":[[1,2,3]]}"#,
            Nest { refunds: [Tool::Delete(1)] } => r#"{"refunds":[{"Delete":1}]}"#,
        }
    }

    #[test]
    fn renaming_in_the_source_keeps_the_key() {
        mod before {
            #[derive(agentidemp::IdempotencyKey)]
            pub(super) enum Request {
                Charge { amount: u8 },
            }
        }
        mod after {
            #[derive(agentidemp::IdempotencyKey)]
            pub(super) enum Request {
                #[idem(rename = "Charge")]
                CreateCharge {
                    #[idem(rename = "amount")]
                    cents: u8,
                },
            }
        }
        assert_eq!(
            before::Request::Charge { amount: 1 }.idempotency_key(),
            after::Request::CreateCharge { cents: 1 }.idempotency_key(),
        );
    }

    /// A type of another crate: it knows serde, not this crate.
    #[derive(serde::Serialize)]
    struct Foreign {
        b: u8,
        a: Vec<u8>,
    }

    #[derive(IdempotencyKey)]
    struct Uses<T> {
        #[idem(serde)]
        foreign: T,
    }

    #[derive(IdempotencyKey)]
    enum UsesInVariant {
        Newtype(#[idem(serde)] Foreign),
    }

    #[test]
    fn a_foreign_type_is_written_by_its_serialize() {
        let foreign = || Foreign { b: 1, a: vec![2] };
        assert_canonical! {
            Uses { foreign: foreign() } => r#"{"foreign":{"a":[2],"b":1}}"#,
            UsesInVariant::Newtype(foreign()) => r#"{"Newtype":{"a":[2],"b":1}}"#,
        }
    }

    /// A type that has neither a canonical form nor `Serialize`.
    struct Opaque(u8);

    impl Opaque {
        fn get(&self) -> u8 {
            self.0
        }

        fn is_zero(&self) -> bool {
            self.0 == 0
        }
    }

    #[derive(IdempotencyKey)]
    struct With<T: AsRef<str>> {
        #[idem(with = Opaque::get)]
        opaque: Opaque,
        #[idem(with = <T as AsRef<str>>::as_ref)]
        text: T,
    }

    #[derive(IdempotencyKey)]
    struct WithElement(#[idem(with = Opaque::get)] Opaque, u8);

    #[test]
    fn with_encodes_what_the_function_gives() {
        let request = With {
            opaque: Opaque(1),
            text: "x",
        };
        assert_canonical! {
            request => r#"{"opaque":1,"text":"x"}"#,
            WithElement(Opaque(1), 2) => "[1,2]",
        }
    }

    fn with_suffix(suffix: &'static str) -> impl Fn(&String) -> String {
        move |text| format!("{text}{suffix}")
    }

    #[derive(IdempotencyKey)]
    struct Functions {
        #[idem(with = |text| text.len())]
        closure: String,
        #[idem(with = |text: &String| -> String { text.chars().rev().collect() })]
        typed_closure: String,
        #[idem(with = |text| text.as_str())]
        borrowing_closure: String,
        #[idem(with = |map| map.keys().copied().collect::<std::collections::BTreeSet<u8>>(), skip_if = |map| map.len() > 1)]
        generic_closure: HashMap<u8, u8>,
        #[idem(with = move |pair: &(u8, u8)| [pair.1, pair.0], rename = "moved")]
        move_closure: (u8, u8),
        #[idem(with = "str::to_lowercase", skip_if = "str::is_empty")]
        quoted: String,
        #[idem(with = with_suffix("!"))]
        call: String,
        #[idem(with = { fn first(text: &str) -> Option<char> { text.chars().next() } first })]
        block: String,
        #[idem(with = HashMap::<u8, u8>::len, skip_if = HashMap::<u8, u8>::is_empty)]
        generic_path: HashMap<u8, u8>,
    }

    #[test]
    fn with_and_skip_if_take_any_function() {
        let map = || HashMap::from([(1, 2)]);
        let functions = |quoted: &str| Functions {
            closure: "abc".into(),
            typed_closure: "abc".into(),
            borrowing_closure: "abc".into(),
            generic_closure: map(),
            move_closure: (1, 2),
            quoted: quoted.into(),
            call: "abc".into(),
            block: "abc".into(),
            generic_path: map(),
        };
        assert_canonical! {
            functions("ABC") => concat!(
                r#"{"block":"a","borrowing_closure":"abc","call":"abc!","closure":3,"generic_closure":[1],"#,
                r#""generic_path":1,"moved":[2,1],"quoted":"abc","typed_closure":"cba"}"#,
            ),
            functions("") => concat!(
                r#"{"block":"a","borrowing_closure":"abc","call":"abc!","closure":3,"generic_closure":[1],"#,
                r#""generic_path":1,"moved":[2,1],"typed_closure":"cba"}"#,
            ),
        }
    }

    #[derive(IdempotencyKey)]
    struct SerializedWith(#[idem(serde, with = Opaque::foreign)] Opaque);

    impl Opaque {
        fn foreign(&self) -> Foreign {
            Foreign {
                b: self.0,
                a: vec![],
            }
        }
    }

    #[test]
    fn what_a_function_gives_is_written_by_its_serialize_where_serde_stands_beside_with() {
        assert_canonical!(SerializedWith(Opaque(1)) => r#"{"a":[],"b":1}"#);
    }

    /// Neither `Foreign` nor a `Value` without the feature has a canonical form.
    #[derive(IdempotencyKey)]
    #[idem(serde)]
    struct AllBySerialize<T> {
        foreign: Foreign,
        generic: T,
        #[idem(with = Opaque::get)]
        opaque: Opaque,
        #[idem(skip)]
        skipped: Opaque,
        #[idem(scope)]
        user: u8,
        #[idem(unordered)]
        set: std::collections::HashSet<u8>,
        #[idem(delegate)]
        charge: CreateCharge,
    }

    #[derive(IdempotencyKey)]
    #[idem(serde)]
    enum VariantsBySerialize {
        Newtype(Foreign),
        Named { foreign: Option<Foreign> },
    }

    #[test]
    fn a_container_can_write_all_its_fields_by_their_serialize() {
        let foreign = || Foreign { b: 1, a: vec![2] };
        let mut charge = charge(SystemTime::now());
        charge.user = 0;
        let request = |user| AllBySerialize {
            foreign: foreign(),
            generic: Some(foreign()),
            opaque: Opaque(3),
            skipped: Opaque(4),
            user,
            set: [10, 9].into(),
            charge: CreateCharge {
                currency: "eur".into(),
                ..charge
            },
        };
        let error = request(5).try_idempotency_key().unwrap_err();
        assert_eq!(
            error.to_string(),
            "/user: two fields of the scope are labelled `user`"
        );
        assert_canonical! {
            Nest { refunds: [request(5)] } => concat!(
                r#"{"refunds":[{"charge":{"amount":500,"currency":"eur","user":0},"foreign":{"a":[2],"b":1},"#,
                r#""generic":{"a":[2],"b":1},"opaque":3,"set":[10,9],"user":5}]}"#,
            ),
            VariantsBySerialize::Newtype(foreign()) => r#"{"Newtype":{"a":[2],"b":1}}"#,
            VariantsBySerialize::Named { foreign: None } => r#"{"Named":{"foreign":null}}"#,
        }
    }

    #[derive(IdempotencyKey)]
    struct LowerCaseScope {
        #[idem(scope, with = str::to_lowercase)]
        user: String,
    }

    #[test]
    fn with_changes_the_scope_and_the_member() {
        let request = || LowerCaseScope { user: "Ada".into() };
        assert_canonical! {
            request() => "user:ada:{}",
            Nest { refunds: [request()] } => r#"{"refunds":[{"user":"ada"}]}"#,
        }
    }

    #[derive(IdempotencyKey)]
    struct Extended {
        amount: u8,
        #[idem(skip_if = Option::is_none)]
        note: Option<&'static str>,
        #[idem(skip_if = Opaque::is_zero, with = Opaque::get)]
        tip: Opaque,
    }

    #[derive(IdempotencyKey)]
    enum ExtendedVariant {
        Charge {
            #[idem(skip_if = Option::is_none)]
            note: Option<u8>,
        },
    }

    #[test]
    fn skip_if_keeps_the_key_when_an_optional_field_is_new() {
        #[derive(IdempotencyKey)]
        struct Original {
            amount: u8,
        }
        let extended = |note, tip| Extended {
            amount: 1,
            note,
            tip: Opaque(tip),
        };
        assert_canonical! {
            extended(None, 0) => r#"{"amount":1}"#,
            extended(Some("x"), 2) => r#"{"amount":1,"note":"x","tip":2}"#,
            ExtendedVariant::Charge { note: None } => r#"{"Charge":{}}"#,
            ExtendedVariant::Charge { note: Some(1) } => r#"{"Charge":{"note":1}}"#,
        }
        assert_eq!(
            Original { amount: 1 }.idempotency_key(),
            extended(None, 0).idempotency_key()
        );
    }

    #[derive(IdempotencyKey)]
    struct SkippedByCondition {
        #[idem(skip_if = Option::is_none)]
        note: Option<u8>,
    }

    #[test]
    fn values_that_are_told_apart_by_a_condition_have_keys_of_their_own() {
        assert_canonical! {
            SkippedByCondition { note: None } => "{}",
            SkippedByCondition { note: Some(0) } => r#"{"note":0}"#,
        }
    }
}

mod beside_serde {
    use super::*;

    #[derive(IdempotencyKey)]
    struct Nest<T>([T; 1]);

    #[derive(IdempotencyKey)]
    struct NotOnTheWire {
        amount: u8,
        #[serde(skip)]
        #[idem(scope)]
        user: u8,
    }

    #[test]
    fn a_scope_that_serde_skips_is_in_the_scope_and_a_member_when_nested() {
        let request = || NotOnTheWire { amount: 1, user: 2 };
        assert_canonical! {
            request() => r#"user:2:{"amount":1}"#,
            Nest([request()]) => r#"[{"amount":1,"user":2}]"#,
        }
    }

    #[derive(IdempotencyKey)]
    #[serde(transparent)]
    struct MarkedFirst {
        marker: PhantomData<u8>,
        amount: u8,
    }

    #[test]
    fn a_transparent_struct_is_its_field_wherever_its_marker_stands() {
        let marker = PhantomData;
        assert_canonical!(MarkedFirst { marker, amount: 1 } => "1");
    }

    fn as_text<S: serde::Serializer>(value: &u8, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    #[derive(IdempotencyKey)]
    struct OnTheWire {
        #[serde(serialize_with = "as_text")]
        #[idem(serde)]
        amount: u8,
    }

    #[test]
    fn serdes_function_wins_over_serialize() {
        assert_canonical!(OnTheWire { amount: 1 } => r#"{"amount":"1"}"#);
    }

    #[derive(IdempotencyKey)]
    struct Names {
        #[serde(rename = "on_the_wire")]
        #[idem(rename = "in_the_key")]
        both: u8,
        #[serde(rename = "uid")]
        #[idem(scope)]
        user: u8,
    }

    #[test]
    fn idem_wins_over_serde_and_a_label_is_the_name_after_renaming() {
        assert_canonical!(Names { both: 1, user: 2 } => r#"uid:2:{"in_the_key":1}"#);
    }

    #[derive(Clone, IdempotencyKey)]
    #[serde(into = "Wire<T>")]
    #[idem(scope = "charges.create")]
    struct Domain<T: Clone> {
        cents: T,
    }

    #[derive(IdempotencyKey)]
    struct Wire<T> {
        amount: T,
        #[idem(scope)]
        user: u8,
        #[idem(skip)]
        attempt: u8,
    }

    impl<T: Clone> From<Domain<T>> for Wire<T> {
        fn from(Domain { cents }: Domain<T>) -> Self {
            Self {
                amount: cents,
                user: 42,
                attempt: 1,
            }
        }
    }

    #[derive(Clone, IdempotencyKey)]
    #[serde(into = "u8")]
    struct Weighted<T: Clone> {
        weight: u8,
        opaque: T,
    }

    impl<T: Clone> From<Weighted<T>> for u8 {
        fn from(weighted: Weighted<T>) -> Self {
            weighted.weight
        }
    }

    #[test]
    fn into_needs_a_canonical_form_of_the_wire_type_alone() {
        #[derive(Clone)]
        struct Opaque;

        let request = Weighted {
            weight: 1,
            opaque: Opaque,
        };
        assert_canonical!(request => "1");
    }

    #[test]
    fn into_encodes_the_wire_type_whose_scope_is_the_request_s() {
        assert_canonical! {
            Domain { cents: 500 } => r#"charges.create:user:42:{"amount":500}"#,
            Nest([Domain { cents: 500 }]) => r#"[{"amount":500,"user":42}]"#,
        }
    }
}

mod objects {
    use super::*;

    #[derive(Clone, IdempotencyKey)]
    struct Charge {
        amount: u8,
        #[idem(scope)]
        user: u8,
    }

    const CHARGE: Charge = Charge { amount: 1, user: 2 };
    const CANONICAL: &str = r#"user:2:{"amount":1}"#;

    #[test]
    fn a_request_behind_a_trait_object_keeps_its_key() {
        let request: &dyn IdempotencyKey = &CHARGE;
        assert_eq!(canonical(request), CANONICAL);
        assert_eq!(request.idempotency_key(), CHARGE.idempotency_key());
    }

    #[test]
    fn a_value_behind_a_trait_object_can_be_a_field() {
        #[derive(IdempotencyKey)]
        struct Anything<'a> {
            value: &'a dyn Canonical,
        }
        assert_canonical!(
            Anything { value: &CHARGE } => r#"{"value":{"amount":1,"user":2}}"#
        );
    }

    #[test]
    fn pointers_to_a_request_have_its_key() {
        assert_canonical! {
            &CHARGE => CANONICAL,
            &mut CHARGE.clone() => CANONICAL,
            Box::new(CHARGE) => CANONICAL,
            Rc::new(CHARGE) => CANONICAL,
            Arc::new(CHARGE) => CANONICAL,
            std::borrow::Cow::Borrowed(&CHARGE) => CANONICAL,
        }
    }
}
