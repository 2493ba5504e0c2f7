//! The identity of a payload of a foreign type: what is excluded, what is a scope, and what is a
//! mistake.

use std::collections::BTreeMap;
use std::fmt;
use std::thread;

use agentidemp::{ErrorKind, IdempotencyKey, Identity};
use agentidemp_tests::payload::{Payload, error_of, text_of};
use agentidemp_tests::zoo::leaves::Json;
use agentidemp_tests::{chat, jcs};
use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};

fn excluding(paths: &[&str]) -> Identity {
    Identity::new().exclude(paths)
}

/// What is left of a payload.
fn left<T: Serialize>(payload: &T, paths: &[&str]) -> Value {
    let bytes = excluding(paths).canonical_bytes(payload).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// The mistake of an identity, which every payload reports.
fn mistake(identity: &Identity) -> ErrorKind {
    let error = identity.key(&json!({"a": 1, "b": 2})).unwrap_err();
    assert_eq!(identity.canonical_bytes(&1), Err(error.clone()));
    assert!(!error.help().is_empty());
    error.kind()
}

mod paths {
    use super::*;

    macro_rules! leaves_of {
        ($($name:ident: $payload:tt without $paths:expr => $left:tt;)*) => {$(
            #[test]
            fn $name() {
                assert_eq!(left(&json!($payload), &$paths), json!($left));
            }
        )*};
    }

    leaves_of! {
        nothing: {"a": 1} without [] => {"a": 1};
        a_name: {"a": 1, "b": 2} without ["a"] => {"b": 2};
        several_names: {"a": 1, "b": 2, "c": 3} without ["a", "c"] => {"b": 2};
        a_name_is_of_the_top_level: {"a": 1, "b": {"a": 1}} without ["a"] => {"b": {"a": 1}};
        a_pointer: {"a": {"b": 1, "c": 2}} without ["/a/b"] => {"a": {"c": 2}};
        a_pointer_of_one_segment: {"a": 1, "b": 2} without ["/a"] => {"b": 2};
        a_name_with_a_star: {"*": 1, "b": 2} without ["*"] => {"b": 2};
        a_name_with_a_tilde: {"a~1b": 1, "a/b": 2} without ["a~1b"] => {"a/b": 2};
        an_escaped_slash: {"a~1b": 1, "a/b": 2} without ["/a~1b"] => {"a~1b": 1};
        an_escaped_tilde: {"a~b": 1, "b": 2} without ["/a~0b"] => {"b": 2};
        an_escaped_escape: {"~1": 1, "/": 2} without ["/~01"] => {"/": 2};
        the_empty_name: {"": 1, "b": {"": 2}} without ["/", "/b/"] => {"b": {}};
        names_are_not_normalized: {"é": 1, "e\u{301}": 2} without ["é"] => {"e\u{301}": 2};
        an_index: {"a": [0, 1, 2]} without ["/a/1"] => {"a": [0, 2]};
        indices_count_all_elements: {"a": [0, 1, 2, 3]} without ["/a/0", "/a/1", "/a/3"] => {"a": [2]};
        an_index_is_a_name_in_an_object: {"a": {"1": 1, "01": 2}} without ["/a/1"] => {"a": {"01": 2}};
        an_index_without_leading_zeros: {"a": [0, 1]} without ["/a/01", "/a/+1", "/a/-", "/a/ 1"] => {"a": [0, 1]};
        an_index_out_of_range: {"a": [0]} without ["/a/1", "/a/99999999999999999999999"] => {"a": [0]};
        the_top_level_may_be_an_array: [0, {"a": 1, "b": 2}] without ["/0", "/1/a"] => [{"b": 2}];
        any_member: {"a": {"x": 1, "y": 2}, "b": {"x": 3}} without ["/*/x"] => {"a": {"y": 2}, "b": {}};
        any_element: {"a": [{"x": 1, "y": 2}, {"x": 3}, 4]} without ["/a/*/x"] => {"a": [{"y": 2}, {}, 4]};
        all_elements: {"a": [1, 2], "b": 3} without ["/a/*"] => {"a": [], "b": 3};
        a_star_is_exactly_one_level: {"a": {"x": 1}, "x": {"x": {"x": 1}}} without ["/*/x/x"] => {"a": {"x": 1}, "x": {"x": {}}};
        a_star_within_a_name_is_a_star: {"a*": 1, "ab": 2} without ["/a*"] => {"ab": 2};
        a_star_and_a_name: {"a": {"x": 1, "y": 2, "z": 3}, "b": {"x": 1, "y": 2}} without ["/*/x", "/a/y"] => {"a": {"z": 3}, "b": {"y": 2}};
        a_name_and_a_star: {"a": {"x": 1, "y": 2, "z": 3}, "b": {"x": 1, "y": 2}} without ["/a/y", "/*/x"] => {"a": {"z": 3}, "b": {"y": 2}};
        stars_and_names_at_two_levels: {"a": {"p": {"x": 1, "y": 2}, "q": {"x": 3, "y": 4}}, "b": {"p": {"x": 5, "y": 6}, "q": {"x": 7}}}
            without ["/*/p/x", "/a/*/y", "/b/q"] => {"a": {"p": {}, "q": {"x": 3}}, "b": {"p": {"y": 6}}};
        an_index_and_a_star: {"a": [{"x": 1, "y": 1}, {"x": 1, "y": 1}]} without ["/a/*/x", "/a/1/y"] => {"a": [{"y": 1}, {}]};
        a_part_of_what_is_excluded: {"a": {"x": 1}, "b": 2} without ["/a", "/a/x"] => {"b": 2};
        what_holds_what_is_excluded: {"a": {"x": 1}, "b": 2} without ["/a/x", "/a"] => {"b": 2};
        twice: {"a": 1, "b": 2} without ["a", "/a", "a"] => {"b": 2};
        what_is_not_there: {"a": {"b": 1}} without ["c", "/a/c", "/a/b/c", "/*/*/*/d", "/c/0"] => {"a": {"b": 1}};
        a_scalar_has_no_members: {"a": "text", "b": 1, "c": null} without ["/a/0", "/b/0", "/c/*"] => {"a": "text", "b": 1, "c": null};
    }

    #[test]
    fn a_scalar_payload_is_kept_whole() {
        assert_eq!(left(&json!("text"), &["a", "/0", "/*"]), json!("text"));
    }

    #[test]
    fn exclusions_add_up() {
        let identity = Identity::new()
            .exclude(["a"])
            .exclude(vec![String::from("/b/c")]);
        let payload = json!({"a": 1, "b": {"c": 1, "d": 2}});
        assert_eq!(
            identity.canonical_bytes(&payload).unwrap(),
            br#"{"b":{"d":2}}"#
        );
    }
}

mod mistakes {
    use super::*;

    #[test]
    fn a_malformed_pointer_is_an_error_of_the_key() {
        for path in [
            "/~",
            "/a~",
            "/a~2",
            "/~~0",
            "/a/~x/b",
            "a/b",
            "metadata/trace_id",
            "#/a",
            "~1/a",
        ] {
            assert_eq!(
                mistake(&excluding(&[path])),
                ErrorKind::InvalidPointer,
                "{path}"
            );
            assert_eq!(
                mistake(&excluding(&["a", path, "b"])),
                ErrorKind::InvalidPointer,
                "{path}"
            );
        }
    }

    #[test]
    fn the_error_names_the_path() {
        let error = excluding(&["metadata/trace_id"]).key(&1).unwrap_err();
        assert_eq!(
            error.to_string(),
            r#"the pointer "metadata/trace_id" does not start with `/`"#
        );
        assert_eq!(error.pointer(), "");
    }

    #[test]
    fn a_pointer_has_128_segments_at_most() {
        let identity = |length: usize| Identity::new().exclude(["/a".repeat(length)]);
        assert!(identity(128).key(&1).is_ok());
        assert_eq!(mistake(&identity(129)), ErrorKind::InvalidPointer);
        assert_eq!(mistake(&identity(200_000)), ErrorKind::InvalidPointer);
    }

    #[test]
    fn pointers_that_cross_each_other_too_often_are_an_error_at_once() {
        let crossing = |count: usize| {
            let pointer = |name: usize| -> String {
                let segment = |place: usize| if place == name { "/a" } else { "/*" };
                (0..count).map(segment).collect()
            };
            Identity::new().exclude((0..count).map(pointer))
        };
        assert!(crossing(8).key(&1).is_ok());
        assert_eq!(mistake(&crossing(100)), ErrorKind::InvalidPointer);
    }

    #[test]
    fn everything_excluded_is_an_error() {
        let nothing_left = |payload: Value, paths: &[&str]| {
            let error = excluding(paths).key(&payload).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NothingLeft, "{payload} {paths:?}");
            assert_eq!(excluding(paths).canonical_bytes(&payload), Err(error));
        };
        nothing_left(json!({"a": 1}), &[""]);
        nothing_left(json!("a scalar"), &[""]);
        nothing_left(json!({"a": 1}), &["b", ""]);
        nothing_left(json!({"a": 1}), &["a"]);
        nothing_left(json!({"a": 1, "b": 2}), &["a", "/b"]);
        nothing_left(json!({"a": 1, "b": 2}), &["/*"]);
        nothing_left(json!([1, 2]), &["/*"]);
        nothing_left(json!([1, 2]), &["/0", "/1"]);
    }

    #[test]
    fn everything_excluded_of_other_types_is_an_error() {
        #[derive(Serialize)]
        struct Struct {
            a: u8,
        }

        #[derive(Serialize)]
        enum Variant {
            Newtype(u8),
            Tuple(u8, u8),
            Struct { a: u8 },
        }

        #[derive(Serialize)]
        struct Flattened {
            #[serde(flatten)]
            inner: Struct,
        }

        fn assert_nothing_left(payload: &impl Serialize) {
            let error = excluding(&["/*"]).key(payload).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NothingLeft);
        }

        assert_nothing_left(&Struct { a: 1 });
        assert_nothing_left(&Some(Struct { a: 1 }));
        assert_nothing_left(&Flattened {
            inner: Struct { a: 1 },
        });
        assert_nothing_left(&Variant::Newtype(1));
        assert_nothing_left(&Variant::Tuple(1, 2));
        assert_nothing_left(&Variant::Struct { a: 1 });
        assert_nothing_left(&(1, 2));
        assert_nothing_left(&BTreeMap::from([(1, 2)]));
    }

    #[test]
    fn an_empty_payload_of_its_own_is_none() {
        assert_eq!(left(&json!({}), &["a"]), json!({}));
        assert_eq!(left(&json!([]), &["/0"]), json!([]));
    }

    /// It still says that there was one member, so two payloads differ.
    #[test]
    fn an_empty_member_is_not_nothing() {
        assert_eq!(left(&json!({"a": {"b": 1}}), &["/a/b"]), json!({"a": {}}));
        assert_eq!(left(&json!([[1]]), &["/0/0"]), json!([[]]));
    }

    /// As with `#[idem(skip)]`: it is not looked at.
    #[test]
    fn what_is_excluded_may_be_without_canonical_form() {
        let payload = BTreeMap::from([("a", f64::NAN), ("b", 1.0)]);
        let identity = excluding(&["a"]);
        assert_eq!(identity.canonical_bytes(&payload).unwrap(), br#"{"b":1}"#);
        assert_eq!(excluding(&["b"]).key(&payload).unwrap_err().pointer(), "/a");
    }

    #[test]
    fn the_place_of_an_error_counts_what_is_excluded() {
        let error = excluding(&["/0"]).key(&[1.0, 2.0, f64::NAN]).unwrap_err();
        assert_eq!(error.pointer(), "/2");
    }
}

