//! `reqwest-middleware` with `reqwest-retry`. It sends one request again as it is, so a second
//! middleware, behind it, stamps each attempt.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use http::Extensions;
use reqwest::{Request, Response};
use reqwest_middleware::{ClientBuilder, Middleware, Next};
use reqwest_retry::RetryTransientMiddleware;
use reqwest_retry::policies::ExponentialBackoff;

use super::sender::read_receipt;
use super::{LONGEST_DELAY, MOST_ATTEMPTS, SHORTEST_DELAY, Sender};
use crate::faulty_server::{Order, Receipt};

pub(super) async fn submit(
    sender: &Arc<Sender>,
    order: &Order,
) -> Result<Receipt, Box<dyn Error + Send + Sync>> {
    let backoff = ExponentialBackoff::builder()
        .retry_bounds(SHORTEST_DELAY, LONGEST_DELAY)
        .build_with_max_retries(MOST_ATTEMPTS);
    let client = ClientBuilder::new(sender.http.clone())
        .with(RetryTransientMiddleware::new_with_policy(backoff))
        .with(Stamp {
            sender: sender.clone(),
            order: order.clone(),
        })
        .build();
    Ok(read_receipt(client.post(&sender.url).send().await?).await?)
}

struct Stamp {
    sender: Arc<Sender>,
    order: Order,
}

#[async_trait]
impl Middleware for Stamp {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        self.sender.stamp(&mut request, &self.order);
        read_whole(next.run(request, extensions).await?).await
    }
}

/// Reads the body here, where a body that does not come in time still leads to a retry.
async fn read_whole(response: Response) -> reqwest_middleware::Result<Response> {
    let (status, headers) = (response.status(), response.headers().clone());
    let mut whole = http::Response::new(response.bytes().await?);
    *whole.status_mut() = status;
    *whole.headers_mut() = headers;
    Ok(whole.into())
}
