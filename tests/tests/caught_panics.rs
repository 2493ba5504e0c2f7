//! Code that fails half-way through a value and is caught by its caller: what stands in for the
//! value must never become a key.

use std::collections::BTreeMap;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use agentidemp::__private::{Refusal, Serializer};
use agentidemp::canonical::Encoder;
use agentidemp::{Canonical, ErrorKind, IdempotencyKey, Identity, Scope};
use agentidemp_tests::payload::{by_hand, error_of};
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct, Serializer as _};

/// Panics after it has written a part of its text.
#[derive(PartialEq, Eq)]
struct Boom;

impl Canonical for Boom {
    fn encode(&self, _: &mut Encoder<'_>) {
        panic!("on purpose")
    }
}

impl fmt::Display for Boom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ab")?;
        panic!("on purpose")
    }
}

/// Goes on whether or not the work panics: where it is refused before, it does not come to that.
fn caught(work: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(work));
}

/// A value that is cut short, with another in its place.
struct Fallback<F>(F);

impl<F: Fn(&mut Encoder<'_>)> Canonical for Fallback<F> {
    fn encode(&self, out: &mut Encoder<'_>) {
        caught(|| (self.0)(out));
        "fallback".encode(out);
    }
}

/// Refused at the top, and in each kind of builder around it.
#[track_caller]
fn assert_no_key<F: Fn(&mut Encoder<'_>)>(cut_short: F) {
    let value = Fallback(cut_short);
    let places: [&dyn Fn(&mut Encoder<'_>); 6] = [
        &|out| value.encode(out),
        &|out| out.object().member("a", &value).finish(),
        &|out| out.array().element(&value).finish(),
        &|out| out.set().element(&value).finish(),
        &|out| out.object().flatten(&value).finish(),
        &|out| out.object().entry(&value, &1).finish(),
    ];
    for (place, encode) in places.into_iter().enumerate() {
        let error = error_of(&by_hand(encode));
        let refused = [
            ErrorKind::Misuse,
            ErrorKind::NotMergeable,
            ErrorKind::InvalidMemberName,
        ];
        assert!(refused.contains(&error.kind()), "{place}: {error}");
    }
}

#[test]
fn nothing_stands_in_for_an_object() {
    assert_no_key(|out| {
        out.object().member("id", &1).member("x", &Boom).finish();
    });
}

#[test]
fn nothing_stands_in_for_an_array() {
    assert_no_key(|out| out.array().element(&1).element(&Boom).finish());
}

#[test]
fn nothing_stands_in_for_a_set() {
    assert_no_key(|out| out.set().element(&1).element(&Boom).finish());
}

#[test]
fn nothing_stands_in_for_a_text() {
    assert_no_key(|out| out.display(&Boom));
}

#[test]
fn nothing_stands_in_for_a_name() {
    assert_no_key(|out| {
        out.object()
            .entry(&by_hand(|out| out.display(&Boom)), &1)
            .finish();
    });
}

/// A builder that goes on after a step whose panic was caught.
#[track_caller]
fn assert_no_key_after<F: Fn(&mut Encoder<'_>)>(step_caught: F) {
    let places: [&dyn Fn(&mut Encoder<'_>); 4] = [
        &|out| step_caught(out),
        &|out| out.object().member("a", &by_hand(&step_caught)).finish(),
        &|out| out.array().element(&by_hand(&step_caught)).finish(),
        &|out| {
            let in_a_set = by_hand(|out| out.set().element(&by_hand(&step_caught)).finish());
            out.set()
                .element(&(&in_a_set, &BTreeMap::from([("k", 1)])))
                .finish();
        },
    ];
    for encode in places {
        assert_eq!(error_of(&by_hand(encode)).kind(), ErrorKind::Misuse);
    }
}

/// A text that is cut short, as a value.
fn half_a_text(out: &mut Encoder<'_>) {
    out.display(&Boom);
}

#[test]
fn an_object_does_not_go_on_after_half_a_text() {
    assert_no_key_after(|out| {
        let mut object = out.object();
        caught(|| {
            object.member("k", &by_hand(half_a_text));
        });
        object.member("z", &1).finish();
    });
}

#[test]
fn an_object_does_not_end_after_half_a_text() {
    assert_no_key_after(|out| {
        let mut object = out.object();
        caught(|| {
            object.member("k", &by_hand(half_a_text));
        });
        object.finish();
    });
}

#[test]
fn an_object_does_not_go_on_after_half_a_name() {
    assert_no_key_after(|out| {
        let mut object = out.object();
        caught(|| {
            object.entry(&by_hand(half_a_text), &1);
        });
        object.member("z", &1).finish();
    });
}

#[test]
fn an_array_does_not_go_on_after_half_a_text() {
    assert_no_key_after(|out| {
        let mut array = out.array();
        caught(|| {
            array.element(&by_hand(half_a_text));
        });
        array.element(",").finish();
    });
}

#[test]
fn a_set_does_not_go_on_after_half_a_text() {
    assert_no_key_after(|out| {
        let mut set = out.set();
        caught(|| {
            set.element(&by_hand(half_a_text));
        });
        set.element(&1).finish();
    });
}

#[test]
fn the_error_says_that_a_text_was_cut_short() {
    let cut_short = "the text of a `Display` was not written to its end";
    let goes_on = by_hand(|out| {
        let mut object = out.object();
        caught(|| {
            object.member("k", &by_hand(half_a_text));
        });
        object.member("z", &1).finish();
    });
    assert_eq!(error_of(&goes_on).to_string(), cut_short);
    let ends = by_hand(|out| {
        let value = by_hand(|out| caught(|| half_a_text(out)));
        out.object().member("k", &value).finish();
    });
    assert_eq!(error_of(&ends).to_string(), format!("/k: {cut_short}"));
}

/// A sequence of serde's that goes on after half a text.
struct GoesOn;

impl Serialize for GoesOn {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut sequence = serializer.serialize_seq(None)?;
        caught(|| {
            let _ = sequence.serialize_element(&format_args!("{Boom}"));
        });
        sequence.serialize_element(&1)?;
        sequence.end()
    }
}

#[test]
fn a_sequence_of_serde_does_not_go_on_after_half_a_text() {
    assert!(Identity::new().canonical_bytes(&GoesOn).is_err());
}

impl Serialize for Boom {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("on purpose")
    }
}

