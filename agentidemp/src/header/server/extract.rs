//! What axum asks of the key and of a problem, under the feature `axum`.

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::response::{IntoResponse, Response};
use http::request::Parts;

use super::{Problem, ProblemKind, ReceivedKey};
use crate::header::IDEMPOTENCY_KEY;

impl<S: Send + Sync> FromRequestParts<S> for ReceivedKey {
    type Rejection = Problem;

    /// The key that the layer above has read, or else that of the header `Idempotency-Key`.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get::<Self>() {
            Some(key) => Ok(key.clone()),
            None => Self::from_headers(&parts.headers, &IDEMPOTENCY_KEY),
        }
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for ReceivedKey {
    type Rejection = Problem;

    /// The same, or nothing where there is no header. One that is there and holds no key is refused.
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Problem> {
        let key = <Self as FromRequestParts<S>>::from_request_parts(parts, state).await;
        match key {
            Err(problem) if problem.kind() == ProblemKind::KeyMissing => Ok(None),
            read => read.map(Some),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.into_response().into_response()
    }
}
