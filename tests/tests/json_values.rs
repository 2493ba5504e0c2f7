//! `serde_json::Value` has the same bytes in every build of serde_json. The package
//! `serde-json-features` runs this file for each set of features, so that it uses no other crates
//! than serde.

use agentidemp::{ErrorKind, IdempotencyKey, Identity};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Each line is a JSON text and its canonical form, and in a third column the canonical form with
/// the feature `arbitrary_precision`, where that is another. `error` stands where there is none.
const GOLDEN: &str = include_str!("../data/json_values.tsv");

fn has_arbitrary_precision() -> bool {
    serde_json::from_str::<Value>("1e999").is_ok()
}

#[derive(IdempotencyKey)]
struct Payload<'a> {
    #[idem(serde)]
    value: &'a Value,
}

#[test]
fn the_bytes_of_a_json_value_are_the_same_in_every_build() {
    let arbitrary_precision = has_arbitrary_precision();
    for line in GOLDEN.lines() {
        let columns: Vec<_> = line.split('\t').collect();
        let (text, expected) = match columns[..] {
            [text, _, exact] if arbitrary_precision => (text, exact),
            [text, expected, ..] => (text, expected),
            _ => panic!("no columns: {line:?}"),
        };
        let read = serde_json::from_str::<Value>(text).ok();
        let bytes = read
            .as_ref()
            .and_then(|value| Identity::new().canonical_bytes(value).ok());
        let expected = (expected != "error").then_some(expected);
        assert_eq!(bytes.as_deref(), expected.map(str::as_bytes), "{text}");
        if let (Some(value), Some(expected)) = (&read, expected) {
            let within = Payload { value }.canonical_bytes();
            assert_eq!(within, format!(r#"{{"value":{expected}}}"#).as_bytes());
        }
    }
}

#[test]
fn so_are_those_of_a_value_that_is_built() {
    let value = json!({
        "z": [u64::MAX, i64::MIN, 0, -1],
        "floats": [1.0, -0.0, 0.1, 1e21, 1e-7, f64::MAX, f64::MIN_POSITIVE, 9_007_199_254_740_993_u64],
        "text": "\u{1f600}\u{0}",
        "none": null,
        "é": {"b": true, "a": false},
    });
    let expected = "{\"floats\":[1,0,0.1,1e+21,1e-7,1.7976931348623157e+308,2.2250738585072014e-308,\
        9007199254740993],\"none\":null,\"text\":\"\u{1f600}\\u0000\",\
        \"z\":[18446744073709551615,-9223372036854775808,0,-1],\"é\":{\"a\":false,\"b\":true}}";
    assert_eq!(
        Identity::new().canonical_bytes(&value).unwrap(),
        expected.as_bytes()
    );
}

/// A `Value` from an `f32` is another number in each build, on the wire too: not ours to change.
#[test]
fn a_value_of_a_small_float_is_what_its_wire_text_says() {
    let value = json!(0.1_f32);
    let expected = if has_arbitrary_precision() {
        "0.1"
    } else {
        "0.10000000149011612"
    };
    assert_eq!(value.to_string(), expected);
    assert_eq!(
        Identity::new().canonical_bytes(&value).unwrap(),
        expected.as_bytes()
    );
}

#[test]
fn a_number_beyond_a_double_has_no_key() {
    let text = "[0, {\"a\": -1e999}]";
    match serde_json::from_str::<Value>(text) {
        Ok(value) => {
            let error = Identity::new().key(&value).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFinite);
            assert_eq!(
                error.to_string(),
                "/1/a: the number is beyond the range of a double"
            );
        }
        Err(error) => assert!(error.to_string().contains("out of range")),
    }
}

/// serde keeps the fields of such variants aside, numbers of any feature among them.
#[test]
fn numbers_survive_flattening_and_tagging() {
    #[derive(Serialize)]
    #[serde(tag = "kind")]
    enum Tagged {
        Inner(Variant),
    }

    #[derive(Serialize)]
    enum Variant {
        Tuple(Value, Value),
        Struct { n: Value },
    }

    #[derive(Serialize)]
    struct Flattening {
        #[serde(flatten)]
        variant: Variant,
        #[serde(flatten)]
        rest: Map<String, Value>,
    }

    let numbers = || (json!(u64::MAX), json!(-1.50));
    let (n, other) = numbers();
    let tagged = [
        Tagged::Inner(Variant::Tuple(n, other)),
        Tagged::Inner(Variant::Struct { n: numbers().0 }),
    ];
    let flattening = Flattening {
        variant: Variant::Struct { n: numbers().0 },
        rest: Map::from_iter([("a".to_owned(), numbers().1)]),
    };
    let expected = r#"[[{"Tuple":[18446744073709551615,-1.5],"kind":"Inner"},{"Struct":{"n":18446744073709551615},"kind":"Inner"}],{"Struct":{"n":18446744073709551615},"a":-1.5}]"#;
    let bytes = Identity::new()
        .canonical_bytes(&(tagged, flattening))
        .unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), expected);
}

#[test]
fn exclusions_reach_into_a_value() {
    let value = json!({"b": [{"id": 1.5, "n": 2}], "a": 1});
    let identity = Identity::new().exclude(["a", "/b/*/id"]);
    assert_eq!(
        identity.canonical_bytes(&value).unwrap(),
        br#"{"b":[{"n":2}]}"#
    );
}
