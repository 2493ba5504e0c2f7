//! What to know before keys go into production: a chapter each.
//!
//! - [`changing_a_type`]: which changes of a request type keep its keys, and how a test guards them.
//! - [`receivers`]: what Stripe, Adyen, Square, AWS and the IETF draft do with a key.
//! - [`sdks`]: how a key gets onto the requests of an SDK that owns its client.
//! - [`hazards`]: where a key is not what one expects.
//! - [`privacy`]: what a key gives away, and what stands in clear beside it.
//! - [`migration`]: from version 0.1, name by name.

#[doc = include_str!("guide/changing_a_type.md")]
pub mod changing_a_type {}

#[doc = include_str!("guide/receivers.md")]
pub mod receivers {}

// Its examples need the SDKs, so they run where these are: in `tests/sdks`.
#[cfg_attr(not(doctest), doc = include_str!("guide/sdks.md"))]
pub mod sdks {}

#[doc = include_str!("guide/hazards.md")]
pub mod hazards {}

#[doc = include_str!("guide/privacy.md")]
pub mod privacy {}

#[doc = include_str!("guide/migration.md")]
pub mod migration {}
