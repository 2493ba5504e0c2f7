//! JSON text within a value: serde_json's `RawValue`. It is read and written anew, as its text need
//! not be canonical.

use crate::canonical::{Encoder, json_text};

/// The name of the struct, and of its one field, by which serde_json says that a text is JSON.
pub(super) const TOKEN: &str = "$serde_json::private::RawValue";

pub(super) fn encode(text: &str, out: &mut Encoder<'_>) {
    json_text::encode(text.as_bytes(), out);
}
