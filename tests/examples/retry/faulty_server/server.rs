//! The HTTP server around the shop: one task for each connection, so that it can be cut.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use agentidemp::header::IDEMPOTENCY_KEY;
use axum::extract::{Extension, Json, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Router, body};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};
use tower::ServiceExt;

use super::shop::{Answer, Request, Shop};
use super::{Ledger, Order, Plan};

/// A running server. It stops when it is dropped.
pub struct Server {
    url: String,
    shop: Arc<Shop>,
    work: TaskTracker,
    _accepting: AbortOnDropHandle<()>,
}

impl Server {
    /// Starts a server on a free port of 127.0.0.1, for clients that wait for an answer as long as
    /// `patience`.
    pub async fn start(plan: Plan, patience: Duration) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}/orders", listener.local_addr()?);
        let shop = Arc::new(Shop::new(plan, patience));
        let work = TaskTracker::new();
        let router = Router::new()
            .route("/orders", post(create_order))
            .with_state((shop.clone(), work.clone()));
        Ok(Self {
            url,
            shop,
            work,
            _accepting: AbortOnDropHandle::new(tokio::spawn(accept(listener, router))),
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// What the server has done, once it has done all that it was asked for.
    pub async fn ledger(&self) -> Ledger {
        self.work.close();
        self.work.wait().await;
        self.shop.ledger()
    }
}

async fn accept(listener: TcpListener, router: Router) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, router.clone()));
        }
    }
}

/// Serves one connection until the client closes it or a fault cuts it.
async fn serve(stream: TcpStream, router: Router) {
    let connection = CancellationToken::new();
    let service = service_fn(|request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(body::Body::new);
        request.extensions_mut().insert(connection.clone());
        router.clone().oneshot(request)
    });
    let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // The client has closed its end.
        _ = serving => {}
        () = connection.cancelled() => {}
    }
}

async fn create_order(
    State((shop, work)): State<(Arc<Shop>, TaskTracker)>,
    Extension(connection): Extension<CancellationToken>,
    headers: HeaderMap,
    Json(order): Json<Order>,
) -> Response {
    let key = headers.get(IDEMPOTENCY_KEY).map(|value| value.to_str());
    let Some(Ok(key)) = key else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let request = Request {
        key: key.to_owned(),
        order,
    };
    // In a task of its own, since the work goes on when the client hangs up.
    let answer = work.spawn(async move { shop.answer(request).await });
    match answer.await {
        Ok(Answer::Respond(response)) => response,
        Ok(Answer::CutConnection) => {
            connection.cancel();
            std::future::pending().await
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
