//! Types that derive both `Serialize` and `IdempotencyKey`, with every serde attribute that shapes
//! the wire. Each is one shape that serde_derive or serde_json treats in a way of its own.

pub mod conversions;
pub mod flattening;
pub mod generics;
pub mod keys;
pub mod leaves;
pub mod names;
pub mod skips;
pub mod tagging;
