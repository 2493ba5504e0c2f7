//! What to know before keys go into production: a chapter each.
//!
//! - [`changing_a_type`]: which changes of a request type keep its keys, and how a test guards them.
//! - [`receivers`]: what Stripe, Adyen, Square, AWS and the IETF draft do with a key.
//! - [`hazards`]: where a key is not what one expects.
//! - [`privacy`]: what a key gives away, and what stands in clear beside it.
//! - [`migration`]: from version 0.1, name by name.

#[doc = include_str!("guide/changing_a_type.md")]
pub mod changing_a_type {}

#[doc = include_str!("guide/receivers.md")]
pub mod receivers {}

#[doc = include_str!("guide/hazards.md")]
pub mod hazards {}

#[doc = include_str!("guide/privacy.md")]
pub mod privacy {}

#[doc = include_str!("guide/migration.md")]
pub mod migration {}
