//! The features are what run.sh says they are, or the other tests would test nothing; and what they change in
//! a `Value` that serde_json reads, they do not change in the key of its text.

use agentidemp::{ErrorKind, Identity};
use serde_json::{Value, json};

#[test]
fn preserve_order() {
    let first = json!({"b": 1, "a": 2})
        .as_object()
        .unwrap()
        .keys()
        .next()
        .cloned();
    let expected = if cfg!(feature = "preserve_order") {
        "b"
    } else {
        "a"
    };
    assert_eq!(first.as_deref(), Some(expected));
}

#[test]
fn arbitrary_precision() {
    let read = serde_json::from_str::<Value>("1e999");
    assert_eq!(read.is_ok(), cfg!(feature = "arbitrary_precision"));
}

/// The table in the documentation of `by_serialize`.
#[test]
fn a_value_that_was_read_holds_what_the_features_say() {
    let arbitrary = cfg!(feature = "arbitrary_precision");
    let raw = cfg!(feature = "raw_value");
    let object_of_raw = r#"{"$serde_json::private::RawValue":"[1.0]"}"#;
    let object_of_number = r#"{"$serde_json::private::Number":"1.50"}"#;
    let rows = [
        (
            "18446744073709551617",
            arbitrary,
            "18446744073709551617",
            "18446744073709552000",
        ),
        (object_of_raw, raw, "[1]", object_of_raw),
        (object_of_number, arbitrary, "1.5", object_of_number),
    ];
    for (text, is_changed, with, without) in rows {
        let value: Value = serde_json::from_str(text).unwrap();
        let expected = if is_changed { with } else { without };
        let bytes = Identity::new().canonical_bytes(&value).unwrap();
        assert_eq!(String::from_utf8(bytes).unwrap(), expected, "{text}");
    }
}

/// Another row of it.
#[test]
fn a_decimal_of_many_digits_that_was_read_is_what_the_features_say() {
    let value: Value = serde_json::from_str("333333333.33333329").unwrap();
    let bytes = Identity::new().canonical_bytes(&value);
    if cfg!(feature = "arbitrary_precision") {
        assert_eq!(bytes.unwrap_err().kind(), ErrorKind::Imprecise);
    } else if cfg!(feature = "float_roundtrip") {
        assert_eq!(bytes.unwrap(), b"333333333.3333333");
    } else {
        assert_eq!(bytes.unwrap(), b"333333333.33333325");
    }
}

#[test]
fn the_key_of_a_text_depends_on_no_feature() {
    for (text, expected) in [
        ("18446744073709551617", "18446744073709551617"),
        (
            r#"{"$serde_json::private::RawValue":"[1.0]"}"#,
            r#"{"$serde_json::private::RawValue":"[1.0]"}"#,
        ),
        (
            r#"{"$serde_json::private::Number":"1.50"}"#,
            r#"{"$serde_json::private::Number":"1.50"}"#,
        ),
        (r#"{"b":1,"a":2}"#, r#"{"a":2,"b":1}"#),
    ] {
        let bytes = Identity::new().canonical_bytes_of_json(text.as_bytes());
        assert_eq!(String::from_utf8(bytes.unwrap()).unwrap(), expected);
    }
    for (text, kind) in [
        ("1e-400", ErrorKind::Imprecise),
        ("333333333.33333329", ErrorKind::Imprecise),
        ("1e999", ErrorKind::NotFinite),
    ] {
        let error = Identity::new().key_of_json(text.as_bytes()).unwrap_err();
        assert_eq!(error.kind(), kind, "{text}");
    }
}

/// Only this feature lets serde_json read so deep.
#[cfg(feature = "unbounded_depth")]
#[test]
fn a_value_deeper_than_128_levels_has_no_key() {
    use serde::Deserialize;

    let text = "[".repeat(129) + &"]".repeat(129);
    let mut reader = serde_json::Deserializer::from_str(&text);
    reader.disable_recursion_limit();
    let value = Value::deserialize(&mut reader).unwrap();
    let error = Identity::new().key(&value).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooDeep);
    let Value::Array(inner) = value else {
        panic!("it is an array");
    };
    assert!(Identity::new().key(&inner[0]).is_ok());
}

#[cfg(feature = "raw_value")]
mod raw_value {
    use agentidemp::Identity;
    use serde_json::value::RawValue;

    /// Also without the feature of agentidemp, which another crate of a build may not have turned on.
    #[test]
    fn raw_values_are_canonical() {
        let raw = RawValue::from_string(r#"{"b": 1.0, "a": 12345678901234567890123}"#.to_owned());
        let bytes = Identity::new().canonical_bytes(&[raw.unwrap()]);
        assert_eq!(bytes.unwrap(), br#"[{"a":12345678901234567890123,"b":1}]"#);
    }
}