mod cost {
    use std::cell::Cell;

    use serde::Serializer;

    use super::*;

    /// Counts how often it is serialized.
    struct Counted<'a>(&'a Cell<u32>);

    impl Serialize for Counted<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            self.0.set(self.0.get() + 1);
            serializer.serialize_str("a value")
        }
    }

    #[test]
    fn the_payload_is_walked_once_and_what_is_excluded_not_at_all() {
        let [kept, excluded] = [Cell::new(0), Cell::new(0)];
        let payload = [("a", &excluded), ("b", &kept), ("c", &excluded)]
            .map(|(name, count)| (name, [Counted(count)]));
        let payload = BTreeMap::from(payload);
        excluding(&["a", "/c/*"]).key(&payload).unwrap();
        assert_eq!([kept.get(), excluded.get()], [1, 0]);
    }
}

mod scopes {
    use super::*;

    fn text(identity: &Identity) -> String {
        String::from_utf8(identity.canonical_bytes(&1).unwrap()).unwrap()
    }

    #[test]
    fn the_operation_comes_first_as_written() {
        assert_eq!(text(&Identity::new().scope("user 42")), "user 42:1");
        assert_eq!(text(&Identity::new().scope("a").scope("b")), "a>b:1");
        assert_eq!(
            text(&Identity::new().scope_field("a", 1).scope("chat.create")),
            "chat.create:a:1:1"
        );
    }

