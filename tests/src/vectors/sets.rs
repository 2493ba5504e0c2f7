//! Sets: arrays whose elements are sorted by their canonical bytes.

use std::collections::{BTreeMap, BTreeSet};

use agentidemp::{Canonical, IdempotencyKey};
use serde::Serialize;

use super::Vector;

#[derive(Serialize, IdempotencyKey)]
struct Tagged<T: Ord> {
    tags: BTreeSet<T>,
}

fn set<T, const N: usize>(name: &str, tags: [T; N]) -> Vector
where
    T: Ord + Canonical + Serialize,
{
    let tags = BTreeSet::from(tags);
    Vector::new(format!("set/{name}"), &Tagged { tags }).unordered(&["/tags"])
}

#[derive(Serialize, IdempotencyKey)]
struct Rooms {
    rooms: BTreeMap<&'static str, Vec<BTreeSet<u32>>>,
}

#[derive(Serialize, IdempotencyKey)]
struct Prompt {
    #[idem(unordered)]
    stop: Option<Vec<&'static str>>,
    #[idem(unordered)]
    seeds: [f64; 3],
}

/// Ordered by `seen` first, which is not in the payload.
#[derive(Serialize, IdempotencyKey, PartialEq, Eq, PartialOrd, Ord)]
struct Tool {
    #[idem(skip)]
    seen: u32,
    name: &'static str,
}

pub(super) fn vectors() -> Vec<Vector> {
    let tool = |seen, name| Tool { seen, name };
    let rooms = BTreeMap::from([
        ("a", vec![BTreeSet::from([9, 10]), BTreeSet::new()]),
        ("b", vec![BTreeSet::from([100, 20])]),
    ]);
    let prompt = |stop| Prompt {
        stop,
        seeds: [10.0, 0.5, 2.0],
    };
    vec![
        set("empty", [(); 0]),
        set("strings", ["b", "a", "aa", "A", ""]),
        set("integers by their digits", [2, 10, 1, 100, 20]),
        set("negative integers", [-1, -10, 0, 5]),
        set("large integers", [u64::MAX, (1 << 53) + 1, 1 << 53, 99, 10]),
        set("strings by bytes, not UTF-16", ["\u{1f600}", "\u{fb33}"]),
        set(
            "strings by their escapes",
            ["\n", "a", "Z", "\"", "]", "\u{1f}"],
        ),
        set("tuples", [(2, "a"), (10, "b"), (1, "c")]),
        set("options", [None, Some(1), Some(10), Some(2)]),
        set(
            "sets",
            [
                BTreeSet::from([2, 10]),
                BTreeSet::from([1]),
                BTreeSet::new(),
            ],
        )
        .unordered(&["/tags/*"]),
        set(
            "objects with a skipped member",
            [tool(1, "search"), tool(2, "browse"), tool(3, "browse")],
        )
        .exclude(&["/tags/*/seen"]),
        Vector::new("set/in a map of arrays", &Rooms { rooms }).unordered(&["/rooms/*/*"]),
        Vector::new("set/of an array", &prompt(Some(vec!["b", "a", "b"])))
            .unordered(&["/stop", "/seeds"]),
        Vector::new("set/of an array that is absent", &prompt(None))
            .unordered(&["/stop", "/seeds"]),
    ]
}
