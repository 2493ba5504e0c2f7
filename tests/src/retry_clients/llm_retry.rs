//! `llm-retry`, with its own list of statuses to retry on.

use std::error::Error;
use std::sync::Arc;

use llm_retry::predicates::is_http_status_retryable;
use llm_retry::{RetryConfig, retry_async};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::{Failure, LONGEST_DELAY, MOST_ATTEMPTS, SHORTEST_DELAY, Sender};
use crate::faulty_server::{Order, Receipt};

/// Its future holds a thread's random number generator, so that it is not `Send`: each order gets
/// a thread.
pub(super) async fn submit(
    sender: &Arc<Sender>,
    order: &Order,
) -> Result<Receipt, Box<dyn Error + Send + Sync>> {
    let (runtime, sender, order) = (Handle::current(), sender.clone(), order.clone());
    let submission = spawn_blocking(move || {
        let attempt = || sender.send(&order);
        runtime.block_on(retry_async(&config(), is_transient, attempt))
    });
    Ok(submission.await??)
}

fn config() -> RetryConfig {
    RetryConfig::default()
        .with_max_attempts(MOST_ATTEMPTS)
        .with_base_delay(SHORTEST_DELAY)
        .with_max_delay(LONGEST_DELAY)
}

fn is_transient(failure: &Failure) -> bool {
    match failure {
        Failure::Refused { status, .. } => is_http_status_retryable(status.as_u16()),
        Failure::Unanswered(_) => failure.is_transient(),
    }
}
