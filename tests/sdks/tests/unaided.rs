//! What an SDK does by itself, where nobody gives it a key.

use sdks::aws::{GROUP, client, token};
use sdks::recorder::Recorder;
use sdks::squareup::{PAYMENT, payments, request};
use sdks::{attempts, run};
use squareup::http::client::RetryConfiguration;

/// The token of one call of the AWS SDK, which is sent twice.
async fn token_of_one_call() -> String {
    let server = Recorder::failing_once(GROUP).await;
    let call = client(&server).create_schedule_group().name("reports");
    call.send().await.unwrap();
    let [first, retry] = attempts(&server).map(|attempt| token(&attempt));
    assert_eq!(first, retry);
    first
}

#[test]
fn the_aws_sdk_makes_another_token_for_each_call() {
    assert_ne!(run(token_of_one_call()), run(token_of_one_call()));
}

#[test]
fn squareup_sends_no_retry_unless_it_is_told_to() {
    run(async {
        let server = Recorder::failing_once(PAYMENT).await;
        let payments = payments(&server, RetryConfiguration::default().retries_count);
        payments.create_payment(&request()).await.unwrap_err();
        assert_eq!(server.take().len(), 1);
    });
}
