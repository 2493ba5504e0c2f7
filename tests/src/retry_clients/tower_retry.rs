//! `tower::retry`, with a policy that retries what is transient.

use std::future::{Ready, ready};

use tower::retry::{Policy, Retry};
use tower::{ServiceExt, service_fn};

use super::{Failure, MOST_ATTEMPTS, Sender};
use crate::faulty_server::{Order, Receipt};

#[derive(Clone)]
struct RetryTransient {
    attempts_left: u32,
}

impl Policy<Order, Receipt, Failure> for RetryTransient {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        _order: &mut Order,
        result: &mut Result<Receipt, Failure>,
    ) -> Option<Ready<()>> {
        let transient = result.as_ref().is_err_and(Failure::is_transient);
        self.attempts_left = self.attempts_left.checked_sub(1)?;
        transient.then(|| ready(()))
    }

    fn clone_request(&mut self, order: &Order) -> Option<Order> {
        Some(order.clone())
    }
}

pub(super) async fn submit(sender: &Sender, order: &Order) -> Result<Receipt, Failure> {
    let policy = RetryTransient {
        attempts_left: MOST_ATTEMPTS,
    };
    let service = service_fn(async |order: Order| sender.send(&order).await);
    Retry::new(policy, service).oneshot(order.clone()).await
}
