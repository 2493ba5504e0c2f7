//! `#[idem(unordered)]`: an array whose order means nothing is a set.

use std::collections::{HashSet, LinkedList, VecDeque};
use std::sync::Arc;

use agentidemp::{ErrorKind, IdempotencyKey};
use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Value, json, value::RawValue};

fn canonical(request: &impl IdempotencyKey) -> String {
    String::from_utf8(request.canonical_bytes()).unwrap()
}

#[derive(IdempotencyKey)]
struct Canonical<T> {
    #[idem(unordered)]
    tags: T,
}

#[derive(IdempotencyKey)]
struct Serialized<T> {
    #[idem(serde, unordered)]
    tags: T,
}

#[derive(IdempotencyKey)]
struct Ordered<T> {
    tags: T,
}

#[test]
fn elements_are_sorted_by_their_canonical_bytes_and_all_kept() {
    let tags = || vec!["b", "a", "b", "", "ab"];
    let sorted = r#"{"tags":["","a","ab","b","b"]}"#;
    assert_eq!(canonical(&Canonical { tags: tags() }), sorted);
    assert_eq!(canonical(&Serialized { tags: tags() }), sorted);
    assert_eq!(
        canonical(&Canonical {
            tags: vec![9, 10, 1]
        }),
        r#"{"tags":[1,10,9]}"#
    );
    assert_eq!(
        canonical(&Canonical {
            tags: vec![0.5, -1.5]
        }),
        r#"{"tags":[-1.5,0.5]}"#
    );
    assert_eq!(
        canonical(&Canonical {
            tags: Vec::<u8>::new()
        }),
        r#"{"tags":[]}"#
    );
}

#[test]
fn every_kind_of_sequence() {
    let sorted = r#"{"tags":[1,2]}"#;
    assert_eq!(canonical(&Canonical { tags: [2, 1] }), sorted);
    assert_eq!(canonical(&Canonical { tags: (2, 1_u128) }), sorted);
    assert_eq!(
        canonical(&Canonical {
            tags: VecDeque::from([2, 1])
        }),
        sorted
    );
    assert_eq!(
        canonical(&Canonical {
            tags: LinkedList::from([2, 1])
        }),
        sorted
    );
    assert_eq!(
        canonical(&Canonical {
            tags: HashSet::from([2, 1])
        }),
        sorted
    );
    assert_eq!(
        canonical(&Serialized {
            tags: json!([2, 1])
        }),
        sorted
    );
    assert_eq!(
        canonical(&Canonical {
            tags: json!([2, 1])
        }),
        sorted
    );
}

#[test]
fn it_reaches_through_options_pointers_and_newtypes() {
    #[derive(Serialize, IdempotencyKey)]
    struct Newtype(Vec<u8>);

    let sorted = r#"{"tags":[1,2]}"#;
    let absent = r#"{"tags":null}"#;
    assert_eq!(
        canonical(&Canonical {
            tags: Some(vec![2, 1])
        }),
        sorted
    );
    assert_eq!(canonical(&Canonical { tags: &[2, 1][..] }), sorted);
    assert_eq!(
        canonical(&Canonical {
            tags: Arc::new(Some(Box::new([2, 1])))
        }),
        sorted
    );
    assert_eq!(
        canonical(&Canonical {
            tags: Newtype(vec![2, 1])
        }),
        sorted
    );
    assert_eq!(
        canonical(&Serialized {
            tags: Some(&Newtype(vec![2, 1]))
        }),
        sorted
    );
    assert_eq!(
        canonical(&Canonical {
            tags: None::<Vec<u8>>
        }),
        absent
    );
    assert_eq!(
        canonical(&Serialized {
            tags: None::<Vec<u8>>
        }),
        absent
    );
    assert_eq!(canonical(&Serialized { tags: Value::Null }), absent);
    let text = |text: &str| RawValue::from_string(text.into()).unwrap();
    assert_eq!(
        canonical(&Serialized {
            tags: text("[2, 1]")
        }),
        sorted
    );
    assert_eq!(
        canonical(&Serialized {
            tags: text(" null")
        }),
        absent
    );
}

