//! [`Remembered`]: what a [`Dedup`](crate::dedup::Dedup) keeps for a key.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use bytes::Bytes;
use http::header::{
    CONNECTION, CONTENT_LENGTH, DATE, PROXY_AUTHENTICATE, SET_COOKIE, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use serde::{Deserialize, Serialize};

use super::octets::Octets;
use super::{BoxError, Problem, ProblemKind, ResponseBody};
use crate::Key;

/// The header that a remembered answer has, with the value `true`: the one that Stripe sends.
const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// What is of the connection or of the moment, and what opens a session, which is not for everybody who
/// can read the store.
const FORGOTTEN: [HeaderName; 10] = [
    CONNECTION,
    HeaderName::from_static("keep-alive"),
    TE,
    TRAILER,
    TRANSFER_ENCODING,
    UPGRADE,
    CONTENT_LENGTH,
    DATE,
    PROXY_AUTHENTICATE,
    SET_COOKIE,
];

/// What is remembered of a request that was done: the type of the answers of the
/// [`Dedup`](crate::dedup::Dedup) that [`OncePerKey`](super::OncePerKey) asks.
///
/// In a store it is JSON, from which any language reads an answer:
///
/// ```json
/// {
///     "request": "ik_ba78…",
///     "answer": {
///         "status": 201,
///         "headers": [["content-type", "application/json"]],
///         "body": "{\"id\":\"ch_1\"}"
///     }
/// }
/// ```
///
/// `request` is a digest of the method, the target and the body. What is no UTF-8 stands as
/// `{"base64": "…"}`. Where the answer could not be kept, as it was a stream or too large, `answer` is
/// missing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remembered {
    /// Nothing where a person said that the request was done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request: Option<Key>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    answer: Option<Answer>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    status: u16,
    headers: Vec<(String, Octets)>,
    body: Octets,
}

impl Remembered {
    /// A request that was done, and whose answer is not known. Whoever asks for it gets
    /// [`ProblemKind::AnswerNotKept`].
    ///
    /// It is for [`Dedup::resolve`](crate::dedup::Dedup::resolve), where it was found out that an
    /// interrupted request was done.
    #[must_use]
    pub fn without_answer() -> Self {
        Self {
            request: None,
            answer: None,
        }
    }

    /// What is to be remembered of a response, and the response again. A body whose length is not known
    /// before is a stream, which is neither read nor kept; nor is what has more than `largest` bytes as
    /// JSON.
    pub(super) async fn of<B>(
        request: Key,
        response: Response<B>,
        largest: usize,
    ) -> (Self, Response<ResponseBody>)
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<BoxError>,
    {
        let mut remembered = Self {
            request: Some(request),
            answer: None,
        };
        let length = response.body().size_hint().exact();
        if length.is_none_or(|length| length > largest as u64) {
            return (remembered, response.map(ResponseBody::new));
        }
        let (parts, body) = response.into_parts();
        let Ok(body) = body.collect().await else {
            // The handler is done, and what it wanted to say is lost.
            let problem = Problem::from(ProblemKind::AnswerNotKept);
            return (remembered, problem.into_response());
        };
        if body.trailers().is_some() {
            let response = Response::from_parts(parts, body);
            return (remembered, response.map(ResponseBody::new));
        }
        let body = body.to_bytes();
        remembered.answer = Some(Answer {
            status: parts.status.as_u16(),
            headers: kept(&parts.headers),
            body: (&*body).into(),
        });
        if remembered.is_larger_than(largest) {
            remembered.answer = None;
        }
        let body = ResponseBody::new(Full::new(body));
        (remembered, Response::from_parts(parts, body))
    }

    fn is_larger_than(&self, largest: usize) -> bool {
        serde_json::to_vec(self).map_or(true, |json| json.len() > largest)
    }

    /// What a request gets that asks again: the answer, if it is the same request and its answer was kept.
    pub(super) fn replay(self, request: Key) -> Result<Response<ResponseBody>, Problem> {
        if self.request.is_some_and(|remembered| remembered != request) {
            return Err(ProblemKind::KeyReused.into());
        }
        let answer = self.answer.ok_or(ProblemKind::AnswerNotKept)?;
        answer
            .into_response()
            .ok_or(ProblemKind::RecordUnreadable.into())
    }
}

impl Answer {
    /// The response, or nothing where somebody else wrote what is none.
    fn into_response(self) -> Option<Response<ResponseBody>> {
        let body = Full::new(self.body.into_bytes()?);
        let mut response = Response::new(ResponseBody::new(body));
        *response.status_mut() = StatusCode::from_u16(self.status).ok()?;
        for (name, value) in self.headers {
            let name = HeaderName::try_from(name).ok()?;
            let value = HeaderValue::from_maybe_shared(value.into_bytes()?).ok()?;
            response.headers_mut().append(name, value);
        }
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert(REPLAYED, yes);
        Some(response)
    }
}

fn kept(headers: &HeaderMap) -> Vec<(String, Octets)> {
    headers
        .iter()
        .filter(|(name, _)| !FORGOTTEN.contains(name))
        .map(|(name, value)| (name.to_string(), value.as_bytes().into()))
        .collect()
}