/// What serde_json serializes for a number, with a text that panics, and another one after it.
struct NumberTwice;

impl Serialize for NumberTwice {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        const TOKEN: &str = "$serde_json::private::Number";
        let mut number = serializer.serialize_struct(TOKEN, 1)?;
        caught(|| {
            let _ = number.serialize_field(TOKEN, &Boom);
        });
        number.serialize_field(TOKEN, "12")?;
        number.end()
    }
}

#[test]
fn nothing_stands_in_for_a_number() {
    assert!(Identity::new().canonical_bytes(&NumberTwice).is_err());
    assert!(
        Identity::new()
            .canonical_bytes(&(1, NumberTwice, 2))
            .is_err()
    );
}

#[test]
fn nothing_stands_in_for_the_rest_of_a_scope() {
    struct Request;

    impl Canonical for Request {
        fn encode(&self, out: &mut Encoder<'_>) {
            1.encode(out);
        }

        fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
            caught(|| {
                scope.field("a", &Boom);
            });
            scope.field("b", &2);
        }
    }

    impl IdempotencyKey for Request {}

    assert!(Request.try_idempotency_key().is_err());
}

#[test]
fn nothing_stands_in_for_the_rest_of_the_scope_of_a_request_within() {
    /// Panics between two parts of its scope, or within one.
    struct Inner(bool);

    impl Canonical for Inner {
        fn encode(&self, out: &mut Encoder<'_>) {
            1.encode(out);
        }

        fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
            scope.operation("inner").field("a", &1);
            if self.0 {
                scope.field("b", &Boom);
            } else {
                panic!("caught");
            }
        }
    }

    struct Request<T>(T);

    impl<T: Canonical> Canonical for Request<T> {
        fn encode(&self, out: &mut Encoder<'_>) {
            self.0.encode(out);
        }

        fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
            caught(|| {
                scope.delegate(&self.0);
            });
        }
    }

    impl<T: Canonical> IdempotencyKey for Request<T> {}

    for within_a_field in [false, true] {
        assert!(
            Request(Inner(within_a_field))
                .try_idempotency_key()
                .is_err()
        );
        assert!(
            Request(&Inner(within_a_field))
                .try_idempotency_key()
                .is_err()
        );
    }
}

/// A pointer adds no level to the scope.
#[test]
fn nothing_stands_in_for_the_rest_of_the_scope_behind_a_pointer() {
    struct Pointee;

    impl Canonical for Pointee {
        fn encode(&self, out: &mut Encoder<'_>) {
            1.encode(out);
        }

        fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
            scope.operation("pointee");
            panic!("caught");
        }
    }

    struct Request(Box<Pointee>);

    impl Canonical for Request {
        fn encode(&self, out: &mut Encoder<'_>) {
            self.0.encode(out);
        }

        fn encode_scope(&self, scope: &mut Scope<'_, '_>) {
            caught(|| self.0.encode_scope(scope));
        }
    }

    impl IdempotencyKey for Request {}

    let error = error_of(&Request(Box::new(Pointee)));
    assert_eq!(error.kind(), ErrorKind::InvalidScope);
}

/// A map of serde's that is dropped between a key and its value.
fn cut_short(_: &u32, serializer: Serializer<'_, '_>) -> Result<(), Refusal> {
    serializer.serialize_map(None)?.serialize_key("k")
}

#[derive(IdempotencyKey)]
#[serde(transparent)]
struct CutShort(#[serde(serialize_with = "cut_short")] u32);

struct WithMore(u32);

impl Canonical for WithMore {
    fn encode(&self, out: &mut Encoder<'_>) {
        CutShort(0).encode(out);
        self.0.encode(out);
    }
}

impl IdempotencyKey for WithMore {}

#[test]
fn nothing_stands_in_for_a_map_that_is_dropped() {
    assert!(WithMore(1).try_idempotency_key().is_err());
    assert!(CutShort(1).try_idempotency_key().is_err());
    let in_a_map = by_hand(|out| BTreeMap::from([(1_u8, WithMore(1))]).encode(out));
    assert!(in_a_map.try_canonical_bytes().is_err());
}
