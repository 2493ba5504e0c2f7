//! octocrab sends its retry by itself.

use agentidemp::{IdempotencyKey, Identity};
use http::Uri;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use octocrab::{OctoBody, Octocrab};
use serde_json::{Value, json};

use crate::recorder::Recorder;
use crate::{assert_key, assert_key_of_body, attempts, run};

const ISSUE: &str = r#"{"number": 1}"#;

/// Both attempts carry the key of the issue.
///
/// # Panics
///
/// Where they do not.
pub fn proves(open: impl AsyncFn(&Octocrab) -> octocrab::Result<()>, issue: &impl IdempotencyKey) {
    run(async {
        let server = Recorder::failing_once(ISSUE).await;
        let github = Octocrab::builder().base_uri(server.url("/")).unwrap();
        open(&github.build().unwrap()).await.unwrap();
        assert_key(&attempts(&server), &issue.idempotency_key());
    });
}

/// Both attempts of a call that octocrab builds by itself carry the key of the body, with the method and the
/// path in its scope.
///
/// # Panics
///
/// Where they do not.
pub fn proves_for_all_calls(connect: impl Fn(Client<HttpConnector, OctoBody>, Uri) -> Octocrab) {
    run(async {
        let server = Recorder::failing_once(ISSUE).await;
        let http = Client::builder(TokioExecutor::new()).build_http();
        let github = connect(http, server.url("/").parse().unwrap());
        let path = "/repos/acme/roof/issues";
        let opened: Result<Value, _> = github.post(path, Some(&json!({"title": "It rains"}))).await;
        opened.unwrap();
        let identity = Identity::new()
            .scope_field("method", "POST")
            .scope_field("path", path);
        assert_key_of_body(&attempts(&server), &identity);
    });
}
