//! [`ReceivedKey`]: the key that a request came with, in whichever form.

use alloc::format;
use alloc::string::{String, ToString};

use http::{HeaderMap, HeaderName, HeaderValue};
use sfv::{BareItem, Item, List, Parser};

use super::{Problem, ProblemKind};
use crate::{Key, sha256_hex};

/// As many characters as Stripe takes.
const LONGEST: usize = 255;

/// The key that a request came with: one of this crate's, or any other that a client made up.
///
/// Two forms are read, and are one key where their text is one: in quotes, as the IETF draft
/// `draft-ietf-httpapi-idempotency-key-header` has it (a String of RFC 9651, whose parameters do not
/// count), and bare, as Stripe and most others take it.
///
/// | header | is |
/// |---|---|
/// | `ik_ba78…`, `"ik_ba78…"` | one key of this crate: [`key`](Self::key) has it |
/// | `8e03978e-40d5-43e8-bc93-6894a57f9324`, `"order 7, again"` | a foreign key |
/// | missing | [`ProblemKind::KeyMissing`] |
/// | two headers, be they equal; `a, b`; `"a", "b"` | [`ProblemKind::KeyRepeated`] |
/// | empty, `""`, `"a`, `a b`, `a;b`, not ASCII | [`ProblemKind::KeyMalformed`] |
/// | more than 255 characters | [`ProblemKind::KeyTooLong`] |
///
/// ```
/// use agentidemp::header::IDEMPOTENCY_KEY;
/// use agentidemp::header::server::{ProblemKind, ReceivedKey};
/// use http::{HeaderMap, HeaderValue};
///
/// let mut headers = HeaderMap::new();
/// headers.insert(IDEMPOTENCY_KEY, HeaderValue::from_static("\"order-7\""));
/// let key = ReceivedKey::from_headers(&headers, &IDEMPOTENCY_KEY)?;
/// assert_eq!(key.as_str(), "order-7");
/// assert_eq!(key.key(), None);
///
/// headers.append(IDEMPOTENCY_KEY, HeaderValue::from_static("order-8"));
/// let repeated = ReceivedKey::from_headers(&headers, &IDEMPOTENCY_KEY).unwrap_err();
/// assert_eq!(repeated.kind(), ProblemKind::KeyRepeated);
/// # Ok::<(), agentidemp::header::server::Problem>(())
/// ```
///
/// Under the feature `axum` it is an extractor: `ReceivedKey` where a key is required, and
/// `Option<ReceivedKey>` where it may be missing. Both refuse a header that is there and holds no key.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ReceivedKey {
    text: String,
}

impl ReceivedKey {
    /// Reads the key from a header.
    ///
    /// # Errors
    ///
    /// Where there is no key, or not one alone: see the table of [`ReceivedKey`].
    pub fn from_headers(headers: &HeaderMap, name: &HeaderName) -> Result<Self, Problem> {
        let mut values = headers.get_all(name).iter();
        let text = match (values.next(), values.next()) {
            (None, _) => Err(ProblemKind::KeyMissing),
            (Some(value), None) => read(value),
            (Some(_), Some(_)) => Err(ProblemKind::KeyRepeated),
        }?;
        if text.is_empty() {
            return Err(ProblemKind::KeyMalformed.into());
        }
        if text.len() > LONGEST {
            return Err(ProblemKind::KeyTooLong.into());
        }
        Ok(Self { text })
    }

    /// The key as text, without quotes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The key, if it is one of this crate's.
    #[must_use]
    pub fn key(&self) -> Option<Key> {
        self.text.parse().ok()
    }

    /// The key of the record of what this one stands for, within a scope: whose request it is.
    ///
    /// It is what the layer asks its [`Dedup`](crate::dedup::Dedup) with. A record of one scope is none of
    /// another's, and no record key is the key of a request or of another text, but for the
    /// [renderings](crate::header::Form) of one key, which have one record: a client that sends a key as
    /// its bare UUID, and then in full, asks for one thing.
    ///
    /// ```
    /// # use agentidemp::header::IDEMPOTENCY_KEY;
    /// # use agentidemp::header::server::ReceivedKey;
    /// # let mut headers = http::HeaderMap::new();
    /// # headers.insert(IDEMPOTENCY_KEY, agentidemp::sha256_hex(b"abc").into());
    /// let key = ReceivedKey::from_headers(&headers, &IDEMPOTENCY_KEY)?;
    /// assert_ne!(key.record_key("acme"), key.record_key("globex"));
    /// assert_ne!(Some(key.record_key("")), key.key());
    /// # Ok::<(), agentidemp::header::server::Problem>(())
    /// ```
    #[must_use]
    pub fn record_key(&self, scope: &str) -> Key {
        // The UUID is what each rendering holds. It has 122 bits of the key, and two requests that ever
        // shared them would not share an answer: their digests are compared.
        let text = self
            .key()
            .map_or_else(|| self.text.clone(), |key| key.uuid().to_string());
        // The `%` keeps it apart from the keys of requests: neither a scope nor JSON begins with one. The
        // length keeps the scope apart from the text.
        sha256_hex(format!("%received:{}:{scope}:{text}", scope.len()).as_bytes())
    }
}

fn read(value: &HeaderValue) -> Result<String, ProblemKind> {
    let value = value.as_bytes().trim_ascii();
    if value.starts_with(b"\"") {
        quoted(value)
    } else {
        bare(value)
    }
}

fn quoted(value: &[u8]) -> Result<String, ProblemKind> {
    if let Ok(item) = Parser::new(value).parse::<Item>() {
        return match item.bare_item {
            BareItem::String(text) => Ok(text.as_str().to_string()),
            _ => Err(ProblemKind::KeyMalformed),
        };
    }
    // What was sent as two headers may come as one, joined by a comma.
    let joined = Parser::new(value).parse::<List>();
    Err(if joined.is_ok() {
        ProblemKind::KeyRepeated
    } else {
        ProblemKind::KeyMalformed
    })
}

/// A semicolon would begin parameters, which a String alone can have.
fn bare(value: &[u8]) -> Result<String, ProblemKind> {
    if value.contains(&b',') {
        return Err(ProblemKind::KeyRepeated);
    }
    let is_plain = |byte: &u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b';');
    match core::str::from_utf8(value) {
        Ok(text) if value.iter().all(is_plain) => Ok(text.to_string()),
        _ => Err(ProblemKind::KeyMalformed),
    }
}
