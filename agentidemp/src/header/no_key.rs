//! [`NoKey`]: why a layer derives no key of a request.

use core::fmt;

use crate::Error;

/// Why a layer derives no key of a request, which was not sent then.
///
/// `reqwest_middleware::Error::Middleware` and tower's `BoxError` have it inside:
/// `error.downcast_ref::<NoKey>()`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoKey {
    kind: NoKeyKind,
    source: Option<Error>,
}

/// What kind of request has no key: the part of a [`NoKey`] that a program can act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoKeyKind {
    /// The body is a stream: nobody knows its bytes before they are sent.
    Stream,
    /// The body is longer than [`largest_body`](super::IdempotencyKeys::largest_body) allows.
    TooLarge,
    /// There is no body, or it is no JSON: by its `Content-Type`, by its `Content-Encoding`, or by
    /// itself.
    NotJson,
    /// The body is JSON, and the identity refuses it. The [`Error`] behind says why.
    Refused,
}

impl NoKey {
    pub(super) fn new(kind: NoKeyKind) -> Self {
        Self { kind, source: None }
    }

    pub(super) fn with_source(kind: NoKeyKind, source: Error) -> Self {
        Self {
            kind,
            source: Some(source),
        }
    }

    /// What kind of request has no key.
    #[must_use]
    pub fn kind(&self) -> NoKeyKind {
        self.kind
    }

    /// What to do about it: one sentence, without a full stop.
    #[must_use]
    pub fn help(&self) -> &'static str {
        match (self.kind, &self.source) {
            (NoKeyKind::Refused, Some(error)) => error.help(),
            (NoKeyKind::TooLarge, _) => {
                "allow larger bodies with `largest_body`, or give the request a `Key` as an extension"
            }
            _ => {
                "give the request a `Key` as an extension, or allow requests without a key with `send_unkeyed`"
            }
        }
    }
}

impl fmt::Display for NoKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            NoKeyKind::Stream => "the request has no idempotency key, as its body is a stream",
            NoKeyKind::TooLarge => "the request has no idempotency key, as its body is too large",
            NoKeyKind::NotJson => "the request has no idempotency key, as its body is no JSON",
            NoKeyKind::Refused => {
                "the request has no idempotency key, as its identity refuses the body"
            }
        })
    }
}

impl core::error::Error for NoKey {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        let source = self.source.as_ref()?;
        Some(source)
    }
}
