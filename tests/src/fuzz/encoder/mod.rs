//! Requests that are written by hand, with misuse and caught panics, against a model of what they write.
//!
//! The model says of each request one of three things: its text, that it has no key, or that its own
//! panic comes out. A request that is misused has no key, whatever else it does. How a request is chosen is
//! in `choice.rs`, what it calls in `calls.rs`, what should come of it in `model.rs`.

mod calls;
mod choice;
mod model;

use std::panic::{AssertUnwindSafe, catch_unwind};

use agentidemp::{IdempotencyKey, Identity, sha256_hex};
use serde_json::Value;

use self::model::{Model, Outcome};
use super::source::Source;

/// A request has the text that the model says, or none.
pub(super) fn encoder(data: &[u8]) {
    let source = &mut Source::new(data);
    let request = Request {
        scope: choice::level(source, 2),
        payload: choice::node(source, 5),
    };
    assert_as_modelled(&request);
    // By its `Serialize` alone, which can do less.
    let mut model = Model::default();
    let expected = model.serialized_payload(&request.payload);
    let outcome = caught(|| Identity::new().canonical_bytes(&request.payload).ok());
    assert_outcome(outcome, &expected, &request);
}

fn assert_as_modelled(request: &Request) {
    let expected = Model::default().request(request);
    let outcome = caught(|| request.try_canonical_bytes().ok());
    assert_outcome(outcome, &expected, request);
    let key = caught(|| request.try_idempotency_key().ok());
    let expected_key = match &expected {
        Outcome::Text(text) => Some(sha256_hex(text.as_bytes())),
        _ => None,
    };
    assert_eq!(key.flatten(), expected_key, "{request:?}");
}

fn assert_outcome(outcome: Option<Option<Vec<u8>>>, expected: &Outcome, request: &Request) {
    let outcome =
        outcome.map(|bytes| bytes.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()));
    let is_as_expected = match (&outcome, expected) {
        (Some(Some(text)), Outcome::Text(expected)) => text == expected,
        (Some(None), Outcome::Refused | Outcome::RefusedOrPanicked) => true,
        (None, Outcome::Panicked | Outcome::RefusedOrPanicked) => true,
        _ => false,
    };
    assert!(is_as_expected, "{request:?}\n{outcome:?}\n{expected:?}");
}

/// None where it panics. The panics here are no messages for people, and no hook hears of them.
fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(work)).ok()
}

#[derive(Debug)]
struct Request {
    scope: Level,
    payload: Node,
}

/// What is called on the encoder for one value.
#[derive(Debug)]
enum Node {
    Null,
    Bool(bool),
    Integer(i64),
    Float(f64),
    NotFinite,
    Text(String),
    Display(Shown),
    Optional(Option<Box<Node>>),
    Array(Vec<Step<Node>>),
    Set(Vec<Step<Node>>),
    Object(Vec<Step<Member>>),
    /// The payload of a request within.
    OfValue(Value),
    /// By its `Serialize`.
    Serialized(Box<Node>),
    /// Any number of values, where there should be one.
    Values(Vec<Node>),
    /// An object, array or set that is not finished.
    Unfinished(Box<Node>),
    Refused,
    Panics,
    Caught(Box<Node>),
}

#[derive(Debug)]
enum Member {
    Named(String, Node),
    Entry(Node, Node),
    Flattened(Node),
}

/// A call on a builder, whose panic is caught or not.
#[derive(Debug)]
struct Step<T> {
    is_caught: bool,
    what: T,
}

/// A text in pieces, which may end in an error or a panic.
#[derive(Debug)]
struct Shown {
    pieces: Vec<String>,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    Well,
    Error,
    Panic,
}

/// The scope of a request, or of one within it.
#[derive(Debug)]
struct Level {
    parts: Vec<Step<Part>>,
}

#[derive(Debug)]
enum Part {
    Operation(String),
    Within(Level),
    Field(&'static str, Shown),
    Panics,
}
