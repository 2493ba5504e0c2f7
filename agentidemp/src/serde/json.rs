//! [`Canonical`] for serde_json's own types, by their `Serialize`.

use alloc::string::String;

use serde_json::value::RawValue;
use serde_json::{Map, Number, Value};

use crate::canonical::{Canonical, Encoder};

macro_rules! as_serialized {
    ($($json:ty),*) => {$(
        impl Canonical for $json {
            fn encode(&self, out: &mut Encoder<'_>) {
                super::encode(self, out);
            }
        }
    )*};
}

as_serialized!(Value, Map<String, Value>, Number, RawValue);
