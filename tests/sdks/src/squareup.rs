//! squareup sends its retry by itself, where it is told to.

use std::error::Error;
use std::time::Duration;

use agentidemp::Identity;
use reqwest_middleware_0_4::reqwest::{Request, Response, Url};
use reqwest_middleware_0_4::{ClientBuilder, Middleware, Next, Result};
use serde_json::Value;
use squareup::SquareClient;
use squareup::api::PaymentsApi;
use squareup::config::Configuration;
use squareup::http::client::RetryConfiguration;
use squareup::models::enums::Currency;
use squareup::models::{CreatePaymentRequest, CreatePaymentResponse, Money};

use crate::recorder::Recorder;
use crate::{attempts, run};

/// The answer of Square's.
pub const PAYMENT: &str = r#"{"payment": {"id": "pay_1"}}"#;

type Answer = std::result::Result<CreatePaymentResponse, Box<dyn Error>>;

/// Both attempts carry in their body the short key that the identity gives to the body.
///
/// # Panics
///
/// Where they do not.
pub fn proves(
    pay: impl AsyncFn(&PaymentsApi, CreatePaymentRequest) -> Answer,
    identity: &Identity,
) {
    run(async {
        let server = Recorder::failing_once(PAYMENT).await;
        pay(&payments(&server, 1), request()).await.unwrap();
        let [first, _] = attempts(&server);
        let body: Value = serde_json::from_slice(&first.body).unwrap();
        let key = identity.key_of_json(&first.body).unwrap().short();
        assert_eq!(body["idempotency_key"], key.as_str());
        assert_eq!(body["source_id"], "cnon:card-nonce-ok");
    });
}

/// A payment without a key.
#[must_use]
pub fn request() -> CreatePaymentRequest {
    CreatePaymentRequest {
        source_id: "cnon:card-nonce-ok".into(),
        amount_money: Some(Money {
            amount: 500,
            currency: Currency::Eur,
        }),
        ..CreatePaymentRequest::default()
    }
}

/// The API at this server. The SDK knows no other address than Square's, so the way there is turned below
/// the retries.
///
/// # Panics
///
/// Where the SDK cannot be set up.
#[must_use]
pub fn payments(server: &Recorder, retries: u32) -> PaymentsApi {
    let mut configuration = Configuration::default();
    configuration.http_client_config.retry_configuration = RetryConfiguration {
        retries_count: retries,
        min_retry_interval: Duration::from_millis(1),
        max_retry_interval: Duration::from_millis(1),
        ..RetryConfiguration::default()
    };
    let mut client = SquareClient::try_new(configuration).unwrap();
    let by_retries = client.http_client.retry_client;
    client.http_client.retry_client = ClientBuilder::from_client(by_retries)
        .with(To(server.url("/").parse().unwrap()))
        .build();
    PaymentsApi::new(client)
}

/// Sends each request to this server.
struct To(Url);

#[async_trait::async_trait]
impl Middleware for To {
    async fn handle(
        &self,
        mut request: Request,
        extensions: &mut http::Extensions,
        next: Next<'_>,
    ) -> Result<Response> {
        let mut url = self.0.clone();
        url.set_path(request.url().path());
        *request.url_mut() = url;
        next.run(request, extensions).await
    }
}
