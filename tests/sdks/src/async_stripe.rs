//! async-stripe sends once, where the key is given: who pays pays twice.

use std::error::Error;

use agentidemp::IdempotencyKey;
use stripe::{Client, ClientBuilder};

use crate::recorder::Recorder;
use crate::{assert_key, attempts, run};

/// The answer of Stripe's.
pub const PAYMENT_INTENT: &str = r#"{
    "id": "pi_1", "object": "payment_intent", "amount": 500, "amount_capturable": 0, "amount_received": 0,
    "capture_method": "automatic", "confirmation_method": "automatic", "created": 1767225600, "currency": "eur",
    "livemode": false, "metadata": {}, "payment_method_types": ["card"], "status": "requires_payment_method"
}"#;

/// Both attempts carry the key of the payment.
///
/// # Panics
///
/// Where they do not.
pub fn proves(
    pay: impl AsyncFn(&Client) -> Result<(), Box<dyn Error>>,
    payment: &impl IdempotencyKey,
) {
    run(async {
        let server = Recorder::failing_once(PAYMENT_INTENT).await;
        let client = client(&server);
        for succeeds in [false, true] {
            let paid = pay(&client).await;
            assert_eq!(paid.is_ok(), succeeds, "{paid:?}");
        }
        assert_key(&attempts(&server), &payment.idempotency_key());
    });
}

/// A client of this server's.
///
/// # Panics
///
/// Where the SDK cannot be set up.
#[must_use]
pub fn client(server: &Recorder) -> Client {
    ClientBuilder::new("sk_test_secret")
        .url(server.url("/"))
        .build()
        .unwrap()
}
