//! Assertions for unit tests: that a retry keeps its key, that two requests have two, and that a key
//! is what it was.
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

use alloc::string::String;
use core::time::Duration;
use std::thread;

use crate::IdempotencyKey;
use crate::explain::{cures, describe, explain};

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
        let explanation = explain(&first, &build());
        assert!(
            explanation.is_equal(),
            "attempt {attempt} has another key than attempt 1:\n{}\n\n{explanation}\n",
            cures(&explanation).join("\n"),
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
         {a}\n",
    );
}

/// Asserts that a request has the key that it had: pins the key against changes of the type, and
/// across upgrades of this crate.
///
/// # Panics
///
/// Where the key is another one, with the canonical bytes, so that they can be compared with those
/// of the pinned key, for example by [`explain_bytes`](crate::explain::explain_bytes). Also where
/// the request has no canonical form.
#[track_caller]
pub fn assert_key<T: IdempotencyKey + ?Sized>(request: &T, expected: &str) {
    let key = request.idempotency_key();
    assert!(
        key == expected,
        "the request has another key\n  expected: {expected}\n       key: {key}\nits canonical bytes are\n{}\n",
        String::from_utf8_lossy(&request.canonical_bytes()),
    );
}
