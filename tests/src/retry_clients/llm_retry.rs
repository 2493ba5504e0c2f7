//! `llm-retry`, with its own list of statuses to retry on.

use std::sync::Arc;

use llm_retry::predicates::is_http_status_retryable;
use llm_retry::{RetryConfig, RetryError, retry_async};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

use super::sender::{Call, Submission};
use super::{Failure, LONGEST_DELAY, MOST_ATTEMPTS, SHORTEST_DELAY};
use crate::faulty_server::Receipt;

/// Its future holds a thread's random number generator, so that it is not `Send`: each order gets
/// a thread.
pub(super) async fn retry(submission: Arc<Submission>, call: Call) -> Result<Receipt, Failure> {
    let runtime = Handle::current();
    let submission = spawn_blocking(move || {
        let attempt = || submission.attempt(call.clone());
        runtime.block_on(retry_async(&config(), is_transient, attempt))
    });
    submission.await.unwrap().map_err(RetryError::into_inner)
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
