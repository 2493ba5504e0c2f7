//! The layers put the key on the wire: each statement holds for a client of reqwest-middleware and for one
//! of tower, in front of a real server.

use std::convert::Infallible;
use std::error::Error;
use std::fmt::Debug;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::{future, mem};

use agentidemp::dedup::Dedup;
use agentidemp::header::server::OncePerKey;
use agentidemp::header::{
    Form, IDEMPOTENCY_KEY, IdempotencyKeys, NoKey, NoKeyKind, X_IDEMPOTENCY_KEY,
};
use agentidemp::{ErrorKind, IdempotencyKey, Identity, Key, Secret};
use agentidemp_tests::recorder::{Received, Recorder};
use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode};
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use reqwest_middleware::ClientBuilder;
use tower::{Layer, Service, ServiceBuilder, ServiceExt, service_fn};

type BoxError = Box<dyn Error + Send + Sync>;

const BODY: &str = r#"{ "amount": 5.0e2, "sent_at": 1767225600 }"#;

fn identity() -> Identity {
    Identity::new().exclude(["sent_at"]).scope("charges.create")
}

fn key() -> Key {
    identity().key_of_json(BODY.as_bytes()).unwrap()
}

/// A request in a form that each stack makes its own of.
#[derive(Clone)]
struct Sent {
    method: Method,
    target: &'static str,
    headers: HeaderMap,
    extension: Option<Key>,
    body: Payload,
}

#[derive(Clone)]
enum Payload {
    None,
    Bytes(Bytes),
    Stream(&'static str),
}

fn post(body: &'static str) -> Sent {
    Sent {
        method: Method::POST,
        target: "/charges",
        headers: HeaderMap::new(),
        extension: None,
        body: Payload::Bytes(body.into()),
    }
}

impl Sent {
    fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    fn target(mut self, target: &'static str) -> Self {
        self.target = target;
        self
    }

    fn header(mut self, name: http::HeaderName, value: &'static str) -> Self {
        self.headers.append(name, HeaderValue::from_static(value));
        self
    }

    fn extension(mut self, key: Key) -> Self {
        self.extension = Some(key);
        self
    }

    fn body(mut self, body: Payload) -> Self {
        self.body = body;
        self
    }
}

/// A body in frames, of which the last comes first. It may say how long it is, rightly or not.
struct Frames {
    said: Option<u64>,
    frames: Vec<Frame<Bytes>>,
}

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.frames.pop().map(Ok))
    }

    fn size_hint(&self) -> SizeHint {
        self.said.map_or_else(SizeHint::new, SizeHint::with_exact)
    }
}

impl From<Bytes> for Frames {
    fn from(bytes: Bytes) -> Self {
        Self {
            said: Some(bytes.len() as u64),
            frames: vec![Frame::data(bytes)],
        }
    }
}

/// A body of which nobody knows the length.
fn stream(text: &'static str) -> Frames {
    let (first, second) = text.split_at(text.len() / 2);
    Frames {
        said: None,
        frames: [second, first].map(|part| Frame::data(part.into())).into(),
    }
}

async fn by_reqwest(url: &str, keys: &IdempotencyKeys, sent: &Sent) -> Result<(), BoxError> {
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let client = ClientBuilder::new(http).with(keys.clone()).build();
    let mut request = client
        .request(sent.method.clone(), url)
        .headers(sent.headers.clone());
    if let Some(key) = sent.extension {
        request = request.with_extension(key);
    }
    request = match &sent.body {
        Payload::None => request,
        Payload::Bytes(bytes) => request.body(bytes.clone()),
        Payload::Stream(text) => request.body(reqwest::Body::wrap(stream(text))),
    };
    match request.send().await {
        Ok(response) => {
            assert_eq!(response.status(), StatusCode::OK);
            Ok(())
        }
        Err(reqwest_middleware::Error::Middleware(error)) => Err(error.downcast::<NoKey>()?.into()),
        Err(error) => Err(error.into()),
    }
}

