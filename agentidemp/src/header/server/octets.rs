//! [`Octets`]: bytes in JSON, as text where they are text.

use alloc::string::String;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// Bytes in JSON: a string, or `{"base64": ".."}` where they are no UTF-8.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Octets {
    Text(String),
    Binary { base64: String },
}

impl Octets {
    /// The bytes, or nothing where the text is no base64.
    pub(super) fn into_bytes(self) -> Option<Bytes> {
        match self {
            Self::Text(text) => Some(text.into()),
            Self::Binary { base64 } => STANDARD.decode(base64).ok().map(Bytes::from),
        }
    }
}

impl From<&[u8]> for Octets {
    fn from(bytes: &[u8]) -> Self {
        core::str::from_utf8(bytes).map_or_else(
            |_| Self::Binary {
                base64: STANDARD.encode(bytes),
            },
            |text| Self::Text(text.into()),
        )
    }
}
