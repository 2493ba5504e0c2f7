//! The HTTP server around the network and the shop: one task for each connection, so that it can be cut.

use std::io;
use std::net::Ipv4Addr;
use std::sync::{Arc, PoisonError};

use agentidemp::dedup::Dedup;
use agentidemp::header::server::Remembered;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use super::network::{Delivery, Network, Outcome};
use super::shop::{SharedLedger, router};
use super::{Ledger, Plan};

/// A running server. It stops when it is dropped.
pub struct Server {
    url: String,
    ledger: SharedLedger,
    work: TaskTracker,
    _accepting: AbortOnDropHandle<()>,
}

/// What each connection needs.
#[derive(Clone)]
struct Host {
    network: Arc<Network>,
    work: TaskTracker,
}

impl Server {
    /// Starts a server on a free port of 127.0.0.1, which remembers its answers in `dedup`.
    pub async fn start(plan: Plan, dedup: Dedup<Remembered>) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let url = format!("http://{}/orders", listener.local_addr()?);
        let ledger = SharedLedger::default();
        let shop = router(dedup, ledger.clone());
        let work = TaskTracker::new();
        let host = Host {
            network: Arc::new(Network::new(plan, shop, ledger.clone())),
            work: work.clone(),
        };
        Ok(Self {
            url,
            ledger,
            work,
            _accepting: AbortOnDropHandle::new(tokio::spawn(accept(listener, host))),
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// What was done, once all is done that was asked for.
    pub async fn ledger(&self) -> Ledger {
        self.work.close();
        self.work.wait().await;
        let ledger = self.ledger.lock();
        ledger.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

async fn accept(listener: TcpListener, host: Host) {
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, host.clone()));
        }
    }
}

/// Serves one connection until the client closes it or a fault cuts it.
async fn serve(stream: TcpStream, host: Host) {
    let connection = CancellationToken::new();
    let service = service_fn(|request| handle(request, host.clone(), connection.clone()));
    let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    tokio::select! {
        // The client has closed its end.
        _ = serving => {}
        () = connection.cancelled() => {}
    }
}

async fn handle(
    request: hyper::Request<Incoming>,
    host: Host,
    connection: CancellationToken,
) -> Result<Response, hyper::Error> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await?.to_bytes();
    let delivery = Delivery {
        request: hyper::Request::from_parts(parts, body),
        client_gone: CancellationToken::new(),
    };
    // When the client hangs up, hyper drops this future.
    let _here = delivery.client_gone.clone().drop_guard();
    // In a task of its own, since the request goes on all the same.
    let outcome = host
        .work
        .spawn(async move { host.network.carry(delivery).await });
    Ok(match outcome.await {
        Ok(Outcome::Answer(response)) => response,
        Ok(Outcome::CutConnection) => {
            connection.cancel();
            std::future::pending().await
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    })
}
