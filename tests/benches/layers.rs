//! What a layer that puts the key on adds to a request of 4 KB, beside the request itself on loopback:
//! `cargo bench --bench layers`.
//!
//! The two take turns within one run, on one connection each, and the median of the turns is told. The server
//! has a thread of its own and answers at once, so the request is as short as a request can be.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop")]
#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core
)]

#[expect(dead_code, reason = "the other requests are for other benchmarks")]
#[path = "key/requests.rs"]
mod requests;

use std::convert::Infallible;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

use agentidemp::Identity;
use agentidemp::header::IdempotencyKeys;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioIo};
use reqwest_middleware::{ClientBuilder, ClientWithMiddleware};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};
use tower::{Layer, Service, ServiceExt};

use crate::requests::{Request, Text, VOLATILE, chat};

const ROUNDS: usize = 401;
const REQUESTS_IN_A_ROUND: u32 = 25;

fn main() {
    let request = chat(Text::Prose, 4096);
    let body = Bytes::from(serde_json::to_vec(&sent(&request)).unwrap());
    let identity = Identity::new().exclude(VOLATILE);
    println!("a body of {} bytes, 3 exclusions", body.len());

    let key = || drop(black_box(identity.key_of_json(black_box(&body)).unwrap()));
    let keys: Vec<Duration> = (0..ROUNDS).map(|_| time(key)).collect();
    println!("key_of_json alone: {:.2} µs", micros(median(keys)));

    let url = serve();
    let client = Builder::new_current_thread().enable_all().build().unwrap();
    let layer = IdempotencyKeys::new(identity);
    reqwest_middleware(&client, &url, &body, &layer);
    tower(&client, &url, &body, &layer);
}

/// What goes on the wire: the request with what changes between attempts.
fn sent<R: Request>(request: &R) -> R::Sent<'_> {
    R::Sent::from(request)
}

/// A server that reads each request, and answers it with nothing.
fn serve() -> String {
    let server = Builder::new_current_thread().enable_all().build().unwrap();
    let listener = server
        .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
        .unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || server.block_on(accept(listener)));
    url
}

async fn accept(listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let service = service_fn(async |request: http::Request<Incoming>| {
            request.into_body().collect().await.unwrap();
            Ok::<_, Infallible>(http::Response::new(Empty::<Bytes>::new()))
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

fn reqwest_middleware(runtime: &Runtime, url: &str, body: &Bytes, layer: &IdempotencyKeys) {
    let http = || {
        reqwest::Client::builder()
            .no_proxy()
            .tcp_nodelay(true)
            .build()
            .unwrap()
    };
    let bare = ClientBuilder::new(http()).build();
    let layered = ClientBuilder::new(http()).with(layer.clone()).build();
    let send = async |client: &ClientWithMiddleware| {
        let request = client
            .post(url)
            .header(CONTENT_TYPE, "application/json")
            .body(body.clone());
        request.send().await.unwrap().bytes().await.unwrap();
    };
    report(
        "reqwest-middleware",
        || runtime.block_on(send(&bare)),
        || runtime.block_on(send(&layered)),
    );
}

fn tower(runtime: &Runtime, url: &str, body: &Bytes, layer: &IdempotencyKeys) {
    let http = || Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
    let bare = http();
    let layered = layer.layer(http());
    report(
        "tower",
        || runtime.block_on(send(bare.clone(), url, body)),
        || runtime.block_on(send(layered.clone(), url, body)),
    );
}

async fn send<S>(client: S, url: &str, body: &Bytes)
where
    S: Service<http::Request<Full<Bytes>>, Response = http::Response<Incoming>>,
    S::Error: std::fmt::Debug,
{
    let request = http::Request::post(url)
        .header(CONTENT_TYPE, "application/json")
        .body(Full::new(body.clone()))
        .unwrap();
    let response = client.oneshot(request).await.unwrap();
    response.into_body().collect().await.unwrap();
}

/// Both take turns, and each is first in every other round, so that both meet the same machine.
fn report(stack: &str, mut bare: impl FnMut(), mut layered: impl FnMut()) {
    let mut rounds = Vec::with_capacity(ROUNDS);
    for round in 0..ROUNDS {
        let first = (round % 2 == 0).then(|| time(&mut bare));
        let with = time(&mut layered);
        let without = first.unwrap_or_else(|| time(&mut bare));
        rounds.push((without, with));
    }
    let without = median(rounds.iter().map(|round| round.0));
    let with = median(rounds.iter().map(|round| round.1));
    let mut added: Vec<f64> = rounds
        .iter()
        .map(|(without, with)| with.as_secs_f64() / without.as_secs_f64() - 1.0)
        .collect();
    added.sort_by(f64::total_cmp);
    println!(
        "{stack}: {:.1} µs without the layer, {:.1} µs with it: {:+.1} %",
        micros(without),
        micros(with),
        100.0 * added[ROUNDS / 2],
    );
}

/// How long one call takes, of as many as are in a round.
fn time(mut work: impl FnMut()) -> Duration {
    let started = Instant::now();
    for _ in 0..REQUESTS_IN_A_ROUND {
        work();
    }
    started.elapsed() / REQUESTS_IN_A_ROUND
}

fn median(times: impl IntoIterator<Item = Duration>) -> Duration {
    let mut times: Vec<Duration> = times.into_iter().collect();
    times.sort();
    times[times.len() / 2]
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}
