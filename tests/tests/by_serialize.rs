//! `canonical_by_serialize!`: own types whose canonical form is what their `Serialize` writes.

use std::fmt::Display;

use agentidemp::{Canonical, ErrorKind, IdempotencyKey, Identity, canonical_by_serialize};
use agentidemp_tests::payload::{Payload, assert_canonical, error_of, text_of};
use serde::ser::Error;
use serde::{Serialize, Serializer};

/// `"5.00 EUR"` on the wire.
struct Money {
    cents: u64,
    currency: &'static str,
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { cents, currency } = self;
        if *cents == 0 {
            return Err(S::Error::custom("the amount is zero"));
        }
        serializer.collect_str(&format_args!(
            "{}.{:02} {currency}",
            cents / 100,
            cents % 100
        ))
    }
}

/// `"<text>"` on the wire.
struct Quoted<'a, T: ?Sized> {
    text: &'a T,
}

impl<T: Display + ?Sized> Serialize for Quoted<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("<{}>", self.text))
    }
}

/// An array of one element on the wire.
struct Single<T>(T);

impl<T: Serialize> Serialize for Single<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        [&self.0].serialize(serializer)
    }
}

#[derive(Serialize)]
struct Labelled<'a, T, U>(&'a str, T, U);

mod inner {
    #[derive(serde::Serialize)]
    pub enum Method {
        Card,
    }
}

canonical_by_serialize!(
    Money,
    Quoted<'_, str>,
    impl<T> Single<T>,
    inner::Method,
    impl<'a, T, U> Labelled<'a, T, U>,
);

impl IdempotencyKey for Money {}

fn money(cents: u64) -> Money {
    Money {
        cents,
        currency: "EUR",
    }
}

#[test]
fn the_form_is_what_serialize_writes() {
    assert_eq!(text_of(&money(501)), r#""5.01 EUR""#);
    assert_canonical(Quoted { text: "x" }, r#""<x>""#);
    assert_canonical(Single(1), "[1]");
    assert_canonical(inner::Method::Card, r#""Card""#);
    assert_canonical(
        Labelled("a", 1, Single(money(500))),
        r#"["a",1,["5.00 EUR"]]"#,
    );
}

#[test]
fn such_a_type_stands_wherever_a_derived_one_does() {
    #[derive(IdempotencyKey, Serialize)]
    struct Invoice {
        total: Money,
        lines: Vec<Option<Money>>,
        #[serde(flatten)]
        rest: Rest,
    }

    #[derive(Serialize)]
    struct Rest {
        method: inner::Method,
    }

    canonical_by_serialize!(Rest);

    let invoice = Invoice {
        total: money(500),
        lines: vec![Some(money(500)), None],
        rest: Rest {
            method: inner::Method::Card,
        },
    };
    assert_eq!(
        text_of(&invoice),
        r#"{"lines":["5.00 EUR",null],"method":"Card","total":"5.00 EUR"}"#
    );
    assert_eq!(
        Identity::new().key(&invoice).unwrap(),
        invoice.idempotency_key()
    );
}

#[test]
fn an_error_of_serialize_is_that_of_the_request() {
    let error = error_of(&Payload([money(1), money(0)]));
    assert_eq!(error.kind(), ErrorKind::Custom);
    assert_eq!(error.to_string(), "/1: the amount is zero");
}

#[test]
fn nothing_may_be_given() {
    canonical_by_serialize!();
    fn assert_canonical<T: Canonical>() {}
    assert_canonical::<Single<Vec<Money>>>();
}
