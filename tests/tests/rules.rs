//! What an `Identity` can say: the same from a value and from its JSON text.

use agentidemp::explain::describe_bytes;
use agentidemp::{ErrorKind, IdempotencyKey, Identity, Secret};
use serde_json::{Value, json};

/// The canonical text of a body, by every way to it.
#[track_caller]
fn text(identity: &Identity, body: &str) -> String {
    let value: Value = serde_json::from_str(body).unwrap();
    let body = body.as_bytes();
    let bytes = identity.canonical_bytes_of_json(body).unwrap();
    assert_eq!(identity.canonical_bytes(&value).unwrap(), bytes);
    assert_eq!(identity.of(&value).canonical_bytes(), bytes);
    assert_eq!(identity.of_json(body).canonical_bytes(), bytes);
    let key = identity.key_of_json(body).unwrap();
    assert_eq!(identity.key(&value).unwrap(), key);
    assert_eq!(identity.of(&value).idempotency_key(), key);
    assert_eq!(identity.of_json(body).idempotency_key(), key);
    String::from_utf8(bytes).unwrap()
}

/// Why a body has no key, and where: the same by both ways.
#[track_caller]
fn refused(identity: &Identity, body: &str) -> (ErrorKind, String) {
    let error = identity.key_of_json(body.as_bytes()).unwrap_err();
    let value: Value = serde_json::from_str(body).unwrap();
    let other = identity.key(&value).unwrap_err();
    assert_eq!(other.kind(), error.kind(), "{other}");
    assert_eq!(other.pointer(), error.pointer(), "{other}");
    (error.kind(), error.pointer().to_owned())
}

fn at(kind: ErrorKind, pointer: &str) -> (ErrorKind, String) {
    (kind, pointer.to_owned())
}

mod unordered {
    use super::*;

    #[test]
    fn elements_are_sorted_by_their_canonical_bytes_and_equal_ones_are_kept() {
        let identity = Identity::new().unordered(["/tags", "/list/*/stop"]);
        let body = r#"{"tags":["b","a",{"z":1,"b":2},"a"],"list":[{"stop":[2,10,1]},{"stop":null},{}],"other":[2,1]}"#;
        let expected = r#"{"list":[{"stop":[1,10,2]},{"stop":null},{}],"other":[2,1],"tags":["a","a","b",{"b":2,"z":1}]}"#;
        assert_eq!(text(&identity, body), expected);
    }

