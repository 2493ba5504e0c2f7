//! Bodies as other writers of JSON spell them: the same values, so the same keys.

use agentidemp::IdempotencyKey;
use serde::Serialize;

use super::Vector;

#[derive(Serialize, IdempotencyKey)]
struct Request {
    text: &'static str,
    temperature: f64,
    tokens: Vec<u64>,
}

fn request() -> Request {
    Request {
        text: "caf\u{e9} \u{1f600} </a>\n",
        temperature: 100.0,
        tokens: vec![0, 1, u64::MAX],
    }
}

pub(super) fn vectors() -> Vec<Vector> {
    let bodies = [
        (
            "serde_json",
            "{\"text\":\"caf\u{e9} \u{1f600} </a>\\n\",\"temperature\":100.0,\"tokens\":[0,1,18446744073709551615]}",
        ),
        (
            "ASCII and spaces",
            r#"{"text": "caf\u00e9 \ud83d\ude00 </a>\n", "temperature": 100.0, "tokens": [0, 1, 18446744073709551615]}"#,
        ),
        (
            "no fraction",
            r#"{"tokens":[0,1,18446744073709551615],"text":"café 😀 </a>\n","temperature":100}"#,
        ),
        (
            "an exponent",
            r#"{"text":"café 😀 <\/a>\u000a","temperature":1E+2,"tokens":[-0,1,18446744073709551615]}"#,
        ),
        (
            "HTML-safe",
            r#"{"temperature":1e2,"text":"café 😀 \u003c/a\u003E\n","tokens":[0,1,18446744073709551615]}"#,
        ),
        (
            "several lines",
            "\r\n{\r\n\t\"text\" : \"caf\\u00E9 \\uD83D\\uDE00 \\u003c\\u002Fa>\\n\",\r\n\t\"temperature\" : 0.1e3,\r\n\t\"tokens\" : [ 0 , 1 , 18446744073709551615 ]\r\n}\r\n",
        ),
    ];
    bodies
        .map(|(name, body)| Vector::new(format!("spelling/{name}"), &request()).body(body))
        .into()
}
