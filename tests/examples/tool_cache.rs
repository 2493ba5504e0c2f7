//! Remembers the tool calls of an agent, so that none runs twice within ten minutes:
//! `cargo run -p agentidemp-tests --example tool_cache`.

// An example has `std`.
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

use std::time::Duration;

use agentidemp::IdempotencyKey;
use agentidemp::dedup::Dedup;
use serde_json::{Value, json};

/// A tool call as a model makes it. Each has an id of its own, even where the model repeats itself.
#[derive(Debug, IdempotencyKey)]
#[idem(scope = "tool_call")]
struct ToolCall {
    name: String,
    arguments: Value,
    #[idem(skip)]
    id: String,
}

impl ToolCall {
    fn new(id: &str, name: &str, arguments: Value) -> Self {
        Self {
            name: name.into(),
            arguments,
            id: id.into(),
        }
    }
}

/// The tools. A real one would ask a server.
async fn run_tool(call: &ToolCall) -> Result<Value, String> {
    println!("  {} runs {} with {}", call.id, call.name, call.arguments);
    tokio::time::sleep(Duration::from_millis(50)).await;
    match call.name.as_str() {
        "weather" => Ok(json!({ "celsius": 21.5, "city": call.arguments["city"] })),
        "search" => Ok(json!(["RFC 8785", "RFC 9651"])),
        unknown => Err(format!("there is no tool {unknown}")),
    }
}

#[tokio::main]
async fn main() {
    let cache = Dedup::builder()
        .capacity(1_000)
        .time_to_live(Duration::from_secs(600))
        .build();
    let call = async |call: ToolCall| {
        let result = cache
            .run(&call.idempotency_key(), |_| run_tool(&call))
            .await;
        match result {
            Ok(answer) => println!("  {} has {answer}", call.id),
            Err(error) => println!("  {} failed: {error}", call.id),
        }
    };

    println!("A call, and the same again with its arguments in another order:");
    call(ToolCall::new(
        "call_1",
        "weather",
        json!({ "city": "Rome", "unit": "C" }),
    ))
    .await;
    call(ToolCall::new(
        "call_2",
        "weather",
        json!({ "unit": "C", "city": "Rome" }),
    ))
    .await;

    println!("Other arguments are another call:");
    call(ToolCall::new(
        "call_3",
        "weather",
        json!({ "city": "Oslo", "unit": "C" }),
    ))
    .await;

    println!("Two equal calls at once:");
    tokio::join!(
        call(ToolCall::new(
            "call_4",
            "search",
            json!({ "query": "canonical json" })
        )),
        call(ToolCall::new(
            "call_5",
            "search",
            json!({ "query": "canonical json" })
        )),
    );

    println!("A failure is not remembered:");
    call(ToolCall::new("call_6", "serach", json!({}))).await;
    call(ToolCall::new("call_7", "serach", json!({}))).await;

    println!("\n{:?}", cache.figures());
}
