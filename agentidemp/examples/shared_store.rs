//! Services in Rust and Python that share a deduplication store. The key is derived from the request,
//! so that whoever receives a retry finds the entry of the first attempt, from the body alone.
//!
//! The other half is `tests/interop/shared_store.py`:
//!
//! ```text
//! cargo run --example shared_store -- send DIR        stores a result, and writes the body of a retry
//! python shared_store.py receive DIR                  reads that body, and finds the result
//! python shared_store.py send DIR                     the same the other way round
//! cargo run --example shared_store -- receive DIR
//! ```

use core::error::Error;
use std::path::Path;
use std::{env, fs};

use agentidemp::{IdempotencyKey, Key};
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

/// A directory with a file for each key.
struct Store<'a>(&'a Path);

impl Store<'_> {
    fn put(&self, key: Key, result: &str) -> Result<(), Box<dyn Error>> {
        fs::create_dir_all(self.0)?;
        Ok(fs::write(self.0.join(key.as_str()), result)?)
    }

    fn get(&self, key: Key) -> Result<String, Box<dyn Error>> {
        fs::read_to_string(self.0.join(key.as_str()))
            .map_err(|error| format!("no entry under {key}: {error}").into())
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [command, directory] = &arguments[..] else {
        return Err("say `send DIR` or `receive DIR`".into());
    };
    let directory = Path::new(directory);
    let store = Store(&directory.join("store"));
    match command.as_str() {
        "send" => send(&store, &directory.join("from-rust.json")),
        "receive" => receive(&store, &directory.join("from-python.json")),
        _ => Err(format!("`{command}` is neither `send` nor `receive`").into()),
    }
}

/// Stores the result of the first attempt, whose answer is lost on the way, and sends the retry.
fn send(store: &Store<'_>, wire: &Path) -> Result<(), Box<dyn Error>> {
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
    store.put(key, "charged by Rust")?;
    charge.attempt = 2;
    charge.sent_at += 9;
    fs::write(wire, serde_json::to_string(&charge)?)?;
    println!("stored under {key}");
    Ok(())
}

/// Finds the result of the request whose retry comes in.
fn receive(store: &Store<'_>, wire: &Path) -> Result<(), Box<dyn Error>> {
    let charge: CreateCharge = serde_json::from_str(&fs::read_to_string(wire)?)?;
    let key = charge.try_idempotency_key()?;
    let result = store.get(key)?;
    println!("found under {key}: {result}");
    Ok(())
}
