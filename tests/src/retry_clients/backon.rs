//! `backon`, which waits as long as `Retry-After` asks for.

use backon::{ExponentialBuilder, Retryable};

use super::sender::{Call, Submission};
use super::{Failure, LONGEST_DELAY, MOST_ATTEMPTS, SHORTEST_DELAY};
use crate::faulty_server::Receipt;

pub(super) async fn retry(submission: &Submission, call: Call) -> Result<Receipt, Failure> {
    let backoff = ExponentialBuilder::default()
        .with_min_delay(SHORTEST_DELAY)
        .with_max_delay(LONGEST_DELAY)
        .with_max_times(MOST_ATTEMPTS as usize)
        .with_jitter();
    (|| submission.attempt(call.clone()))
        .retry(backoff)
        .when(Failure::is_transient)
        .adjust(|failure, delay| delay.map(|delay| failure.retry_after().unwrap_or(delay)))
        .await
}
