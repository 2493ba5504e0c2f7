//! `tower::retry`, with a policy that retries what is transient.

use std::future::{Ready, ready};
use std::sync::Arc;

use tower::retry::{Policy, Retry};
use tower::{ServiceExt, service_fn};

use super::sender::{Call, Submission};
use super::{Failure, MOST_ATTEMPTS};
use crate::faulty_server::Receipt;

#[derive(Clone)]
struct RetryTransient {
    attempts_left: u32,
}

impl Policy<Call, Receipt, Failure> for RetryTransient {
    type Future = Ready<()>;

    fn retry(
        &mut self,
        _call: &mut Call,
        result: &mut Result<Receipt, Failure>,
    ) -> Option<Ready<()>> {
        let transient = result.as_ref().is_err_and(Failure::is_transient);
        self.attempts_left = self.attempts_left.checked_sub(1)?;
        transient.then(|| ready(()))
    }

    fn clone_request(&mut self, call: &Call) -> Option<Call> {
        Some(call.clone())
    }
}

pub(super) async fn retry(submission: Arc<Submission>, call: Call) -> Result<Receipt, Failure> {
    let policy = RetryTransient {
        attempts_left: MOST_ATTEMPTS,
    };
    let service = service_fn(move |call| {
        let submission = submission.clone();
        async move { submission.attempt(call).await }
    });
    Retry::new(policy, service).oneshot(call).await
}
