//! A retry never submits twice: real clients, a real server, faults by a seeded plan.

use std::collections::HashSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

use agentidemp_tests::faulty_server::{Fault, Ledger, Order, Plan, Receipt, Server};
use agentidemp_tests::retry_clients::{Client, KeyPolicy, Sender};
use tokio::task::JoinSet;

const SEED: u64 = 0x1DE4_907E;
const ORDERS_PER_CLIENT: u64 = 3_000;
const MOST_FAULTS_PER_ORDER: usize = 11;
const TASKS_PER_CLIENT: u64 = 64;
const PATIENCE: Duration = Duration::from_millis(250);

/// What a run of all clients did.
struct Run {
    receipts: Vec<Receipt>,
    attempts: u64,
    ledger: Ledger,
    took: Duration,
}

/// Sends all orders through all clients, each order through one of them, several at once.
async fn run(policy: KeyPolicy) -> Run {
    let started = Instant::now();
    let plan = Plan::new(SEED, MOST_FAULTS_PER_ORDER);
    let server = Server::start(plan, PATIENCE).await.unwrap();
    let sender = Arc::new(Sender::new(&server, PATIENCE, policy));
    let mut tasks = JoinSet::new();
    for (client, first) in Client::ALL
        .into_iter()
        .zip((0..).step_by(ORDERS_PER_CLIENT as usize))
    {
        for task in 0..TASKS_PER_CLIENT {
            let numbers =
                (first + task..first + ORDERS_PER_CLIENT).step_by(TASKS_PER_CLIENT as usize);
            tasks.spawn(submit_all(client, sender.clone(), numbers));
        }
    }
    let receipts = tasks.join_all().await.concat();
    Run {
        receipts,
        attempts: sender.attempts(),
        ledger: server.ledger().await,
        took: started.elapsed(),
    }
}

async fn submit_all(
    client: Client,
    sender: Arc<Sender>,
    numbers: impl Iterator<Item = u64>,
) -> Vec<Receipt> {
    let mut receipts = Vec::new();
    for number in numbers {
        let receipt = client.submit(&sender, &Order::new(number)).await.unwrap();
        assert_eq!(receipt.order, number);
        receipts.push(receipt);
    }
    receipts
}

impl Run {
    /// Past the capture of the test's output: these figures are the point of the test.
    fn print(&self, keys: &str) {
        let mut text = format!(
            "\n{keys}: {} requests, {} attempts, {} double submissions, {:.1} s\n",
            self.receipts.len(),
            self.attempts,
            self.ledger.double_submissions(),
            self.took.as_secs_f64(),
        );
        for fault in Fault::ALL {
            writeln!(text, "  {fault:<28}{:>6}", self.ledger.injected(fault)).unwrap();
        }
        std::io::stderr().write_all(text.as_bytes()).unwrap();
    }

    fn assert_the_faults_were_many(&self) {
        for fault in Fault::ALL {
            let injected = self.ledger.injected(fault);
            assert!(injected >= 5_000, "{fault}: only {injected}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_request_is_processed_exactly_once_under_faults() {
    let run = run(KeyPolicy::Derived).await;
    run.print("derived keys");

    run.assert_the_faults_were_many();
    let requests = ORDERS_PER_CLIENT as usize * Client::ALL.len();
    assert!(requests >= 10_000);
    assert_eq!(run.receipts.len(), requests);
    assert_eq!(run.ledger.orders(), requests, "an order was lost");
    assert_eq!(run.ledger.double_submissions(), 0);
    let different: HashSet<_> = run.receipts.iter().map(|receipt| receipt.number).collect();
    assert_eq!(different.len(), requests, "two orders share a receipt");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_key_for_each_attempt_submits_twice() {
    let run = run(KeyPolicy::FreshPerAttempt).await;
    run.print("a fresh key for each attempt");

    run.assert_the_faults_were_many();
    assert!(run.ledger.double_submissions() >= 10_000);
}
