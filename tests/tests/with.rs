//! The containers of other crates by `agentidemp::with`: the elements are written by their own
//! `Canonical`, which `#[idem(serde)]` would not do.

#![allow(dead_code)]

use std::collections::{HashMap, HashSet};

use agentidemp::{Canonical, ErrorKind, IdempotencyKey, with};
use agentidemp_tests::payload::{Payload, assert_canonical, error_of, text_of};
use http::{HeaderMap, HeaderName, Method};
use serde::Serialize;

/// A map of another crate: its reference iterates over pairs.
struct LinearMap<K, V>(Vec<(K, V)>);

impl<'a, K, V> IntoIterator for &'a LinearMap<K, V> {
    type Item = (&'a K, &'a V);
    type IntoIter = std::iter::Map<std::slice::Iter<'a, (K, V)>, fn(&(K, V)) -> (&K, &V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

/// A sequence of another crate.
#[derive(Serialize)]
struct Ring<T>(Vec<T>);

impl<'a, T> IntoIterator for &'a Ring<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

/// A map key of another crate.
#[derive(Serialize, PartialEq, Eq, Hash)]
#[serde(rename_all = "UPPERCASE")]
enum Currency {
    Eur,
    Usd,
}

#[derive(IdempotencyKey, Serialize, PartialEq, Eq, Hash)]
struct Line {
    quantity: u32,
    #[idem(skip)]
    trace_id: u64,
}

fn line(quantity: u32, trace_id: u64) -> Line {
    Line { quantity, trace_id }
}

#[test]
fn elements_keep_what_they_skip() {
    #[derive(IdempotencyKey)]
    struct Order {
        #[idem(with = with::map)]
        by_name: LinearMap<String, Line>,
        #[idem(with = with::map_with_serde_keys)]
        by_currency: HashMap<Currency, Line>,
        #[idem(with = with::seq)]
        in_order: Ring<Line>,
        #[idem(with = with::set)]
        in_no_order: HashSet<Line>,
    }

    let order = |trace_id| Order {
        by_name: LinearMap(vec![
            ("b".to_owned(), line(2, trace_id)),
            ("a".to_owned(), line(1, trace_id)),
        ]),
        by_currency: HashMap::from([
            (Currency::Usd, line(2, trace_id)),
            (Currency::Eur, line(1, trace_id)),
        ]),
        in_order: Ring(vec![line(2, trace_id), line(1, trace_id)]),
        in_no_order: HashSet::from([line(2, trace_id), line(1, trace_id)]),
    };
    assert_eq!(
        text_of(&order(7)),
        concat!(
            r#"{"by_currency":{"EUR":{"quantity":1},"USD":{"quantity":2}},"#,
            r#""by_name":{"a":{"quantity":1},"b":{"quantity":2}},"#,
            r#""in_no_order":[{"quantity":1},{"quantity":2}],"#,
            r#""in_order":[{"quantity":2},{"quantity":1}]}"#
        )
    );
    assert_eq!(order(7).idempotency_key(), order(8).idempotency_key());
}

/// What the helpers are for.
#[test]
fn by_serde_each_trace_has_its_key() {
    #[derive(IdempotencyKey)]
    struct Order {
        #[idem(serde)]
        lines: Ring<Line>,
    }

    let key = |trace_id| {
        let lines = Ring(vec![line(1, trace_id)]);
        Order { lines }.idempotency_key()
    };
    assert_ne!(key(7), key(8));
}

#[test]
fn a_sequence_has_an_order_and_a_set_has_none() {
    assert_canonical(with::seq(&[2, 1, 2]), "[2,1,2]");
    assert_canonical(with::set(&[2, 1, 2]), "[1,2,2]");
    assert_canonical(with::seq(&[0_u8; 0]), "[]");
    assert_canonical(with::set(&[0_u8; 0]), "[]");
    assert_canonical(with::map(&LinearMap::<u8, u8>(vec![])), "{}");
}

#[test]
fn an_iterator_will_do() {
    /// This iterator is not `Clone`.
    fn by_name(headers: &HeaderMap) -> impl Canonical {
        let headers = headers.iter();
        let headers = headers.map(|(name, value)| (name.as_str(), value.as_bytes()));
        with::map(headers.collect::<Vec<_>>())
    }

    fn by_display(weights: &Option<HashMap<Method, u8>>) -> impl Canonical {
        let weights = weights.as_ref();
        weights
            .map(|weights| with::map(weights.iter().map(|(key, value)| (key.to_string(), value))))
    }

    #[derive(IdempotencyKey)]
    struct Call {
        #[idem(with = by_name)]
        headers: HeaderMap,
        #[idem(with = by_display)]
        weights: Option<HashMap<Method, u8>>,
    }

    let mut call = Call {
        headers: HeaderMap::from_iter([(HeaderName::from_static("x-a"), "1".parse().unwrap())]),
        weights: Some(HashMap::from([(Method::PUT, 2), (Method::GET, 1)])),
    };
    assert_eq!(
        text_of(&call),
        r#"{"headers":{"x-a":[49]},"weights":{"GET":1,"PUT":2}}"#
    );
    call.weights = None;
    assert_eq!(text_of(&call), r#"{"headers":{"x-a":[49]},"weights":null}"#);
}

/// The value is written once for the bytes and once for the key.
#[test]
fn what_is_given_can_be_written_again() {
    let twice = Payload(with::seq([1, 2].iter().map(|number| number * 2)));
    assert_eq!(text_of(&twice), "[2,4]");
    assert_eq!(text_of(&twice), "[2,4]");
}

#[test]
fn two_keys_that_are_written_alike_are_an_error() {
    let twins = LinearMap(vec![("a", 1), ("a", 2)]);
    assert_eq!(
        error_of(&Payload(with::map(&twins))).kind(),
        ErrorKind::DuplicateMember
    );
    assert_eq!(
        error_of(&Payload(with::map_with_serde_keys(&twins))).kind(),
        ErrorKind::DuplicateMember
    );
}

#[test]
fn a_key_that_is_no_name_is_an_error() {
    let map = LinearMap(vec![(1.5, 1)]);
    for error in [
        error_of(&Payload(with::map(&map))),
        error_of(&Payload(with::map_with_serde_keys(&map))),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidMemberName);
    }
}
