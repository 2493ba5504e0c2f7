//! Numbers: floats as RFC 8785 section 3.2.2.3 says, and integers of any width with all their digits.

use alloc::format;

use super::digits::digits_of;
use super::encoder::Encoder;
use crate::{Error, ErrorKind};

/// Writes an integer with all its digits.
#[inline]
pub(crate) fn encode_integer<I>(value: I, out: &mut Encoder<'_>)
where
    I: itoa::Integer + TryInto<u32> + Copy,
{
    match value.try_into() {
        Ok(small @ 0..100_000_000) => {
            let (digits, length) = digits_of(small);
            out.short_integer(digits, length);
        }
        _ => out.literal(itoa::Buffer::new().format(value)),
    }
}

/// Writes a float of any width in the shortest digits that give it back, as ECMAScript does.
pub(crate) fn encode_float<F: zmij_ecma::Float + Into<f64> + Copy>(
    value: F,
    out: &mut Encoder<'_>,
) {
    let double = value.into();
    if double.is_finite() {
        out.float(Aligned(zmij_ecma::Buffer::new()).0.format_finite(value));
    } else {
        refuse(double, out);
    }
}

/// Alone in its cache line: elsewhere a processor took half as long again for an array of floats.
#[repr(align(64))]
struct Aligned(zmij_ecma::Buffer);

#[cold]
fn refuse(value: f64, out: &mut Encoder<'_>) {
    let name = match value {
        value if value.is_nan() => "NaN",
        value if value < 0.0 => "-infinity",
        _ => "infinity",
    };
    out.fail(Error::new(
        ErrorKind::NotFinite,
        format!("{name} has no canonical form"),
    ));
}
