//! What the retries of async-stripe itself carry, with its feature `uuid` and without.

use sdks::async_stripe::{PAYMENT_INTENT, client};
use sdks::recorder::Recorder;
use sdks::{attempts, key_of, run};
use stripe::{RequestStrategy, StripeRequest};
use stripe_core::payment_intent::CreatePaymentIntent;
use stripe_types::Currency;

/// The keys of the two attempts of one call.
async fn keys_of_one_call() -> [Option<String>; 2] {
    let server = Recorder::failing_once(PAYMENT_INTENT).await;
    let paid = CreatePaymentIntent::new(500, Currency::EUR)
        .customize()
        .request_strategy(RequestStrategy::Retry(2))
        .send(&client(&server))
        .await;
    paid.unwrap();
    attempts(&server).map(|attempt| key_of(&attempt).map(Into::into))
}

#[cfg(not(feature = "stripe_uuid"))]
#[test]
fn without_uuid_a_call_is_retried_with_no_key() {
    assert_eq!(run(keys_of_one_call()), [None, None]);
}

#[cfg(feature = "stripe_uuid")]
#[test]
fn with_uuid_the_same_payment_has_another_key_in_each_call() {
    let [first, retry] = run(keys_of_one_call());
    assert!(first.is_some());
    assert_eq!(first, retry);
    let [again, _] = run(keys_of_one_call());
    assert_ne!(first, again);
}
