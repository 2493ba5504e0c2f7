//! What becomes of a request between its client and the shop, and of the answer on its way back.

use std::sync::PoisonError;

use agentidemp::header::IDEMPOTENCY_KEY;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::RETRY_AFTER;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::shop::SharedLedger;
use super::{Action, Event, Fault, Order, Plan};

pub(super) struct Network {
    plan: Plan,
    shop: Router,
    ledger: SharedLedger,
    traffic: watch::Sender<Traffic>,
}

/// The requests that are on their way.
#[derive(Default)]
struct Traffic {
    arrivals: u64,
    under_way: u64,
    /// How many of these wait to be overtaken.
    held: u64,
    /// The latest arrival that has been answered.
    answered: u64,
}

/// A request that has come in whole.
pub(super) struct Delivery {
    pub(super) request: Request<Bytes>,
    /// Says when its client is gone.
    pub(super) client_gone: CancellationToken,
}

pub(super) enum Outcome {
    Answer(Response),
    CutConnection,
}

impl Network {
    pub(super) fn new(plan: Plan, shop: Router, ledger: SharedLedger) -> Self {
        Self {
            plan,
            shop,
            ledger,
            traffic: watch::Sender::default(),
        }
    }

    pub(super) async fn carry(&self, delivery: Delivery) -> Outcome {
        let Ok(order) = serde_json::from_slice::<Order>(delivery.request.body()) else {
            return Outcome::Answer(StatusCode::BAD_REQUEST.into_response());
        };
        let arrival = self.arrive();
        let passage = Passage {
            network: self,
            key: key(&delivery.request),
            delivery,
            order,
            arrival,
        };
        let outcome = match self.plan.fault(passage.order.number, passage.order.attempt) {
            None => passage.act(None).await,
            Some(fault) => passage.fail(fault).await,
        };
        self.traffic.send_modify(|traffic| {
            traffic.under_way -= 1;
            traffic.answered = traffic.answered.max(arrival);
        });
        outcome
    }

    fn arrive(&self) -> u64 {
        let mut arrival = 0;
        self.traffic.send_modify(|traffic| {
            traffic.arrivals += 1;
            traffic.under_way += 1;
            arrival = traffic.arrivals;
        });
        arrival
    }
}

fn key(request: &Request<Bytes>) -> String {
    let key = request.headers().get(IDEMPOTENCY_KEY);
    let key = key.and_then(|key| key.to_str().ok());
    key.unwrap_or_default().into()
}

/// One request on its way.
struct Passage<'a> {
    network: &'a Network,
    delivery: Delivery,
    order: Order,
    key: String,
    arrival: u64,
}

impl Passage<'_> {
    async fn fail(self, fault: Fault) -> Outcome {
        match fault {
            Fault::TooManyRequests => {
                self.record(Some(fault), None);
                // In whole seconds: one would already make thousands of retries slow.
                let headers = [(RETRY_AFTER, "0")];
                Outcome::Answer((StatusCode::TOO_MANY_REQUESTS, headers).into_response())
            }
            Fault::ErrorBeforeAction => {
                self.record(Some(fault), None);
                Outcome::Answer(StatusCode::INTERNAL_SERVER_ERROR.into_response())
            }
            Fault::ErrorAfterAction => {
                self.act(Some(fault)).await;
                Outcome::Answer(StatusCode::INTERNAL_SERVER_ERROR.into_response())
            }
            Fault::CutBeforeAction => {
                self.record(Some(fault), None);
                Outcome::CutConnection
            }
            Fault::CutAfterAction => {
                self.act(Some(fault)).await;
                Outcome::CutConnection
            }
            Fault::SlowBeforeAction => {
                self.delivery.client_gone.cancelled().await;
                self.act(Some(fault)).await
            }
            Fault::SlowAfterAction => {
                let client_gone = self.delivery.client_gone.clone();
                let answer = self.act(Some(fault)).await;
                client_gone.cancelled().await;
                answer
            }
            Fault::OutOfOrder => {
                // Alone, a request cannot be overtaken.
                let overtaken = self.is_overtaken().await;
                self.act(overtaken.then_some(fault)).await
            }
        }
    }

    /// Waits until a later arrival has been answered, or until all that are under way wait for that.
    async fn is_overtaken(&self) -> bool {
        let traffic = &self.network.traffic;
        traffic.send_modify(|traffic| traffic.held += 1);
        let mut seen = traffic.subscribe();
        let until = |traffic: &Traffic| {
            traffic.answered > self.arrival || traffic.held == traffic.under_way
        };
        let overtaken = match seen.wait_for(until).await {
            Ok(traffic) => traffic.answered > self.arrival,
            Err(_) => false,
        };
        traffic.send_modify(|traffic| traffic.held -= 1);
        overtaken
    }

    /// Brings the request to the shop.
    async fn act(mut self, fault: Option<Fault>) -> Outcome {
        let request = std::mem::take(&mut self.delivery.request);
        let answer = self.network.shop.clone().oneshot(request.map(Body::from));
        let Ok(response) = answer.await;
        self.record(fault, Some(action(&response)));
        Outcome::Answer(response)
    }

    fn record(&self, fault: Option<Fault>, action: Option<Action>) {
        let event = Event {
            order: self.order.number,
            attempt: self.order.attempt,
            key: self.key.clone(),
            fault,
            action,
        };
        let ledger = self.network.ledger.lock();
        let mut ledger = ledger.unwrap_or_else(PoisonError::into_inner);
        ledger.events.push(event);
    }
}

fn action(response: &Response) -> Action {
    if !response.status().is_success() {
        Action::Refused(response.status().as_u16())
    } else if response.headers().contains_key("idempotent-replayed") {
        Action::Deduplicated
    } else {
        Action::Processed
    }
}
