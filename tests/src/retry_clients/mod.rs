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

pub use self::sender::{Failure, KeyPolicy, Sender};
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
        match self {
            Self::Backon => Ok(backon::submit(sender, order).await?),
            Self::ReqwestRetry => reqwest_retry::submit(sender, order).await,
            Self::TowerRetry => Ok(tower_retry::submit(sender, order).await?),
            Self::LlmRetry => llm_retry::submit(sender, order).await,
        }
    }
}
