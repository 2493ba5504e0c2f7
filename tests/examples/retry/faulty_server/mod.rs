//! A real HTTP server on loopback that takes orders, behind a network that fails on purpose, by a plan. The
//! server acts on each `Idempotency-Key` once: that is in `shop.rs`. The tests use it too.
//!
//! What goes wrong is in `fault.rs`, when is in `plan.rs`, how is in `network.rs`, what was done is in
//! `ledger.rs`.

mod fault;
mod ledger;
mod network;
mod order;
mod plan;
mod server;
mod shop;

pub use self::fault::Fault;
pub use self::ledger::{Action, Event, Ledger};
pub use self::order::{Order, Receipt};
pub use self::plan::Plan;
pub use self::server::Server;
