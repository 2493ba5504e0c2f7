//! [`Canonical`] for `smallvec`.

use smallvec::{Array, SmallVec};

use crate::Canonical;
use crate::canonical::Encoder;

impl<A: Array> Canonical for SmallVec<A>
where
    A::Item: Canonical,
{
    fn encode(&self, out: &mut Encoder<'_>) {
        self.as_slice().encode(out);
    }
}
