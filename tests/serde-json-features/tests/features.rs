//! The features are what run.sh says they are, or the other tests would test nothing.

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
