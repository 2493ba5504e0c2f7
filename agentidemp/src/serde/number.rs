//! Numbers that come as text: serde_json's, where its feature `arbitrary_precision` is on.

use crate::canonical::{Encoder, encode_float};

/// The name of the struct, and of its one field, by which serde_json says that a text is a number.
pub(super) const TOKEN: &str = "$serde_json::private::Number";

/// Writes a JSON number: an integer of any length with all its digits, any other as a double.
pub(super) fn encode(text: &str, out: &mut Encoder<'_>) {
    if text == "-0" {
        out.literal("0");
    } else if is_integer(text) {
        out.literal(text);
    } else {
        match text.parse::<f64>() {
            Ok(double) => encode_float(double, out),
            Err(_) => out.refuse("a number is no JSON number"),
        }
    }
}

/// RFC 8259 section 6, without fraction and exponent.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let canonical = digits == "0" || !digits.starts_with('0');
    canonical && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
