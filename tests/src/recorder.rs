//! A real HTTP server on loopback that answers every request with 200 and remembers what came.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use http::{HeaderMap, Method, Uri};
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
        let log = Log::default();
        let answer = move |state, request| record(state, request, json);
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

async fn record(
    State(log): State<Log>,
    request: Request<Body>,
    json: &'static str,
) -> ([(http::HeaderName, &'static str); 1], &'static str) {
    let (parts, body) = request.into_parts();
    let received = Received {
        method: parts.method,
        uri: parts.uri,
        headers: parts.headers,
        body: to_bytes(body, usize::MAX).await.unwrap(),
    };
    log.lock().unwrap().push(received);
    ([(http::header::CONTENT_TYPE, "application/json")], json)
}