    #[test]
    fn anything_but_an_array_is_refused() {
        let identity = Identity::new().unordered(["/tags"]);
        for value in ["\"x\"", "{\"a\":1}", "1", "1.5", "true"] {
            let body = format!(r#"{{"tags":{value}}}"#);
            assert_eq!(
                refused(&identity, &body),
                at(ErrorKind::NotAnArray, "/tags")
            );
        }
        assert_eq!(text(&identity, r#"{"tags":null}"#), r#"{"tags":null}"#);
        assert_eq!(text(&identity, r#"{"n":1}"#), r#"{"n":1}"#);
    }

    #[test]
    fn arrays_within_arrays_are_sorted_where_they_are_named() {
        assert_eq!(text(&Identity::new().unordered([""]), "[2,1]"), "[1,2]");
        let both = Identity::new().unordered(["", "/*"]);
        assert_eq!(text(&both, "[[2,1],[1,0]]"), "[[0,1],[1,2]]");
        let inner = Identity::new().unordered(["/*"]);
        assert_eq!(text(&inner, "[[2,1],[1,0]]"), "[[1,2],[0,1]]");
    }

    #[test]
    fn what_is_excluded_is_named_by_the_order_in_the_body() {
        let identity = Identity::new()
            .unordered(["/list"])
            .exclude(["/list/*/id", "/list/1"]);
        let body = r#"{"list":[{"id":1,"n":2},{"id":9},{"id":0,"n":1}]}"#;
        assert_eq!(text(&identity, body), r#"{"list":[{"n":1},{"n":2}]}"#);
    }
}

mod only {
    use super::*;

    #[test]
    fn what_is_not_listed_does_not_count() {
        let identity = Identity::new().only(["/a", "/b/c", "/list/*/id"]);
        let body = r#"{"a":{"x":1},"b":{"c":1,"d":2},"list":[{"id":1,"n":1},{"n":2}],"z":1}"#;
        let expected = r#"{"a":{"x":1},"b":{"c":1},"list":[{"id":1},{}]}"#;
        assert_eq!(text(&identity, body), expected);
    }

    #[test]
    fn what_is_listed_and_absent_is_an_error_but_behind_a_star() {
        let identity = Identity::new().only(["/a", "/b/c", "/list/*/id"]);
        for body in [
            r#"{"a":1,"b":{},"list":[]}"#,
            r#"{"a":1,"b":{"c":1}}"#,
            r#"{"A":1,"b":{"c":1},"list":[]}"#,
            "[]",
        ] {
            assert_eq!(refused(&identity, body).0, ErrorKind::Absent, "{body}");
        }
        let body = r#"{"a":1,"b":{"c":1},"list":[]}"#;
        assert_eq!(text(&identity, body), body);
    }

    #[test]
    fn other_rules_list_nothing_and_hold_within_what_is_listed() {
        let body = r#"{"a":{"u":[2,1],"x":1},"u":[1]}"#;
        let expected = r#"{"a":{"u":[1,2]}}"#;
        let rules = Identity::new().exclude(["/a/x"]).unordered(["/u", "/a/u"]);
        assert_eq!(text(&rules.clone().only(["/a"]), body), expected);
        let rules_last = Identity::new().only(["/a"]).exclude(["/a/x"]);
        assert_eq!(text(&rules_last.unordered(["/u", "/a/u"]), body), expected);
    }
}

#[test]
fn names_are_left_out_at_every_depth() {
    let identity = Identity::new().exclude_everywhere(["at"]);
    let body = r#"{"at":1,"list":[{"at":2,"m":{"at":3,"n":4}}]}"#;
    assert_eq!(text(&identity, body), r#"{"list":[{"m":{"n":4}}]}"#);
    assert_eq!(refused(&identity, r#"{"at":1}"#).0, ErrorKind::NothingLeft);
    let error = Identity::new().exclude(["/a/**/at"]).check().unwrap_err();
    assert!(error.to_string().contains("exclude_everywhere"), "{error}");
}

#[test]
fn a_name_names_a_member_and_no_element() {
    let by_name = Identity::new().exclude(["0"]);
    assert_eq!(text(&by_name, "[1,2]"), "[1,2]");
    assert_eq!(text(&by_name, r#"{"0":1,"1":2}"#), r#"{"1":2}"#);
    assert_eq!(text(&Identity::new().exclude(["/0"]), "[1,2]"), "[2]");
}

mod json {
    use super::*;

    #[test]
    fn its_canonical_form_counts_and_rules_lead_into_it() {
        let identity = Identity::new()
            .json(["/event"])
            .exclude(["/event/at"])
            .unordered(["/event/tags"]);
        let body = r#"{"event":" {\"tags\":[2,1],\"at\":1, \"n\":1.0}"}"#;
        assert_eq!(text(&identity, body), r#"{"event":{"n":1,"tags":[1,2]}}"#);
        assert_eq!(text(&identity, r#"{"event":null}"#), r#"{"event":null}"#);
        let array = Identity::new().json(["/event"]).unordered(["/event"]);
        assert_eq!(text(&array, r#"{"event":"[2,1]"}"#), r#"{"event":[1,2]}"#);
    }

    #[test]
    fn anything_but_json_text_is_refused_where_it_is_wrong() {
        let identity = Identity::new().json(["/event"]);
        for (body, pointer) in [
            (r#"{"event":{"n":1}}"#, "/event"),
            (r#"{"event":1}"#, "/event"),
            (r#"{"event":"{"}"#, "/event"),
            (r#"{"event":"{\"a\":[1,x]}"}"#, "/event/a/1"),
            (r#"{"event":"null"}"#, "/event"),
        ] {
            assert_eq!(
                refused(&identity, body),
                at(ErrorKind::InvalidJson, pointer)
            );
        }
    }
}

mod scope_member {
    use super::*;

    fn identity() -> Identity {
        Identity::new()
            .scope("charges.create")
            .scope_field("region", "x:y")
            .scope_member("tenant", "/meta/tenant")
            .scope_member("account", "/account")
            .scope_member("live", "/live")
    }

    #[test]
    fn is_in_the_scope_and_not_in_the_payload() {
        let body = r#"{"meta":{"tenant":"ac:me\n","k":1},"account":12345678901234567890,"live":true,"n":5}"#;
        let expected = "charges.create:account:12345678901234567890:live:true:region:x%3Ay:tenant:ac%3Ame\n:{\"meta\":{\"k\":1},\"n\":5}";
        assert_eq!(text(&identity(), body), expected);
        let described = describe_bytes(expected.as_bytes()).unwrap();
        assert_eq!(
            described.key(),
            identity().key_of_json(body.as_bytes()).unwrap()
        );
    }

    #[test]
    fn is_a_string_an_integer_or_a_boolean() {
        for value in ["1.5", "null", "[]", "{}"] {
            let body = format!(r#"{{"meta":{{"tenant":{value}}},"account":1,"live":true}}"#);
            let expected = at(ErrorKind::InvalidScope, "/meta/tenant");
            assert_eq!(refused(&identity(), &body), expected, "{value}");
        }
        let absent = r#"{"meta":{},"account":1,"live":true}"#;
        assert_eq!(refused(&identity(), absent).0, ErrorKind::Absent);
    }

    #[test]
    fn a_request_that_is_all_scope_has_an_empty_payload() {
        let identity = Identity::new().scope_member("user", "/user");
        assert_eq!(text(&identity, r#"{"user":1}"#), "user:1:{}");
        let something_skipped = identity.exclude(["at"]);
        let body = r#"{"user":1,"at":2}"#;
        assert_eq!(refused(&something_skipped, body).0, ErrorKind::NothingLeft);
    }

    #[test]
    fn is_taken_from_beside_an_allow_list() {
        let identity = Identity::new().scope_member("user", "/user").only(["/a"]);
        assert_eq!(
            text(&identity, r#"{"user":1,"a":2,"b":3}"#),
            "user:1:{\"a\":2}"
        );
    }

    #[test]
    fn need_not_be_listed_and_the_error_says_so() {
        let identity = Identity::new()
            .scope_member("user", "/user")
            .only(["/user", "/n"]);
        let error = identity.key_of_json(br#"{"user":1,"n":2}"#).unwrap_err();
        assert_eq!(
            error.to_string(),
            r#""/user" is taken out of the payload, into the scope: take it off the allow-list"#
        );
    }

    #[test]
    fn is_never_taken_twice() {
        let identity = Identity::new().scope_member("user", "/*/user");
        let body = r#"[{"user":1},{"user":2}]"#;
        assert_eq!(
            refused(&identity, body),
            at(ErrorKind::InvalidScope, "/1/user")
        );
    }
}

#[test]
fn mistakes_are_found_when_they_are_checked() {
    for identity in [
        Identity::new().scope_member("u", "/u").scope_field("u", 1),
        Identity::new().scope_member("u:", "/u"),
        Identity::new()
            .scope_member("u", "/*/u")
            .scope_member("v", "/0/*"),
        Identity::new().scope_member("u", "u"),
        Identity::new().scope("a>b"),
        Identity::new().scope("a:b"),
        Identity::new().scope(""),
        Identity::new().only(["a"]),
        Identity::new().unordered(["/~2"]),
        Identity::new().json(["/**"]),
        Identity::new().exclude([""]),
    ] {
        let error = identity.check().unwrap_err();
        assert_eq!(
            identity.key(&json!({"u": 1})).unwrap_err().kind(),
            error.kind()
        );
    }
    assert!(Identity::new().check().is_ok());
}

#[test]
fn rules_are_limited_by_what_they_hold_and_not_by_how_they_are_added() {
    let names: Vec<_> = (0..3000).map(|name| format!("/n{name}")).collect();
    assert!(Identity::new().exclude(&names).check().is_ok());
    let long = format!("/*/{}", "x".repeat(1_000_000));
    let identity = Identity::new().exclude(&names).exclude([long]);
    assert_eq!(
        identity.check().unwrap_err().kind(),
        ErrorKind::InvalidPointer
    );
}

#[test]
fn rules_hold_ten_thousand_names_and_a_mebibyte_of_them() {
    let is_in_limits = |identity: Identity| match identity.check() {
        Ok(()) => true,
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::InvalidPointer, "{error}");
            false
        }
    };
    let names = |count: usize| (0..count).map(|name| format!("n{name}"));
    assert!(is_in_limits(Identity::new().exclude(names(10_000))));
    assert!(!is_in_limits(Identity::new().exclude(names(10_001))));
    assert!(is_in_limits(
        Identity::new().exclude_everywhere(names(10_000))
    ));
    assert!(!is_in_limits(
        Identity::new().exclude_everywhere(names(10_001))
    ));
    let pointer = |length: usize| [format!("/{}", "x".repeat(length))];
    assert!(is_in_limits(Identity::new().exclude(pointer(1 << 20))));
    assert!(!is_in_limits(
        Identity::new().exclude(pointer((1 << 20) + 1))
    ));
}

/// What holds for any member is copied for each that has rules of its own.
#[test]
fn rules_that_are_copied_count() {
    let long = "x".repeat((1 << 19) - 100);
    let first = Identity::new().exclude([format!("/*/{long}")]);
    assert!(first.clone().exclude(["/a/b"]).check().is_ok());
    let error = first.exclude(["/a/b", "/c/d"]).check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidPointer);

    let short = (0..3000).map(|name| format!("/*/n{name}"));
    let first = Identity::new().exclude(short);
    let error = first.exclude(["/a/b", "/c/d"]).check().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidPointer);
}

mod keyed {
    use super::*;

    /// The vector that is quoted most.
    #[test]
    fn a_key_is_the_hmac_of_the_canonical_bytes() {
        let secret = Secret::new(b"key");
        let text = b"The quick brown fox jumps over the lazy dog";
        assert_eq!(
            secret.key_of(text).unwrap(),
            "ik_f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
        );
        let identity = Identity::new().secret(secret.clone());
        let key = secret.key_of(br#"{"a":1}"#).unwrap();
        assert_eq!(identity.key(&json!({"a": 1})).unwrap(), key);
        assert_eq!(identity.key_of_json(br#"{ "a": 1.0 }"#).unwrap(), key);
        assert_eq!(
            Identity::new()
                .of(&json!({"a": 1}))
                .keyed_idempotency_key(&secret),
            key
        );
    }

    #[test]
    fn a_secret_is_never_shown_and_never_empty() {
        let identity = Identity::new().secret(Secret::new(b"secret"));
        let shown = format!("{identity:?} {:?}", Secret::new(b"secret"));
        assert!(shown.contains("Secret(..)"));
        assert!(!shown.contains("115, 101, 99") && !shown.contains("\"secret\""));
        let empty = Identity::new().secret(Secret::new(b""));
        assert_eq!(empty.key(&1).unwrap_err().kind(), ErrorKind::InvalidSecret);
    }
}

mod document {
    use super::*;

    #[test]
    fn says_all_that_an_identity_can_but_the_secret() {
        let identity = Identity::new()
            .exclude(["/a", "at"])
            .exclude_everywhere(["trace_id"])
            .json(["/event"])
            .only(["/event"])
            .unordered(["/event/tags"])
            .scope("outer")
            .scope("inner")
            .scope_field("region", "eu")
            .scope_member("tenant", "/tenant")
            .secret(Secret::new(b"secret"));
        let document = serde_json::to_value(&identity).unwrap();
        assert_eq!(
            document,
            json!({
                "exclude": ["/a", "at"],
                "exclude_everywhere": ["trace_id"],
                "json": ["/event"],
                "only": ["/event"],
                "unordered": ["/event/tags"],
                "scope": "outer>inner",
                "scope_field": {"region": "eu"},
                "scope_member": {"tenant": "/tenant"},
            })
        );
        let read: Identity = serde_json::from_value(document.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), document);
        let body = br#"{"event":"{\"tags\":[2,1]}","tenant":1}"#;
        assert_eq!(
            read.canonical_bytes_of_json(body).unwrap(),
            identity.canonical_bytes_of_json(body).unwrap()
        );
    }

    #[test]
    fn is_read_strictly() {
        for document in [
            r#"{"exlude":["a"]}"#,
            r#"{"exclude":["a"],"exclude":["b"]}"#,
            r#"{"exclude":"a"}"#,
            r#"{"exclude":["/~2"]}"#,
            r#"{"scope":"a:b"}"#,
            r#"{"scope":""}"#,
            r#"{"scope_field":{"a":"1","a":"2"}}"#,
            r#"{"scope_field":{"a":1}}"#,
            r#"{"scope_field":{"a":"1"},"scope_member":{"a":"/a"}}"#,
            r#"{"secret":"x"}"#,
            "[]",
        ] {
            assert!(
                serde_json::from_str::<Identity>(document).is_err(),
                "{document}"
            );
        }
        assert!(serde_json::from_str::<Identity>("{}").is_ok());
    }

    #[test]
    fn says_what_is_expected_where_something_else_stands() {
        for (document, expected) in [
            ("[]", "expected the rules of an identity, as an object"),
            (
                r#"{"scope_field":[]}"#,
                "expected an object whose members are strings",
            ),
        ] {
            let error = serde_json::from_str::<Identity>(document).unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
        }
    }
}