async fn by_tower(url: &str, keys: &IdempotencyKeys, sent: &Sent) -> Result<(), BoxError> {
    let client = Client::builder(TokioExecutor::new()).build_http::<Body>();
    let client = ServiceBuilder::new().layer(keys.clone()).service(client);
    let mut request = Request::new(match &sent.body {
        Payload::None => Body::empty(),
        Payload::Bytes(bytes) => Body::from(bytes.clone()),
        Payload::Stream(text) => Body::new(stream(text)),
    });
    *request.method_mut() = sent.method.clone();
    *request.uri_mut() = url.parse().unwrap();
    *request.headers_mut() = sent.headers.clone();
    if let Some(key) = sent.extension {
        request.extensions_mut().insert(key);
    }
    let response = client.oneshot(request).await?;
    assert_eq!(response.status(), StatusCode::OK);
    Ok(())
}

/// Sends it through both stacks, and gives what came, which is one and the same.
async fn send(keys: &IdempotencyKeys, sent: Sent) -> Received {
    let server = Recorder::start().await;
    let url = server.url(sent.target);
    by_reqwest(&url, keys, &sent).await.unwrap();
    by_tower(&url, keys, &sent).await.unwrap();
    let [reqwest, tower] = <[Received; 2]>::try_from(server.take()).unwrap();
    assert_eq!(reqwest.method, tower.method);
    assert_eq!(reqwest.uri, tower.uri);
    assert_eq!(reqwest.body, tower.body);
    for header in [IDEMPOTENCY_KEY, X_IDEMPOTENCY_KEY] {
        let of = |received: &Received| -> Vec<HeaderValue> {
            received.headers.get_all(&header).iter().cloned().collect()
        };
        assert_eq!(of(&reqwest), of(&tower));
    }
    tower
}

/// The key that comes, bare.
async fn sent_key(keys: &IdempotencyKeys, sent: Sent) -> Option<String> {
    let received = send(keys, sent).await;
    let mut values = received.headers.get_all(IDEMPOTENCY_KEY).iter();
    let value = values
        .next()
        .map(|value| value.to_str().unwrap().to_owned());
    assert!(values.next().is_none(), "two keys");
    value
}

/// Why neither stack sends it.
async fn refused(keys: &IdempotencyKeys, sent: Sent) -> NoKey {
    let server = Recorder::start().await;
    let url = server.url(sent.target);
    let [reqwest, tower] = [
        by_reqwest(&url, keys, &sent).await.unwrap_err(),
        by_tower(&url, keys, &sent).await.unwrap_err(),
    ]
    .map(|error| error.downcast_ref::<NoKey>().unwrap().clone());
    assert!(server.take().is_empty(), "it was sent all the same");
    assert_eq!(reqwest, tower);
    tower
}

#[tokio::test]
async fn a_json_body_gets_the_key_of_its_bytes_and_stays_as_it_is() {
    let received = send(&IdempotencyKeys::new(identity()), post(BODY)).await;
    assert_eq!(received.headers[IDEMPOTENCY_KEY], *key());
    assert_eq!(received.body, BODY);
}

