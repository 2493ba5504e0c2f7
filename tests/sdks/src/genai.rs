//! genai sends no retry: who asks asks twice.

use std::error::Error;

use agentidemp::Identity;
use genai::adapter::AdapterKind;
use genai::chat::{ChatOptions, ChatRequest, ChatResponse};
use genai::resolver::{AuthData, Endpoint, ServiceTargetResolver};
use genai::{Client, ModelIden, ServiceTarget};
use serde_json::json;

use crate::recorder::Recorder;
use crate::{COMPLETION, assert_key, attempts, http, run};

type Answer = Result<ChatResponse, Box<dyn Error>>;

const MODEL: &str = "gpt-5-mini";

/// Both attempts carry the key of the model, the request and the options, and the other headers as well.
///
/// # Panics
///
/// Where they do not.
pub fn proves(
    ask: impl AsyncFn(&Client, &str, ChatRequest, ChatOptions) -> Answer,
    identity: &Identity,
) {
    let request = ChatRequest::from_user("The capital of France?");
    let options = ChatOptions::default().with_temperature(0.1);
    let body = json!([MODEL, request, options]).to_string();
    let key = identity.key_of_json(body.as_bytes()).unwrap();
    run(async {
        let server = Recorder::failing_once(COMPLETION).await;
        let client = client(server.url("/v1/"));
        for (trace, succeeds) in [("trace-1", false), ("trace-2", true)] {
            let options = options.clone().with_extra_headers(("x-trace-id", trace));
            let answer = ask(&client, MODEL, request.clone(), options).await;
            assert_eq!(answer.is_ok(), succeeds, "{answer:?}");
        }
        let attempts = attempts(&server);
        assert_key(&attempts, &key);
        assert_eq!(attempts[0].headers["x-trace-id"], "trace-1");
        assert_eq!(attempts[1].headers["x-trace-id"], "trace-2");
    });
}

fn client(url: String) -> Client {
    let resolver = ServiceTargetResolver::from_resolver_fn(
        move |target: ServiceTarget| -> Result<ServiceTarget, genai::resolver::Error> {
            Ok(ServiceTarget {
                endpoint: Endpoint::from_owned(url.clone()),
                auth: AuthData::from_single("secret"),
                model: ModelIden::new(AdapterKind::OpenAI, target.model.model_name),
            })
        },
    );
    Client::builder()
        .with_reqwest(http())
        .with_service_target_resolver(resolver)
        .build()
        .unwrap()
}
