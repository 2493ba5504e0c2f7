//! Why did the key change? A chat request with a timestamp that nobody skipped, and what the
//! assertion for unit tests says about it.
//!
//! `cargo run --example explain --features explain`

use std::panic;
use std::time::{SystemTime, UNIX_EPOCH};

use agentidemp::explain::describe;
use agentidemp::{IdempotencyKey, explain, testing};

#[derive(IdempotencyKey)]
#[idem(scope = "chat.create")]
struct Chat {
    model: &'static str,
    messages: Vec<Message>,
    temperature: f64,
    /// Nobody thought of `#[idem(skip)]`.
    sent_at: u128,
    #[idem(scope)]
    user: u64,
}

#[derive(IdempotencyKey)]
struct Message {
    role: &'static str,
    content: String,
}

/// What an agent does for each attempt.
fn build_request(prompt: &str) -> Chat {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    Chat {
        model: "m-large",
        messages: vec![
            Message {
                role: "system",
                content: "You are a terse assistant.".into(),
            },
            Message {
                role: "user",
                content: prompt.into(),
            },
        ],
        temperature: 0.2,
        sent_at: now.map_or(0, |now| now.as_millis()),
        user: 42,
    }
}

fn main() {
    let first = build_request("What is the capital of France?");
    println!("What is hashed:\n\n{}\n", describe(&first));

    let mut other = build_request("What is the capital of Italy?");
    other.sent_at = first.sent_at;
    println!(
        "Why another question has another key:\n\n{}\n",
        explain(&first, &other)
    );

    println!("What a unit test says about the timestamp:");
    let failure = panic::catch_unwind(|| {
        testing::assert_retry_stable(|| build_request("What is the capital of France?"));
    });
    assert!(failure.is_err(), "the key changes with the time");
}
