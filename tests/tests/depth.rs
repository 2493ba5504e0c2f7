//! No value and no text overflows the stack: what nests too deep is an error, by every way to a key, on a
//! thread with a small stack.

use std::mem;
use std::thread;

use agentidemp::{Error, ErrorKind, IdempotencyKey, Identity};
use serde::Serialize;
use serde_json::{Value, json};

const STACK: usize = 512 * 1024;

/// As deep as a value can be built and dropped without recursion.
const FAR_TOO_DEEP: usize = 100_000;

fn on_a_small_stack<T: Send>(test: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK);
        thread.spawn_scoped(scope, test).unwrap().join().unwrap()
    })
}

/// A request of a recursive type keeps its key up to a depth, and has none beyond it; both ways agree.
fn assert_ends_at<T>(levels: usize, build: fn(usize) -> T)
where
    T: IdempotencyKey + Serialize,
{
    on_a_small_stack(|| {
        let by_serialize = |value: &T| Identity::new().canonical_bytes(value);
        let deepest = build(levels);
        assert_eq!(
            deepest.try_canonical_bytes().unwrap(),
            by_serialize(&deepest).unwrap()
        );
        forget(deepest);
        for levels in [levels + 1, FAR_TOO_DEEP] {
            let value = build(levels);
            assert_too_deep(&value.try_idempotency_key().unwrap_err());
            assert_too_deep(&by_serialize(&value).unwrap_err());
            forget(value);
        }
    });
}

fn assert_too_deep(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::TooDeep, "{error}");
    assert!(error.to_string().chars().count() < 400, "{error}");
}

/// Dropping a deep value is recursive: that is its owner's.
fn forget<T>(value: T) {
    mem::forget(value);
}

/// Puts a value into another so many times.
fn nest<T>(levels: usize, innermost: T, wrap: impl Fn(T) -> T) -> T {
    (0..levels).fold(innermost, |value, _| wrap(value))
}

#[derive(Serialize, IdempotencyKey)]
struct List {
    value: u32,
    next: Option<Box<List>>,
}

#[test]
fn a_list() {
    assert_ends_at(128, |levels| {
        let end = List {
            value: 0,
            next: None,
        };
        nest(levels - 1, end, |next| List {
            value: 1,
            next: Some(Box::new(next)),
        })
    });
}

#[derive(Serialize, IdempotencyKey)]
enum Externally {
    End,
    Newtype(Box<Externally>),
    Struct { next: Box<Externally> },
    Tuple(u8, Box<Externally>),
}

#[test]
fn externally_tagged_enums() {
    assert_ends_at(128, |levels| {
        nest(levels, Externally::End, |next| {
            Externally::Newtype(Box::new(next))
        })
    });
    assert_ends_at(64, |levels| {
        nest(levels, Externally::End, |next| Externally::Struct {
            next: Box::new(next),
        })
    });
    assert_ends_at(64, |levels| {
        nest(levels, Externally::End, |next| {
            Externally::Tuple(0, Box::new(next))
        })
    });
}

#[derive(Serialize, IdempotencyKey)]
#[serde(tag = "type")]
enum Internally {
    End,
    Struct { next: Box<Internally> },
    Many { next: Vec<Internally> },
}

#[test]
fn internally_tagged_enums() {
    assert_ends_at(128, |levels| {
        nest(levels - 1, Internally::End, |next| Internally::Struct {
            next: Box::new(next),
        })
    });
    assert_ends_at(63, |levels| {
        nest(levels, Internally::End, |next| Internally::Many {
            next: vec![next],
        })
    });
}

#[derive(Serialize, IdempotencyKey)]
#[serde(tag = "t", content = "c")]
enum Adjacently {
    End,
    Struct { next: Box<Adjacently> },
}

#[test]
fn adjacently_tagged_enums() {
    assert_ends_at(63, |levels| {
        nest(levels, Adjacently::End, |next| Adjacently::Struct {
            next: Box::new(next),
        })
    });
}

#[derive(Serialize, IdempotencyKey)]
struct Newtype(Option<Box<Newtype>>);

#[test]
fn newtypes_that_write_no_bracket() {
    on_a_small_stack(|| {
        let build = |levels| nest(levels, Newtype(None), |next| Newtype(Some(Box::new(next))));
        let shallow = build(200);
        assert_eq!(shallow.try_canonical_bytes().unwrap(), b"null");
        assert_eq!(Identity::new().canonical_bytes(&shallow).unwrap(), b"null");
        let deep = build(FAR_TOO_DEEP);
        assert_too_deep(&deep.try_idempotency_key().unwrap_err());
        assert_too_deep(&Identity::new().key(&deep).unwrap_err());
        forget((shallow, deep));
    });
}

