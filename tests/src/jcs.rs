//! The canonical form as others compute it: an independent JCS over the text that serde_json writes.

use serde::Serialize;
use serde_json::Value;

/// JCS of the text that serde_json writes for a value.
///
/// It reads integers as doubles, as RFC 8785 does, so that it is right up to 2^53 - 1.
#[track_caller]
pub fn jcs_of_wire(value: &(impl Serialize + ?Sized)) -> String {
    let wire = serde_json::to_string(value).expect("serde_json writes the value");
    let parsed: Value = serde_json::from_str(&wire).expect("serde_json reads what it writes");
    serde_json_canonicalizer::to_string(&parsed).expect("JSON text has a canonical form")
}
