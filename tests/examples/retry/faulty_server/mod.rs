//! A real HTTP server on loopback that takes orders, acts on each `Idempotency-Key` once, and fails
//! on purpose, by a plan. The tests use it too.
//!
//! What goes wrong is in `fault.rs`, when is in `plan.rs`, what was done is in `ledger.rs`.

mod fault;
mod ledger;
mod order;
mod plan;
mod server;
mod shop;

pub use self::fault::Fault;
pub use self::ledger::{Action, Event, Ledger};
pub use self::order::{Order, Receipt};
pub use self::plan::Plan;
pub use self::server::Server;
