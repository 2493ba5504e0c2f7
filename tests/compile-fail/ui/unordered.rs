//! `unordered`, `json`, and sets that are written by their `Serialize`.

use std::collections::HashSet;

use agentidemp::IdempotencyKey;

#[derive(IdempotencyKey)]
struct Contradictions<T> {
    #[idem(unordered, json)]
    both: String,
    #[serde(flatten)]
    #[idem(unordered)]
    flattened: T,
    #[serde(flatten)]
    #[idem(json)]
    flattened_json: String,
    #[idem(unordered, scope)]
    scope: String,
    #[idem(unordered, delegate)]
    delegate: T,
    #[idem(unordered = true)]
    value: Vec<u64>,
    #[idem(unorderd)]
    misspelled: Vec<u64>,
}

#[derive(IdempotencyKey)]
struct Sets {
    #[idem(serde)]
    set: HashSet<u64>,
    #[idem(serde)]
    pointer: Option<Box<std::collections::HashSet<u64>>>,
    #[idem(serde)]
    named_after_it: FxHashSet<u64>,
    #[idem(serde, unordered)]
    within: Vec<HashSet<u64>>,
    #[idem(serde)]
    within_tuple: (u64, [HashSet<u64>; 2]),
    #[idem(serde)]
    within_slice: Box<[HashSet<u64>]>,
    #[idem(serde)]
    #[allow(unused_parens)]
    parenthesized: (HashSet<u64>),
}

#[derive(IdempotencyKey)]
#[idem(serde)]
enum AllBySerialize {
    Set(HashSet<u64>),
    Named { set: HashSet<u64> },
}

/// Nothing is wrong with these.
#[derive(IdempotencyKey)]
struct Fine {
    set: HashSet<u64>,
    #[idem(serde, unordered)]
    by_serialize: Option<HashSet<u64>>,
    #[idem(serde, with = sorted)]
    with: HashSet<u64>,
    #[idem(skip)]
    skipped: HashSet<u64>,
}

fn sorted(set: &HashSet<u64>) -> Vec<u64> {
    let mut sorted: Vec<_> = set.iter().copied().collect();
    sorted.sort();
    sorted
}

type FxHashSet<T> = HashSet<T>;

fn main() {}
