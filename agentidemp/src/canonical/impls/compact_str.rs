//! [`Canonical`] for `compact_str`.

use compact_str::CompactString;

use crate::Canonical;
use crate::canonical::Encoder;

impl Canonical for CompactString {
    fn encode(&self, out: &mut Encoder<'_>) {
        out.string(self);
    }
}
