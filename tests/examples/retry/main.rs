//! Retries against a server that fails on purpose, first with derived keys, then with a fresh key
//! for each attempt: `cargo run -p agentidemp-tests --example retry`.

// An example has `std`.
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

// Public, as the project's tests share it.
#[allow(unreachable_pub)]
mod faulty_server;

use std::error::Error;
use std::time::Duration;

use agentidemp::IdempotencyKey;
use agentidemp::header::IDEMPOTENCY_KEY;
use backon::{ExponentialBuilder, Retryable};
use uuid::Uuid;

use crate::faulty_server::{Action, Event, Fault, Ledger, Order, Plan, Receipt, Server};

const SEED: u64 = 8;
const ORDERS: u64 = 8;
const MOST_FAULTS_PER_ORDER: usize = 4;
/// How long the client waits for an answer.
const PATIENCE: Duration = Duration::from_millis(200);

type HeaderValue = reqwest::header::HeaderValue;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("Orders are sent to a server that fails on purpose, each until it has a receipt.");
    println!("The server acts once for each key. Each line is one attempt, in the order in which");
    println!("the server was done with them: what went wrong, the key, what the server did.\n");
    println!("== The key is derived from the order");
    let derived = run(|order| order.idempotency_key().into()).await?;
    println!("== Each attempt has a fresh key");
    let fresh = run(|_| fresh_key()).await?;

    println!(
        "double submissions with derived keys: {}",
        derived.double_submissions()
    );
    println!(
        "double submissions with fresh keys:   {}",
        fresh.double_submissions()
    );
    Ok(())
}

/// The mistake: a key that knows nothing of the order.
fn fresh_key() -> HeaderValue {
    let uuid = Uuid::new_v4();
    HeaderValue::from_str(&uuid.to_string()).unwrap_or_else(|_| unreachable!("a UUID is ASCII"))
}

/// Sends all orders at once, each until it has a receipt, and shows what the server saw.
async fn run(key: fn(&Order) -> HeaderValue) -> Result<Ledger, Box<dyn Error>> {
    let plan = Plan::new(SEED, MOST_FAULTS_PER_ORDER);
    let server = Server::start(plan, PATIENCE).await?;
    let mut clients = tokio::task::JoinSet::new();
    for number in 1..=ORDERS {
        clients.spawn(submit(server.url().to_owned(), Order::new(number), key));
    }
    let mut receipts = Vec::new();
    while let Some(receipt) = clients.join_next().await {
        receipts.push(receipt??);
    }
    receipts.sort_by_key(|receipt| receipt.order);

    let ledger = server.ledger().await;
    for receipt in &receipts {
        show_timeline(receipt, &ledger);
    }
    show_totals(&ledger);
    Ok(ledger)
}

async fn submit(
    url: String,
    order: Order,
    key: fn(&Order) -> HeaderValue,
) -> Result<Receipt, reqwest::Error> {
    let client = reqwest::Client::builder()
        .timeout(PATIENCE)
        .no_proxy()
        .build()?;
    let mut attempt = 0;
    let send = || {
        attempt += 1;
        let order = order.on_attempt(attempt);
        let request = client
            .post(&url)
            .header(IDEMPOTENCY_KEY, key(&order))
            .json(&order);
        async { request.send().await?.error_for_status()?.json().await }
    };
    let backoff = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(10))
        .with_max_times(MOST_FAULTS_PER_ORDER + 4);
    send.retry(backoff).await
}

fn show_timeline(receipt: &Receipt, ledger: &Ledger) {
    println!("order {}, receipt {}", receipt.order, receipt.number);
    for event in ledger
        .events
        .iter()
        .filter(|event| event.order == receipt.order)
    {
        let Event { attempt, key, .. } = event;
        let fault = event
            .fault
            .map_or("answered".to_owned(), |fault| fault.to_string());
        let action = match event.action {
            None => "nothing done",
            Some(Action::Processed) => "processed",
            Some(Action::Deduplicated) => "deduplicated",
        };
        println!("  attempt {attempt}  {fault:<26}  {key:.11}…  {action}");
    }
}

fn show_totals(ledger: &Ledger) {
    let faults: usize = Fault::ALL.map(|fault| ledger.injected(fault)).iter().sum();
    let (orders, attempts) = (ledger.orders(), ledger.events.len());
    let doubles = ledger.double_submissions();
    println!(
        "{orders} orders, {attempts} attempts, {faults} faults, {doubles} double submissions\n"
    );
}
