//! [`Canonical`] for `bytes`: an array of numbers, as for any slice of bytes.

use bytes::{Bytes, BytesMut};

use crate::Canonical;
use crate::canonical::Encoder;

impl Canonical for Bytes {
    fn encode(&self, out: &mut Encoder<'_>) {
        (**self).encode(out);
    }
}

impl Canonical for BytesMut {
    fn encode(&self, out: &mut Encoder<'_>) {
        (**self).encode(out);
    }
}