    #[test]
    fn fields_are_sorted_by_label() {
        let identity = Identity::new()
            .scope_field("\u{1f600}", 1)
            .scope_field("\u{fb33}", 2)
            .scope_field("a", 3);
        assert_eq!(text(&identity), "a:3:\u{1f600}:1:\u{fb33}:2:1");
    }

    #[test]
    fn a_value_cannot_forge_another_scope() {
        let honest = Identity::new()
            .scope_field("role", "admin")
            .scope_field("user", "42");
        let forged = Identity::new().scope_field("role", "admin:user:42");
        assert_eq!(text(&honest), "role:admin:user:42:1");
        assert_eq!(text(&forged), "role:admin%3Auser%3A42:1");
        assert_eq!(
            text(&Identity::new().scope_field("user", "%3A")),
            "user:%253A:1"
        );
        assert_eq!(text(&Identity::new().scope_field("user", "")), "user::1");
        assert_eq!(
            text(&Identity::new().scope_field("user", "\n{\"a\":1}")),
            "user:\n{\"a\"%3A1}:1"
        );
    }

    #[test]
    fn a_malformed_scope_is_an_error_of_the_key() {
        let identities = [
            Identity::new().scope(""),
            Identity::new().scope("a:b"),
            Identity::new().scope("50%"),
            Identity::new().scope("a>b"),
            Identity::new().scope("a").scope(""),
            Identity::new().scope_field("", 1),
            Identity::new().scope_field("a:b", 1),
            Identity::new().scope_field("100%", 1),
            Identity::new().scope_field("a", 1).scope_field("a", 1),
        ];
        for identity in &identities {
            assert_eq!(mistake(identity), ErrorKind::InvalidScope, "{identity:?}");
        }
    }