#[test]
fn it_does_not_reach_the_elements() {
    let tags = vec![vec![3, 1], vec![2, 9]];
    assert_eq!(canonical(&Canonical { tags }), r#"{"tags":[[2,9],[3,1]]}"#);
}

#[test]
fn elements_are_objects_too() {
    let tags = json!([{"b": 1, "a": {"d": [], "c": 2}}, {"a": {"d": [], "c": 1}}]);
    assert_eq!(
        canonical(&Serialized { tags }),
        r#"{"tags":[{"a":{"c":1,"d":[]}},{"a":{"c":2,"d":[]},"b":1}]}"#
    );
}

#[derive(IdempotencyKey)]
struct Newtype<T>(#[idem(unordered)] T);

#[derive(IdempotencyKey)]
enum Variants {
    Tuple(#[idem(unordered, with = <[u8]>::to_vec)] [u8; 2], u8),
    Named {
        #[idem(unordered)]
        tags: Vec<u8>,
    },
    Newtype(#[idem(unordered)] Vec<u8>),
}

#[test]
fn fields_of_all_kinds() {
    assert_eq!(canonical(&Newtype([2, 1])), "[1,2]");
    assert_eq!(
        canonical(&Variants::Tuple([2, 1], 0)),
        r#"{"Tuple":[[1,2],0]}"#
    );
    assert_eq!(
        canonical(&Variants::Named { tags: vec![2, 1] }),
        r#"{"Named":{"tags":[1,2]}}"#
    );
    assert_eq!(
        canonical(&Variants::Newtype(vec![2, 1])),
        r#"{"Newtype":[1,2]}"#
    );
}

#[test]
fn anything_but_an_array_is_an_error_that_says_where() {
    #[track_caller]
    fn assert_refused(request: &impl IdempotencyKey, what: &str) {
        let error = request.try_idempotency_key().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotAnArray);
        assert_eq!(
            error.to_string(),
            format!("/tags: {what} is no array, whose elements could have no order")
        );
    }
    assert_refused(&Canonical { tags: "ab" }, "a string");
    assert_refused(&Canonical { tags: 'a' }, "a string");
    assert_refused(
        &Canonical {
            tags: format_args!("{}", 1),
        },
        "a string",
    );
    assert_refused(&Canonical { tags: 1 }, "a number or boolean");
    assert_refused(&Canonical { tags: true }, "a number or boolean");
    assert_refused(&Canonical { tags: u64::MAX }, "a number or boolean");
    assert_refused(&Canonical { tags: 1.5 }, "a float");
    assert_refused(
        &Canonical {
            tags: Some(Ok::<_, u8>([2, 1])),
        },
        "an object",
    );
    assert_refused(
        &Serialized {
            tags: json!({"a": [2, 1]}),
        },
        "an object",
    );
    assert_refused(&Serialized { tags: json!("a") }, "a string");
}

/// An error in an element is where it was before the elements were sorted.
#[test]
fn an_error_in_an_element_says_which() {
    let error = Canonical {
        tags: [0.0, f64::NAN],
    }
    .try_idempotency_key()
    .unwrap_err();
    assert_eq!(error.pointer(), "/tags/1");
}

fn elements() -> impl Strategy<Value = Vec<Value>> {
    let leaf = prop_oneof![
        Just(Value::Null),
        (0..3).prop_map(Value::from),
        "[ab\"]{0,2}".prop_map(Value::from),
    ];
    let element = leaf.prop_recursive(2, 6, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[ab]", inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    });
    prop::collection::vec(element, 0..5)
}

/// The elements in an order of their own.
fn sorted(elements: &[Value]) -> Vec<String> {
    let mut texts: Vec<_> = elements.iter().map(Value::to_string).collect();
    texts.sort();
    texts
}

proptest! {
    #[test]
    fn a_permutation_keeps_the_key((tags, shuffled) in elements().prop_flat_map(|tags| {
        (Just(tags.clone()), Just(tags).prop_shuffle())
    })) {
        let key = |tags: &[Value]| Canonical { tags }.idempotency_key();
        prop_assert_eq!(key(&tags), key(&shuffled));
        let ordered = |tags: &[Value]| Ordered { tags }.idempotency_key();
        prop_assert_eq!(tags == shuffled, ordered(&tags) == ordered(&shuffled));
    }

    #[test]
    fn nothing_but_a_permutation_keeps_the_key(left in elements(), right in elements()) {
        let key = |tags: &[Value]| Serialized { tags }.idempotency_key();
        prop_assert_eq!(sorted(&left) == sorted(&right), key(&left) == key(&right));
    }
}
