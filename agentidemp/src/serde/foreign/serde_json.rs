//! [`Canonical`](crate::Canonical) for serde_json's own types, by their `Serialize`.

use alloc::string::String;

#[cfg(feature = "raw_value")]
use ::serde_json::value::RawValue;
use ::serde_json::{Map, Number, Value};

crate::canonical_by_serialize!(Value, Map<String, Value>, Number);
#[cfg(feature = "raw_value")]
crate::canonical_by_serialize!(RawValue);
