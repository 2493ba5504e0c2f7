//! Numbers that come as text: serde_json's, where its feature `arbitrary_precision` is on.

use crate::canonical::{Encoder, json_text};
use crate::text::decimal;

/// The name of the struct, and of its one field, by which serde_json says that a text is a number.
pub(super) const TOKEN: &str = "$serde_json::private::Number";

/// Writes a JSON number: an integer of any length with all its digits, any other as a double.
pub(super) fn encode(text: &str, out: &mut Encoder<'_>) {
    match decimal::scan(text.as_bytes()) {
        Ok((end, notation)) if end == text.len() => {
            if let Err(error) = json_text::encode_number(text, notation, out) {
                out.fail(error);
            }
        }
        _ => out.refuse("a number of serde_json is no JSON number"),
    }
}
