//! A [`Key`] as a [`HeaderValue`], bare or in quotes, and the way back.

use alloc::format;

use ::http::HeaderValue;
use sfv::{BareItem, Item, Parser};

use crate::error::{ParseKeyError, ParseKeyProblem};
use crate::key::Key;

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
pub(super) fn header_value(text: &str) -> HeaderValue {
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
