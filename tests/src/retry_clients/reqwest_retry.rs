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

use super::sender::{Submission, body_of, read_receipt};
use super::{Keys, Sender};
use super::{LONGEST_DELAY, MOST_ATTEMPTS, SHORTEST_DELAY};
use crate::faulty_server::Receipt;

pub(super) async fn submit(
    submission: &Arc<Submission>,
) -> Result<Receipt, Box<dyn Error + Send + Sync>> {
    let backoff = ExponentialBackoff::builder()
        .retry_bounds(SHORTEST_DELAY, LONGEST_DELAY)
        .build_with_max_retries(MOST_ATTEMPTS);
    let sender = &submission.sender;
    let mut client = ClientBuilder::new(sender.http.clone());
    if sender.keys == Keys::LayerAbove {
        client = client.with(Sender::layer());
    }
    client = client
        .with(RetryTransientMiddleware::new_with_policy(backoff))
        .with(Stamp(submission.clone()));
    if sender.keys == Keys::LayerBelow {
        client = client.with(Sender::layer());
    }
    let (parts, body) = submission.call().into_parts();
    let sent = client
        .build()
        .post(parts.uri.to_string())
        .headers(parts.headers)
        .body(body_of(body).await)
        .send();
    Ok(read_receipt(sent.await?).await?)
}

/// The call as reqwest has it, and back.
struct Stamp(Arc<Submission>);

#[async_trait]
impl Middleware for Stamp {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<Response> {
        let mut call = self.0.call();
        *call.headers_mut() = request.headers().clone();
        let (call, patience) = self.0.stamp(call);
        let (parts, body) = call.into_parts();
        *request.url_mut() = parts.uri.to_string().parse().unwrap();
        *request.headers_mut() = parts.headers;
        *request.body_mut() = Some(body_of(body).await.into());
        *request.timeout_mut() = patience;
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
