//! A chat request as agents send it, once as a type of one's own and once as JSON.

use agentidemp::IdempotencyKey;
use serde::Serialize;
use serde_json::{Value, json};

#[derive(Debug, Clone, Serialize, IdempotencyKey)]
#[idem(scope = "chat.create")]
pub struct Request {
    pub model: String,
    pub messages: Vec<Message>,
    pub temperature: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_tokens: Option<u32>,
    #[idem(scope)]
    pub user: String,
    #[idem(skip)]
    pub timestamp: u64,
    #[serde(flatten)]
    pub tracing: Tracing,
    pub metadata: Metadata,
}

#[derive(Debug, Clone, Serialize, IdempotencyKey)]
#[serde(tag = "role", rename_all = "lowercase")]
pub enum Message {
    System {
        content: String,
    },
    User {
        content: Vec<Part>,
        #[idem(skip)]
        #[serde(skip_serializing_if = "Option::is_none")]
        cache_control: Option<Value>,
    },
}

#[derive(Debug, Clone, Serialize, IdempotencyKey)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Part {
    Text { text: String },
    ImageUrl { image_url: ImageUrl },
}

#[derive(Debug, Clone, Serialize, IdempotencyKey)]
pub struct ImageUrl {
    pub url: String,
}

#[derive(Debug, Clone, Serialize, IdempotencyKey)]
pub struct Tracing {
    #[idem(skip)]
    pub request_id: String,
    pub session: String,
}

#[derive(Debug, Clone, Serialize, IdempotencyKey)]
pub struct Metadata {
    pub step: u32,
    #[idem(skip)]
    pub trace_id: String,
}

/// The first attempt.
pub fn request() -> Request {
    let text = |text: &str| Part::Text {
        text: text.to_owned(),
    };
    Request {
        model: "gpt-5".to_owned(),
        messages: vec![
            Message::System {
                content: "Réponds en une phrase.".to_owned(),
            },
            Message::User {
                content: vec![
                    text("What is in this image?\n"),
                    Part::ImageUrl {
                        image_url: ImageUrl {
                            url: "https://example.com/a.png".to_owned(),
                        },
                    },
                ],
                cache_control: Some(json!({"type": "ephemeral"})),
            },
        ],
        temperature: 0.2,
        max_tokens: None,
        user: "team:42%".to_owned(),
        timestamp: 1_760_000_000,
        tracing: Tracing {
            request_id: "req_1".to_owned(),
            session: "s-7".to_owned(),
        },
        metadata: Metadata {
            step: 3,
            trace_id: "4bf92f35".to_owned(),
        },
    }
}

/// The second attempt: what is volatile has changed.
pub fn retry() -> Request {
    let mut request = request();
    request.timestamp += 30;
    request.tracing.request_id = "req_2".to_owned();
    request.metadata.trace_id = "00f067aa".to_owned();
    if let Some(Message::User { cache_control, .. }) = request.messages.last_mut() {
        *cache_control = None;
    }
    request
}
