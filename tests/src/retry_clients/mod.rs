//! The retry clients that people use, in front of one way to send an order. Each of them sends an
//! order until it has a receipt.

mod backon;
mod llm_retry;
mod reqwest_retry;
mod sender;
mod tower_retry;

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tower::{Layer, ServiceExt, service_fn};

use self::sender::{Call, Submission};
pub use self::sender::{Failure, Keys, Sender};
use crate::faulty_server::{Order, Receipt};

/// More attempts than any plan has faults, so that only a broken server exhausts them.
const MOST_ATTEMPTS: u32 = 60;
const SHORTEST_DELAY: Duration = Duration::from_millis(1);
const LONGEST_DELAY: Duration = Duration::from_millis(20);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Client {
    Backon,
    ReqwestRetry,
    TowerRetry,
    LlmRetry,
}

impl Client {
    pub const ALL: [Self; 4] = [
        Self::Backon,
        Self::ReqwestRetry,
        Self::TowerRetry,
        Self::LlmRetry,
    ];

    /// Sends the order until it has a receipt.
    pub async fn submit(
        self,
        sender: &Arc<Sender>,
        order: &Order,
    ) -> Result<Receipt, Box<dyn Error + Send + Sync>> {
        let submission = Arc::new(Submission::new(sender.clone(), order.clone()));
        if self == Self::ReqwestRetry {
            return reqwest_retry::submit(&submission).await;
        }
        let call = submission.call();
        if sender.keys != Keys::LayerAbove {
            return Ok(self.retry(submission, call).await?);
        }
        let retries = service_fn(move |call| self.retry(submission.clone(), call));
        Sender::layer().layer(retries).oneshot(call).await
    }

    async fn retry(self, submission: Arc<Submission>, call: Call) -> Result<Receipt, Failure> {
        match self {
            Self::Backon => backon::retry(&submission, call).await,
            Self::TowerRetry => tower_retry::retry(submission, call).await,
            Self::LlmRetry => llm_retry::retry(submission, call).await,
            Self::ReqwestRetry => unreachable!("its retries are a part of its own stack"),
        }
    }
}