    #[test]
    fn a_value_that_cannot_be_displayed_is_an_error_of_the_key() {
        struct Broken;

        impl fmt::Display for Broken {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                Err(fmt::Error)
            }
        }

        assert_eq!(
            mistake(&Identity::new().scope_field("user", Broken)),
            ErrorKind::Display
        );
    }

    #[test]
    fn the_first_mistake_counts() {
        let identity = Identity::new().exclude(["/~"]).scope("");
        assert_eq!(mistake(&identity), ErrorKind::InvalidPointer);
    }
}

/// Exclusions name parts of the wire, whatever Rust type they come from.
mod shapes {
    use super::*;

    #[derive(Serialize)]
    struct Outer {
        #[serde(flatten)]
        inner: Inner,
        #[serde(flatten)]
        rest: BTreeMap<u8, u8>,
        external: External,
        internal: Internal,
        adjacent: Adjacent,
        option: Option<Inner>,
        by_number: BTreeMap<u8, Inner>,
    }

    #[derive(Serialize, Clone)]
    struct Inner {
        id: u8,
        name: &'static str,
    }

    #[derive(Serialize)]
    enum External {
        Struct { id: u8, n: u8 },
        Newtype(Inner),
        Tuple(u8, Inner),
    }

    #[derive(Serialize)]
    #[serde(tag = "kind")]
    enum Internal {
        Newtype(Inner),
    }

