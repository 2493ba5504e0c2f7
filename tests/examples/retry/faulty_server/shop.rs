//! The server itself: a handler that acts, and the layer by which it acts on each key once.

use std::sync::{Arc, Mutex, PoisonError};

use agentidemp::dedup::Dedup;
use agentidemp::header::server::{OncePerKey, Remembered};
use axum::Router;
use axum::extract::{Json, State};
use axum::routing::post;

use super::{Ledger, Order, Receipt};

pub(super) type SharedLedger = Arc<Mutex<Ledger>>;

/// What a shop serves that remembers its answers in `dedup`.
pub(super) fn router(dedup: Dedup<Remembered>, ledger: SharedLedger) -> Router {
    let once = OncePerKey::new(dedup)
        .required()
        .identity(Order::identity());
    Router::new()
        .route("/orders", post(create_order))
        .layer(once)
        .with_state(ledger)
}

/// It knows nothing of keys.
async fn create_order(
    State(ledger): State<SharedLedger>,
    Json(order): Json<Order>,
) -> Json<Receipt> {
    let mut ledger = ledger.lock().unwrap_or_else(PoisonError::into_inner);
    Json(ledger.act(&order))
}
