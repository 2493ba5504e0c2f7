//! [`Admission`]: what the rules make of a request before a handler sees it.

use alloc::format;
use alloc::string::{String, ToString};

use bytes::Bytes;
use http::request::Parts;
use http::{Request, Uri};
use http_body::Body;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use super::{BoxError, OncePerKey, Problem, ProblemKind, ReceivedKey};
use crate::header::derivation::{Target, may_be_json};
use crate::{Key, sha256_hex};

pub(super) enum Admission<B> {
    /// No key is looked at.
    Untouched(Request<B>),
    Keyed(Keyed<B>),
}

/// A request that runs once.
pub(super) struct Keyed<B> {
    pub(super) request: Request<B>,
    /// The key of its record.
    pub(super) record: Key,
    /// A digest of the method, the target and the body: who has another one is another request.
    pub(super) digest: Key,
}

impl OncePerKey {
    pub(super) async fn admit<B>(&self, request: Request<B>) -> Result<Admission<B>, Problem>
    where
        B: Body + From<Bytes>,
        B::Error: Into<BoxError>,
    {
        if !self.methods.contains(request.method()) {
            return Ok(Admission::Untouched(request));
        }
        let key = match ReceivedKey::from_headers(request.headers(), &self.header) {
            Err(problem) if problem.kind() == ProblemKind::KeyMissing && !self.required => {
                return Ok(Admission::Untouched(request));
            }
            read => read?,
        };
        let (mut parts, body) = request.into_parts();
        let scope = self.scope_of(&parts)?;
        let body = self.read(body).await?;
        let known = self.verify(&key, &parts, &body)?;
        let record = key.record_key(&scope);
        let digest = self.digest(&parts, &body, known);
        parts.extensions.insert(key);
        let request = Request::from_parts(parts, body.into());
        Ok(Admission::Keyed(Keyed {
            request,
            record,
            digest,
        }))
    }

    fn scope_of(&self, parts: &Parts) -> Result<String, Problem> {
        match &self.scope {
            Some(scope) => scope(parts).ok_or(ProblemKind::ScopeUnknown.into()),
            None => Ok(String::new()),
        }
    }

    async fn read<B>(&self, body: B) -> Result<Bytes, Problem>
    where
        B: Body,
        B::Error: Into<BoxError>,
    {
        let limited = Limited::new(body, self.largest_request).collect();
        let whole = limited.await.map_err(|error| {
            let kind = if error.is::<LengthLimitError>() {
                ProblemKind::RequestTooLarge
            } else {
                ProblemKind::RequestUnreadable
            };
            Problem::with_source(kind, error)
        })?;
        Ok(whole.to_bytes())
    }

    /// The key of the body in full, where that is the key that came. Nothing where it cannot be verified,
    /// as it is a foreign one.
    fn verify(
        &self,
        received: &ReceivedKey,
        parts: &Parts,
        body: &[u8],
    ) -> Result<Option<Key>, Problem> {
        if !self.verifies {
            return Ok(None);
        }
        let is_verifiable = received.key().is_some_and(|key| !key.is_uuid());
        match self.derive(parts, body) {
            Ok(derived) if is_rendering(received, &derived) => Ok(Some(derived)),
            Ok(_) if is_verifiable => Err(ProblemKind::KeyMismatch.into()),
            Err(problem) if is_verifiable => Err(problem),
            _ => Ok(None),
        }
    }

    fn derive(&self, parts: &Parts, body: &[u8]) -> Result<Key, Problem> {
        if !may_be_json(&parts.headers) {
            return Err(ProblemKind::KeyMismatch.into());
        }
        let derived = self.derivation.key(target(parts), body);
        derived.map_err(|error| Problem::with_source(ProblemKind::KeyMismatch, error))
    }

    /// Of a JSON body only that counts which counts in its key: an attempt may differ in what the identity
    /// excludes. Of any other body, each byte counts.
    ///
    /// A key that is `known` to be that of the body says so already: the body is not read again.
    fn digest(&self, parts: &Parts, body: &[u8], known: Option<Key>) -> Key {
        let of_json = known.or_else(|| {
            may_be_json(&parts.headers)
                .then(|| self.derivation.identity.key_of_json(body))
                .and_then(Result::ok)
        });
        let (kind, of_body) =
            of_json.map_or_else(|| ("bytes", sha256_hex(body)), |of_json| ("json", of_json));
        let Target {
            method,
            path,
            query,
        } = target(parts);
        let query = query.unwrap_or_default();
        sha256_hex(format!("{method} {path}?{query}\n{kind} {of_body}").as_bytes())
    }
}

/// Whether a client that has the key may send it so.
fn is_rendering(received: &ReceivedKey, key: &Key) -> bool {
    let text = received.as_str();
    *key == text || key.short() == text || key.uuid().to_string() == text
}

fn target(parts: &Parts) -> Target<'_> {
    let uri = uri(parts);
    Target {
        method: &parts.method,
        path: uri.path(),
        query: uri.query(),
    }
}

/// The URI as it came in. A nested router of axum's strips its prefix, so that two routes would be one.
#[cfg(feature = "axum")]
fn uri(parts: &Parts) -> &Uri {
    let original = parts.extensions.get::<axum::extract::OriginalUri>();
    original.map_or(&parts.uri, |original| &original.0)
}

#[cfg(not(feature = "axum"))]
fn uri(parts: &Parts) -> &Uri {
    &parts.uri
}