    #[derive(Serialize)]
    #[serde(tag = "kind", content = "content")]
    enum Adjacent {
        Tuple(u8, Inner),
    }

    fn outer(external: External) -> Outer {
        let inner = Inner { id: 1, name: "n" };
        Outer {
            inner: inner.clone(),
            rest: BTreeMap::from([(7, 8), (9, 10)]),
            external,
            internal: Internal::Newtype(inner.clone()),
            adjacent: Adjacent::Tuple(1, inner.clone()),
            option: Some(inner.clone()),
            by_number: BTreeMap::from([(5, inner)]),
        }
    }

    fn assert_excluded(external: External, path: &str, left_of_it: &Value) {
        let paths = [
            "id",
            "7",
            path,
            "/internal/id",
            "/adjacent/content/0",
            "/adjacent/content/1/id",
            "/option/id",
            "/by_number/5/id",
        ];
        let expected = json!({
            "name": "n",
            "9": 10,
            "external": left_of_it,
            "internal": {"kind": "Newtype", "name": "n"},
            "adjacent": {"kind": "Tuple", "content": [{"name": "n"}]},
            "option": {"name": "n"},
            "by_number": {"5": {"name": "n"}},
        });
        assert_eq!(left(&outer(external), &paths), expected);
    }

    #[test]
    fn exclusions_reach_into_flattened_and_tagged_content() {
        let inner = Inner { id: 1, name: "n" };
        assert_excluded(
            External::Struct { id: 1, n: 2 },
            "/external/Struct/id",
            &json!({"Struct": {"n": 2}}),
        );
        assert_excluded(
            External::Newtype(inner.clone()),
            "/external/*/id",
            &json!({"Newtype": {"name": "n"}}),
        );
        assert_excluded(
            External::Tuple(1, inner.clone()),
            "/external/Tuple/0",
            &json!({"Tuple": [inner]}),
        );
        assert_excluded(External::Newtype(inner), "/external/Newtype", &json!({}));
    }

    #[test]
    fn a_tag_is_a_member() {
        let payload = Internal::Newtype(Inner { id: 1, name: "n" });
        assert_eq!(left(&payload, &["kind"]), json!({"id": 1, "name": "n"}));
    }
}

mod chat_requests {
    use super::*;

    fn identity() -> Identity {
        Identity::new()
            .exclude(["timestamp", "request_id", "user"])
            .exclude(["/metadata/trace_id", "/messages/*/cache_control"])
            .scope("chat.create")
            .scope_field("user", chat::request().user)
    }

    #[test]
    fn a_derived_request_and_its_json_have_one_key() {
        let derived = chat::request();
        let json = serde_json::to_value(&derived).unwrap();
        let bytes = identity().canonical_bytes(&json).unwrap();
        assert_eq!(derived.canonical_bytes(), bytes);
        assert!(bytes.starts_with(b"chat.create:user:team%3A42%25:{\"messages\":"));
        assert_eq!(identity().key(&json).unwrap(), derived.idempotency_key());
        assert_eq!(identity().key(&derived).unwrap(), derived.idempotency_key());
    }

    #[test]
    fn a_retry_has_the_key_of_the_first_attempt() {
        let [first, second] = [chat::request(), chat::retry()];
        assert_eq!(first.idempotency_key(), second.idempotency_key());
        assert_eq!(
            identity().key(&first).unwrap(),
            identity().key(&second).unwrap()
        );
        let whole = Identity::new();
        assert_ne!(whole.key(&first).unwrap(), whole.key(&second).unwrap());
    }

