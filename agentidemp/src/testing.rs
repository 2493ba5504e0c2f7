//! Assertions for unit tests: that a retry keeps its key and its body, that two requests have two keys,
//! that a key is what it was, and that another service makes the same one.
//!
//! ```
//! use agentidemp::{IdempotencyKey, testing};
//!
//! #[derive(IdempotencyKey)]
//! struct Chat {
//!     prompt: String,
//!     #[idem(skip)]
//!     sent_at: std::time::SystemTime,
//! }
//!
//! fn build_request(prompt: &str) -> Chat {
//!     Chat { prompt: prompt.into(), sent_at: std::time::SystemTime::now() }
//! }
//!
//! testing::assert_retry_stable(|| build_request("hello"));
//! testing::assert_distinct(&build_request("hello"), &build_request("hello?"));
//! testing::assert_key(
//!     &build_request("hello"),
//!     "ik_8a44725210b9dcd4fefd9f0eca07b70ae45e69274a3105fb25eb426a2cf8bbf4",
//! );
//! ```

mod wire;

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;
use std::thread;

use serde_core::Serialize;

use crate::explain::{
    Description, Explanation, describe, explain, explain_json, suggestions, try_explain,
};
use crate::printable::Harmless;
use crate::request::expect_canonical_form;
use crate::{Error, IdempotencyKey, Identity};

/// How often a request is built.
const ATTEMPTS: usize = 3;

/// The time between two attempts: clocks and time-ordered ids move on.
const PAUSE: Duration = Duration::from_millis(5);

/// Asserts that a request has one key in every attempt.
///
/// It builds the request three times, as retries would, with a few milliseconds in between. What
/// changes more rarely, such as a time in whole seconds, can stay unnoticed.
///
/// ```
/// use agentidemp::{IdempotencyKey, testing};
///
/// #[derive(IdempotencyKey)]
/// struct Chat {
///     prompt: &'static str,
/// }
///
/// testing::assert_retry_stable(|| Chat { prompt: "hello" });
/// ```
///
/// # Panics
///
/// Where the keys differ, with the fields at fault, what to do about each, and the explanation:
///
/// ```text
/// attempt 2 has another key than attempt 1:
/// /sent_at differs between attempts: mark it #[idem(skip)]
/// ```
///
/// Also where the request has no canonical form.
#[track_caller]
pub fn assert_retry_stable<T: IdempotencyKey>(mut build: impl FnMut() -> T) {
    let first = build();
    for attempt in 2..=ATTEMPTS {
        thread::sleep(PAUSE);
        assert_same_key(attempt, &explain(&first, &build()));
    }
}

/// Asserts that a request has one key and one body in every attempt: the bytes that serde_json writes.
///
/// For those who write the body anew in each attempt. A skipped field that is in the body is not in the
/// key, so that the receiver sees one key with two bodies, which many refuse. Who sends the bytes of the
/// first attempt again needs [`assert_retry_stable`] alone.
///
/// It builds the request three times, as [`assert_retry_stable`] does.
///
/// ```
/// use agentidemp::{IdempotencyKey, testing};
/// use serde::Serialize;
///
/// #[derive(IdempotencyKey, Serialize)]
/// struct Chat {
///     prompt: &'static str,
///     #[idem(skip)]
///     #[serde(skip)] // It goes into a header.
///     trace_id: u128,
/// }
///
/// let mut trace_ids = 1..;
/// testing::assert_wire_stable(|| Chat { prompt: "hello", trace_id: trace_ids.next().unwrap() });
/// ```
///
/// # Panics
///
/// Where the keys differ, as [`assert_retry_stable`] does. Where the bodies differ, with what differs:
///
/// ```text
/// attempt 2 has the key of attempt 1, and another body:
/// /sent_at differs
/// ```
///
/// Also where the request has no canonical form, or its `Serialize` reports an error.
#[track_caller]
pub fn assert_wire_stable<T: IdempotencyKey + Serialize>(mut build: impl FnMut() -> T) {
    let first = build();
    let body = body_of(&first);
    for attempt in 2..=ATTEMPTS {
        thread::sleep(PAUSE);
        let request = build();
        assert_same_key(attempt, &explain(&first, &request));
        let other = body_of(&request);
        assert!(
            body == other,
            "attempt {attempt} has the key of attempt 1, and another body:\n{}\n\
             send the bytes of the first attempt again, or put what changes into headers: \
             a receiver that compares bodies refuses one key with two of them\n",
            difference_of_bodies(&body, &other),
        );
    }
}

/// Asserts that two requests have two keys.
///
/// # Panics
///
/// Where they have one, with what is hashed of both. Also where one has no canonical form.
#[track_caller]
pub fn assert_distinct<A, B>(a: &A, b: &B)
where
    A: IdempotencyKey + ?Sized,
    B: IdempotencyKey + ?Sized,
{
    let (a, b) = (describe(a), describe(b));
    assert!(
        a.key() != b.key(),
        "two requests have one key, so that one would be taken for a retry of the other\n\
         what tells them apart is skipped, or is not a part of them: add a run id, a step or a turn number\n\
         {}\n",
        harmless_lines(&a),
    );
}