#[tokio::test]
async fn what_the_identity_excludes_may_change_between_attempts() {
    let keys = IdempotencyKeys::new(identity());
    let first = sent_key(&keys, post(r#"{"amount":500,"sent_at":1}"#)).await;
    let second = sent_key(&keys, post(r#"{"sent_at":2,"amount":500}"#)).await;
    let other = sent_key(&keys, post(r#"{"sent_at":2,"amount":501}"#)).await;
    assert_eq!(first, second);
    assert_ne!(first, other);
}

#[tokio::test]
async fn a_request_that_carries_the_header_keeps_it() {
    let keys = IdempotencyKeys::new(identity());
    for own in ["8e03978e-40d5-43e8-bc93-6894a57f9324", "\"quoted\"", ""] {
        let sent = post(BODY).header(IDEMPOTENCY_KEY, own);
        assert_eq!(sent_key(&keys, sent).await.as_deref(), Some(own));
    }
    let both = post(BODY).header(IDEMPOTENCY_KEY, "mine").extension(key());
    assert_eq!(sent_key(&keys, both).await.as_deref(), Some("mine"));

    let other_header = post(BODY).header(X_IDEMPOTENCY_KEY, "mine");
    assert_eq!(
        sent_key(&keys, other_header).await.as_deref(),
        Some(&*key())
    );
}

#[tokio::test]
async fn a_typed_key_in_the_extensions_wins_over_the_body_whatever_the_method_and_the_body() {
    #[derive(IdempotencyKey)]
    struct Charge {
        amount: u64,
    }

    let typed = Charge { amount: 500 }.idempotency_key();
    let keys = IdempotencyKeys::new(identity());
    for sent in [
        post(BODY),
        post("amount=500"),
        post(BODY).method(Method::DELETE),
        post(BODY).body(Payload::None),
        post(BODY).body(Payload::Stream(BODY)),
    ] {
        let sent = sent.extension(typed);
        assert_eq!(sent_key(&keys, sent).await.as_deref(), Some(&*typed));
    }
    let short = keys.form(Form::Short);
    let sent = sent_key(&short, post(BODY).extension(typed)).await;
    assert_eq!(sent.as_deref(), Some(&*typed.short()));
}

#[tokio::test]
async fn post_put_and_patch_get_a_key_and_no_other_method_unless_the_user_says_so() {
    let keys = IdempotencyKeys::new(identity());
    for method in [Method::POST, Method::PUT, Method::PATCH] {
        assert!(sent_key(&keys, post(BODY).method(method)).await.is_some());
    }
    for method in [Method::GET, Method::DELETE, Method::OPTIONS] {
        // Their bodies are not even looked at.
        for body in [Payload::Bytes("no JSON".into()), Payload::Stream("no JSON")] {
            let sent = post(BODY).method(method.clone()).body(body);
            assert_eq!(sent_key(&keys, sent).await, None);
        }
    }
    let deletes = keys.methods([Method::DELETE]);
    let delete = post(BODY).method(Method::DELETE);
    assert!(sent_key(&deletes, delete).await.is_some());
    assert_eq!(sent_key(&deletes, post(BODY)).await, None);
}

#[tokio::test]
async fn a_key_is_sent_in_the_form_and_the_header_that_the_receiver_takes() {
    let keys = IdempotencyKeys::new(identity());
    let key = key();
    let uuid = key.uuid().to_string();
    for (form, text) in [
        (Form::Full, key.as_str()),
        (Form::Short, &key.short()),
        (Form::Uuid, &uuid),
    ] {
        let bare = keys.clone().form(form);
        let sent = sent_key(&bare, post(BODY)).await;
        assert_eq!(sent.as_deref(), Some(text));
        let sent = sent_key(&bare.structured(), post(BODY)).await;
        assert_eq!(sent, Some(format!("\"{text}\"")));
    }

    let received = send(&keys.header(X_IDEMPOTENCY_KEY), post(BODY)).await;
    assert_eq!(received.headers[X_IDEMPOTENCY_KEY], *key);
    assert!(!received.headers.contains_key(IDEMPOTENCY_KEY));
}

#[tokio::test]
async fn the_method_and_the_path_are_in_the_scope_if_the_user_says_so() {
    let keys = IdempotencyKeys::new(identity());
    let elsewhere = || post(BODY).target("/refunds?dry_run=1");
    assert_eq!(sent_key(&keys, elsewhere()).await.as_deref(), Some(&*key()));

    let keys = keys.method_and_path_in_scope();
    let expected = |method: &str, path: &str| {
        let identity = identity()
            .scope_field("method", method)
            .scope_field("path", path);
        identity.key_of_json(BODY.as_bytes()).unwrap().to_string()
    };
    // As on the wire: what is encoded stays so, and what a scope reserves is escaped.
    for path in ["/", "/a:b", "/a%3Ab", "/a/%C3%A9", "/a//b/"] {
        for method in [Method::POST, Method::PUT] {
            let sent = post(BODY).method(method.clone()).target(path);
            let sent = sent_key(&keys, sent).await;
            assert_eq!(
                sent,
                Some(expected(method.as_str(), path)),
                "{method} {path}"
            );
        }
    }
    // The query is no part of the path.
    let sent = sent_key(&keys, elsewhere()).await;
    assert_eq!(sent, Some(expected("POST", "/refunds")));
}

#[tokio::test]
async fn the_query_is_in_the_scope_if_the_user_says_so() {
    let keys = IdempotencyKeys::new(identity()).query_in_scope();
    for (target, query) in [("/a?b=c:d%20", "b=c:d%20"), ("/a?", ""), ("/a", "")] {
        let expected = identity().scope_field("query", query);
        let expected = expected.key_of_json(BODY.as_bytes()).unwrap();
        let sent = sent_key(&keys, post(BODY).target(target)).await;
        assert_eq!(sent.as_deref(), Some(&*expected), "{target}");
    }
}

#[tokio::test]
async fn a_keyed_key_is_keyed() {
    let identity = identity().secret(Secret::new([7; 32]));
    let expected = identity.key_of_json(BODY.as_bytes()).unwrap();
    assert_ne!(expected, key());
    let sent = sent_key(&IdempotencyKeys::new(identity), post(BODY)).await;
    assert_eq!(sent.as_deref(), Some(&*expected));
}

/// What has no key of its own, and why.
fn unkeyed() -> Vec<(NoKeyKind, Sent)> {
    let of_type = |media_type| post(BODY).header(CONTENT_TYPE, media_type);
    vec![
        (NoKeyKind::Stream, post(BODY).body(Payload::Stream(BODY))),
        (NoKeyKind::NotJson, post(BODY).body(Payload::None)),
        (NoKeyKind::NotJson, post("")),
        (NoKeyKind::NotJson, post("amount=500")),
        (NoKeyKind::NotJson, post("{\"amount\":500} {}")),
        (NoKeyKind::NotJson, post("{\"amount\":500")),
        (NoKeyKind::NotJson, of_type("text/plain")),
        (NoKeyKind::NotJson, of_type("application/x-ndjson")),
        (
            NoKeyKind::NotJson,
            of_type("multipart/form-data; boundary=json"),
        ),
        (
            NoKeyKind::NotJson,
            post(BODY).header(CONTENT_ENCODING, "gzip"),
        ),
        (
            NoKeyKind::TooLarge,
            post("[\"a body of more than 64 bytes, which is as many as are allowed here\"]"),
        ),
    ]
}

fn at_most_64_bytes() -> IdempotencyKeys {
    IdempotencyKeys::new(identity()).largest_body(64)
}

#[tokio::test]
async fn a_body_without_a_key_is_an_error_and_nothing_is_sent() {
    for (kind, sent) in unkeyed() {
        let error = refused(&at_most_64_bytes(), sent).await;
        assert_eq!(error.kind(), kind);
        assert!(!error.to_string().is_empty());
        let help = error.help();
        assert_eq!(help.contains("`largest_body`"), kind == NoKeyKind::TooLarge);
        assert!(help.contains("a `Key` as an extension"));
    }
}

#[tokio::test]
async fn the_largest_body_has_a_key() {
    let body = "\"a body of 64 bytes, which is as many as are allowed, has a key\"";
    assert_eq!(body.len(), 64);
    let key = identity().key_of_json(body.as_bytes()).unwrap();
    let sent = sent_key(&at_most_64_bytes(), post(body)).await;
    assert_eq!(sent.as_deref(), Some(&*key));
}

/// Why a request with this body is not sent by tower.
async fn unsent(keys: IdempotencyKeys, body: Frames) -> BoxError {
    let nobody = |_: Request<Frames>| async { panic!("sent") as Result<(), BoxError> };
    let service = ServiceBuilder::new()
        .layer(keys)
        .service(service_fn(nobody));
    let request = Request::post("/charges").body(body).unwrap();
    service.oneshot(request).await.unwrap_err()
}

#[tokio::test]
async fn a_body_that_is_too_large_is_not_read() {
    let unreadable = Frames {
        said: Some(65),
        frames: Vec::new(),
    };
    let error = unsent(at_most_64_bytes(), unreadable).await;
    let error: &NoKey = error.downcast_ref().unwrap();
    assert_eq!(error.kind(), NoKeyKind::TooLarge);
}

#[tokio::test]
async fn a_body_without_a_key_is_sent_without_one_if_the_user_says_so() {
    for (_, sent) in unkeyed() {
        let body = match &sent.body {
            Payload::None => Bytes::new(),
            Payload::Bytes(bytes) => bytes.clone(),
            Payload::Stream(text) => Bytes::from(*text),
        };
        let received = send(&at_most_64_bytes().send_unkeyed(), sent).await;
        assert!(!received.headers.contains_key(IDEMPOTENCY_KEY));
        assert_eq!(received.body, body);
    }
}

#[tokio::test]
async fn a_json_body_may_say_so_in_many_ways_or_not_at_all() {
    let keys = IdempotencyKeys::new(identity());
    for media_type in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "application/vnd.api+json",
        "application/merge-patch+json;v=1",
        "text/json",
    ] {
        let sent = post(BODY).header(CONTENT_TYPE, media_type);
        let sent = sent.header(CONTENT_ENCODING, "identity");
        assert_eq!(sent_key(&keys, sent).await.as_deref(), Some(&*key()));
    }
}

#[tokio::test]
async fn a_json_body_that_the_identity_refuses_is_an_error_in_any_case() {
    let keys = IdempotencyKeys::new(Identity::new().only(["/amount"])).send_unkeyed();
    for (body, kind) in [
        (r#"{"amout":500}"#, ErrorKind::NothingLeft),
        (r#"{"amount":1,"amount":2}"#, ErrorKind::DuplicateMember),
        (r#"{"amount":12345678901234567.89}"#, ErrorKind::Imprecise),
    ] {
        let error = refused(&keys, post(body)).await;
        assert_eq!(error.kind(), NoKeyKind::Refused, "{body}");
        let source = error.source().and_then(|source| source.downcast_ref());
        assert_eq!(source.map(agentidemp::Error::kind), Some(kind));
        assert_eq!(source.map(agentidemp::Error::help), Some(error.help()));
    }
}

#[tokio::test]
async fn a_mistake_in_the_identity_is_an_error_of_each_request() {
    let keys = IdempotencyKeys::new(Identity::new().scope("")).send_unkeyed();
    assert_eq!(refused(&keys, post(BODY)).await.kind(), NoKeyKind::Refused);
}

#[tokio::test]
async fn a_body_that_is_not_what_it_said_is_an_error_and_nothing_is_sent() {
    let data = || Frame::data(Bytes::from(BODY));
    let trailers = || Frame::trailers(HeaderMap::new());
    let length = BODY.len() as u64;
    for (said, frames) in [
        (length + 1, vec![data()]),
        (length - 1, vec![data()]),
        (length, vec![data(), data()]),
        (length, vec![trailers(), data()]),
    ] {
        let keys = IdempotencyKeys::new(identity()).send_unkeyed();
        let said = Some(said);
        unsent(keys, Frames { said, frames }).await;
    }
}

/// A service that gives back what it gets. It may be called once for each time that it was ready, as the
/// contract of tower has it.
struct Ready(bool);

impl Clone for Ready {
    fn clone(&self) -> Self {
        Self(false)
    }
}

impl Service<Request<Full<Bytes>>> for Ready {
    type Response = Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = future::Ready<Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0 = true;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        assert!(mem::take(&mut self.0), "called although not ready");
        future::ready(Ok(Response::new(request.into_body())))
    }
}

async fn assert_uses_the_service_that_is_ready<L, B>(layer: L)
where
    L: Layer<Ready>,
    L::Service: Service<Request<Full<Bytes>>, Response = Response<B>, Error = BoxError>,
    B: http_body::Body<Error: Debug>,
{
    let mut service = layer.layer(Ready(false));
    for key in ["a", "b"] {
        let request = Request::post("/charges").header(IDEMPOTENCY_KEY, key);
        let request = request.body(Full::from(BODY)).unwrap();
        let response = service.ready().await.unwrap().call(request).await.unwrap();
        let body = response.into_body().collect().await.unwrap();
        assert_eq!(body.to_bytes(), BODY);
    }
}

#[tokio::test]
async fn a_layer_uses_the_service_that_is_ready() {
    assert_uses_the_service_that_is_ready(IdempotencyKeys::new(identity())).await;
    assert_uses_the_service_that_is_ready(OncePerKey::new(Dedup::builder().build())).await;
}
