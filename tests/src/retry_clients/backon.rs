//! `backon`, which waits as long as `Retry-After` asks for.

use backon::{ExponentialBuilder, Retryable};

use super::{Failure, LONGEST_DELAY, MOST_ATTEMPTS, SHORTEST_DELAY, Sender};
use crate::faulty_server::{Order, Receipt};

pub(super) async fn submit(sender: &Sender, order: &Order) -> Result<Receipt, Failure> {
    let backoff = ExponentialBuilder::default()
        .with_min_delay(SHORTEST_DELAY)
        .with_max_delay(LONGEST_DELAY)
        .with_max_times(MOST_ATTEMPTS as usize)
        .with_jitter();
    (|| sender.send(order))
        .retry(backoff)
        .when(Failure::is_transient)
        .adjust(|failure, delay| delay.map(|delay| failure.retry_after().unwrap_or(delay)))
        .await
}
