//! A server with a handler for each thing that can happen, and a client for it.

use std::convert::Infallible;
use std::net::Ipv4Addr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};

use agentidemp::dedup::store::{MemoryStore, PostgresStore, RedbStore, RedisStore, Store};
use agentidemp::dedup::{Attempt, Builder, Dedup};
use agentidemp::header::IDEMPOTENCY_KEY;
use agentidemp::header::server::{OncePerKey, ProblemKind, ReceivedKey, Remembered};
use agentidemp_tests::dedup::Folder;
use agentidemp_tests::servers::{Postgres, Redis};
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, post};
use axum::{Extension, Json, Router};
use http::header::{CONTENT_TYPE, DATE, LINK, LOCATION, SET_COOKIE, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use http_body::Frame;
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio_util::task::AbortOnDropHandle;

/// What the handlers did, and how those that wait are let go.
pub struct Handlers {
    runs: AtomicU64,
    pub entered: Semaphore,
    pub gate: Semaphore,
}

type Shared = State<Arc<Handlers>>;

impl Handlers {
    fn run(&self) -> u64 {
        self.runs.fetch_add(1, Ordering::Relaxed) + 1
    }

    pub fn runs(&self) -> u64 {
        self.runs.load(Ordering::Relaxed)
    }

    /// Waits until a handler is at the gate.
    pub async fn is_entered(&self) {
        self.entered.acquire().await.unwrap().forget();
    }

    /// Lets a handler through the gate.
    pub fn open(&self) {
        self.gate.add_permits(1);
    }

    async fn wait_at_the_gate(&self) {
        self.entered.add_permits(1);
        self.gate.acquire().await.unwrap().forget();
    }
}

/// The handlers, by their paths.
pub fn routes() -> Router<Arc<Handlers>> {
    Router::new()
        .route("/charges", any(charge))
        .route("/refunds", post(charge))
        .route("/key", post(key))
        .route("/attempt", post(attempt))
        .route("/status/{status}", post(status))
        .route("/gate", post(gate))
        .route("/panic", post(panic))
        .route("/binary", post(binary))
        .route("/large", post(large))
        .route("/almost", post(almost))
        .route("/stream", post(stream))
}

/// An effect, and an answer in which everything counts.
async fn charge(State(handlers): Shared) -> Response {
    let run = handlers.run();
    let mut response = (StatusCode::CREATED, Json(json!({ "run": run }))).into_response();
    let headers = response.headers_mut();
    let location = format!("/charges/{run}");
    headers.insert(LOCATION, location.parse().unwrap());
    for link in ["</a>; rel=next", "</b>; rel=prev"] {
        headers.append(LINK, HeaderValue::from_static(link));
    }
    let latin = HeaderValue::from_bytes(b"caf\xe9").unwrap();
    headers.insert(HeaderName::from_static("x-latin"), latin);
    headers.insert(SET_COOKIE, HeaderValue::from_static("session=secret"));
    response
}

/// The text of the key, which may be missing.
async fn key(State(handlers): Shared, key: Option<ReceivedKey>) -> String {
    handlers.run();
    key.map_or("none".into(), |key| key.as_str().into())
}

/// The number of the attempt. It fails at first.
async fn attempt(
    State(handlers): Shared,
    Extension(attempt): Extension<Attempt>,
) -> (StatusCode, String) {
    let status = match handlers.run() {
        1 => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::OK,
    };
    (status, attempt.number().to_string())
}

async fn status(State(handlers): Shared, Path(status): Path<u16>) -> (StatusCode, String) {
    let run = handlers.run();
    (StatusCode::from_u16(status).unwrap(), run.to_string())
}

async fn gate(State(handlers): Shared) -> (StatusCode, String) {
    handlers.wait_at_the_gate().await;
    (StatusCode::CREATED, handlers.run().to_string())
}

/// It does so once.
async fn panic(State(handlers): Shared) -> String {
    let run = handlers.run();
    assert!(run > 1, "the first run panics");
    run.to_string()
}

async fn binary(State(handlers): Shared) -> Bytes {
    handlers.run();
    Bytes::from_static(b"\x00\xff\xfe")
}

/// What is large here.
pub const LARGE: usize = 1_000;

async fn large(State(handlers): Shared) -> String {
    handlers.run();
    "a".repeat(LARGE + 1)
}

/// With its head, it is larger.
async fn almost(State(handlers): Shared) -> String {
    handlers.run();
    "a".repeat(LARGE - 10)
}

/// A first part at once, and a second one when the gate is opened.
async fn stream(State(handlers): Shared) -> Body {
    handlers.run();
    let (sender, parts) = mpsc::channel::<Bytes>(2);
    tokio::spawn(async move {
        sender.send("first".into()).await.unwrap();
        handlers.wait_at_the_gate().await;
        sender.send("second".into()).await.unwrap();
    });
    Body::new(Parts(parts))
}

/// A body whose length nobody knows.
struct Parts(mpsc::Receiver<Bytes>);

impl http_body::Body for Parts {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let part = self.0.poll_recv(context);
        part.map(|part| part.map(|part| Ok(Frame::data(part))))
    }
}

