//! What a key is made of: a chat request as it goes on the wire, minus what changes between
//! attempts.
//!
//! ```text
//! cargo run --example identity
//! ```

use agentidemp::Identity;
use serde_json::{Value, json};

/// A chat request, as an agent builds it for each attempt.
fn chat_request(attempt: u32) -> Value {
    json!({
        "model": "gpt-5-mini",
        "temperature": 0.2,
        "messages": [
            {"role": "system", "content": "You are a careful accountant."},
            {"role": "user", "content": "Pay invoice 17.", "cache_control": {"ttl": 300 * attempt}},
        ],
        "metadata": {"step": 3, "trace_id": format!("trace-{attempt}")},
        "timestamp": 1_760_000_000 + 30 * attempt,
    })
}

fn show(title: &str, identity: &Identity) -> Result<(), agentidemp::Error> {
    println!("\n{title}");
    for attempt in 1..=2 {
        let request = chat_request(attempt);
        let hashed = identity.canonical_bytes(&request)?;
        println!("\n  attempt {attempt}, what is hashed:");
        println!("    {}", String::from_utf8_lossy(&hashed));
        println!("  its key:");
        println!("    {}", identity.key(&request)?);
    }
    Ok(())
}

fn main() -> Result<(), agentidemp::Error> {
    show(
        "THE WHOLE REQUEST: the retry looks like a new request, and runs twice.",
        &Identity::new(),
    )?;

    let identity = Identity::new()
        .exclude(["timestamp"])
        .exclude(["/metadata/trace_id", "/messages/*/cache_control"])
        .scope("chat.create")
        .scope_field("user", 42);
    show(
        "WITHOUT WHAT CHANGES BETWEEN ATTEMPTS: the retry has the key of the first attempt.",
        &identity,
    )
}
