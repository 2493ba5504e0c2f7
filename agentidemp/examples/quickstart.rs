//! The key of a chat request: what is hashed, what leaves the key as it is, and what changes it.
//!
//! `cargo run --example quickstart`

use std::time::SystemTime;

use agentidemp::IdempotencyKey;

#[derive(Clone, IdempotencyKey)]
#[idem(scope = "chat.create")]
struct ChatRequest {
    model: String,
    messages: Vec<Message>,
    tools: Vec<Tool>,
    temperature: f64,
    max_tokens: u32,
    #[idem(scope)]
    user: String,
    #[idem(skip)]
    sent_at: SystemTime,
    #[idem(skip)]
    request_id: String,
}

#[derive(Clone, IdempotencyKey)]
struct Message {
    role: Role,
    content: String,
}

#[derive(Clone, Copy, IdempotencyKey)]
#[serde(rename_all = "lowercase")]
enum Role {
    System,
    User,
    Assistant,
}

#[derive(Clone, IdempotencyKey)]
struct Tool {
    name: String,
    description: String,
}

fn main() {
    let first = chat_request();
    show("The first attempt", &first);

    let mut retry = first.clone();
    retry.sent_at = SystemTime::now();
    retry.request_id = "req_9f2c".into();
    println!("A retry, with another timestamp and request id (both are skipped)");
    println!("  key     {}", retry.idempotency_key());
    assert_eq!(retry.idempotency_key(), first.idempotency_key());
    println!("          the same: the server sees one request\n");

    let mut other = first.clone();
    other.messages[3].content = "And in °F?".into();
    println!("Another question");
    println!("  key     {}", other.idempotency_key());
    assert_ne!(other.idempotency_key(), first.idempotency_key());
    println!("          another key: another request\n");

    let mut somebody_else = first.clone();
    somebody_else.user = "bob".into();
    println!("The same question, by another user (the scope)");
    println!("  key     {}", somebody_else.idempotency_key());
    assert_ne!(somebody_else.idempotency_key(), first.idempotency_key());
    println!("          another key: nobody gets somebody else's answer\n");

    let key = first.idempotency_key();
    println!("For APIs that limit the length");
    println!("  short   {}", key.short());
    println!("  uuid    {}", key.uuid());
}

fn show(title: &str, request: &ChatRequest) {
    let canonical = request.canonical_bytes();
    println!("{title}");
    println!("  hashed  {}", String::from_utf8_lossy(&canonical));
    println!("  key     {}\n", request.idempotency_key());
}

fn chat_request() -> ChatRequest {
    let message = |role, content: &str| Message {
        role,
        content: content.into(),
    };
    ChatRequest {
        model: "large-1".into(),
        messages: vec![
            message(
                Role::System,
                "You are \"Wetterfrosch\".\nAnswer in one line.",
            ),
            message(Role::User, "Wie warm ist es in Zürich? 🌡️"),
            message(Role::Assistant, "Es sind 21.5 °C."),
            message(Role::User, "Und morgen?"),
        ],
        tools: vec![Tool {
            name: "forecast".into(),
            description: "The weather at a place, so many days ahead".into(),
        }],
        temperature: 0.2,
        max_tokens: 256,
        user: "alice".into(),
        sent_at: SystemTime::now(),
        request_id: "req_41aa".into(),
    }
}