/// What counts is how deep they nest.
#[test]
fn pointers_and_options_beside_each_other_are_any_number() {
    #[derive(Serialize, IdempotencyKey)]
    struct Payload {
        pointers: Box<[Box<u32>]>,
        options: Vec<Option<Newtype>>,
    }

    let payload = Payload {
        pointers: (0..2000).map(Box::new).collect(),
        options: (0..2000).map(|_| Some(Newtype(None))).collect(),
    };
    assert_eq!(
        payload.try_canonical_bytes().unwrap(),
        Identity::new().canonical_bytes(&payload).unwrap()
    );
}

#[derive(IdempotencyKey)]
#[serde(untagged)]
enum Untagged {
    End(u8),
    Next(Box<Untagged>),
}

/// Through serde such variants nest without a call that could count them.
#[test]
fn untagged_variants_that_write_no_bracket() {
    on_a_small_stack(|| {
        let build = |levels| {
            nest(levels, Untagged::End(1), |next| {
                Untagged::Next(Box::new(next))
            })
        };
        let shallow = build(400);
        assert_eq!(shallow.try_canonical_bytes().unwrap(), b"1");
        let deep = build(FAR_TOO_DEEP);
        assert_too_deep(&deep.try_idempotency_key().unwrap_err());
        forget((shallow, deep));
    });
}

#[derive(IdempotencyKey)]
struct Flattened {
    #[serde(flatten)]
    next: Option<Box<Flattened>>,
}

#[test]
fn flattened_fields_that_write_no_bracket() {
    on_a_small_stack(|| {
        let build = |levels| {
            nest(levels, Flattened { next: None }, |next| Flattened {
                next: Some(Box::new(next)),
            })
        };
        let shallow = build(100);
        assert_eq!(shallow.try_canonical_bytes().unwrap(), b"{}");
        let deep = build(FAR_TOO_DEEP);
        assert_too_deep(&deep.try_idempotency_key().unwrap_err());
        forget((shallow, deep));
    });
}

#[test]
fn values_that_are_built() {
    on_a_small_stack(|| {
        let identity = Identity::new();
        for wrap in [|inner: Value| json!([inner]), |inner| json!({"a": inner})] {
            let deepest = nest(127, wrap(Value::Null), wrap);
            assert!(identity.key(&deepest).is_ok());
            let deep = nest(FAR_TOO_DEEP, Value::Null, |inner| {
                let mut outer = wrap(Value::Null);
                replace(&mut outer, inner);
                outer
            });
            assert_too_deep(&identity.key(&deep).unwrap_err());
            forget(deep);
        }
    });
}

/// Puts a value in place of the one that an array or object holds, without a copy.
fn replace(outer: &mut Value, inner: Value) {
    match outer {
        Value::Array(elements) => elements[0] = inner,
        Value::Object(members) => _ = members.insert("a".to_owned(), inner),
        _ => unreachable!(),
    }
}

#[test]
fn text() {
    on_a_small_stack(|| {
        let identity = Identity::new().exclude(["/x/*/y"]);
        for (open, close) in [("[", "]"), (r#"{"a":"#, "}")] {
            let text = |levels: usize| {
                format!("{}0{}", open.repeat(levels), close.repeat(levels)).into_bytes()
            };
            assert!(identity.key_of_json(&text(128)).is_ok());
            for levels in [129, FAR_TOO_DEEP] {
                let error = identity.key_of_json(&text(levels)).unwrap_err();
                assert_too_deep(&error);
                assert_eq!(error.offset(), Some(open.len() * 128));
            }
        }
    });
}

/// Arrays of numbers are written at once.
#[test]
fn arrays_of_numbers() {
    #[derive(Serialize, IdempotencyKey)]
    struct Level<T> {
        numbers: Option<T>,
        next: Option<Box<Level<T>>>,
    }

    fn build<T>(levels: usize, numbers: T) -> Level<T> {
        let innermost = Level {
            numbers: Some(numbers),
            next: None,
        };
        nest(levels - 2, innermost, |next| Level {
            numbers: None,
            next: Some(Box::new(next)),
        })
    }

    assert_ends_at(128, |levels| build(levels, vec![1_u32, 2]));
    assert_ends_at(128, |levels| build(levels, vec![1_u128, 2]));
    assert_ends_at(128, |levels| build(levels, vec![0.5_f32, 2.0]));
}

/// A request at the limit that nests every kind of thing at once.
#[test]
fn a_mixture_at_the_limit() {
    #[derive(Serialize, IdempotencyKey)]
    #[serde(tag = "kind")]
    enum Mixed {
        Leaf,
        Inner {
            #[serde(flatten)]
            body: Body,
        },
    }

    #[derive(Serialize, IdempotencyKey)]
    struct Body {
        next: Option<Box<Newtyped>>,
        rest: Vec<u8>,
    }

    #[derive(Serialize, IdempotencyKey)]
    #[serde(transparent)]
    struct Newtyped(Box<Mixed>);

    assert_ends_at(128, |levels| {
        nest(levels - 1, Mixed::Leaf, |next| Mixed::Inner {
            body: Body {
                next: Some(Box::new(Newtyped(Box::new(next)))),
                rest: Vec::new(),
            },
        })
    });
}
