//! A retry never submits twice: real clients, real servers, faults by a seeded plan.
//!
//! Each client has 60 orders, or as many as `AGENTIDEMP_FAULT_ORDERS` says: with 3000, there are 12,000
//! requests in each test.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agentidemp::dedup::Dedup;
use agentidemp::dedup::store::PostgresStore;
use agentidemp_tests::dedup::Folder;
use agentidemp_tests::faulty_server::{Fault, Ledger, Order, Plan, Receipt, Server};
use agentidemp_tests::retry_clients::{Client, Keys, Sender};
use agentidemp_tests::servers::{Postgres, Redis};
use agentidemp_tests::shop_process::ShopProcess;
use tokio::task::JoinSet;

const PROGRAM: &str = env!("CARGO_BIN_EXE_faulty_shop");
const SEED: u64 = 0x1DE4_907E;
const MOST_FAULTS_PER_ORDER: usize = 11;
const TASKS_PER_CLIENT: u64 = 16;

fn plan() -> Plan {
    Plan::new(SEED, MOST_FAULTS_PER_ORDER)
}

fn orders_per_client() -> u64 {
    let orders = std::env::var("AGENTIDEMP_FAULT_ORDERS");
    orders.map_or(60, |orders| orders.parse().unwrap())
}

/// All orders of a test.
fn orders() -> u64 {
    orders_per_client() * Client::ALL.len() as u64
}

/// What a run of all clients did.
struct Run {
    receipts: Vec<Receipt>,
    attempts: u64,
    ledger: Ledger,
    took: Duration,
}

/// Sends all orders through all clients, each order through one of them, several at once. Their keys come
/// from these places in turn.
async fn submit_all(urls: Vec<String>, keys: &[Keys]) -> Run {
    let started = Instant::now();
    let senders: Vec<Arc<Sender>> = keys
        .iter()
        .map(|keys| Arc::new(Sender::new(urls.clone(), plan(), *keys)))
        .collect();
    let mut tasks = JoinSet::new();
    for client in Client::ALL {
        for task in 0..TASKS_PER_CLIENT {
            let numbers = numbers(client).skip(task as usize);
            let numbers = numbers.step_by(TASKS_PER_CLIENT as usize);
            tasks.spawn(submit(client, senders.clone(), numbers));
        }
    }
    Run {
        receipts: tasks.join_all().await.concat(),
        attempts: senders.iter().map(|sender| sender.attempts()).sum(),
        ledger: Ledger::default(),
        took: started.elapsed(),
    }
}

/// The orders of a client.
fn numbers(client: Client) -> impl Iterator<Item = u64> {
    let position = Client::ALL.iter().position(|other| *other == client);
    let first = position.unwrap() as u64 * orders_per_client();
    first..first + orders_per_client()
}

async fn submit(
    client: Client,
    senders: Vec<Arc<Sender>>,
    numbers: impl Iterator<Item = u64>,
) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for number in numbers {
        let sender = &senders[number as usize % senders.len()];
        let receipt = client.submit(sender, &Order::new(number)).await.unwrap();
        assert_eq!(receipt.order, number);
        receipts.push(receipt);
    }
    receipts
}

/// Against a server in this process, which remembers in memory.
async fn against_one_server(keys: &[Keys]) -> Run {
    let dedup = Dedup::builder().build();
    let server = Server::start(plan(), dedup).await.unwrap();
    let run = submit_all(vec![server.url().into()], keys).await;
    let ledger = server.ledger().await;
    Run { ledger, ..run }
}

/// Against two server processes that share a store. The attempts of an order go to both in turn.
async fn against_two_servers(store: &str, keys: &[Keys]) -> Run {
    let servers = [(); 2].map(|()| ShopProcess::start(PROGRAM, store, plan()));
    let urls = servers.iter().map(|server| server.url().into()).collect();
    let run = submit_all(urls, keys).await;
    let [first, second] = servers.map(ShopProcess::ledger);
    let both_acted = [&first, &second].map(|ledger| ledger.orders() > 0);
    assert_eq!(both_acted, [true, true]);
    let ledger = first.and(second);
    Run { ledger, ..run }
}

