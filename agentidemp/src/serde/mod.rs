//! Any [`Serialize`] into the [`Encoder`], as serde_json would write it, and the types of serde_json that
//! say more than their `Serialize`. What users see of it is in `by_serialize.rs`.

mod compound;
mod foreign;
mod macros;
mod number;
mod raw_value;
mod refusal;
mod serializer;

use serde_core::Serialize;

pub use self::refusal::Refusal;
pub use self::serializer::Serializer;
use crate::canonical::{Canonical, Encoder};

/// Writes a value as its [`Serialize`] implementation describes it to serde_json.
///
/// Where that reports an error, the error becomes that of the request.
#[inline]
pub fn encode<T: Serialize + ?Sized>(value: &T, out: &mut Encoder<'_>) {
    encode_with(|serializer| value.serialize(serializer), out);
}

/// As [`encode`], for functions as `#[serde(serialize_with = "...")]` takes them.
///
/// That they write a value is for the caller to check: the member or element around them does.
#[inline]
pub(crate) fn encode_with<'e>(
    serialize: impl FnOnce(Serializer<'_, 'e>) -> Result<(), Refusal>,
    out: &mut Encoder<'e>,
) {
    if let Err(refusal) = serialize(Serializer::new(out)) {
        refusal.report(out);
    }
}

/// A value whose canonical form is that of its [`Serialize`] implementation.
#[derive(Debug)]
pub struct Serialized<'a, T: ?Sized>(pub &'a T);

impl<T: Serialize + ?Sized> Canonical for Serialized<'_, T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        encode(self.0, out);
    }
}
