//! A real HTTP server on loopback that answers requests with 200, or the first one with 503, and remembers
//! what came.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method, StatusCode, Uri};
use tokio::net::TcpListener;
use tokio_util::task::AbortOnDropHandle;

/// A request as it came in.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: Bytes,
}

type Log = Arc<Mutex<Vec<Received>>>;

/// A running server. It stops when it is dropped.
pub struct Recorder {
    address: SocketAddr,
    log: Log,
    _serving: AbortOnDropHandle<()>,
}

impl Recorder {
    pub async fn start() -> Self {
        Self::answering("").await
    }

    /// Answers every request with a JSON text.
    pub async fn answering(json: &'static str) -> Self {
        Self::with(move |_| ok(json)).await
    }

    /// Answers the first request with 503, and every later one with a JSON text.
    pub async fn failing_once(json: &'static str) -> Self {
        Self::with(move |number| match number {
            0 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
            _ => ok(json),
        })
        .await
    }

    /// Answers by the number of requests that came before.
    async fn with(answer: impl Fn(usize) -> Response + Clone + Send + Sync + 'static) -> Self {
        let log = Log::default();
        let answer = move |State(log): State<Log>, request| async move {
            answer(record(&log, request).await)
        };
        let router = Router::new().fallback(answer).with_state(log.clone());
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = async { axum::serve(listener, router).await.unwrap() };
        Self {
            address,
            log,
            _serving: AbortOnDropHandle::new(tokio::spawn(serving)),
        }
    }

    pub fn url(&self, path_and_query: &str) -> String {
        format!("http://{}{path_and_query}", self.address)
    }

    /// What came since this was last asked.
    pub fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.log.lock().unwrap())
    }
}

fn ok(json: &'static str) -> Response {
    ([(CONTENT_TYPE, "application/json")], json).into_response()
}

/// Remembers a request, and says how many came before it.
async fn record(log: &Log, request: Request<Body>) -> usize {
    let (parts, body) = request.into_parts();
    let received = Received {
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        body: to_bytes(body, usize::MAX).await.unwrap(),
    };
    let mut log = log.lock().unwrap();
    log.push(received);
    log.len() - 1
}
