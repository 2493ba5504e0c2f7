//! [`Refusal`]: the error of the [`Serializer`](super::Serializer).

use alloc::string::{String, ToString};
use core::fmt::{self, Display, Write};

use serde_core::ser;

use crate::canonical::Encoder;

/// The error of [`Serializer`](super::Serializer).
///
/// The encoder keeps the error that the request gets, with its place. This one only ends the
/// serialization, unless it comes from the value's own `Serialize`.
#[derive(Debug)]
pub struct Refusal {
    /// What the encoder does not know yet.
    reason: Option<String>,
}

impl Refusal {
    /// Makes it the failure of the encoder.
    pub(super) fn report(self, out: &mut Encoder<'_>) {
        out.refuse(self.to_string());
    }
}

impl Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match &self.reason {
            Some(reason) => reason,
            None => "the value has no canonical form",
        })
    }
}

impl core::error::Error for Refusal {}

impl ser::Error for Refusal {
    fn custom<T: Display>(reason: T) -> Self {
        let mut text = String::new();
        // Unlike `to_string`, this does not panic where `Display` reports an error.
        let _ = write!(text, "{reason}");
        Self { reason: Some(text) }
    }
}

/// Ends a step of the serialization: the encoder knows whether it has failed.
pub(super) fn outcome(out: &Encoder<'_>) -> Result<(), Refusal> {
    if out.has_failed() {
        return Err(Refusal { reason: None });
    }
    Ok(())
}
