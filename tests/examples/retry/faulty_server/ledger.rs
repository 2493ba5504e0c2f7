//! What the server did: a receipt for each key, a count for each order, and an event for each
//! request.
//!
//! Deduplication goes by the key alone. The orders' numbers only serve to find out afterwards
//! whether an order was acted upon twice.

use std::collections::HashMap;

use super::{Fault, Order, Receipt};

#[derive(Debug, Default, Clone)]
pub struct Ledger {
    receipts: HashMap<String, Receipt>,
    actions: HashMap<u64, u64>,
    pub events: Vec<Event>,
}

/// What became of one request.
#[derive(Debug, Clone)]
pub struct Event {
    pub order: u64,
    pub attempt: u64,
    pub key: String,
    pub fault: Option<Fault>,
    /// None where the fault came before it.
    pub action: Option<Action>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Processed,
    Deduplicated,
}

impl Ledger {
    /// Acts upon the order, unless its key is known.
    pub(super) fn act(&mut self, key: &str, order: &Order) -> (Action, Receipt) {
        if let Some(receipt) = self.receipts.get(key) {
            return (Action::Deduplicated, *receipt);
        }
        let receipt = Receipt {
            order: order.number,
            number: self.receipts.len() as u64,
        };
        self.receipts.insert(key.to_owned(), receipt);
        *self.actions.entry(order.number).or_default() += 1;
        (Action::Processed, receipt)
    }

    /// How many different orders were acted upon.
    pub fn orders(&self) -> usize {
        self.actions.len()
    }

    /// How many actions were one too many.
    pub fn double_submissions(&self) -> u64 {
        self.actions.values().map(|count| count - 1).sum()
    }

    /// How often a fault was injected.
    pub fn injected(&self, fault: Fault) -> usize {
        let events = self.events.iter();
        events.filter(|event| event.fault == Some(fault)).count()
    }
}
