//! What becomes `null`, an array or an object: structs, tuples, options, standard types.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::ops::Range;
use std::path::PathBuf;
use std::time::Duration;

use agentidemp::{Canonical, IdempotencyKey};
use serde::Serialize;
use serde_json::json;

use super::Vector;

#[derive(Serialize, IdempotencyKey)]
struct Field<T> {
    value: T,
}

fn field<T: Canonical + Serialize>(name: &str, value: T) -> Vector {
    Vector::new(format!("shape/{name}"), &Field { value })
}

#[derive(Serialize, IdempotencyKey)]
#[serde(transparent)]
struct Bare<T>(T);

fn bare<T: Canonical + Serialize>(name: &str, value: T) -> Vector {
    Vector::new(format!("shape/{name} as the body"), &Bare(value))
}

#[derive(Serialize, IdempotencyKey)]
struct Unit;

#[derive(Serialize, IdempotencyKey)]
struct Empty {}

#[derive(Serialize, IdempotencyKey)]
struct Pair(u8, &'static str);

#[derive(Serialize, IdempotencyKey)]
struct Optional {
    always: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sometimes: Option<u8>,
}

#[derive(Serialize, IdempotencyKey)]
struct Flattened {
    model: &'static str,
    #[serde(flatten)]
    sampling: Sampling,
    #[serde(flatten)]
    extra: BTreeMap<&'static str, u32>,
}

#[derive(Serialize, IdempotencyKey)]
struct Sampling {
    temperature: f64,
    max_tokens: u32,
}

/// An event of a queue, whose payload is a text.
#[derive(Serialize, IdempotencyKey)]
struct Event {
    #[idem(json)]
    payload: &'static str,
    topic: &'static str,
}

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = empty();
    vectors.extend(structs());
    vectors.extend(standard_types());
    vectors
}

fn empty() -> Vec<Vector> {
    vec![
        field("unit", ()),
        field("none", None::<u8>),
        field("some unit", Some(())),
        field("unit struct", Unit),
        field("empty struct", Empty {}),
        field("empty array", [0_u8; 0]),
        field("empty map", BTreeMap::<String, u8>::new()),
        field("empty string", ""),
        field(
            "empty values in an array",
            (Unit, Empty {}, [(); 0], "", [[[(); 0]; 1]; 1]),
        ),
        bare("null", ()),
        bare("a boolean", true),
        bare("a number", 42),
        bare("a string", "hello"),
        bare("an array", [1, 2, 3]),
        bare("an empty array", [(); 0]),
        bare("an empty object", Empty {}),
    ]
}

fn structs() -> Vec<Vector> {
    let optional = |sometimes| Optional {
        always: None,
        sometimes,
    };
    let flattened = Flattened {
        model: "m-1",
        sampling: Sampling {
            temperature: 0.7,
            max_tokens: 64,
        },
        extra: BTreeMap::from([("zone", 1), ("batch", 2)]),
    };
    let event = Event {
        payload: r#"{ "n": 1.0, "m": "\u00e9" }"#,
        topic: r#"{ "n": 1.0 }"#,
    };
    vec![
        Vector::new("shape/member that is left out", &optional(None)),
        Vector::new("shape/member that is there", &optional(Some(0))),
        Vector::new("shape/flattened members", &flattened),
        Vector::new("shape/tuple struct", &Pair(1, "a")),
        field("true and false", [true, false]),
        Vector::new("shape/JSON text", &event).json(&["/payload"]),
        field("nested options", [Some(Some(1)), Some(None), None]),
        field("elements in order", [3, 1, 2, 1]),
    ]
}

fn standard_types() -> Vec<Vector> {
    let result = |value| if value { Ok(1) } else { Err("refused") };
    let address: SocketAddr = "127.0.0.1:8080".parse().unwrap();
    let range: Range<u8> = 1..5;
    vec![
        field("bytes", b"\x00\xffabc".to_vec()),
        field("character", '\u{e9}'),
        field("tuple", (1, "a", None::<u8>, 2.5)),
        field("ok", result(true)),
        field("error", result(false)),
        field("duration", Duration::new(1, 500)),
        field("range", range),
        field("IP address", IpAddr::from(Ipv6Addr::LOCALHOST)),
        field("socket address", address),
        field("path", PathBuf::from("/srv/files")),
        field(
            "JSON value",
            json!({"z": [1.0, -1, u64::MAX, 1e-7], "a": {"y": null, "x": "\u{2028}"}}),
        ),
    ]
}