/// A body that comes in parts, and does not say how many.
pub fn in_parts<const N: usize>(
    parts: [String; N],
) -> impl http_body::Body<Data = Bytes, Error = Infallible> {
    let (sender, body) = mpsc::channel(N);
    for part in parts {
        sender.try_send(part.into()).unwrap();
    }
    Parts(body)
}

/// A running server. It stops when it is dropped.
pub struct Shop {
    url: String,
    pub client: reqwest::Client,
    pub handlers: Arc<Handlers>,
    _serving: AbortOnDropHandle<()>,
}

impl Shop {
    /// All handlers behind the layer.
    pub async fn behind(once: OncePerKey) -> Self {
        Self::serving(routes().layer(once)).await
    }

    pub async fn serving(router: Router<Arc<Handlers>>) -> Self {
        let handlers = Arc::new(Handlers {
            runs: AtomicU64::new(0),
            entered: Semaphore::new(0),
            gate: Semaphore::new(0),
        });
        let router = router.with_state(handlers.clone());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let serving = async { axum::serve(listener, router).await.unwrap() };
        Self {
            url,
            client: reqwest::Client::builder().no_proxy().build().unwrap(),
            handlers,
            _serving: AbortOnDropHandle::new(tokio::spawn(serving)),
        }
    }

    pub fn request(&self, method: Method, target: &str) -> RequestBuilder {
        self.client
            .request(method, format!("{}{target}", self.url))
            .header(CONTENT_TYPE, "application/json")
    }

    pub fn post(&self, target: &str) -> RequestBuilder {
        self.request(Method::POST, target)
    }

    /// A small request with a key.
    pub fn keyed(&self, target: &str, key: &str) -> RequestBuilder {
        let request = self.post(target).header(IDEMPOTENCY_KEY, key);
        request.body(r#"{"amount":500}"#)
    }

    pub fn runs(&self) -> u64 {
        self.handlers.runs()
    }
}

/// What came back.
#[derive(Debug, PartialEq)]
pub struct Answer {
    pub status: StatusCode,
    /// Without the time.
    pub headers: HeaderMap,
    pub body: Bytes,
}

pub async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.unwrap();
    let mut headers = response.headers().clone();
    headers.remove(DATE);
    headers.remove(TRANSFER_ENCODING);
    Answer {
        status: response.status(),
        headers,
        body: response.bytes().await.unwrap(),
    }
}

impl Answer {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub fn is_replayed(&self) -> bool {
        self.headers.contains_key("idempotent-replayed")
    }

    pub fn assert_problem(&self, kind: ProblemKind) {
        let details: Value = serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{kind:?} was expected: {self:?}"));
        assert_eq!(details["type"], kind.type_uri(), "{details}");
        assert_eq!(details["title"], kind.title());
        assert_eq!(details["detail"], kind.detail());
        assert_eq!(details["status"], kind.status().as_u16());
        assert_eq!(self.status, kind.status());
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json");
        assert!(!self.is_replayed());
    }
}

/// Where answers are remembered.
pub struct Place {
    pub name: &'static str,
    store: Option<Arc<dyn Store>>,
    _folder: Option<Folder>,
}

impl Place {
    pub fn memory() -> Self {
        Self::new("memory", None)
    }

    fn new(name: &'static str, store: Option<Arc<dyn Store>>) -> Self {
        Self {
            name,
            store,
            _folder: None,
        }
    }

    /// Every place that there is on this machine. The test says which ones are left out.
    pub async fn all() -> Vec<Self> {
        let folder = Folder::new();
        let file = RedbStore::open(folder.path("store.redb")).unwrap();
        let mut places = vec![
            Self::memory(),
            Self::new("a store in memory", Some(Arc::new(MemoryStore::new()))),
            Self {
                _folder: Some(folder),
                ..Self::new("redb", Some(Arc::new(file)))
            },
        ];
        if let Some(redis) = redis() {
            let store = RedisStore::connect(&redis.url()).await.unwrap();
            let store = store.with_prefix(format!("{}:", uuid::Uuid::new_v4()));
            places.push(Self::new("Redis", Some(Arc::new(store))));
        }
        if let Some(postgres) = Postgres::shared() {
            let url = postgres.url(&postgres.database());
            let store = PostgresStore::connect(&url).await.unwrap();
            store.create_table().await.unwrap();
            places.push(Self::new("PostgreSQL", Some(Arc::new(store))));
        }
        places
    }

    /// A layer that remembers here. All layers of a place are as those of several servers, but for memory.
    pub fn dedup(&self) -> Builder<Remembered, Dedup<Remembered>> {
        match &self.store {
            Some(store) => Dedup::builder().store(store.clone()),
            None => Dedup::builder(),
        }
    }

    pub fn is_shared(&self) -> bool {
        self.store.is_some()
    }
}

/// The one that the tests share.
fn redis() -> Option<&'static Redis> {
    static SHARED: OnceLock<Option<Redis>> = OnceLock::new();
    SHARED.get_or_init(Redis::start).as_ref()
}

/// A layer that remembers in memory.
pub fn in_memory() -> OncePerKey {
    OncePerKey::new(Place::memory().dedup().build())
}
