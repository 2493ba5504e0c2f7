//! [`Canonical`] for `smol_str`.

use smol_str::SmolStr;

use crate::Canonical;
use crate::canonical::Encoder;

impl Canonical for SmolStr {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.string(self);
    }
}
