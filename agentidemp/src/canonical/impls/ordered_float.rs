//! [`Canonical`] for `ordered-float`: as the float within.

use ordered_float::{FloatCore, NotNan, OrderedFloat};

use crate::Canonical;
use crate::canonical::Encoder;

impl<T: Canonical> Canonical for OrderedFloat<T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        self.0.encode(out);
    }
}

impl<T: Canonical + FloatCore> Canonical for NotNan<T> {
    fn encode(&self, out: &mut Encoder<'_>) {
        (**self).encode(out);
    }
}
