//! How one request is answered, fault included.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::Json;
use axum::http::StatusCode;
use axum::http::header::RETRY_AFTER;
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::{Action, Event, Fault, Ledger, Order, Plan, Receipt};

pub(super) struct Shop {
    plan: Plan,
    /// How long the clients wait for an answer.
    patience: Duration,
    state: Mutex<State>,
    /// The latest arrival that has been answered.
    answered: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    ledger: Ledger,
    arrivals: u64,
    /// The faults that each order has still to meet, the next one last.
    faults: HashMap<u64, Vec<Fault>>,
}

/// A request as it came in.
pub(super) struct Request {
    pub(super) key: String,
    pub(super) order: Order,
}

pub(super) enum Answer {
    Respond(Response),
    CutConnection,
}

impl Shop {
    pub(super) fn new(plan: Plan, patience: Duration) -> Self {
        Self {
            plan,
            patience,
            state: Mutex::default(),
            answered: watch::Sender::new(0),
        }
    }

    pub(super) fn ledger(&self) -> Ledger {
        self.state().ledger.clone()
    }

    pub(super) async fn answer(&self, request: Request) -> Answer {
        let (arrival, fault) = self.arrive(request.order.number);
        let answer = match fault {
            None => self.act(&request, None),
            Some(fault) => self.fail(&request, fault, arrival).await,
        };
        self.answered.send_if_modified(|latest| {
            let later = arrival > *latest;
            *latest = arrival.max(*latest);
            later
        });
        answer
    }

    fn arrive(&self, order: u64) -> (u64, Option<Fault>) {
        let mut state = self.state();
        state.arrivals += 1;
        let faults = state.faults.entry(order).or_insert_with(|| {
            let mut faults = self.plan.faults(order);
            faults.reverse();
            faults
        });
        let fault = faults.pop();
        (state.arrivals, fault)
    }

    async fn fail(&self, request: &Request, fault: Fault, arrival: u64) -> Answer {
        match fault {
            Fault::TooManyRequests => {
                self.refuse(request, fault);
                // In whole seconds: one would already make thousands of retries slow.
                let headers = [(RETRY_AFTER, "0")];
                Answer::Respond((StatusCode::TOO_MANY_REQUESTS, headers).into_response())
            }
            Fault::ErrorBeforeAction => {
                self.refuse(request, fault);
                Answer::Respond(StatusCode::INTERNAL_SERVER_ERROR.into_response())
            }
            Fault::ErrorAfterAction => {
                self.act(request, Some(fault));
                Answer::Respond(StatusCode::INTERNAL_SERVER_ERROR.into_response())
            }
            Fault::CutBeforeAction => {
                self.refuse(request, fault);
                Answer::CutConnection
            }
            Fault::CutAfterAction => {
                self.act(request, Some(fault));
                Answer::CutConnection
            }
            Fault::SlowBeforeAction => {
                self.outlast_patience().await;
                self.act(request, Some(fault))
            }
            Fault::SlowAfterAction => {
                let answer = self.act(request, Some(fault));
                self.outlast_patience().await;
                answer
            }
            Fault::OutOfOrder => {
                // Alone, a request cannot be overtaken.
                let overtaken = self.is_overtaken(arrival).await;
                self.act(request, overtaken.then_some(fault))
            }
        }
    }

    async fn outlast_patience(&self) {
        sleep(self.patience + self.patience / 2).await;
    }

    /// Waits until a later arrival has been answered, for no longer than a client would.
    async fn is_overtaken(&self, arrival: u64) -> bool {
        let mut answered = self.answered.subscribe();
        let overtaken = answered.wait_for(|latest| *latest > arrival);
        timeout(self.patience / 4, overtaken).await.is_ok()
    }

    fn act(&self, request: &Request, fault: Option<Fault>) -> Answer {
        let mut state = self.state();
        let (action, receipt) = state.ledger.act(&request.key, &request.order);
        state.ledger.events.push(request.event(fault, Some(action)));
        Answer::Respond(Json::<Receipt>(receipt).into_response())
    }

    fn refuse(&self, request: &Request, fault: Fault) {
        let event = request.event(Some(fault), None);
        self.state().ledger.events.push(event);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Request {
    fn event(&self, fault: Option<Fault>, action: Option<Action>) -> Event {
        Event {
            order: self.order.number,
            attempt: self.order.attempt,
            key: self.key.clone(),
            fault,
            action,
        }
    }
}
