//! Types that derive both `Serialize` and `IdempotencyKey`, with every serde attribute that shapes
//! the wire. Each is one shape that serde_derive or serde_json treats in a way of its own.

// What is never on the wire is never read.
#![allow(dead_code)]

pub mod conversions;
pub mod flattening;
pub mod generics;
pub mod keys;
pub mod leaves;
pub mod names;
pub mod skips;
pub mod tagging;