/// Asserts that a request has the key that it had: pins the key against changes of the type, and
/// across upgrades of this crate.
///
/// # Panics
///
/// Where the key is another one, with the canonical bytes, so that they can be compared with those
/// of the pinned key, for example by [`explain_bytes`](crate::explain::explain_bytes). Characters in them
/// that cannot be seen are escaped as in JSON: `\u200b`. Also where the request has no canonical form.
#[track_caller]
pub fn assert_key<T: IdempotencyKey + ?Sized>(request: &T, expected: &str) {
    let key = request.idempotency_key();
    assert!(
        key == expected,
        "the request has another key\n  expected: {expected}\n       key: {key}\nits canonical bytes are\n{}\n",
        Harmless(&String::from_utf8_lossy(&request.canonical_bytes())),
    );
}

/// Asserts that another service makes the same key: that an [`Identity`] gives the request's own JSON the
/// key that the type gives the request.
///
/// It is the one test that two services need, on each type that both know. The identity says what the
/// other service does: `exclude` for what is skipped, `scope` and `scope_member` for the scope, `unordered`
/// for sets. The body is what serde_json writes, and is read as
/// [`key_of_json`](Identity::key_of_json) does. Give it a request with all that it can hold, and in
/// a set ten elements: what is `None` is not compared, and a short array is in order by chance.
///
/// ```
/// use agentidemp::{IdempotencyKey, Identity, testing};
/// use serde::Serialize;
///
/// #[derive(IdempotencyKey, Serialize)]
/// #[idem(scope = "charges.create")]
/// struct CreateCharge {
///     amount: u64,
///     #[idem(scope)]
///     tenant: String,
///     #[idem(skip)]
///     attempt: u32,
/// }
///
/// let identity = Identity::new()
///     .scope("charges.create")
///     .scope_member("tenant", "/tenant")
///     .exclude(["attempt"]);
/// let charge = CreateCharge { amount: 500, tenant: "acme".into(), attempt: 2 };
/// testing::assert_wire_agrees(&charge, &identity);
/// ```
///
/// What is compared is what is hashed, so that an identity with a [`secret`](Identity::secret) agrees where
/// it would without one.
///
/// # Panics
///
/// Where the two keys differ, with what is at fault, what to do about each, and the explanation, in which
/// the identity's request is the first and the type's is the second:
///
/// ```text
/// the request has one key by its type, and another one by the identity from its JSON:
/// /attempt counts by the identity alone: exclude it there, or take #[idem(skip)] off
/// ```
///
/// It finds a skip that the other service forgot, a hand-written `Serialize` that the derive does not see,
/// and a set that is none there.
///
/// Also where the request has no canonical form, its `Serialize` reports an error, or its JSON has no key
/// by the identity.
#[track_caller]
pub fn assert_wire_agrees<T>(request: &T, identity: &Identity)
where
    T: IdempotencyKey + Serialize + ?Sized,
{
    // What is wrong with the type is said as the type's, and not as the identity's.
    expect_canonical_form(request.try_canonical_bytes(), "try_canonical_bytes");
    let body = body_of(request);
    let from_json = identity.of_json(&body);
    let explanation = match try_explain(&from_json, request) {
        Ok(explanation) => explanation,
        Err(error) => no_key_by_identity(&error),
    };
    assert!(
        explanation.is_equal(),
        "the request has one key by its type, and another one by the identity from its JSON:\n\
         {}\n\n{explanation}\n",
        wire::disagreements(&explanation).join("\n"),
    );
}

#[track_caller]
fn assert_same_key(attempt: usize, explanation: &Explanation) {
    assert!(
        explanation.is_equal(),
        "attempt {attempt} has another key than attempt 1:\n{}\n\n{explanation}\n",
        suggestions(explanation).join("\n"),
    );
}

#[track_caller]
fn no_key_by_identity(error: &Error) -> ! {
    panic!(
        "the JSON of the request has no key by the identity: {error}: {}",
        error.help()
    )
}

/// What goes on the wire.
#[track_caller]
fn body_of<T: Serialize + ?Sized>(request: &T) -> Vec<u8> {
    match serde_json::to_vec(request) {
        Ok(body) => body,
        Err(error) => panic!("the request has no JSON: {}", Harmless(&format!("{error}"))),
    }
}

/// Where two bodies differ: in what they say, or, where that is the same, in how they say it.
fn difference_of_bodies(first: &[u8], second: &[u8]) -> String {
    let bytes = first.iter().zip(second);
    let equal = bytes.take_while(|(first, second)| first == second).count();
    match explain_json(&Identity::new(), first, second) {
        Ok(explanation) if explanation.is_equal() => format!(
            "it says the same in another way from byte {equal} on: \
             the members of a HashMap have another order in each attempt"
        ),
        Ok(explanation) => wire::differences_of_bodies(&explanation).join("\n"),
        Err(_) => format!("it differs from byte {equal} on"),
    }
}

fn harmless_lines(description: &Description) -> String {
    let text = format!("{description}");
    let lines = text.lines().map(|line| format!("{}", Harmless(line)));
    lines.collect::<Vec<_>>().join("\n")
}
