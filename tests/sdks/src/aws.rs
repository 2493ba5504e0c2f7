//! The AWS SDK sends its retry by itself.

use std::error::Error;
use std::time::Duration;

use agentidemp::IdempotencyKey;
use aws_sdk_scheduler::config::retry::RetryConfig;
use aws_sdk_scheduler::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_scheduler::{Client, Config};
use serde_json::Value;

use crate::recorder::{Received, Recorder};
use crate::{attempts, run};

/// The answer of the scheduler.
pub const GROUP: &str =
    r#"{"ScheduleGroupArn": "arn:aws:scheduler:eu-central-1:1:schedule-group/reports"}"#;

/// Both attempts carry in their body the short key of the group.
///
/// # Panics
///
/// Where they do not.
pub fn proves(
    create: impl AsyncFn(&Client) -> Result<(), Box<dyn Error>>,
    group: &impl IdempotencyKey,
) {
    run(async {
        let server = Recorder::failing_once(GROUP).await;
        create(&client(&server)).await.unwrap();
        for attempt in attempts(&server) {
            assert_eq!(token(&attempt), group.idempotency_key().short().as_str());
        }
    });
}

/// The token in the body of a request.
///
/// # Panics
///
/// Where there is none.
#[must_use]
pub fn token(request: &Received) -> String {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    body["ClientToken"].as_str().unwrap().into()
}

/// A client of this server's.
#[must_use]
pub fn client(server: &Recorder) -> Client {
    let soon = RetryConfig::standard().with_initial_backoff(Duration::from_millis(1));
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .credentials_provider(Credentials::new("id", "secret", None, None, "test"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(server.url(""))
        .retry_config(soon)
        .build();
    Client::from_conf(config)
}
