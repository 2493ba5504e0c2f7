//! Floats (RFC 8785 section 3.2.2.3). Integers are their exact digits, whatever their width, and
//! need no rule.

use alloc::format;

use super::encoder::Encoder;
use crate::{Error, ErrorKind};

/// Writes a float of any width in the shortest digits that give it back, as ECMAScript does.
pub(crate) fn encode_float<F: ryu_js::Float + Into<f64> + Copy>(value: F, out: &mut Encoder<'_>) {
    let double = value.into();
    if double.is_finite() {
        out.float(ryu_js::Buffer::new().format_finite(value));
    } else {
        refuse(double, out);
    }
}

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
