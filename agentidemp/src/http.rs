//! Keys in HTTP headers, under the feature `http`: the headers' names, a [`Key`] as a
//! [`HeaderValue`], and the way back. Sending and deduplicating are left to others.
//!
//! # Sending a key
//!
//! Stripe and most other APIs take the bare key. It becomes a header's value by itself, so that the
//! builders of `http`, and of what is built upon it (`reqwest`, `hyper`, `axum`), take it as it is:
//!
//! ```
//! use agentidemp::IdempotencyKey;
//! use agentidemp::http::IDEMPOTENCY_KEY;
//!
//! #[derive(IdempotencyKey)]
//! #[idem(scope = "charges.create")]
//! struct CreateCharge {
//!     amount: u64,
//!     currency: String,
//! }
//!
//! let charge = CreateCharge { amount: 500, currency: "eur".into() };
//! let request = http::Request::post("https://api.example/charges")
//!     .header(IDEMPOTENCY_KEY, charge.idempotency_key())
//!     .body(())?;
//! assert_eq!(request.headers()["idempotency-key"], charge.idempotency_key().as_str());
//! # Ok::<(), http::Error>(())
//! ```
//!
//! The IETF draft `draft-ietf-httpapi-idempotency-key-header` wants a Structured Field string, which
//! is the key in quotes: [`Key::structured`].
//!
//! # Reading a key
//!
//! A server reads both forms in one way:
//!
//! ```
//! use agentidemp::Key;
//! use agentidemp::http::IDEMPOTENCY_KEY;
//!
//! fn key_of(headers: &http::HeaderMap) -> Option<Key> {
//!     Key::try_from(headers.get(IDEMPOTENCY_KEY)?).ok()
//! }
//!
//! let key = agentidemp::sha256_hex(b"abc");
//! let mut headers = http::HeaderMap::new();
//! headers.insert(IDEMPOTENCY_KEY, key.into());
//! assert_eq!(key_of(&headers), Some(key));
//! headers.insert(IDEMPOTENCY_KEY, key.structured());
//! assert_eq!(key_of(&headers), Some(key));
//! ```

use alloc::format;

use ::http::{HeaderName, HeaderValue};
use sfv::{BareItem, Item, Parser};

use crate::error::{ParseKeyError, ParseKeyProblem};
use crate::key::Key;

/// The header `Idempotency-Key`: of the IETF draft, and of most APIs.
pub const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// The header `X-Idempotency-Key`, which some APIs still use.
pub const X_IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("x-idempotency-key");

impl Key {
    /// The key as a Structured Field string (RFC 9651 section 3.3.3): in quotes.
    ///
    /// For APIs that follow the IETF draft `draft-ietf-httpapi-idempotency-key-header`. The bare
    /// key, which most APIs take, is `HeaderValue::from(key)`.
    ///
    /// ```
    /// let key = agentidemp::sha256_hex(b"abc").short();
    /// assert_eq!(key.structured(), "\"ik_ba7816bf8f01cfea414140de5dae2223\"");
    /// ```
    #[must_use]
    pub fn structured(&self) -> HeaderValue {
        header_value(&format!("\"{self}\""))
    }
}

/// Makes a header's value of a key, in quotes or not.
#[expect(
    clippy::expect_used,
    reason = "a key is lower-case letters, digits, `_` and `-`, all of which a header takes, and an empty header in its place would be worse than a panic"
)]
fn header_value(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("a key is visible ASCII")
}

impl From<Key> for HeaderValue {
    /// The bare key.
    fn from(key: Key) -> Self {
        header_value(key.as_str())
    }
}

impl From<&Key> for HeaderValue {
    /// The bare key.
    fn from(key: &Key) -> Self {
        (*key).into()
    }
}

impl TryFrom<&HeaderValue> for Key {
    type Error = ParseKeyError;

    /// Reads a key, bare or in quotes: in the terms of RFC 9651, a Token or a String.
    ///
    /// Parameters after it are ignored: the draft defines none.
    ///
    /// # Errors
    ///
    /// Where the value is neither, or its text is none of the three forms of a key.
    fn try_from(value: &HeaderValue) -> Result<Self, Self::Error> {
        match Parser::new(value.as_bytes())
            .parse::<Item>()
            .map(|item| item.bare_item)
        {
            Ok(BareItem::Token(text)) => text.as_str().parse(),
            Ok(BareItem::String(text)) => text.as_str().parse(),
            _ => Err(ParseKeyError {
                problem: ParseKeyProblem::Prefix,
            }),
        }
    }
}

impl TryFrom<HeaderValue> for Key {
    type Error = ParseKeyError;

    /// Reads a key, bare or in quotes, as from a reference.
    fn try_from(value: HeaderValue) -> Result<Self, Self::Error> {
        (&value).try_into()
    }
}
