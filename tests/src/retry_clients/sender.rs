//! One attempt: stamps the order with what changes on each attempt, adds the key, and sends it.

use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use agentidemp::IdempotencyKey;
use agentidemp::header::IDEMPOTENCY_KEY;
use http::header::{CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use reqwest::{Request, Response};
use uuid::Uuid;

use crate::faulty_server::{Order, Receipt, Server};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPolicy {
    /// The key is derived from the order.
    Derived,
    /// Each attempt has a key of its own: the mistake that derived keys avoid.
    FreshPerAttempt,
}

pub struct Sender {
    pub(super) http: reqwest::Client,
    pub(super) url: String,
    policy: KeyPolicy,
    attempts: AtomicU64,
}

impl Sender {
    /// Sends to `server`, and gives up on each attempt after `patience`.
    pub fn new(server: &Server, patience: Duration, policy: KeyPolicy) -> Self {
        let http = reqwest::Client::builder().timeout(patience).no_proxy();
        Self {
            http: http.build().unwrap(),
            url: server.url().to_owned(),
            policy,
            attempts: AtomicU64::new(0),
        }
    }

    /// How many attempts were made.
    pub fn attempts(&self) -> u64 {
        self.attempts.load(Ordering::Relaxed)
    }

    /// Makes one attempt.
    pub async fn send(&self, order: &Order) -> Result<Receipt, Failure> {
        let mut request = self.http.post(&self.url).build()?;
        self.stamp(&mut request, order);
        read_receipt(self.http.execute(request).await?).await
    }

    /// Writes the order into the request, as the next attempt sends it.
    pub(super) fn stamp(&self, request: &mut Request, order: &Order) {
        let attempt = self.attempts.fetch_add(1, Ordering::Relaxed);
        let order = order.on_attempt(attempt);
        let key = match self.policy {
            KeyPolicy::Derived => order.idempotency_key().into(),
            KeyPolicy::FreshPerAttempt => Uuid::new_v4().to_string().parse().unwrap(),
        };
        request.headers_mut().insert(IDEMPOTENCY_KEY, key);
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        *request.body_mut() = Some(serde_json::to_vec(&order).unwrap().into());
    }
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
