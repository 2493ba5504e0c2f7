//! [`Codec`]: answers as JSON. A layer in memory has none, so that its answers need not be JSON.

use alloc::format;
use alloc::string::String;

use serde_core::Serialize;
use serde_core::de::DeserializeOwned;

use super::StoreError;
use super::store::StoreErrorKind;

pub(super) struct Codec<V> {
    pub(super) encode: fn(&V) -> Result<String, StoreError>,
    pub(super) decode: fn(&str) -> Result<V, StoreError>,
}

impl<V: Serialize + DeserializeOwned> Codec<V> {
    pub(super) fn json() -> Self {
        Self {
            encode: |answer| {
                serde_json::to_string(answer).map_err(|error| {
                    StoreError::new(StoreErrorKind::Other, format!("no JSON: {error}"))
                        .with_source(error)
                })
            },
            // The message of a reader of JSON may quote the answer, so it stays in the source.
            decode: |json| {
                serde_json::from_str(json).map_err(|error| {
                    StoreError::corrupt("a stored answer is of another type").with_source(error)
                })
            },
        }
    }
}
