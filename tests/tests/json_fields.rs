//! `#[idem(json)]`: a string that holds JSON text counts as the value that it is.

use std::borrow::Cow;
use std::sync::Arc;

use agentidemp::{ErrorKind, IdempotencyKey};

fn canonical(request: &impl IdempotencyKey) -> String {
    String::from_utf8(request.canonical_bytes()).unwrap()
}

#[derive(IdempotencyKey)]
struct Event<T> {
    id: u8,
    #[idem(json)]
    body: T,
}

#[derive(IdempotencyKey)]
struct Serialized<T> {
    #[idem(serde, json)]
    body: T,
}

fn event<T>(body: T) -> Event<T> {
    Event { id: 1, body }
}

const TEXT: &str = " {\"b\": [1.0, 10e0],\n \"a\": \"\\u00e9\"} ";
const CANONICAL: &str = "{\"body\":{\"a\":\"\u{e9}\",\"b\":[1,10]},\"id\":1}";

#[test]
fn the_value_counts_and_not_its_spelling() {
    assert_eq!(canonical(&event(TEXT)), CANONICAL);
    assert_eq!(
        event(TEXT).idempotency_key(),
        event(r#"{"a":"é","b":[1,10]}"#).idempotency_key()
    );
    assert_ne!(
        event("[1,2]").idempotency_key(),
        event("[2,1]").idempotency_key()
    );
    for (text, value) in [
        ("true", "true"),
        (" 1.50", "1.5"),
        ("\"a\"", "\"a\""),
        ("[ ]", "[]"),
    ] {
        let body = format!(r#"{{"body":{value},"id":1}}"#);
        assert_eq!(canonical(&event(text)), body);
    }
}

#[test]
fn a_string_of_any_type() {
    assert_eq!(canonical(&event(String::from(TEXT))), CANONICAL);
    assert_eq!(canonical(&event(Cow::Borrowed(TEXT))), CANONICAL);
    assert_eq!(canonical(&event(Arc::<str>::from(TEXT))), CANONICAL);
    assert_eq!(canonical(&event(Some(&TEXT))), CANONICAL);
    assert_eq!(
        canonical(&event(format_args!("[{}]", 1))),
        r#"{"body":[1],"id":1}"#
    );
    assert_eq!(
        canonical(&Serialized { body: Some("[ 1]") }),
        r#"{"body":[1]}"#
    );
}

#[derive(IdempotencyKey)]
struct Bytes(#[idem(json, with = |bytes| str::from_utf8(bytes).unwrap_or_default())] Vec<u8>);

#[derive(IdempotencyKey)]
enum Variants {
    Tuple(#[idem(json)] &'static str, u8),
    Newtype(#[idem(json)] &'static str),
}

#[test]
fn fields_of_all_kinds() {
    assert_eq!(canonical(&Bytes(b"[ 1]".into())), "[1]");
    assert_eq!(
        canonical(&Variants::Tuple("[ 1]", 2)),
        r#"{"Tuple":[[1],2]}"#
    );
    assert_eq!(canonical(&Variants::Newtype("[ 1]")), r#"{"Newtype":[1]}"#);
}

#[test]
fn no_text_is_not_a_text_that_is_null() {
    assert_eq!(canonical(&event(None::<&str>)), r#"{"body":null,"id":1}"#);
    for null in ["null", " null\n"] {
        let error = event(Some(null)).try_idempotency_key().unwrap_err();
        assert_eq!(
            error.to_string(),
            "/body: the JSON text is `null`, which would share a key with no text"
        );
    }
}

#[test]
fn what_is_no_json_is_an_error_that_says_where() {
    for text in [
        "",
        "{",
        "nul",
        "[1,]",
        "1 2",
        "{\"a\":1,\"a\":2}",
        "\u{feff}1",
    ] {
        assert!(event(text).try_idempotency_key().is_err(), "{text}");
    }
    let error = event("[1, x]").try_idempotency_key().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidJson);
    assert_eq!((error.pointer(), error.offset()), ("/body/1", Some(4)));
    let error = event(1).try_idempotency_key().unwrap_err();
    assert_eq!(
        error.to_string(),
        "/body: a number or boolean is no string that holds JSON text"
    );
}

/// The text and what is around it nest together.
#[test]
fn a_text_nests_within_the_request() {
    let nested = |depth| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(event(nested(127)).try_idempotency_key().is_ok());
    let error = event(nested(128)).try_idempotency_key().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooDeep);
}