impl Run {
    /// Past the capture of the test's output: these figures are the point of the test.
    fn print(&self, name: &str) {
        let mut text = format!(
            "\n{name}: {} requests, {} attempts, {} double submissions, {:.1} s\n",
            self.receipts.len(),
            self.attempts,
            self.ledger.double_submissions(),
            self.took.as_secs_f64(),
        );
        for (status, count) in self.ledger.refused() {
            writeln!(text, "  refused by the server: {status:<5}{count:>6}").unwrap();
        }
        for fault in Fault::ALL {
            writeln!(text, "  {fault:<28}{:>6}", self.ledger.injected(fault)).unwrap();
        }
        std::io::stderr().write_all(text.as_bytes()).unwrap();
    }

    /// A fault can be missed: a client may give up before its request has come, and a request may be alone.
    fn assert_the_faults_were_many(&self) {
        let planned: Vec<Fault> = (0..orders()).flat_map(faults_to_meet).collect();
        for fault in Fault::ALL {
            let planned = planned.iter().filter(|planned| **planned == fault).count();
            let injected = self.ledger.injected(fault);
            assert!(injected > 0, "{fault}: none");
            if !fault.is_slow() && fault != Fault::OutOfOrder {
                let most = planned - planned / 10;
                assert!(injected >= most, "{fault}: only {injected} of {planned}");
            }
        }
    }

    fn assert_each_order_is_processed_exactly_once(&self) {
        self.assert_the_faults_were_many();
        let orders = orders() as usize;
        assert_eq!(self.receipts.len(), orders);
        assert_eq!(self.ledger.orders(), orders, "an order was lost");
        assert_eq!(self.ledger.double_submissions(), 0);
        let different: HashSet<&Receipt> = self.receipts.iter().collect();
        assert_eq!(different.len(), orders, "two orders share a receipt");
    }

    fn assert_many_are_processed_twice(&self) {
        self.assert_the_faults_were_many();
        assert!(self.ledger.double_submissions() >= orders() / 2);
    }
}

/// An answer that is out of order is an answer: no fault comes after it.
fn faults_to_meet(order: u64) -> Vec<Fault> {
    let mut faults = plan().faults(order);
    let answer = faults.iter().position(|fault| *fault == Fault::OutOfOrder);
    faults.truncate(answer.map_or(faults.len(), |answer| answer + 1));
    faults
}

#[tokio::test(flavor = "multi_thread")]
async fn each_order_is_processed_exactly_once_with_keys_that_are_put_on_by_hand() {
    let run = against_one_server(&[Keys::ByHand]).await;
    run.print("keys by hand");
    run.assert_each_order_is_processed_exactly_once();
}

const LAYERS: [Keys; 2] = [Keys::LayerAbove, Keys::LayerBelow];

#[tokio::test(flavor = "multi_thread")]
async fn each_order_is_processed_exactly_once_with_the_layer_above_the_retries_and_below_them() {
    let run = against_one_server(&LAYERS).await;
    run.print("keys by the layer");
    run.assert_each_order_is_processed_exactly_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_order_is_processed_exactly_once_by_two_servers_that_share_a_file() {
    let folder = Folder::new();
    let file = folder.path("store.redb");
    let run = against_two_servers(file.to_str().unwrap(), &LAYERS).await;
    run.print("two servers, redb");
    run.assert_each_order_is_processed_exactly_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_order_is_processed_exactly_once_by_two_servers_that_share_redis() {
    let Some(redis) = Redis::start() else { return };
    let run = against_two_servers(&redis.url(), &LAYERS).await;
    run.print("two servers, Redis");
    run.assert_each_order_is_processed_exactly_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn each_order_is_processed_exactly_once_by_two_servers_that_share_postgresql() {
    let Some(postgres) = Postgres::shared() else {
        return;
    };
    let url = postgres.url(&postgres.database());
    let store = PostgresStore::connect(&url).await.unwrap();
    store.create_table().await.unwrap();
    let run = against_two_servers(&url, &LAYERS).await;
    run.print("two servers, PostgreSQL");
    run.assert_each_order_is_processed_exactly_once();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_key_for_each_attempt_submits_twice() {
    let run = against_one_server(&[Keys::FreshPerAttempt]).await;
    run.print("a fresh key for each attempt");
    run.assert_many_are_processed_twice();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_key_for_each_attempt_submits_twice_to_two_servers() {
    let folder = Folder::new();
    let file = folder.path("store.redb");
    let run = against_two_servers(file.to_str().unwrap(), &[Keys::FreshPerAttempt]).await;
    run.print("two servers, a fresh key for each attempt");
    run.assert_many_are_processed_twice();
}
