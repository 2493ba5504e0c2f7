//! The names of members: their order, their escapes, and map keys that are no strings.

use std::collections::BTreeMap;

use agentidemp::{Canonical, IdempotencyKey};
use serde::Serialize;

use super::Vector;

#[derive(Serialize, IdempotencyKey)]
#[serde(transparent)]
struct Map<K: Ord, V>(BTreeMap<K, V>);

fn map<K, const N: usize>(name: &str, keys: [K; N]) -> Vector
where
    K: Ord + Canonical + Serialize,
{
    let entries = keys.into_iter().zip(0..).collect::<BTreeMap<K, u32>>();
    Vector::new(format!("names/{name}"), &Map(entries))
}

#[derive(Serialize, IdempotencyKey)]
struct Renamed {
    #[serde(rename = "\u{fb33}")]
    hebrew: u8,
    #[serde(rename = "\u{1f600}")]
    emoji: u8,
}

#[derive(Serialize, IdempotencyKey)]
struct Declared {
    zebra: u8,
    #[serde(rename = "Zebra")]
    upper: u8,
    r#type: u8,
    apple: u8,
}

#[derive(Serialize, IdempotencyKey)]
#[serde(rename_all = "camelCase")]
struct CamelCase {
    max_tokens: u32,
    stop_sequences: Vec<String>,
}

#[derive(Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
enum Role {
    User,
    ToolResult,
}

#[derive(Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
struct Id(u64);

pub(super) fn vectors() -> Vec<Vector> {
    let mut vectors = order();
    vectors.extend(keys());
    vectors
}

fn order() -> Vec<Vector> {
    let renamed = Renamed {
        hebrew: 1,
        emoji: 2,
    };
    let declared = Declared {
        zebra: 1,
        upper: 2,
        r#type: 3,
        apple: 4,
    };
    let camel_case = CamelCase {
        max_tokens: 1024,
        stop_sequences: vec!["\n\n".into()],
    };
    vec![
        Vector::new("names/UTF-16 order in a struct", &renamed),
        map("UTF-16 order in a map", ["\u{fb33}", "\u{1f600}"]),
        map(
            "UTF-16 order after a common start",
            ["a\u{ffff}", "a\u{10000}", "a\u{e000}", "a\u{d7ff}", "a"],
        ),
        map(
            "the example of RFC 8785",
            [
                "\u{20ac}",
                "\r",
                "\u{fb33}",
                "1",
                "\u{1f600}",
                "\u{80}",
                "\u{f6}",
            ],
        ),
        Vector::new("names/declared in another order", &declared),
        Vector::new("names/in camel case", &camel_case),
        map("empty", [""]),
        map("empty and others", ["", " ", "a"]),
        map("starts of others", ["aa", "a", "ab", "aaa"]),
        map("upper and lower case", ["a", "B", "b", "A", "_"]),
        map("digits", ["1", "10", "2", "01", "-1", "1.5"]),
        map(
            "properties of JavaScript objects",
            ["__proto__", "constructor", "toString", "length", "toJSON"],
        ),
        map("escapes", ["\"", "\\", "\n", "\u{1f}", "\u{7f}", "/"]),
        map("composed and not", ["\u{e9}", "e\u{301}"]),
        map("a long name", ["n".repeat(600)]),
    ]
}

fn keys() -> Vec<Vector> {
    vec![
        map("integers", [1_u8, 2, 10, 100]),
        map("negative integers", [-1_i64, -10, 0, 1, i64::MIN]),
        map("large integers", [(1_u64 << 53) + 1, u64::MAX]),
        map("integers of 128 bits", [i128::MIN, i128::MAX]),
        map("booleans", [true, false]),
        map("characters", ['\u{fb33}', '\u{1f600}', 'a']),
        map("variants", [Role::User, Role::ToolResult]),
        map("newtypes", [Id(7), Id(30)]),
    ]
}
