//! SDKs that own their client: the code of the guide's page puts a key on their requests, and a server on
//! loopback sees which.
//!
//! Each block of the page ends in a hidden line that calls a function from here. It gives the block a client
//! whose requests go to a server that answers 503 first, and looks at what came.

pub mod async_openai;
pub mod async_stripe;
pub mod aws;
pub mod genai;
pub mod octocrab;
#[path = "../../src/recorder.rs"]
pub mod recorder;
pub mod rig;
pub mod squareup;

use agentidemp::Identity;
use agentidemp::header::IDEMPOTENCY_KEY;

use self::recorder::{Received, Recorder};

/// The page, whose examples run as doctests.
///
#[doc = include_str!("../../../agentidemp/src/guide/sdks.md")]
pub mod page {}

/// The answer of a model of OpenAI's.
pub const COMPLETION: &str = r#"{
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1767225600, "model": "gpt-5-mini",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "Paris."}}],
    "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}
}"#;

/// A client of reqwest that goes to loopback whatever the environment says, and needs no certificates.
///
/// # Panics
///
/// Where reqwest cannot be set up.
#[must_use]
pub fn http() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .tls_certs_only([])
        .build()
        .unwrap()
}

/// What came: the request that was answered by 503, and its retry, which is the same request.
///
/// # Panics
///
/// Where other than two requests came, or their bodies differ.
#[must_use]
pub fn attempts(server: &Recorder) -> [Received; 2] {
    let [first, retry] = <[Received; 2]>::try_from(server.take()).unwrap();
    assert_eq!(first.method, retry.method);
    assert_eq!(first.uri, retry.uri);
    assert_eq!(first.body, retry.body);
    [first, retry]
}

/// The key in the header of a request, if it has one.
///
/// # Panics
///
/// Where there are several.
#[must_use]
pub fn key_of(request: &Received) -> Option<&str> {
    let mut keys = request.headers.get_all(IDEMPOTENCY_KEY).iter();
    let key = keys.next().map(|key| key.to_str().unwrap());
    assert_eq!(keys.next(), None);
    key
}

/// Both attempts have this key in their header.
///
/// # Panics
///
/// Where one has another, or none.
pub fn assert_key(attempts: &[Received; 2], key: &str) {
    for attempt in attempts {
        assert_eq!(key_of(attempt), Some(key));
    }
}

/// Both attempts have the key of the body that was sent.
///
/// # Panics
///
/// Where one has another, or none.
pub fn assert_key_of_body(attempts: &[Received; 2], identity: &Identity) {
    let key = identity.key_of_json(&attempts[0].body).unwrap();
    assert_key(attempts, &key);
}

/// Runs a future to its end.
///
/// # Panics
///
/// Where there is no runtime to be had.
pub fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}
