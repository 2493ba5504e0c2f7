// The example runs in the member `tests`, which has a client.
#![cfg_attr(not(doctest), doc = include_str!("tower.md"))]

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::error::Error;
use core::mem;
use core::pin::Pin;
use core::task::{Context, Poll};

use ::http::Request;
use ::http::request::Parts;
use bytes::Bytes;
use http_body::Body;
use http_body_util::{BodyExt, Limited};
use tower_layer::Layer;
use tower_service::Service;

use super::derivation::Target;
use super::keys::Step;
use super::{IdempotencyKeys, NoKey, NoKeyKind};

type BoxError = Box<dyn Error + Send + Sync>;

impl<S> Layer<S> for IdempotencyKeys {
    type Service = Keyed<S>;

    fn layer(&self, inner: S) -> Keyed<S> {
        Keyed {
            inner,
            keys: Arc::new(self.clone()),
        }
    }
}

/// A service whose requests get keys: what the layer [`IdempotencyKeys`] makes.
#[derive(Debug, Clone)]
pub struct Keyed<S> {
    inner: S,
    keys: Arc<IdempotencyKeys>,
}

impl<S, B> Service<Request<B>> for Keyed<S>
where
    S: Service<Request<B>> + Clone + Send + 'static,
    S::Error: Into<BoxError>,
    S::Future: Send,
    B: Body + From<Bytes> + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.inner.poll_ready(context).map_err(Into::into)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let keys = self.keys.clone();
        // The one that is ready is used, and a clone is left in its place.
        let next = self.inner.clone();
        let mut ready = mem::replace(&mut self.inner, next);
        Box::pin(async move {
            let request = keyed(&keys, request).await?;
            ready.call(request).await.map_err(Into::into)
        })
    }
}

/// The request with its key.
async fn keyed<B>(keys: &IdempotencyKeys, request: Request<B>) -> Result<Request<B>, BoxError>
where
    B: Body + From<Bytes>,
    B::Error: Into<BoxError>,
{
    let (mut parts, body) = request.into_parts();
    match keys.step(&parts.method, &parts.headers, &parts.extensions) {
        Step::Leave => Ok(Request::from_parts(parts, body)),
        Step::Take(key) => {
            keys.put(&key, &mut parts.headers);
            Ok(Request::from_parts(parts, body))
        }
        Step::Derive => derived(keys, parts, body).await,
    }
}

async fn derived<B>(
    keys: &IdempotencyKeys,
    mut parts: Parts,
    body: B,
) -> Result<Request<B>, BoxError>
where
    B: Body + From<Bytes>,
    B::Error: Into<BoxError>,
{
    let length = match body.size_hint().exact().map(usize::try_from) {
        Some(Ok(length)) if length <= keys.largest_body => length,
        length => {
            let kind = length.map_or(NoKeyKind::Stream, |_| NoKeyKind::TooLarge);
            keys.without_key(NoKey::new(kind))?;
            return Ok(Request::from_parts(parts, body));
        }
    };
    let bytes = read(body, length).await?;
    let target = Target {
        method: &parts.method,
        path: parts.uri.path(),
        query: parts.uri.query(),
    };
    if let Some(key) = keys.derive(target, &parts.headers, &bytes)? {
        keys.put(&key, &mut parts.headers);
    }
    Ok(Request::from_parts(parts, bytes.into()))
}

/// Reads a body of a known length. One that turns out to be another is an error, as what is sent would
/// not be what was given.
async fn read<B>(body: B, length: usize) -> Result<Bytes, BoxError>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let whole = Limited::new(body, length).collect().await?;
    if whole.trailers().is_some() {
        return Err(NoKey::new(NoKeyKind::Stream).into());
    }
    let bytes = whole.to_bytes();
    if bytes.len() == length {
        Ok(bytes)
    } else {
        Err("the body is shorter than it said".into())
    }
}
