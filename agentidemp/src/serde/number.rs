//! Numbers that come as text: serde_json's, where its feature `arbitrary_precision` is on.

use crate::canonical::{Encoder, encode_float};

/// The name of the struct, and of its one field, by which serde_json says that a text is a number.
pub(super) const TOKEN: &str = "$serde_json::private::Number";

/// Writes a JSON number: an integer of any length with all its digits, any other as a double.
pub(super) fn encode(text: &str, out: &mut Encoder<'_>) {
    if text == "-0" {
        return out.literal("0");
    }
    if is_integer(text) {
        return out.literal(text);
    }
    match text.parse::<f64>() {
        Ok(double) if is_number(text) => encode_float(double, out),
        _ => out.refuse(alloc::format!("{text:?} is no JSON number")),
    }
}

/// RFC 8259 section 6: an integer, with a fraction and an exponent that may be absent.
fn is_number(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (
            mantissa,
            exponent.strip_prefix(['-', '+']).unwrap_or(exponent),
        ),
        None => (text, "0"),
    };
    let (integer, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
    is_integer(integer) && is_digits(fraction) && is_digits(exponent)
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    is_digits(digits) && (digits == "0" || !digits.starts_with('0'))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
