//! What goes over the wire: an order, and the receipt for it.

use std::time::{SystemTime, UNIX_EPOCH};

use agentidemp::{IdempotencyKey, Identity};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What the customer wants, and three fields that differ on each attempt.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, IdempotencyKey)]
#[idem(scope = "orders.create")]
pub struct Order {
    pub number: u64,
    pub item: String,
    pub quantity: u32,
    #[idem(scope)]
    pub customer: String,
    #[idem(skip)]
    pub attempt: u64,
    #[idem(skip)]
    pub request_id: Uuid,
    #[idem(skip)]
    pub sent_at_nanos: u128,
}

impl Order {
    pub fn new(number: u64) -> Self {
        Self {
            number,
            item: format!("book {}", number % 97),
            quantity: 1,
            customer: format!("customer:{}", number % 13),
            attempt: 0,
            request_id: Uuid::nil(),
            sent_at_nanos: 0,
        }
    }

    /// What the shop knows of the type, to which orders come as JSON.
    pub fn identity() -> Identity {
        Identity::new()
            .scope("orders.create")
            .scope_member("customer", "/customer")
            .exclude(["attempt", "request_id", "sent_at_nanos"])
    }

    /// The same order, as the given attempt sends it: the first is 1.
    pub fn on_attempt(&self, attempt: u64) -> Self {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            attempt,
            request_id: Uuid::new_v4(),
            sent_at_nanos: since_epoch.unwrap_or_default().as_nanos(),
            ..self.clone()
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Receipt {
    pub order: u64,
    /// The process that acted.
    pub shop: u32,
    /// The how-manieth action of that process it was.
    pub number: u64,
}
