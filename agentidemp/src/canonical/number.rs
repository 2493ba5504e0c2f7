//! Numbers: floats as RFC 8785 section 3.2.2.3 says, and integers of any width with all their digits.

use alloc::format;

use super::Canonical;
use super::encoder::Encoder;
use super::state::State;
use crate::text::{FloatText, Writer, digits_of};
use crate::{Error, ErrorKind};

/// Writes an integer with all its digits.
#[inline]
pub(crate) fn encode_integer<I: Integer>(value: I, out: &mut Encoder<'_>) {
    if let Some(short) = short(value) {
        let (digits, length) = digits_of(short);
        out.short_integer(digits, length);
    } else {
        out.literal(itoa::Buffer::new().format(value));
    }
}

/// Writes a float of any width in the shortest digits that give it back, as ECMAScript does.
pub(super) fn encode_float<F: Float>(value: F, out: &mut Encoder<'_>) {
    match finite(value) {
        Ok(()) => out.float(FloatText::new().of(value)),
        Err(error) => out.fail(error),
    }
}

/// Writes an array of integers.
pub(super) fn encode_integers<I: Integer>(values: &[I], out: &mut Encoder<'_>) {
    encode_numbers(values, out, |index, value, writer| {
        if let Some(short) = short(value) {
            let (digits, length) = digits_of(short);
            writer.write_element(index, &digits, length);
        } else {
            let mut buffer = itoa::Buffer::new();
            let text = buffer.format(value).as_bytes();
            writer.write_element(index, text, text.len());
        }
        Ok(())
    });
}

/// Writes an array of floats.
pub(super) fn encode_floats<F: Float>(values: &[F], out: &mut Encoder<'_>) {
    encode_numbers(values, out, |index, value, writer| {
        finite(value)?;
        let mut buffer = FloatText::new();
        let text = buffer.of(value).as_bytes();
        writer.write_element(index, text, text.len());
        Ok(())
    });
}

/// Writes an array, each element by `write`, where nothing of it can be left out.
///
/// One by one, 1536 floats take a third more instructions, the hash left out (callgrind of what
/// `cargo bench -p agentidemp-bench --bench key -- '1536 f32'` measures).
fn encode_numbers<T: Canonical + Copy>(
    values: &[T],
    out: &mut Encoder<'_>,
    write: impl Fn(usize, T, &mut Writer) -> Result<(), Error>,
) {
    if !out.is_ready_for_numbers() {
        out.array().elements(values).finish();
        return;
    }
    out.writer.write_fixed(b"[");
    for (index, value) in values.iter().enumerate() {
        if let Err(error) = write(index, *value, &mut out.writer) {
            return out.fail_within(itoa::Buffer::new().format(index), error);
        }
    }
    out.writer.write_fixed(b"]");
    out.progress.state = State::Filled;
}

/// A number that has at most eight digits and no sign.
#[inline]
fn short<I: Integer>(value: I) -> Option<u32> {
    value.try_into().ok().filter(|short| *short < 100_000_000)
}

/// An integer of any width.
pub(crate) trait Integer: Canonical + itoa::Integer + TryInto<u32> + Copy {}

impl<I: Canonical + itoa::Integer + TryInto<u32> + Copy> Integer for I {}

/// A float of any width.
pub(crate) trait Float: Canonical + zmij_ecma::Float + Into<f64> + Copy {}

impl<F: Canonical + zmij_ecma::Float + Into<f64> + Copy> Float for F {}

#[inline]
fn finite<F: Float>(value: F) -> Result<(), Error> {
    let value = value.into();
    if value.is_finite() {
        Ok(())
    } else {
        Err(not_finite(value))
    }
}

#[cold]
fn not_finite(value: f64) -> Error {
    let name = match value {
        value if value.is_nan() => "NaN",
        value if value < 0.0 => "-infinity",
        _ => "infinity",
    };
    Error::new(
        ErrorKind::NotFinite,
        format!("{name} has no canonical form"),
    )
}
