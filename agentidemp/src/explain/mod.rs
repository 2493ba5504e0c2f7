//! Why two keys differ, and what it is that a key is made of.
//!
//! [`explain()`] compares two requests, [`explain_bytes`] two [canonical
//! bytes](crate::IdempotencyKey::canonical_bytes) as a log holds them, [`explain_json`] two JSON bodies;
//! all give an [`Explanation`].
//! [`describe()`] and [`describe_bytes`] show one request. Both have a text without the content, for logs:
//! [`Redacted`].
//!
//! All of it works on canonical text alone. Such text has one spelling for each value, so that
//! numbers of any length compare exactly, and it is read without recursion, so that deep nesting
//! takes no stack.

mod advice;
mod align;
mod classes;
mod compare;
mod describe;
mod document;
mod error;
mod excerpt;
mod explanation;
mod parse;
mod patch;
mod redacted;
mod report;
mod scope;

pub(crate) use self::advice::suggestions;
pub use self::describe::{Description, describe, describe_bytes, try_describe};
pub use self::error::NotCanonicalError;
pub use self::explanation::{Change, Difference, Explanation};
pub use self::redacted::Redacted;
pub use self::scope::ScopeChange;

use self::document::Document;
use crate::request::expect_canonical_form;
use crate::{Error, IdempotencyKey, Identity};

/// Says why two requests have two keys: every difference in the scope and in the payload.
///
/// ```
/// use agentidemp::{IdempotencyKey, explain};
///
/// #[derive(IdempotencyKey)]
/// struct CreateCharge {
///     amount: u64,
///     sent_at: u64,
///     #[idem(scope)]
///     user: u64,
/// }
///
/// let first = CreateCharge { amount: 500, sent_at: 1767225600, user: 42 };
/// let retry = CreateCharge { amount: 500, sent_at: 1767225605, user: 42 };
///
/// assert_eq!(
///     explain(&first, &retry).to_string(),
///     "\
/// the keys differ:
///   - ik_17466b05fa9a9839512f2e17160b3f160e0b43c6524e8a2dac2f7ac9ae2b731d
///   + ik_4f908811263810abf33d810a61a50a433e04b6a5efe1ff2954a71b0a2089f9ba
/// /sent_at: 1767225600 -> 1767225605"
/// );
/// ```
///
/// For a request of a foreign type, which has an [`Identity`], pass [`identity.of(&request)`](Identity::of).
///
/// # Panics
///
/// Where a request has no canonical form. [`try_explain`] gives an error instead.
#[must_use]
#[track_caller]
pub fn explain<A, B>(old: &A, new: &B) -> Explanation
where
    A: IdempotencyKey + ?Sized,
    B: IdempotencyKey + ?Sized,
{
    expect_canonical_form(try_explain(old, new), "try_explain")
}

/// As [`explain()`], or why one of the requests has no canonical form.
///
/// # Errors
///
/// As [`try_canonical_bytes`](IdempotencyKey::try_canonical_bytes).
pub fn try_explain<A, B>(old: &A, new: &B) -> Result<Explanation, Error>
where
    A: IdempotencyKey + ?Sized,
    B: IdempotencyKey + ?Sized,
{
    let old = Document::of_request(old)?;
    let new = Document::of_request(new)?;
    Ok(Explanation::new(old, new))
}

/// Says why two JSON bodies have two keys by an identity: the bodies as they were sent, pretty-printed
/// or not.
///
/// ```
/// use agentidemp::{Identity, explain::explain_json};
///
/// let identity = Identity::new().exclude(["sent_at"]);
/// let first = br#"{"sent_at": 1, "amount": 500}"#;
/// let retry = br#"{ "amount": 501, "sent_at": 2 }"#;
/// let explanation = explain_json(&identity, first, retry)?;
/// assert_eq!(explanation.to_json_patch(), r#"[{"op":"replace","path":"/amount","value":501}]"#);
/// # Ok::<(), agentidemp::Error>(())
/// ```
///
/// # Errors
///
/// As [`Identity::key_of_json`]: where one of the bodies has no key.
pub fn explain_json(identity: &Identity, old: &[u8], new: &[u8]) -> Result<Explanation, Error> {
    try_explain(&identity.of_json(old), &identity.of_json(new))
}

/// Says why two requests have two keys, of which only the [canonical
/// bytes](IdempotencyKey::canonical_bytes) are known, from a log for example.
///
/// The scope is what stands before the payload, which is one JSON value. It is taken apart at its
/// colons, so that an operation that itself holds a `:` appears as a label and a value.
///
/// ```
/// let explanation = agentidemp::explain::explain_bytes(br#"user:42:{"n":1}"#, br#"user:43:{"n":1}"#)?;
/// assert_eq!(explanation.scope_changes()[0].to_string(), "user: 42 -> 43");
/// # Ok::<(), agentidemp::explain::NotCanonicalError>(())
/// ```
///
/// # Errors
///
/// Where one of the two is not what
/// [`canonical_bytes`](IdempotencyKey::canonical_bytes) gives: it is cut off, has been formatted
/// anew, or has members in another order. A line end behind the text is no fault.
pub fn explain_bytes(old: &[u8], new: &[u8]) -> Result<Explanation, NotCanonicalError> {
    let old = Document::from_bytes(old).map_err(|error| error.of("the first text"))?;
    let new = Document::from_bytes(new).map_err(|error| error.of("the second text"))?;
    Ok(Explanation::new(old, new))
}
