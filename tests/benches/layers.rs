//! What a layer that puts the key on adds to a request of 4 KB, beside the request itself on loopback:
//! `cargo bench -p agentidemp-tests --bench layers`.
//!
//! Beside it, what the same key costs where it is computed by hand before the request: the rest is the layer.
//! They take turns within one run, on one connection each, and medians of the turns are told. The server has a
//! thread of its own and answers at once, so the request is as short as a request can be.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop")]
#![allow(
    missing_docs,
    clippy::cast_precision_loss,
    clippy::std_instead_of_alloc,
    clippy::std_instead_of_core
)]

use std::convert::Infallible;
use std::fmt::Debug;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::thread;
use std::time::{Duration, Instant};

use agentidemp::header::{IDEMPOTENCY_KEY, IdempotencyKeys};
use agentidemp::{Identity, Key};
use agentidemp_bench::{Request, Text, VOLATILE, chat};
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

const ROUNDS: usize = 401;
const REQUESTS_IN_A_ROUND: u32 = 25;

fn main() {
    let request = chat(Text::Prose, 4096);
    let body = Bytes::from(serde_json::to_vec(&sent(&request)).unwrap());
    let identity = Identity::new().exclude(VOLATILE);
    println!("a body of {} bytes, 3 exclusions", body.len());

    let key = || {
        let _ = black_box(identity.key_of_json(black_box(&body)).unwrap());
    };
    let keys: Vec<Duration> = (0..ROUNDS).map(|_| time(key)).collect();
    println!("key_of_json alone: {:.2} µs", micros(median(keys)));

    let bench = Bench {
        runtime: Builder::new_current_thread().enable_all().build().unwrap(),
        url: serve(),
        body,
        layer: IdempotencyKeys::new(identity.clone()),
        identity,
    };
    bench.reqwest_middleware();
    bench.tower();
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

struct Bench {
    runtime: Runtime,
    url: String,
    body: Bytes,
    identity: Identity,
    layer: IdempotencyKeys,
}

impl Bench {
    fn reqwest_middleware(&self) {
        let http = || {
            let http = reqwest::Client::builder().no_proxy().tcp_nodelay(true);
            ClientBuilder::new(http.build().unwrap())
        };
        let [bare, by_hand] = [http().build(), http().build()];
        let layered = http().with(self.layer.clone()).build();
        let send = |client: &ClientWithMiddleware, key: Option<Key>| {
            let request = client
                .post(&self.url)
                .header(CONTENT_TYPE, "application/json")
                .body(self.body.clone());
            let request = match key {
                Some(key) => request.header(IDEMPOTENCY_KEY, key),
                None => request,
            };
            self.runtime.block_on(async {
                request.send().await.unwrap().bytes().await.unwrap();
            });
        };
        report(
            "reqwest-middleware",
            &mut [
                &mut || send(&bare, None),
                &mut || send(&by_hand, Some(self.key())),
                &mut || send(&layered, None),
            ],
        );
    }

    fn tower(&self) {
        let http = || Client::builder(TokioExecutor::new()).build_http::<Full<Bytes>>();
        let [bare, by_hand] = [http(), http()];
        let layered = self.layer.layer(http());
        report(
            "tower",
            &mut [
                &mut || self.send(bare.clone(), None),
                &mut || self.send(by_hand.clone(), Some(self.key())),
                &mut || self.send(layered.clone(), None),
            ],
        );
    }

    fn send<S>(&self, client: S, key: Option<Key>)
    where
        S: Service<http::Request<Full<Bytes>>, Response = http::Response<Incoming>>,
        S::Error: Debug,
    {
        let mut request = http::Request::post(&self.url).header(CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            request = request.header(IDEMPOTENCY_KEY, key);
        }
        let request = request.body(Full::new(self.body.clone())).unwrap();
        self.runtime.block_on(async {
            let response = client.oneshot(request).await.unwrap();
            response.into_body().collect().await.unwrap();
        });
    }

    fn key(&self) -> Key {
        self.identity.key_of_json(&self.body).unwrap()
    }
}

/// All take turns, and each is first in turn, so that all meet the same machine. The first contender is the
/// request alone.
fn report(stack: &str, contenders: &mut [&mut dyn FnMut(); 3]) {
    let mut rounds = vec![[Duration::ZERO; 3]; ROUNDS];
    for (number, round) in rounds.iter_mut().enumerate() {
        for turn in 0..3 {
            let contender = (number + turn) % 3;
            round[contender] = time(&mut contenders[contender]);
        }
    }
    let alone = median(rounds.iter().map(|round| round[0]));
    println!("{stack}: {:.1} µs alone", micros(alone));
    for (contender, name) in [(1, "the key by hand"), (2, "the layer")] {
        let time = median(rounds.iter().map(|round| round[contender]));
        let mut added: Vec<f64> = rounds
            .iter()
            .map(|round| round[contender].as_secs_f64() / round[0].as_secs_f64() - 1.0)
            .collect();
        added.sort_by(f64::total_cmp);
        println!(
            "  with {name}: {:.1} µs, {:+.1} %",
            micros(time),
            100.0 * added[ROUNDS / 2]
        );
    }
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
