//! What was done: a count of actions for each order, and an event for each request.

use std::collections::{BTreeMap, HashMap};
use std::process;

use serde::{Deserialize, Serialize};

use super::{Fault, Order, Receipt};

#[derive(Debug, Default, Clone, Serialize, Deserialize)]
pub struct Ledger {
    actions: HashMap<u64, u64>,
    pub events: Vec<Event>,
}

/// What became of one request.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Event {
    pub order: u64,
    pub attempt: u64,
    pub key: String,
    pub fault: Option<Fault>,
    /// None where the fault came before it.
    pub action: Option<Action>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// The shop acted upon the order.
    Processed,
    /// It gave the answer that it had given before.
    Deduplicated,
    /// It refused, by this status.
    Refused(u16),
}

impl Ledger {
    /// Acts upon the order.
    pub(super) fn act(&mut self, order: &Order) -> Receipt {
        *self.actions.entry(order.number).or_default() += 1;
        Receipt {
            order: order.number,
            shop: process::id(),
            number: self.actions.values().sum(),
        }
    }

    /// Both in one, as if one shop had done all of it.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        for (order, count) in other.actions {
            *self.actions.entry(order).or_default() += count;
        }
        self.events.extend(other.events);
        self
    }

    /// How many different orders were acted upon.
    pub fn orders(&self) -> usize {
        self.actions.len()
    }

    /// How many actions were one too many.
    pub fn double_submissions(&self) -> u64 {
        self.actions.values().map(|count| count - 1).sum()
    }

    /// How often the shop refused a request, by status.
    pub fn refused(&self) -> BTreeMap<u16, usize> {
        let mut refused = BTreeMap::new();
        for event in &self.events {
            if let Some(Action::Refused(status)) = event.action {
                *refused.entry(status).or_default() += 1;
            }
        }
        refused
    }

    /// How often a fault was injected.
    pub fn injected(&self, fault: Fault) -> usize {
        let events = self.events.iter();
        events.filter(|event| event.fault == Some(fault)).count()
    }
}
