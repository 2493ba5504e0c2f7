//! A batch that dies half way and is sent again processes only the rest.

use std::sync::Arc;

use agentidemp::dedup::Dedup;
use agentidemp_tests::faulty_server::{Action, Ledger, Order, Plan, Receipt, Server};
use agentidemp_tests::retry_clients::{Client, Keys, Sender};
use tokio::sync::mpsc::{self, Receiver};
use tokio::task::JoinSet;

const BATCH: u64 = 200;
const TASKS: u64 = 16;

/// A batch under way. Dropping it is its death: attempts under way are cut off.
struct Batch {
    receipts: Receiver<Receipt>,
    _tasks: JoinSet<()>,
}

impl Batch {
    fn send(sender: &Arc<Sender>) -> Self {
        let (report, receipts) = mpsc::channel(1);
        let mut tasks = JoinSet::new();
        for task in 0..TASKS {
            let (sender, report) = (sender.clone(), report.clone());
            tasks.spawn(async move {
                for number in (task..BATCH).step_by(TASKS as usize) {
                    let receipt = Client::Backon.submit(&sender, &Order::new(number)).await;
                    report.send(receipt.unwrap()).await.unwrap();
                }
            });
        }
        Self {
            receipts,
            _tasks: tasks,
        }
    }

    /// Waits for at most so many receipts; fewer where the batch is done.
    async fn receipts(&mut self, most: u64) -> Vec<Receipt> {
        let mut receipts = Vec::new();
        while receipts.len() < most as usize
            && let Some(receipt) = self.receipts.recv().await
        {
            receipts.push(receipt);
        }
        receipts
    }
}

/// What came of sending half of a batch, then the whole batch again.
struct Resubmission {
    half: Vec<Receipt>,
    all: Vec<Receipt>,
    ledger: Ledger,
}

async fn resubmit(plan: Plan, keys: Keys) -> Resubmission {
    let dedup = Dedup::builder().build();
    let server = Server::start(plan, dedup).await.unwrap();
    let sender = Arc::new(Sender::new(vec![server.url().into()], plan, keys));
    let half = Batch::send(&sender).receipts(BATCH / 2).await;
    let processed = server.ledger().await.orders() as u64;
    assert!(processed < BATCH, "the batch did not die half way");
    let all = Batch::send(&sender).receipts(BATCH).await;
    Resubmission {
        half,
        all,
        ledger: server.ledger().await,
    }
}

fn count(ledger: &Ledger, action: Action) -> usize {
    let events = ledger.events.iter();
    events.filter(|event| event.action == Some(action)).count()
}

#[tokio::test]
async fn a_batch_sent_again_processes_only_the_rest() {
    for plan in [Plan::new(1, 0), Plan::new(2, 4)] {
        let Resubmission { half, all, ledger } = resubmit(plan, Keys::ByHand).await;

        assert_eq!(ledger.orders() as u64, BATCH);
        assert_eq!(ledger.double_submissions(), 0);
        assert_eq!(count(&ledger, Action::Processed) as u64, BATCH);
        assert!(count(&ledger, Action::Deduplicated) >= half.len());
        assert!(
            half.iter().all(|receipt| all.contains(receipt)),
            "an order of the first half got another receipt"
        );
    }
}

#[tokio::test]
async fn a_batch_sent_again_with_fresh_keys_processes_the_first_half_twice() {
    let plan = Plan::new(1, 0);
    let resubmission = resubmit(plan, Keys::FreshPerAttempt).await;
    let processed_first = resubmission.half.len() as u64;
    assert!(resubmission.ledger.double_submissions() >= processed_first);
}
