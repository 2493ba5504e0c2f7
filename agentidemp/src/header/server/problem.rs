//! [`Problem`]: an answer that is not the handler's, by RFC 9457.

use alloc::format;
use alloc::string::String;
use alloc::sync::Arc;
use core::error::Error;
use core::fmt;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use http_body_util::Full;
use serde_json::json;

use super::{BoxError, ResponseBody};

/// In whole seconds. Who comes back too early waits in the layer, as long as that says.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// What the layer or the extractor answers in place of the handler: problem details by RFC 9457, as
/// `application/problem+json`.
///
/// The body says only what the kind says. What the store or the identity had to say stays on the
/// server: it is the [`source`](Error::source) of the problem, which is in the extensions of the
/// response, for a log.
///
/// ```
/// use agentidemp::header::server::{Problem, ProblemKind};
///
/// let response = Problem::from(ProblemKind::InProgress).into_response();
/// assert_eq!(response.status(), 409);
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// assert_eq!(response.headers()["retry-after"], "1");
/// assert!(response.extensions().get::<Problem>().is_some());
/// ```
#[derive(Debug, Clone)]
pub struct Problem {
    kind: ProblemKind,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

/// What kind of problem it is.
///
/// Its [`type_uri`](Self::type_uri) is stable: clients may compare it, and find this page by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ProblemKind {
    /// 400: the header is missing, and the server requires it.
    KeyMissing,
    /// 400: the header came more than once, or holds several keys joined by commas.
    KeyRepeated,
    /// 400: the header holds no key: it is empty, or neither a quoted string nor bare visible ASCII.
    KeyMalformed,
    /// 400: the key is longer than 255 characters.
    KeyTooLong,
    /// 422: the key is not that of the body.
    KeyMismatch,
    /// 422: the key was used before, for a request with another method, target or body.
    KeyReused,
    /// 400: the body of the request broke off.
    RequestUnreadable,
    /// 413: the body of the request is larger than the server takes.
    RequestTooLarge,
    /// 403: the server cannot tell whose request it is.
    ScopeUnknown,
    /// 409, with `Retry-After`: a request with this key is being processed.
    InProgress,
    /// 409: the request was done, and its answer cannot be given again: it was a stream, or too large.
    AnswerNotKept,
    /// 503, with `Retry-After`: the request for whose answer this one waited failed. This one did not run.
    AttemptFailed,
    /// 500: an earlier attempt was interrupted, and whether the request was done is not known.
    OutcomeUnknown,
    /// 503, with `Retry-After`: the store cannot be asked. Nothing ran.
    StoreUnavailable,
    /// 500: what the store has for the key is no answer of this layer. Nothing ran.
    RecordUnreadable,
}

impl ProblemKind {
    /// The status of the response.
    #[must_use]
    pub fn status(self) -> StatusCode {
        match self {
            Self::KeyMissing
            | Self::KeyRepeated
            | Self::KeyMalformed
            | Self::KeyTooLong
            | Self::RequestUnreadable => StatusCode::BAD_REQUEST,
            Self::ScopeUnknown => StatusCode::FORBIDDEN,
            Self::InProgress | Self::AnswerNotKept => StatusCode::CONFLICT,
            Self::RequestTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::KeyMismatch | Self::KeyReused => StatusCode::UNPROCESSABLE_ENTITY,
            Self::OutcomeUnknown | Self::RecordUnreadable => StatusCode::INTERNAL_SERVER_ERROR,
            Self::AttemptFailed | Self::StoreUnavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The member `type`: a stable URI, under which its meaning can be read.
    #[must_use]
    pub fn type_uri(self) -> String {
        format!(
            "https://docs.rs/agentidemp/latest/agentidemp/header/server/enum.ProblemKind.html#variant.{self:?}"
        )
    }

    /// The member `title`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::KeyMissing => "Idempotency-Key is missing",
            Self::KeyRepeated => "Idempotency-Key is given more than once",
            Self::KeyMalformed => "Idempotency-Key is malformed",
            Self::KeyTooLong => "Idempotency-Key is too long",
            Self::KeyMismatch => "Idempotency-Key is not that of the request",
            Self::KeyReused => "Idempotency-Key is already used",
            Self::RequestUnreadable => "The request is incomplete",
            Self::RequestTooLarge => "The request is too large",
            Self::ScopeUnknown => "The sender of the request is not known",
            Self::InProgress => "A request is outstanding for this Idempotency-Key",
            Self::AnswerNotKept => "The answer was not kept",
            Self::AttemptFailed => "The request failed",
            Self::OutcomeUnknown => "The outcome of the request is unknown",
            Self::StoreUnavailable => "The store of idempotency keys is unavailable",
            Self::RecordUnreadable => "The record of this Idempotency-Key is unreadable",
        }
    }

    /// The member `detail`: what to do about it.
    #[must_use]
    pub fn detail(self) -> &'static str {
        match self {
            Self::KeyMissing => {
                "Send the header with a key that is the same for all attempts of this request."
            }
            Self::KeyRepeated => {
                "Send the header once, with one key. A key that holds a comma stands in quotes."
            }
            Self::KeyMalformed => {
                "Send a key in quotes, or bare in visible ASCII without quotes, commas and semicolons."
            }
            Self::KeyTooLong => "Send a key of at most 255 characters.",
            Self::KeyMismatch => {
                "Send the key that is derived from this body, by the rules of this server."
            }
            Self::KeyReused => {
                "The key belongs to a request with another method, target or body. Send this one with a key of its own."
            }
            Self::RequestUnreadable => "Send the request again, with the same key.",
            Self::RequestTooLarge => "Send a smaller body.",
            Self::ScopeUnknown => "Authenticate, then send the request again with the same key.",
            Self::InProgress => "Send the request again later, with the same key.",
            Self::AnswerNotKept => {
                "The request was done. Its answer was given once, and cannot be given again."
            }
            Self::AttemptFailed => {
                "The request with this key for which this one waited failed. Send the request again, with the same key."
            }
            Self::OutcomeUnknown => {
                "An earlier attempt was interrupted. Find out what became of it, or send the request again with the same key."
            }
            Self::StoreUnavailable => {
                "Nothing was done. Send the request again later, with the same key."
            }
            Self::RecordUnreadable => {
                "Nothing was done now. Whether it was done before is not known here."
            }
        }
    }

    /// Whether to send the request again as it is, with `Retry-After`.
    fn passes(self) -> bool {
        matches!(
            self,
            Self::InProgress | Self::AttemptFailed | Self::StoreUnavailable
        )
    }
}

impl Problem {
    pub(super) fn with_source(kind: ProblemKind, source: impl Into<BoxError>) -> Self {
        let source: BoxError = source.into();
        Self {
            kind,
            source: Some(source.into()),
        }
    }

    /// What kind of problem it is.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// The response that says so. The problem is in its extensions.
    #[must_use]
    pub fn into_response(self) -> Response<ResponseBody> {
        let kind = self.kind;
        let details = json!({
            "type": kind.type_uri(),
            "title": kind.title(),
            "status": kind.status().as_u16(),
            "detail": kind.detail(),
        });
        let body = Bytes::from(format!("{details}"));
        let mut response = Response::new(ResponseBody::new(Full::new(body)));
        *response.status_mut() = kind.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, PROBLEM_JSON);
        if kind.passes() {
            headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        response.extensions_mut().insert(self);
        response
    }
}

impl From<ProblemKind> for Problem {
    fn from(kind: ProblemKind) -> Self {
        Self { kind, source: None }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.title())
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let source: &(dyn Error + 'static) = self.source.as_deref()?;
        Some(source)
    }
}