    /// What stands at the top level of the payload is the request.
    #[test]
    fn a_request_around_an_identity_has_its_scope_and_its_payload() {
        let identity = Identity::new()
            .exclude(["sent_at"])
            .scope("charges.create")
            .scope_field("region", "eu")
            .scope_member("tenant", "/tenant");
        let payload = json!({"tenant": "acme", "sent_at": 1, "amount": 500});
        let body = payload.to_string();
        let expected = r#"charges.create:region:eu:tenant:acme:{"amount":500}"#;
        assert_eq!(text_of(&identity.of(&payload)), expected);
        assert_eq!(text_of(&Payload(identity.of(&payload))), expected);
        let of_body = Payload(identity.of_json(body.as_bytes()));
        assert_eq!(text_of(&of_body), expected);
        let error = error_of(&Payload(identity.of(&json!({"amount": 500}))));
        assert_eq!(error.kind(), ErrorKind::Absent);
    }

    #[test]
    fn an_identity_is_shared_by_threads() {
        fn assert_shareable<T: Send + Sync + Clone + 'static>() {}
        assert_shareable::<Identity>();

        let identity = &identity();
        let expected = identity.key(&chat::request()).unwrap();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..50 {
                        assert_eq!(identity.key(&chat::retry()).unwrap(), expected);
                    }
                });
            }
        });
    }
}

/// The exclusions, done to a tree: slow and plain.
mod naive {
    use serde_json::Value;

    pub(super) fn without(value: &Value, pointers: &[Vec<String>]) -> Option<Value> {
        if pointers.iter().any(Vec::is_empty) {
            return None;
        }
        let below = |name: &str| -> Vec<Vec<String>> {
            let matching = pointers
                .iter()
                .filter(|pointer| pointer[0] == "*" || pointer[0] == name);
            matching.map(|pointer| pointer[1..].to_vec()).collect()
        };
        Some(match value {
            Value::Object(members) => {
                let left = members.iter().filter_map(|(name, value)| {
                    Some((name.clone(), without(value, &below(name))?))
                });
                Value::Object(left.collect())
            }
            Value::Array(elements) => {
                let left = elements
                    .iter()
                    .enumerate()
                    .filter_map(|(index, value)| without(value, &below(&index.to_string())));
                Value::Array(left.collect())
            }
            scalar => scalar.clone(),
        })
    }
}

/// A segment that often means something in the payloads of the zoo.
fn segment() -> impl Strategy<Value = String> {
    let names = [
        "*",
        "a",
        "b",
        "kind",
        "content",
        "0",
        "1",
        "2",
        "é",
        "\u{1f600}",
        "",
        "~",
        "a/b",
    ];
    proptest::sample::select(names.to_vec()).prop_map(str::to_owned)
}

fn pointer(segments: &[String]) -> String {
    let escaped = segments
        .iter()
        .map(|segment| segment.replace('~', "~0").replace('/', "~1"));
    escaped.map(|segment| format!("/{segment}")).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn an_identity_is_the_jcs_of_what_is_left(
        Json(payload) in any::<Json>(),
        pointers in prop::collection::vec(prop::collection::vec(segment(), 1..4), 0..5),
    ) {
        let identity = Identity::new().exclude(pointers.iter().map(|segments| pointer(segments)));
        let expected = naive::without(&payload, &pointers).unwrap();
        let emptied = expected != payload && (expected == json!({}) || expected == json!([]));
        match identity.canonical_bytes(&payload) {
            Ok(bytes) => {
                prop_assert!(!emptied);
                prop_assert_eq!(String::from_utf8(bytes).unwrap(), jcs::of_text(&expected.to_string()));
            }
            Err(error) => {
                prop_assert!(emptied, "{}", error);
                prop_assert_eq!(error.kind(), ErrorKind::NothingLeft);
            }
        }
    }

    #[test]
    fn any_path_gives_a_key_or_an_error(path in "[a*/~01]{0,6}") {
        let payload = json!({"a": [{"a": 1}], "0": {"*": 1, "~": 2}, "b": 3});
        let _ = Identity::new().exclude([path]).key(&payload);
    }
}
