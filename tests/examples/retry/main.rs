//! Retries against a server that fails on purpose, first with derived keys, then with a fresh key for each
//! attempt:
//!
//! ```text
//! cargo run -p agentidemp-tests --example retry
//! cargo run -p agentidemp-tests --example retry -- --store answers.redb
//! ```
//!
//! The server is in the folder `faulty_server` beside this file; the tests use it too. It acts once for each
//! key, by the layer `agentidemp::header::server`: see `shop.rs` there. `--store` says where it remembers its
//! answers:
//!
//! - `memory`, the default
//! - a file, such as `answers.redb`: the second time that the example runs, it remembers all orders
//! - `redis://HOST` or `unix:///SOCKET`
//! - `postgres://USER@HOST/DATABASE`

// An example has `std`.
#![allow(clippy::std_instead_of_alloc, clippy::std_instead_of_core)]

use std::env;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use agentidemp::IdempotencyKey;
use agentidemp::dedup::Dedup;
use agentidemp::dedup::store::{PostgresStore, RedbStore, RedisStore, Store};
use agentidemp::header::IDEMPOTENCY_KEY;
use agentidemp::header::server::Remembered;
use agentidemp_tests::faulty_server::{Action, Event, Fault, Ledger, Order, Plan, Receipt, Server};
use backon::{ExponentialBuilder, Retryable};
use uuid::Uuid;

const SEED: u64 = 8;
const ORDERS: u64 = 8;
const MOST_FAULTS_PER_ORDER: usize = 4;
/// How long the client waits for an answer. One that is too slow comes when it has given up.
const PATIENCE: Duration = Duration::from_millis(500);
/// How often it tries, on however slow a machine.
const MOST_ATTEMPTS: usize = 100;

type HeaderValue = reqwest::header::HeaderValue;
type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let store = open(&store_from_arguments()?).await?;
    println!("Orders are sent to a server that fails on purpose, each until it has a receipt.");
    println!("The server acts once for each key. Each line is one attempt, in the order in which");
    println!("the server was done with them: what went wrong, the key, what the server did.\n");
    println!("== The key is derived from the order");
    let derived = run(&store, |order| order.idempotency_key().into()).await?;
    println!("== Each attempt has a fresh key");
    let fresh = run(&store, |_| fresh_key()).await?;

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

fn store_from_arguments() -> Result<String, Failure> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => Ok("memory".into()),
        [option, store] if option == "--store" => Ok(store.clone()),
        _ => Err("the one option is `--store STORE`".into()),
    }
}

/// The one line that changes when one server is not enough.
async fn open(store: &str) -> Result<Option<Arc<dyn Store>>, Failure> {
    Ok(match store.split_once("://") {
        None if store == "memory" => None,
        None => Some(Arc::new(RedbStore::open(store)?)),
        Some(("redis" | "unix", _)) => Some(Arc::new(RedisStore::connect(store).await?)),
        Some(("postgres" | "postgresql", _)) => {
            let store = PostgresStore::connect(store).await?;
            store.create_table().await?;
            Some(Arc::new(store))
        }
        Some((scheme, _)) => return Err(format!("there is no store for `{scheme}://`").into()),
    })
}

fn remembering(store: &Option<Arc<dyn Store>>) -> Dedup<Remembered> {
    match store {
        Some(store) => Dedup::builder().store(store.clone()).build(),
        None => Dedup::builder().build(),
    }
}

/// The mistake: a key that knows nothing of the order.
fn fresh_key() -> HeaderValue {
    let uuid = Uuid::new_v4();
    HeaderValue::from_str(&uuid.to_string()).unwrap_or_else(|_| unreachable!("a UUID is ASCII"))
}

/// Sends all orders at once, each until it has a receipt, and shows what the server saw.
async fn run(
    store: &Option<Arc<dyn Store>>,
    key: fn(&Order) -> HeaderValue,
) -> Result<Ledger, Failure> {
    let plan = Plan::new(SEED, MOST_FAULTS_PER_ORDER);
    let server = Server::start(plan, remembering(store)).await?;
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
    show_totals(receipts.len(), &ledger);
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
        .with_max_delay(Duration::from_millis(100))
        .with_max_times(MOST_ATTEMPTS);
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
            Some(Action::Refused(_)) => "refused",
        };
        println!("  attempt {attempt}  {fault:<26}  {key:.11}…  {action}");
    }
}

fn show_totals(orders: usize, ledger: &Ledger) {
    let faults: usize = Fault::ALL.map(|fault| ledger.injected(fault)).iter().sum();
    let attempts = ledger.events.len();
    let doubles = ledger.double_submissions();
    println!(
        "{orders} orders, {attempts} attempts, {faults} faults, {doubles} double submissions\n"
    );
}
