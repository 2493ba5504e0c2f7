//! async-openai sends its retry by itself.
//!
//! It takes the text of a key, and not the key, whose conversion cannot fail:
//!
//! ```compile_fail,E0277
//! use agentidemp::{header::IDEMPOTENCY_KEY, sha256_hex};
//! use async_openai::{Client, traits::RequestOptionsBuilder};
//!
//! let key = sha256_hex(b"{}");
//! Client::new().chat().header(IDEMPOTENCY_KEY, key);
//! ```
//!
//! ```no_run
//! use agentidemp::{header::IDEMPOTENCY_KEY, sha256_hex};
//! use async_openai::{Client, traits::RequestOptionsBuilder};
//!
//! let key = sha256_hex(b"{}");
//! Client::new().chat().header(IDEMPOTENCY_KEY, key.as_str());
//! ```

use std::error::Error;

use agentidemp::Identity;
use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::types::chat::{
    ChatCompletionRequestUserMessage, CreateChatCompletionRequest, CreateChatCompletionRequestArgs,
    CreateChatCompletionResponse,
};

use crate::recorder::Recorder;
use crate::{COMPLETION, assert_key_of_body, attempts, http, run};

type Answer = Result<CreateChatCompletionResponse, Box<dyn Error>>;

/// Both attempts carry the key that the identity gives to the body.
///
/// # Panics
///
/// Where they do not.
pub fn proves(
    ask: impl AsyncFn(&Client<OpenAIConfig>, CreateChatCompletionRequest) -> Answer,
    identity: &Identity,
) {
    run(async {
        let server = Recorder::failing_once(COMPLETION).await;
        ask(&client(&server), request()).await.unwrap();
        assert_key_of_body(&attempts(&server), identity);
    });
}

fn client(server: &Recorder) -> Client<OpenAIConfig> {
    let config = OpenAIConfig::new()
        .with_api_key("secret")
        .with_api_base(server.url("/v1"));
    Client::build(http(), config)
}

fn request() -> CreateChatCompletionRequest {
    CreateChatCompletionRequestArgs::default()
        .model("gpt-5-mini")
        .messages([ChatCompletionRequestUserMessage::from("The capital of France?").into()])
        .temperature(0.1)
        .build()
        .unwrap()
}
