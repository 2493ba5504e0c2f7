//! rig sends no retry: who asks asks twice.

use agentidemp::Identity;
use rig_core::completion::CompletionRequest;
use rig_core::providers::openai::{OpenAI, OpenAIConfig};

use crate::recorder::Recorder;
use crate::{COMPLETION, assert_key_of_body, attempts, http, run};

/// Both attempts carry the key of the body, with the method and the path in its scope.
///
/// # Panics
///
/// Where they do not.
pub fn proves(connect: impl Fn(OpenAIConfig, reqwest::Client) -> OpenAI) {
    run(async {
        let server = Recorder::failing_once(COMPLETION).await;
        let config = OpenAIConfig::new("secret").with_base_url(server.url("/v1"));
        let model = connect(config, http()).chat("gpt-5-mini");
        for succeeds in [false, true] {
            let answer = model
                .call(CompletionRequest::new("The capital of France?"))
                .await;
            assert_eq!(answer.is_ok(), succeeds, "{:?}", answer.err());
        }
        let attempts = attempts(&server);
        let identity = Identity::new()
            .scope_field("method", "POST")
            .scope_field("path", attempts[0].uri.path());
        assert_key_of_body(&attempts, &identity);
    });
}
