//! Services in Rust and Python that share a Redis server. The key is derived from the request, so that
//! whoever receives a retry finds the record of the first attempt, from the body alone. The record's layout
//! is in the documentation of `agentidemp::dedup::store::format`.
//!
//! The other half is `tests/interop/shared_store.py`:
//!
//! ```text
//! cargo run -p agentidemp-tests --example shared_store -- send URL DIR     does the work, and writes the body of a retry
//! python shared_store.py receive URL DIR                              reads that body, and finds the answer
//! python shared_store.py send URL DIR                                 the same the other way round
//! cargo run -p agentidemp-tests --example shared_store -- receive URL DIR
//! ```

// An example has `std`.
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

use std::error::Error;
use std::path::Path;
use std::{env, fs};

use agentidemp::IdempotencyKey;
use agentidemp::dedup::Dedup;
use agentidemp::dedup::store::RedisStore;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize, IdempotencyKey)]
#[idem(scope = "charges.create")]
struct CreateCharge {
    account: u64,
    amount: f64,
    currency: String,
    note: Option<String>,
    #[idem(scope)]
    tenant: String,
    #[idem(skip)]
    attempt: u32,
    #[idem(skip)]
    sent_at: u64,
}

#[derive(Clone, Serialize, Deserialize)]
struct Receipt {
    id: String,
    charged: f64,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [command, url, directory] = &arguments[..] else {
        return Err("say `send URL DIR` or `receive URL DIR`".into());
    };
    let store = RedisStore::connect(url).await?;
    let dedup: Dedup<Receipt> = Dedup::builder().store(store).build();
    let directory = Path::new(directory);
    match command.as_str() {
        "send" => send(&dedup, &directory.join("from-rust.json")).await,
        "receive" => receive(&dedup, &directory.join("from-python.json")).await,
        _ => Err(format!("`{command}` is neither `send` nor `receive`").into()),
    }
}

/// Charges once. The answer is lost on the way, so a retry is sent.
async fn send(dedup: &Dedup<Receipt>, wire: &Path) -> Result<(), Box<dyn Error>> {
    let mut charge = CreateCharge {
        account: 9_007_199_254_740_993,
        amount: 100.0,
        currency: "eur".into(),
        note: Some("caf\u{e9} \u{1f600}".into()),
        tenant: "acme:eu".into(),
        attempt: 1,
        sent_at: 1_700_000_000,
    };
    let key = charge.try_idempotency_key()?;
    let receipt = Receipt {
        id: "rust \u{1f980} 1".into(),
        charged: charge.amount,
    };
    dedup.run(&key, async |_| Ok::<_, String>(receipt)).await?;
    charge.attempt = 2;
    charge.sent_at += 9;
    fs::write(wire, serde_json::to_string(&charge)?)?;
    println!("charged under {key}");
    Ok(())
}

/// Charges nothing for a retry whose first attempt was charged by Python.
async fn receive(dedup: &Dedup<Receipt>, wire: &Path) -> Result<(), Box<dyn Error>> {
    let charge: CreateCharge = serde_json::from_str(&fs::read_to_string(wire)?)?;
    let key = charge.try_idempotency_key()?;
    let work = async |_| Err("Python's charge is not there");
    let receipt = dedup.run(&key, work).await?;
    println!("found under {key}: {}, {}", receipt.id, receipt.charged);
    Ok(())
}
