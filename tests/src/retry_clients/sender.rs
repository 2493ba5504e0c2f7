//! [`Sender`]: the servers and what all orders share; [`Submission`]: one order on its way, and how one
//! attempt of it is made.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use agentidemp::IdempotencyKey;
use agentidemp::header::{IDEMPOTENCY_KEY, IdempotencyKeys};
use bytes::Bytes;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use reqwest::Response;
use tower::{Layer, ServiceExt, service_fn};
use uuid::Uuid;

use crate::faulty_server::{Order, Plan, Receipt};

/// How long a client waits for an answer that does not come before it has given up. For all others it has
/// all the time of the world, so that nothing depends on how fast the machine is.
const PATIENCE: Duration = Duration::from_millis(50);

/// Where the key of an attempt comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keys {
    /// It is derived from the order, and put on by hand.
    ByHand,
    /// The layer puts it on, above the retries: it sees the order once.
    LayerAbove,
    /// The layer puts it on, below the retries: it sees each attempt, and what changes in it.
    LayerBelow,
    /// Each attempt has a key of its own: the mistake that derived keys avoid.
    FreshPerAttempt,
}

pub struct Sender {
    pub(super) http: reqwest::Client,
    /// One attempt goes to the first of them, the next one to the second.
    urls: Vec<String>,
    plan: Plan,
    pub(super) keys: Keys,
    attempts: AtomicU64,
}

impl Sender {
    /// Sends to servers that fail by this plan.
    pub fn new(urls: Vec<String>, plan: Plan, keys: Keys) -> Self {
        Self {
            http: reqwest::Client::builder().no_proxy().build().unwrap(),
            urls,
            plan,
            keys,
            attempts: AtomicU64::new(0),
        }
    }

    /// How many attempts were made.
    pub fn attempts(&self) -> u64 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// The layer, as it is above and below the retries.
    pub(super) fn layer() -> IdempotencyKeys {
        IdempotencyKeys::new(Order::identity())
    }
}

/// An order on its way.
pub(super) struct Submission {
    pub(super) sender: Arc<Sender>,
    order: Order,
    attempts: AtomicU64,
}

/// What a client stack sends.
pub(super) type Call = Request<Full<Bytes>>;

impl Submission {
    pub(super) fn new(sender: Arc<Sender>, order: Order) -> Self {
        Self {
            sender,
            order,
            attempts: AtomicU64::new(0),
        }
    }

    /// The order, as it comes to the stack.
    pub(super) fn call(&self) -> Call {
        let json = HeaderValue::from_static("application/json");
        let body = serde_json::to_vec(&self.order).unwrap();
        Request::post(&self.sender.urls[0])
            .header(CONTENT_TYPE, json)
            .body(body.into())
            .unwrap()
    }

    /// Makes one attempt.
    pub(super) async fn attempt(&self, call: Call) -> Result<Receipt, Failure> {
        let (call, patience) = self.stamp(call);
        let http = self.sender.http.clone();
        let send = service_fn(move |call: Call| send(http.clone(), call, patience));
        if self.sender.keys != Keys::LayerBelow {
            return send.oneshot(call).await;
        }
        let sent = Sender::layer().layer(send).oneshot(call).await;
        sent.map_err(Failure::from_layer)
    }

    /// Makes an attempt of a call: its body, with what changes on each attempt, where it goes and how long
    /// the client waits for it. And its key, unless a layer does that.
    pub(super) fn stamp(&self, call: Call) -> (Call, Option<Duration>) {
        self.sender.attempts.fetch_add(1, Ordering::Relaxed);
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed) + 1;
        let order = self.order.on_attempt(attempt);
        let body = serde_json::to_vec(&order).unwrap();
        let mut call = call.map(|_| body.into());
        let urls = &self.sender.urls;
        *call.uri_mut() = urls[attempt as usize % urls.len()].parse().unwrap();
        let key = match self.sender.keys {
            Keys::ByHand => Some(order.idempotency_key().into()),
            Keys::FreshPerAttempt => Some(Uuid::new_v4().to_string().parse().unwrap()),
            Keys::LayerAbove | Keys::LayerBelow => None,
        };
        if let Some(key) = key {
            call.headers_mut().insert(IDEMPOTENCY_KEY, key);
        }
        let fault = self.sender.plan.fault(order.number, attempt);
        (
            call,
            fault.filter(|fault| fault.is_slow()).map(|_| PATIENCE),
        )
    }
}

async fn send(
    http: reqwest::Client,
    call: Call,
    patience: Option<Duration>,
) -> Result<Receipt, Failure> {
    let (parts, body) = call.into_parts();
    let call = Request::from_parts(parts, body_of(body).await);
    let mut request = reqwest::Request::try_from(call)?;
    *request.timeout_mut() = patience;
    read_receipt(http.execute(request).await?).await
}

pub(super) async fn body_of(body: Full<Bytes>) -> Bytes {
    body.collect().await.unwrap().to_bytes()
}

pub(super) async fn read_receipt(response: Response) -> Result<Receipt, Failure> {
    if response.status() != StatusCode::OK {
        return Err(Failure::Refused {
            status: response.status(),
            retry_after: retry_after(&response),
        });
    }
    Ok(response.json().await?)
}

fn retry_after(response: &Response) -> Option<Duration> {
    let seconds = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    seconds.parse().ok().map(Duration::from_secs)
}

/// Why an attempt gave no receipt.
#[derive(Debug)]
pub enum Failure {
    Refused {
        status: StatusCode,
        retry_after: Option<Duration>,
    },
    Unanswered(reqwest::Error),
}

impl Failure {
    /// A layer boxes the errors of what is below it.
    pub(super) fn from_layer(error: Box<dyn Error + Send + Sync>) -> Self {
        match error.downcast() {
            Ok(failure) => *failure,
            Err(error) => panic!("the layer found no key: {error}"),
        }
    }

    pub fn is_transient(&self) -> bool {
        match self {
            Self::Refused { status, .. } => {
                *status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
            }
            Self::Unanswered(error) => !error.is_builder(),
        }
    }

    /// How long the server asks to wait.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Refused { retry_after, .. } => *retry_after,
            Self::Unanswered(_) => None,
        }
    }
}

impl From<reqwest::Error> for Failure {
    fn from(error: reqwest::Error) -> Self {
        Self::Unanswered(error)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { status, .. } => write!(f, "refused with {status}"),
            Self::Unanswered(error) => write!(f, "no answer: {error}"),
        }
    }
}

impl Error for Failure {}
